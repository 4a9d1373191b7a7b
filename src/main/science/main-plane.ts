// The plane of largest variance of some rows: two axes found by repeated multiplication, and where other rows lie on them.
// Invariant: the same rows give the same plane, including its directions (the largest weight of an axis is positive).
import { seededRandom } from '../base/random'
import { addScaled, dot as rowDot } from './dense-rows'
import type { DenseRows } from './neighbours'

export interface MainPlane {
  /** Per dimension. */
  readonly mean: Float64Array
  /** Two orthogonal unit vectors. */
  readonly axes: readonly [Float64Array, Float64Array]
}

const passes = 40
/** With up to so many dimensions the covariance costs less than the passes over the rows that it spares. */
const mostDimsKept = 4 * passes
const rowsBetweenBreaths = 4096

type Pair = [Float64Array, Float64Array]

/** Orthogonal iteration on the covariance, 40 times. */
export async function mainPlane(rows: DenseRows, breathe: () => Promise<void>): Promise<MainPlane> {
  const { count, dims } = rows
  const mean = new Float64Array(dims)
  for (let row = 0; row < count; row++) {
    const start = row * dims
    for (let dim = 0; dim < dims; dim++) mean[dim] = (mean[dim] as number) + (rows.values[start + dim] as number) / count
  }
  const random = seededRandom(0, 2)
  let axes: Pair = [randomAxis(dims, random.normal), randomAxis(dims, random.normal)]
  orthonormal(axes)
  const covariance = dims <= mostDimsKept ? await scatterOf(rows, mean, breathe) : null
  for (let pass = 0; pass < passes; pass++) {
    axes = covariance ? [timesKept(covariance, axes[0]), timesKept(covariance, axes[1])] : timesThroughRows(rows, mean, axes)
    orthonormal(axes)
    await breathe()
  }
  return { mean, axes: [pointed(axes[0]), pointed(axes[1])] }
}

/** The covariance times the number of rows, dims × dims. */
async function scatterOf(rows: DenseRows, mean: Float64Array, breathe: () => Promise<void>): Promise<Float64Array> {
  const { count, dims, values } = rows
  const sum = new Float64Array(dims * dims)
  const centred = new Float64Array(dims)
  for (let row = 0; row < count; row++) {
    for (let dim = 0; dim < dims; dim++) centred[dim] = (values[row * dims + dim] as number) - (mean[dim] as number)
    for (let a = 0; a < dims; a++) addScaled(sum, a * dims + a, centred, a, centred[a] as number, dims - a)
    if (row % rowsBetweenBreaths === 0) await breathe()
  }
  for (let a = 0; a < dims; a++) for (let b = a + 1; b < dims; b++) sum[b * dims + a] = sum[a * dims + b] as number
  return sum
}

const timesKept = (covariance: Float64Array, axis: Float64Array): Float64Array =>
  axis.map((_, dim) => rowDot(covariance, dim * axis.length, axis, 0, axis.length))

function timesThroughRows({ count, dims, values }: DenseRows, mean: Float64Array, axes: Pair): Pair {
  const next: Pair = [new Float64Array(dims), new Float64Array(dims)]
  for (let row = 0; row < count; row++) {
    const start = row * dims
    axes.forEach((axis, which) => {
      let score = 0
      for (let dim = 0; dim < dims; dim++)
        score += ((values[start + dim] as number) - (mean[dim] as number)) * (axis[dim] as number)
      const into = next[which] as Float64Array
      for (let dim = 0; dim < dims; dim++) {
        into[dim] = (into[dim] as number) + score * ((values[start + dim] as number) - (mean[dim] as number))
      }
    })
  }
  return next
}

/** Rows × 2, positions in the plane. */
export function positionsIn({ mean, axes }: MainPlane, { count, dims, values }: DenseRows): Float32Array {
  const xy = new Float32Array(count * 2)
  for (let row = 0; row < count; row++) {
    axes.forEach((axis, which) => {
      let score = 0
      for (let dim = 0; dim < dims; dim++) {
        score += ((values[row * dims + dim] as number) - (mean[dim] as number)) * (axis[dim] as number)
      }
      xy[row * 2 + which] = score
    })
  }
  return xy
}

const randomAxis = (dims: number, draw: () => number): Float64Array => Float64Array.from({ length: dims }, draw)

/** Gram–Schmidt; an axis without length (rows that do not differ) becomes zero. */
function orthonormal(axes: readonly [Float64Array, Float64Array]): void {
  const [first, second] = axes
  const scaleTo = (axis: Float64Array): void => {
    const length = Math.sqrt(dot(axis, axis))
    axis.forEach((value, dim) => (axis[dim] = length > 1e-300 ? value / length : 0))
  }
  scaleTo(first)
  const shared = dot(first, second)
  second.forEach((value, dim) => (second[dim] = value - shared * (first[dim] as number)))
  scaleTo(second)
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, dim) => sum + value * (b[dim] as number), 0)

function pointed(axis: Float64Array): Float64Array {
  const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
  return largest < 0 ? axis.map((value) => -value) : axis
}
