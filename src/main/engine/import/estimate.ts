// What an import will need, said before it starts: memory, space in the project file, time.
// Invariant: rough and never read as a promise; the numbers come from the sizes in the file and the share of zeros in the sample.
import { freemem } from 'node:os'
import type { ImportEstimate } from '@contract'
import { umapUnaskedUpTo } from './map/compute-map'
import type { Recognised } from './recognise'
import type { Representation } from './representations'
import type { OpenSource } from './source-reader'
import { spaceOf, storedValues } from './space'
import type { Survey } from './survey'

/** The program with the blocks and runs of an import; matrices themselves stay in files. */
const programBytes = 400_000_000
const bytesPerName = 120
const bytesPerColumnValue = 16
/** Rough assumptions, on the slow side: values read and sorted per second, bytes hashed, bytes written; seconds of a UMAP per cell. */
const speeds = { values: 8e6, hashed: 4e8, written: 1.2e8, mapPerCell: 2e-3 } as const

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
  const diskBytes = spaceOf(source, found, representation).project
  const names = (rows + (expression?.source.genes.rows ?? 0)) * bytesPerName
  const memoryBytes = Math.ceil(programBytes + names + rows * columns.length * bytesPerColumnValue)
  const mapSeconds = maps.length > 0 ? 0 : Math.min(rows, umapUnaskedUpTo) * speeds.mapPerCell
  const values = rows * (representation?.info.dims ?? 0) + stored
  const seconds = 1 + values / speeds.values + file.bytes / speeds.hashed + diskBytes / speeds.written + mapSeconds
  const free = { memoryBytes: freemem(), diskBytes: null }
  const sentence = `The import needs about ${sized(memoryBytes)} of memory (${sized(free.memoryBytes)} free), ${sized(diskBytes)} of disk and ${timed(seconds)}.`
  return { memoryBytes, diskBytes, seconds: Math.ceil(seconds), free, sentence }
}

/** "1.2 GB", "340 MB" */
export const sized = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`

const timed = (seconds: number): string => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`)
