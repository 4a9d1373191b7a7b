// Principal components of a large sparse matrix (cells × genes), centred without ever being made dense.
// Invariants: pure and the same on every machine for one seed; memory beside the matrix grows with cells · axes and genes · axes,
// and by at most 32 MB for the covariance of few genes (gene-covariance.ts).
import { seededRandom } from '../base/random'
import { asStream, type Csr, type RowStream } from '../base/sparse'
import { addScaled, dot, turned } from './dense-rows'
import { symmetricEigenvectors } from './eigen'
import { covarianceOf, placeOfCell, placeOfMean, type Work } from './gene-covariance'

export interface PrincipalComponents {
  readonly axes: number
  /** Variance along each axis (n − 1 in the denominator), largest first. */
  readonly explainedVariance: Float64Array
  /** Unit axes as rows, [axes, genes]; of each, the weight that is largest in size is positive. */
  readonly components: Float64Array
  /** Places of the cells on the axes, [cells, axes] row-major. */
  readonly scores: Float32Array
  readonly mean: Float64Array
}

const oversampling = 16
const pcaStream = 7
const mostRounds = 12
const highestDegree = 8
/** Relative change of the variances that counts as none. */
const settled = 1e-5
/** How far a round may pull the leading axis ahead of the rest without losing the rest to rounding. */
const largestGain = 1e9

/** Passes over the matrix that single-cell data take, for progress; flat spectra take more. */
export const usualPasses = 32

/**
 * The `wanted` leading axes (at most cells − 1 and genes). Method: subspace iteration from a seeded random block with oversampling,
 * Rayleigh–Ritz each round and Chebyshev polynomials instead of plain powers, which converge on flat spectra too
 * (Zhou and Saad 2007; Halko, Martinsson and Tropp 2011), until the variances stand still.
 */
export async function principalComponents(
  given: Csr | RowStream,
  wanted: number,
  seed: number,
  work: Work = () => undefined,
): Promise<PrincipalComponents> {
  const matrix = asStream(given)
  const genes = matrix.columns
  const axes = Math.max(0, Math.min(wanted, matrix.rows - 1, genes))
  const width = Math.min(genes, axes + oversampling)
  const mean = await meanOfGenes(matrix, work)
  const random = seededRandom(seed, pcaStream)
  const covariance = await covarianceOf(matrix, mean, width, work)
  let basis: Float64Array = Float64Array.from({ length: width * genes }, () => random.normal())
  orthonormalise(basis, genes)
  let found = rayleighRitz(basis, await covariance(basis), width, genes)
  for (let round = 0; round < mostRounds && width < genes; round++) {
    basis = await filtered(found, covariance, width)
    orthonormalise(basis, genes)
    const next = rayleighRitz(basis, await covariance(basis), width, genes)
    const still = next.values
      .subarray(0, axes)
      .every((value, axis) => Math.abs(value - (found.values[axis] as number)) <= settled * value)
    found = next
    if (still) break
  }
  const components = found.axes.slice(0, axes * genes)
  turnUpright(components, genes)
  const scores = await placesOf(matrix, mean, components, axes, work)
  return { axes, explainedVariance: found.values.slice(0, axes), components, scores, mean }
}

async function meanOfGenes(matrix: RowStream, work: Work): Promise<Float64Array> {
  const mean = new Float64Array(matrix.columns)
  for (const { indices, values } of matrix.blocks()) {
    for (let at = 0; at < indices.length; at++) {
      const gene = indices[at] as number
      mean[gene] = (mean[gene] as number) + (values[at] as number)
    }
    await work(0)
  }
  return mean.map((sum) => sum / Math.max(1, matrix.rows))
}

interface Ritz {
  readonly values: Float64Array
  /** Orthonormal, [width, genes], largest variance first. */
  readonly axes: Float64Array
  /** The covariance times `axes`. */
  readonly image: Float64Array
}

/** The best axes within the span of an orthonormal basis. */
function rayleighRitz(basis: Float64Array, image: Float64Array, width: number, genes: number): Ritz {
  const small = new Float64Array(width * width)
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) {
      const value = dot(basis, a * genes, image, b * genes, genes)
      small[a * width + b] = value
      small[b * width + a] = value
    }
  }
  const vectors = symmetricEigenvectors(small, width)
  const values = Float64Array.from({ length: width }, (_, axis) => {
    let sum = 0
    for (let a = 0; a < width; a++)
      sum += (vectors[axis * width + a] as number) * dot(small, a * width, vectors, axis * width, width)
    return Math.max(0, sum)
  })
  return { values, axes: rotated(vectors, basis, width, genes), image: rotated(vectors, image, width, genes) }
}

function rotated(vectors: Float64Array, rows: Float64Array, width: number, genes: number): Float64Array {
  const out = new Float64Array(width * genes)
  for (let axis = 0; axis < width; axis++) {
    for (let b = 0; b < width; b++) addScaled(out, axis * genes, rows, b * genes, vectors[axis * width + b] as number, genes)
  }
  return out
}

/** A Chebyshev polynomial of the covariance times the axes: small on [0, smallest value found], steep above it. */
async function filtered(
  found: Ritz,
  covariance: (block: Float64Array) => Promise<Float64Array>,
  width: number,
): Promise<Float64Array> {
  const half = (found.values[width - 1] as number) / 2
  const lead = found.values[0] as number
  if (!(half > 1e-12 * lead)) return found.image
  const reach = lead / half - 1
  const gain = reach + Math.sqrt(Math.max(0, reach * reach - 1))
  const degree = Math.max(2, Math.min(highestDegree, Math.floor(Math.log(largestGain) / Math.log(Math.max(gain, 1.01)))))
  let before = found.axes
  let now = combined(found.image, found.axes, before, half, 1, 0)
  for (let step = 2; step <= degree; step++) {
    const next = combined(await covariance(now), now, before, half, 2, -1)
    before = now
    now = next
  }
  return now
}

/** factor · (image / half − block) + back · before: one step of the recurrence of the polynomials on [0, 2 · half]. */
function combined(
  image: Float64Array,
  block: Float64Array,
  before: Float64Array,
  half: number,
  factor: number,
  back: number,
): Float64Array {
  const out = new Float64Array(block.length)
  for (let at = 0; at < out.length; at++) {
    out[at] = factor * ((image[at] as number) / half - (block[at] as number)) + back * (before[at] as number)
  }
  return out
}

async function placesOf(
  matrix: RowStream,
  mean: Float64Array,
  components: Float64Array,
  axes: number,
  work: Work,
): Promise<Float32Array> {
  const byGene = turned(components, axes, matrix.columns)
  const offset = placeOfMean(mean, byGene, axes)
  const scores = new Float32Array(matrix.rows * axes)
  const place = new Float64Array(axes)
  let start = 0
  for (const block of matrix.blocks()) {
    for (let cell = 0; cell < block.rows; cell++) {
      placeOfCell(block, cell, byGene, offset, place)
      scores.set(place, (start + cell) * axes)
    }
    start += block.rows
    await work(block.indices.length)
  }
  return scores
}

/** Gram–Schmidt, twice for full precision; rows without a direction of their own become zero. */
function orthonormalise(rows: Float64Array, genes: number): void {
  for (let start = 0; start < rows.length; start += genes) {
    const before = Math.sqrt(dot(rows, start, rows, start, genes))
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < start; other += genes)
        addScaled(rows, start, rows, other, -dot(rows, start, rows, other, genes), genes)
    }
    const length = Math.sqrt(dot(rows, start, rows, start, genes))
    const factor = length > 1e-13 * before ? 1 / length : 0
    for (let gene = start; gene < start + genes; gene++) rows[gene] = (rows[gene] as number) * factor
  }
}

/** An axis has no direction of its own: the weight that is largest in size is made positive. */
function turnUpright(components: Float64Array, genes: number): void {
  for (let start = 0; start < components.length; start += genes) {
    let largest = 0
    for (let at = start; at < start + genes; at++)
      if (Math.abs(components[at] as number) > Math.abs(largest)) largest = components[at] as number
    if (largest < 0) for (let at = start; at < start + genes; at++) components[at] = -(components[at] as number)
  }
}
