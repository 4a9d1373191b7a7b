// The preparation of the rows: subtract the mean of the training rows, equalise the dimensions if asked to, then multiply
// by one number so that the mean length of a training row is √dims. y = ((x − mean) · M) · scale, M absent by default.
import type { InputReport, Normalisation } from '@contract'
import { refuse } from '../base/refusal'
import { inputReport } from '../science/input-report'
import { whitening, type Whitening } from '../science/whitening'
import type { DenseMath } from './dense-math'

export interface Standardisation {
  /** dims; what was subtracted. */
  readonly mean: Float32Array
  readonly scale: number
  /** Mean squared length of the standardised training rows. */
  readonly variance: number
  /** z-scores: dims; M = diag(factors). A dimension that never varies has 0. */
  readonly factors: Float32Array | null
  /** Whitening: M and its inverse, dims × dims, symmetric. */
  readonly whitening: Whitening | null
  readonly report: InputReport
}

const blockRows = 1024
/** Finding the whitening takes dims³ steps in one go, and its matrices travel with the model. */
const mostWhitenedDims = 1024

/** Standardises all rows in place (row-major, `dims` columns), measured on the training rows only. */
export function standardise(
  rows: Float32Array,
  dims: number,
  train: Uint32Array,
  normalise: Normalisation,
  math: DenseMath,
): Standardisation {
  if (normalise === 'whiten' && dims > mostWhitenedDims)
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'normalise',
      range: `whiten for at most ${mostWhitenedDims} dimensions`,
      value: `whiten with ${dims}`,
    })
  const mean = trainingMean(rows, dims, train)
  const { report, variances } = survey(rows, dims, train, mean)
  if (variances.some(Number.isNaN)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'it holds missing numbers' })
  if (!variances.some((value) => value > 0))
    refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  const typical = variances.reduce((sum, value) => sum + value, 0) / dims
  if (normalise === 'none') {
    return { mean: new Float32Array(dims), scale: 1, variance: typical * dims, factors: null, whitening: null, report }
  }
  for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] as number) - (mean[at % dims] as number)
  let factors: Float32Array | null = null
  let white: Whitening | null = null
  if (normalise === 'zscore') {
    factors = Float32Array.from(variances, (value) => (value > 1e-12 * typical ? 1 / Math.sqrt(value) : 0))
    for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] as number) * (factors[at % dims] as number)
  } else if (normalise === 'whiten') {
    white = whitening(covarianceOf(rows, dims, train, math), dims)
    multiply(rows, dims, white.matrix, math)
  }
  const { scale, variance } = scaleRows(rows, dims, train)
  return { mean, scale, variance, factors, whitening: white, report }
}

/** Scales all rows so that the mean length of the training rows is √dims. */
function scaleRows(rows: Float32Array, dims: number, train: Uint32Array): { scale: number; variance: number } {
  let lengths = 0
  let squares = 0
  for (const row of train) {
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += (rows[row * dims + dim] as number) ** 2
    lengths += Math.sqrt(square)
    squares += square
  }
  const scale = Math.sqrt(dims) / (lengths / train.length)
  for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] as number) * scale
  return { scale, variance: (squares / train.length) * scale * scale }
}

function trainingMean(rows: Float32Array, dims: number, train: Uint32Array): Float32Array {
  const sums = new Float64Array(dims)
  for (const row of train)
    for (let dim = 0; dim < dims; dim++) sums[dim] = (sums[dim] as number) + (rows[row * dims + dim] as number)
  return Float32Array.from(sums, (sum) => sum / train.length)
}

/** Variances of the dimensions over the training rows, and what stands out. */
function survey(
  rows: Float32Array,
  dims: number,
  train: Uint32Array,
  mean: Float32Array,
): { readonly report: InputReport; readonly variances: Float64Array } {
  const variances = new Float64Array(dims)
  const lengths = Float64Array.from(train, (row) => {
    let length = 0
    for (let dim = 0; dim < dims; dim++) {
      const square = ((rows[row * dims + dim] as number) - (mean[dim] as number)) ** 2
      variances[dim] = (variances[dim] as number) + square / train.length
      length += square
    }
    return Math.sqrt(length)
  })
  return { report: inputReport(lengths, variances), variances }
}

/** Covariance of the (centred) training rows. */
function covarianceOf(rows: Float32Array, dims: number, train: Uint32Array, math: DenseMath): Float64Array {
  const sum = new Float64Array(dims * dims)
  for (let start = 0; start < train.length; start += blockRows) {
    const block = new Float32Array(blockRows * dims)
    train.subarray(start, start + blockRows).forEach((row, at) => {
      block.set(rows.subarray(row * dims, (row + 1) * dims), at * dims)
    })
    const held = math.hold(block, blockRows, dims)
    const part = math.multiply(held, held, true, false)
    math.release(held)
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number) / train.length
  }
  return sum
}

/** rows = rows · matrix, in place, in blocks of one shape. */
function multiply(rows: Float32Array, dims: number, matrix: Float32Array, math: DenseMath): void {
  const right = math.hold(matrix, dims, dims)
  for (let start = 0; start < rows.length; start += blockRows * dims) {
    const block = new Float32Array(blockRows * dims)
    const end = Math.min(rows.length, start + blockRows * dims)
    block.set(rows.subarray(start, end))
    const left = math.hold(block, blockRows, dims)
    rows.set(math.multiply(left, right, false, false).subarray(0, end - start), start)
    math.release(left)
  }
  math.release(right)
}
