// Principal components of a large sparse matrix (cells × genes), centred without ever being made dense.
// Invariants: pure and the same on every machine for one seed; memory beside the matrix grows with cells · axes and genes · axes,
// and by at most 32 MB for the covariance of few genes (gene-covariance.ts).
import { seededRandom } from '../base/random'
import { asStream, type Csr, type RowStream } from '../base/sparse'
import { turned } from './dense-rows'
import { CellPlaces } from './cell-places'
import { covarianceOf, type Work } from './gene-covariance'
import { leadingEigenvectors } from './leading-eigenvectors'

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

const pcaStream = 7

/** Passes over the matrix that single-cell data take, for progress; flat spectra take more. */
export const usualPasses = 28

/** The `wanted` leading axes (at most cells − 1 and genes): leading eigenvectors of the covariance (leading-eigenvectors.ts). */
export async function principalComponents(
  given: Csr | RowStream,
  wanted: number,
  seed: number,
  work: Work = () => undefined,
): Promise<PrincipalComponents> {
  const matrix = asStream(given)
  const genes = matrix.columns
  const axes = Math.max(0, Math.min(wanted, matrix.rows - 1, genes))
  const mean = await meanOfGenes(matrix, work)
  const covariance = await covarianceOf(matrix, mean, work)
  const found = await leadingEigenvectors(covariance, axes, seededRandom(seed, pcaStream))
  const components = found.vectors
  turnUpright(components, genes)
  const scores = await placesOf(matrix, mean, components, axes, work)
  return { axes, explainedVariance: found.values, components, scores, mean }
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

async function placesOf(
  matrix: RowStream,
  mean: Float64Array,
  components: Float64Array,
  axes: number,
  work: Work,
): Promise<Float32Array> {
  const places = new CellPlaces(mean, axes)
  places.turnTo(turned(components, axes, matrix.columns))
  const scores = new Float32Array(matrix.rows * axes)
  let start = 0
  for (const block of matrix.blocks()) {
    for (let cell = 0; cell < block.rows; cell++) {
      scores.set(places.of(block, cell), (start + cell) * axes)
    }
    start += block.rows
    await work(block.indices.length)
  }
  return scores
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
