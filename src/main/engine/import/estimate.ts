// What an import will need, said before it starts: memory, space in the project file, time.
// Invariant: rough and never read as a promise; the numbers come from the sizes in the file and the share of zeros in the sample.
import { freemem } from 'node:os'
import type { ImportEstimate } from '@contract'
import { umapUnaskedUpTo } from './map/compute-map'
import type { Recognised } from './recognise'
import type { Representation } from './representations'
import type { OpenSource } from './source-reader'
import { reserveBytes, spaceOf, storedValues } from './space'
import type { Survey } from './survey'

/**
 * The program with the blocks and runs of an import; matrices themselves stay in files. Measured on Linux as the peak of engine and
 * reader together: 620 to 890 MB for h5ad, CSV and gzipped mtx files of 6, 30, 36 and 100 million values.
 */
const programBytes = 700_000_000
const bytesPerName = 120
const bytesPerColumnValue = 16
/**
 * Measured once each with the command line on two cores of a server that had other work, so on the slow side: h5ad files of 6 and 36
 * million values took 6.5 and 9.5 s (the start and a slope for values with their checksum and storing); a table of 600 MB was read in
 * 9 s, a gzipped one of 380 MB in 24 s; axes for 100 million values took about 20 s; a UMAP of 6,000 cells 25 s, of 400 below 2 s.
 */
const speeds = { start: 5, values: 1e7, text: 6.5e7, packedText: 1.6e7, axes: 5e6, mapPerCell: 4e-3 } as const

/** For the representation chosen and the expression of the survey. */
export function estimateOf(
  source: OpenSource,
  file: Recognised,
  found: Survey,
  representation: Representation | null,
): ImportEstimate {
  const { rows, columns } = source.cells
  const { expression, expressions, maps } = found
  const further = expressions.filter((each) => each.source.featureType !== undefined && each !== expression)
  const stored = [expression, ...further].reduce((sum, each) => sum + (each ? storedValues(each) : 0), 0)
  const diskBytes = Math.max(1, spaceOf(source, found, representation).project - reserveBytes)
  const names = (rows + (expression?.source.genes.rows ?? 0)) * bytesPerName
  const memoryBytes = Math.ceil(programBytes + names + rows * columns.length * bytesPerColumnValue)
  // Beyond, the plane of largest variance is shown, which takes a moment.
  const mapSeconds = maps.length > 0 || rows > umapUnaskedUpTo ? 0 : rows * speeds.mapPerCell
  const values = rows * (representation?.info.dims ?? 0) + stored
  const axes = representation?.part ? 0 : stored / speeds.axes
  const seconds = speeds.start + values / speeds.values + axes + textSeconds(file) + mapSeconds
  const free = { memoryBytes: freemem(), diskBytes: null }
  const sentence = `The import needs about ${sized(memoryBytes)} of memory (${sized(free.memoryBytes)} free), ${sized(diskBytes)} of disk and ${timed(seconds)}.`
  return { memoryBytes, diskBytes, seconds: Math.ceil(seconds), free, sentence }
}

/** Text has no index: it is read as a whole before anything is taken from it. */
function textSeconds({ container, path, bytes }: Recognised): number {
  if (container !== 'text' && container !== 'mtx') return 0
  return bytes / (path.toLowerCase().endsWith('.gz') ? speeds.packedText : speeds.text)
}

/** "1.2 GB", "340 MB" */
export const sized = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`

const timed = (seconds: number): string => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`)
