// What an import will need, said before it starts: memory, space in the project file, time.
// Invariant: rough and never read as a promise; the numbers come from the sizes in the file and the share of zeros in the sample.
import { freemem } from 'node:os'
import type { Estimate } from '@contract'
import type { Expression } from './expressions'
import { umapUnaskedUpTo } from './map/compute-map'
import type { Recognised } from './recognise'
import type { Representation } from './representations'
import type { OpenSource } from './source-reader'
import type { Survey } from './survey'

const programBytes = 200_000_000
/** A stored value with its column, as kept in the project: once by cell, once by gene. */
const bytesPerValue = 8
const bytesPerName = 40
/** Measured on a laptop of 2020: values read and sorted per second, bytes hashed, bytes written. */
const speeds = { values: 8e6, hashed: 4e8, written: 1.2e8, mapPerCell: 2e-3 } as const

/** For the representation chosen and the expression of the survey. */
export function estimateOf(
  source: OpenSource,
  file: Recognised,
  { expression, expressions, maps }: Survey,
  representation: Representation | null,
): Estimate {
  const { rows } = source.cells
  const dims = representation?.info.dims ?? 0
  const blocks = expressions.filter((each) => each.source.featureType !== undefined && each !== expression)
  const stored = [expression, ...blocks].reduce((sum, each) => sum + (each ? storedValues(each) : 0), 0)
  const names = (rows + (expression?.source.genes.rows ?? 0)) * bytesPerName + rows * 4 * source.cells.columns.length
  const diskBytes = Math.ceil(rows * dims * 4 + stored * bytesPerValue * 2 + rows * 8 + names)
  const memoryBytes = Math.ceil(programBytes + rows * dims * 8 + stored * bytesPerValue * 3 + names * 2)
  const mapSeconds = maps.length > 0 ? 0 : Math.min(rows, umapUnaskedUpTo) * speeds.mapPerCell
  const seconds =
    1 + (rows * dims + stored) / speeds.values + file.bytes / speeds.hashed + diskBytes / speeds.written + mapSeconds
  const free = { memoryBytes: freemem(), diskBytes: null }
  const sentence = `The import needs about ${sized(memoryBytes)} of memory (${sized(free.memoryBytes)} free), ${sized(diskBytes)} of disk and ${timed(seconds)}.`
  return { memoryBytes, diskBytes, seconds: Math.ceil(seconds), free, sentence }
}

/** Values that are not zero: those in a sparse matrix, a share of a dense one. */
function storedValues({ part, info }: Expression): number {
  if (!part) return 0
  const zeros = part.dense ? (info.histogram.find((each) => each.label === '0')?.share ?? 0) : 0
  return part.stored * (1 - zeros)
}

/** "1.2 GB", "340 MB" */
export const sized = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`

const timed = (seconds: number): string => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`)
