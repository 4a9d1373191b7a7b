// Which rows a first look reads, and what it counts in them.
// Invariant: small matrices are looked at whole, so that a missing number in them is found before anything is imported.
import type { ExpressionInfo } from '@contract'
import type { Csr } from '../../base/sparse'
import type { MatrixPart } from './source-reader'

/** Matrices with at most so many values are looked at whole. */
export const wholeUpTo = 12_000_000
const sampledRows = 2000
const sampledValues = 40_000_000
const runRows = 500

/** Rows for a look: all of a small matrix, otherwise runs of neighbours spread over the file. */
export function rowsToLookAt(part: MatrixPart): Uint32Array {
  if (part.stored <= wholeUpTo) return Uint32Array.from({ length: part.rows }, (_, row) => row)
  if (part.lookRows) return part.lookRows
  const perRow = Math.max(1, part.stored / Math.max(1, part.rows))
  const wanted = Math.max(1, Math.min(part.rows, sampledRows, Math.floor(sampledValues / perRow)))
  const runs = Math.ceil(wanted / runRows)
  const rows: number[] = []
  for (let run = 0; run < runs; run++) {
    const length = Math.min(runRows, wanted - run * runRows)
    const start = runs === 1 ? 0 : Math.floor((run * (part.rows - length)) / (runs - 1))
    for (let row = Math.max(start, (rows.at(-1) ?? -1) + 1); row < Math.min(part.rows, start + length); row++) rows.push(row)
  }
  return Uint32Array.from(rows)
}

export interface MissingNumbers {
  readonly values: number
  /** Rows (positions within the matrix looked at) that hold a missing or infinite number. */
  readonly rows: readonly number[]
  readonly columns: readonly number[]
}

/** Missing and infinite numbers of sparse rows. */
export function missingIn(matrix: Csr): MissingNumbers {
  const rows = new Set<number>()
  const columns = new Set<number>()
  let values = 0
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.indptr[row + 1] as number
    for (let at = matrix.indptr[row] as number; at < end; at++) {
      if (Number.isFinite(matrix.values[at])) continue
      values++
      rows.add(row)
      columns.add(matrix.indices[at] as number)
    }
  }
  return { values, rows: [...rows], columns: [...columns] }
}

/** The same for a row-major block. */
export function rowsWithMissing(values: Float32Array, columns: number): number[] {
  const rows: number[] = []
  for (let start = 0; start < values.length; start += columns) {
    for (let at = start; at < start + columns; at++) {
      if (Number.isFinite(values[at])) continue
      rows.push(start / columns)
      break
    }
  }
  return rows
}

/** Shares of sampled values: zeros first, then up to five classes of rising size; classes of whole numbers end at whole numbers. */
export function valueClasses(sample: Csr): ExpressionInfo['histogram'] {
  const all = sample.rows * sample.columns
  if (all === 0) return []
  const zeros = { label: '0', share: (all - sample.values.length) / all }
  const { smallest, largest, whole } = rangeOf(sample.values)
  if (smallest > largest) return [zeros]
  const raw = classEnds(smallest, largest)
  const ends = whole ? [...new Set(raw.map(Math.floor))] : raw
  const counts = new Float64Array(ends.length)
  for (let at = 0; at < sample.values.length; at++) {
    const value = sample.values[at] as number
    if (!Number.isFinite(value)) continue
    let to = 0
    while (to < ends.length - 1 && value > (ends[to] as number)) to++
    counts[to] = (counts[to] as number) + 1
  }
  return [
    zeros,
    ...ends.map((end, at) => ({
      label: `≤ ${Number(end.toPrecision(3)).toLocaleString('en-GB')}`,
      share: (counts[at] ?? 0) / all,
    })),
  ]
}

/** Of the finite values; the smallest is above the largest when there is none. */
function rangeOf(values: Float32Array): { smallest: number; largest: number; whole: boolean } {
  let [smallest, largest, whole] = [Infinity, -Infinity, true]
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    if (!Number.isFinite(value)) continue
    if (value < smallest) smallest = value
    if (value > largest) largest = value
    if (whole && value !== Math.floor(value)) whole = false
  }
  return { smallest, largest, whole }
}

/** Rising factors for wide ranges above zero (counts), equal steps otherwise. */
function classEnds(smallest: number, largest: number): number[] {
  const classes = [1, 2, 3, 4, 5]
  if (smallest > 0 && largest / smallest > 20)
    return classes.map((step) => (step === 5 ? largest : smallest * (largest / smallest) ** (step / 5)))
  return classes.map((step) => (step === 5 ? largest : smallest + ((largest - smallest) * step) / 5))
}
