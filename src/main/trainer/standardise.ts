// The preparation every model shares: subtract the mean of the training rows, then multiply by one number so that
// the mean length of a training row is √dims. No single dimension is rescaled.
import { refuse } from '../base/refusal'
import type { Rows } from './rows'

export interface Standardisation {
  /** dims; what was subtracted. */
  readonly mean: Float32Array
  readonly scale: number
  /** Mean squared length of the standardised training rows. */
  readonly variance: number
}

/** Measures the training rows (`train`: their numbers, ascending), reading them twice in their order. */
export function measureRows(rows: Rows, train: Uint32Array): Standardisation {
  const { dims } = rows
  const sums = new Float64Array(dims)
  for (const row of train) {
    const values = rows.read(row, 1)
    for (let dim = 0; dim < dims; dim++) sums[dim] = (sums[dim] as number) + (values[dim] as number)
  }
  const mean = Float32Array.from(sums, (sum) => sum / train.length)
  let lengths = 0
  let squares = 0
  for (const row of train) {
    const values = rows.read(row, 1)
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += ((values[dim] as number) - (mean[dim] as number)) ** 2
    lengths += Math.sqrt(square)
    squares += square
  }
  const scale = Math.sqrt(dims) / (lengths / train.length)
  if (Number.isNaN(lengths)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'it holds missing numbers' })
  if (!Number.isFinite(scale)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  return { mean, scale, variance: (squares / train.length) * scale * scale }
}

/** Standardises rows in place (row-major), each number by itself. */
export function standardise(rows: Float32Array, { mean, scale }: Standardisation): void {
  const dims = mean.length
  for (let start = 0; start < rows.length; start += dims) {
    for (let dim = 0; dim < dims; dim++) rows[start + dim] = ((rows[start + dim] as number) - (mean[dim] as number)) * scale
  }
}
