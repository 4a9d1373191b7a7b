// The preparation of the rows: subtract the mean of the training rows, equalise the dimensions if asked to, then multiply
// by one number so that the mean length of a training row is √dims. y = ((x − mean) · M) · scale, M absent by default.
import type { InputReport, Normalisation } from '@contract'
import { refuse } from '../base/refusal'
import { inputReport } from '../science/input-report'
import { whitening, type Whitening } from '../science/whitening'
import type { DenseMath } from './dense-math'
import type { Rows } from './rows'

export interface Preparation {
  /** dims; what is subtracted. */
  readonly mean: Float32Array
  readonly scale: number
  /** z-scores: dims; M = diag(factors). A dimension that never varies has 0. */
  readonly factors: Float32Array | null
  /** Whitening: M and its inverse, dims × dims, symmetric. */
  readonly whitening: Whitening | null
}

export interface Standardisation extends Preparation {
  /** Mean squared length of the standardised training rows. */
  readonly variance: number
  readonly report: InputReport
}

const blockRows = 1024
/** Finding the whitening takes dims³ steps in one go, and its matrices travel with the model. */
export const mostWhitenedDims = 1024

/** Measures the training rows (`train`: their numbers, ascending), reading them two to four times in their order. */
export function measureRows(rows: Rows, train: Uint32Array, normalise: Normalisation, math: DenseMath): Standardisation {
  const { dims } = rows
  const mean = trainingMean(rows, train)
  const { report, variances } = survey(rows, train, mean)
  if (variances.some(Number.isNaN)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'it holds missing numbers' })
  if (!variances.some((value) => value > 0))
    refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  const typical = variances.reduce((sum, value) => sum + value, 0) / dims
  const plain: Preparation = { mean, scale: 1, factors: null, whitening: null }
  if (normalise === 'none') return { ...plain, mean: new Float32Array(dims), variance: typical * dims, report }
  const factors =
    normalise === 'zscore' ? Float32Array.from(variances, (value) => (value > 1e-12 * typical ? 1 / Math.sqrt(value) : 0)) : null
  const white = normalise === 'whiten' ? whitening(covarianceOf(rows, train, plain, math), dims) : null
  const equalised: Preparation = { ...plain, factors, whitening: white }
  let lengths = 0
  let squares = 0
  const prepared = new Float32Array(dims)
  for (const row of train) {
    prepared.set(rows.read(row, 1))
    standardise(prepared, equalised)
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += (prepared[dim] as number) ** 2
    lengths += Math.sqrt(square)
    squares += square
  }
  const scale = Math.sqrt(dims) / (lengths / train.length)
  return { ...equalised, scale, variance: (squares / train.length) * scale * scale, report }
}

/** What a standardisation needs to know of rows that are prepared as an earlier model's were, so that its weights keep their meaning. */
export function measurePrepared(rows: Rows, train: Uint32Array, preparation: Preparation): Standardisation {
  const { dims } = rows
  const { report } = survey(rows, train, trainingMean(rows, train))
  const prepared = (row: number, into: Float32Array): Float32Array => {
    into.set(rows.read(row, 1))
    standardise(into, preparation)
    return into
  }
  const values = new Float32Array(dims)
  const centre = new Float64Array(dims)
  for (const row of train)
    prepared(row, values).forEach((value, dim) => (centre[dim] = (centre[dim] as number) + value / train.length))
  let squares = 0
  for (const row of train) prepared(row, values).forEach((value, dim) => (squares += (value - (centre[dim] as number)) ** 2))
  if (!(squares > 0)) refuse('PART_UNREADABLE', { part: 'the representation', why: 'all its rows are the same' })
  return { ...preparation, variance: squares / train.length, report }
}

/** Standardises rows in place (row-major), each row by itself. */
export function standardise(rows: Float32Array, { mean, scale, factors, whitening: white }: Preparation): void {
  const dims = mean.length
  for (let start = 0; start < rows.length; start += dims) {
    for (let dim = 0; dim < dims; dim++) {
      const centred = (rows[start + dim] as number) - (mean[dim] as number)
      rows[start + dim] = centred * (factors ? (factors[dim] as number) * scale : scale)
    }
    if (white) multiply(rows, start, white.matrix, dims)
  }
}

/** row · matrix (symmetric), in place. */
function multiply(rows: Float32Array, start: number, matrix: Float32Array, dims: number): void {
  const product = new Float64Array(dims)
  for (let at = 0; at < dims; at++) {
    const value = rows[start + at] as number
    const from = at * dims
    for (let dim = 0; dim < dims; dim++) product[dim] = (product[dim] as number) + value * (matrix[from + dim] as number)
  }
  rows.set(product, start)
}

function trainingMean(rows: Rows, train: Uint32Array): Float32Array {
  const { dims } = rows
  const sums = new Float64Array(dims)
  for (const row of train) {
    const values = rows.read(row, 1)
    for (let dim = 0; dim < dims; dim++) sums[dim] = (sums[dim] as number) + (values[dim] as number)
  }
  return Float32Array.from(sums, (sum) => sum / train.length)
}

/** Variances of the dimensions over the training rows, and what stands out. */
function survey(
  rows: Rows,
  train: Uint32Array,
  mean: Float32Array,
): { readonly report: InputReport; readonly variances: Float64Array } {
  const { dims } = rows
  const variances = new Float64Array(dims)
  const lengths = Float64Array.from(train, (row) => {
    const values = rows.read(row, 1)
    let length = 0
    for (let dim = 0; dim < dims; dim++) {
      const square = ((values[dim] as number) - (mean[dim] as number)) ** 2
      variances[dim] = (variances[dim] as number) + square / train.length
      length += square
    }
    return Math.sqrt(length)
  })
  return { report: inputReport(lengths, variances), variances }
}

/** Covariance of the training rows. */
function covarianceOf(rows: Rows, train: Uint32Array, centring: Preparation, math: DenseMath): Float64Array {
  const { dims } = rows
  if (dims > mostWhitenedDims)
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'normalise',
      range: `whiten for at most ${mostWhitenedDims} dimensions`,
      value: `whiten for ${dims}`,
    })
  const sum = new Float64Array(dims * dims)
  for (let start = 0; start < train.length; start += blockRows) {
    const block = new Float32Array(blockRows * dims)
    const members = train.subarray(start, start + blockRows)
    members.forEach((row, at) => block.set(rows.read(row, 1), at * dims))
    standardise(block.subarray(0, members.length * dims), centring)
    const held = math.hold(block, blockRows, dims)
    const part = math.multiply(held, held, true, false)
    math.release(held)
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number) / train.length
  }
  return sum
}
