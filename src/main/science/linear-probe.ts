// A linear classifier of cell types: linear discriminants with one covariance for all classes and equal priors, so that a
// rare type counts as much as a common one. Deterministic, one linear system, no iteration (Fisher 1936; Friedman 1989
// for the ridge). Pure.
import { factorise, solveFactorised } from './cholesky'

/** Rows of a row-major table with their class, 0-based; −1 = left out. */
export interface Labelled {
  readonly rows: Float32Array
  readonly dims: number
  readonly labels: Int32Array
}

/** The class of the row that starts at a place of a table. */
export type Classify = (rows: Float32Array, start: number) => number

/** Ridge, relative to the mean variance of a dimension. */
const ridge = 1e-3

/** Fits the classes that occur at least twice; null when fewer than two do. */
export function fitProbe({ rows, dims, labels }: Labelled, classes: number): Classify | null {
  const { means, counts } = classMeans(rows, dims, labels, classes)
  const known = Array.from(counts.keys()).filter((each) => (counts[each] as number) >= 2)
  if (known.length < 2) return null
  const within = pooledCovariance(rows, dims, labels, means, counts)
  if (within === null) return null
  factorise(within, dims)
  const weights = new Float64Array(known.length * dims)
  const biases = known.map((each, at) => {
    const mean = means.subarray(each * dims, (each + 1) * dims)
    const direction = mean.slice()
    solveFactorised(within, dims, direction)
    weights.set(direction, at * dims)
    return -0.5 * direction.reduce((sum, value, dim) => sum + value * (mean[dim] as number), 0)
  })
  return (table, start) => {
    let best = -Infinity
    let chosen = -1
    for (let at = 0; at < known.length; at++) {
      let score = biases[at] as number
      for (let dim = 0; dim < dims; dim++) score += (weights[at * dims + dim] as number) * (table[start + dim] as number)
      if (score > best) [best, chosen] = [score, known[at] as number]
    }
    return chosen
  }
}

function classMeans(
  rows: Float32Array,
  dims: number,
  labels: Int32Array,
  classes: number,
): { means: Float64Array; counts: Float64Array } {
  const means = new Float64Array(classes * dims)
  const counts = new Float64Array(classes)
  labels.forEach((label, row) => {
    if (label < 0) return
    counts[label] = (counts[label] as number) + 1
    for (let dim = 0; dim < dims; dim++)
      means[label * dims + dim] = (means[label * dims + dim] as number) + (rows[row * dims + dim] as number)
  })
  for (let at = 0; at < means.length; at++)
    means[at] = (means[at] as number) / Math.max(1, counts[Math.floor(at / dims)] as number)
  return { means, counts }
}

/** Covariance within the classes, with the ridge on its diagonal; null when rows do not vary. Lower triangle only. */
function pooledCovariance(
  rows: Float32Array,
  dims: number,
  labels: Int32Array,
  means: Float64Array,
  counts: Float64Array,
): Float64Array | null {
  const covariance = new Float64Array(dims * dims)
  const difference = new Float64Array(dims)
  let used = 0
  labels.forEach((label, row) => {
    if (label < 0 || (counts[label] as number) < 2) return
    used++
    for (let dim = 0; dim < dims; dim++)
      difference[dim] = (rows[row * dims + dim] as number) - (means[label * dims + dim] as number)
    for (let a = 0; a < dims; a++) {
      const value = difference[a] as number
      for (let b = 0; b <= a; b++)
        covariance[a * dims + b] = (covariance[a * dims + b] as number) + value * (difference[b] as number)
    }
  })
  let trace = 0
  for (let dim = 0; dim < dims; dim++) trace += covariance[dim * dims + dim] as number
  if (!(trace > 0)) return null
  for (let at = 0; at < covariance.length; at++) covariance[at] = (covariance[at] as number) / used
  for (let dim = 0; dim < dims; dim++)
    covariance[dim * dims + dim] = (covariance[dim * dims + dim] as number) + (ridge * trace) / (used * dims)
  return covariance
}

/** Mean over the classes of the share of their rows that get their own class; null without labelled rows. */
export function balancedAccuracy(classify: Classify, { rows, dims, labels }: Labelled, classes: number): number | null {
  const right = new Float64Array(classes)
  const counts = new Float64Array(classes)
  labels.forEach((label, row) => {
    if (label < 0) return
    counts[label] = (counts[label] as number) + 1
    if (classify(rows, row * dims) === label) right[label] = (right[label] as number) + 1
  })
  const shares = Array.from(counts).flatMap((count, each) => (count > 0 ? [(right[each] as number) / count] : []))
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length
}
