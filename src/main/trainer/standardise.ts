// The preparation every model shares: subtract the mean of the training rows, then multiply by one number so that
// the mean length of a training row is √dims. No single dimension is rescaled.
import { refuse } from '../base/refusal'

export interface Standardisation {
  /** dims; what was subtracted. */
  readonly mean: Float32Array
  readonly scale: number
  /** Mean squared length of the standardised training rows. */
  readonly variance: number
}

/** Standardises all rows in place (row-major, `dims` columns), measured on the training rows only. */
export function standardise(rows: Float32Array, dims: number, train: Uint32Array): Standardisation {
  const mean = trainingMean(rows, dims, train)
  let lengths = 0
  let squares = 0
  for (const row of train) {
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += ((rows[row * dims + dim] as number) - (mean[dim] as number)) ** 2
    lengths += Math.sqrt(square)
    squares += square
  }
  const scale = Math.sqrt(dims) / (lengths / train.length)
  if (Number.isNaN(lengths)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'it holds missing numbers' })
  if (!Number.isFinite(scale)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  prepareRows(rows, mean, scale)
  return { mean, scale, variance: (squares / train.length) * scale * scale }
}

/** (x − mean) · scale for all rows, in place. */
export function prepareRows(rows: Float32Array, mean: Float32Array, scale: number): void {
  const dims = mean.length
  for (let start = 0; start < rows.length; start += dims) {
    for (let dim = 0; dim < dims; dim++) rows[start + dim] = ((rows[start + dim] as number) - (mean[dim] as number)) * scale
  }
}

/** Prepares all rows in place as an earlier model was, so that its weights keep their meaning. */
export function standardiseAs(rows: Float32Array, mean: Float32Array, scale: number, train: Uint32Array): Standardisation {
  prepareRows(rows, mean, scale)
  const dims = mean.length
  const centre = trainingMean(rows, dims, train)
  let squares = 0
  for (const row of train)
    for (let dim = 0; dim < dims; dim++) squares += ((rows[row * dims + dim] as number) - (centre[dim] as number)) ** 2
  if (!(squares > 0)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  return { mean, scale, variance: squares / train.length }
}

function trainingMean(rows: Float32Array, dims: number, train: Uint32Array): Float32Array {
  const sums = new Float64Array(dims)
  for (const row of train)
    for (let dim = 0; dim < dims; dim++) sums[dim] = (sums[dim] as number) + (rows[row * dims + dim] as number)
  return Float32Array.from(sums, (sum) => sum / train.length)
}
