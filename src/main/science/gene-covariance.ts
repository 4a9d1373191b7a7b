// The covariance of the genes of a sparse matrix (cells × genes) as a product with a block of axes, for principal components.
// Invariants: the matrix is centred without being made dense; the covariance itself is only kept where it is small (32 MB at most).
import type { RowStream } from '../base/sparse'
import { CellPlaces } from './cell-places'
import { addScaled, turned } from './dense-rows'
import { GeneProducts } from './gene-products'
import type { Operator } from './leading-eigenvectors'

/** Called now and then with the number of stored values just worked through; may throw to stop. */
export type Work = (values: number) => void | Promise<void>

const valuesBetweenWork = 1_000_000
/** With up to this many genes, and more cells than genes, the covariance is made once instead of going through the cells each time. */
const mostGenesKept = 2048
/** Axes multiplied at once. */
const widthKept = 4
const widthThroughCells = 16

/** The covariance (n − 1 in the denominator). */
export async function covarianceOf(matrix: RowStream, mean: Float64Array, work: Work): Promise<Operator> {
  const size = matrix.columns
  if (size > mostGenesKept || matrix.rows <= size) {
    const width = widthThroughCells
    const places = new CellPlaces(mean, width)
    return { size, width, multiply: (block) => timesThroughCells(matrix, mean, block, places, work) }
  }
  const products = new GeneProducts(size, widthKept)
  for (const block of matrix.blocks()) {
    for (let start = 0; start < block.rows;) {
      const stop = products.add(block, start)
      await work((block.indptr[stop] as number) - (block.indptr[start] as number))
      start = stop
    }
  }
  products.centre(mean, matrix.rows)
  return { size, width: widthKept, multiply: (block) => products.times(block, (share) => work(share * matrix.stored)) }
}

/** The product by way of each cell's place on the axes: nothing of size genes × genes is needed. */
async function timesThroughCells(
  matrix: RowStream,
  mean: Float64Array,
  block: Float64Array,
  places: CellPlaces,
  work: Work,
): Promise<Float64Array> {
  const width = widthThroughCells
  const genes = matrix.columns
  places.turnTo(turned(block, width, genes))
  const sum = new Float64Array(genes * width)
  const total = new Float64Array(width)
  let since = 0
  for (const block of matrix.blocks()) {
    const { indptr, indices, values } = block
    for (let cell = 0; cell < block.rows; cell++) {
      const place = places.of(block, cell)
      const end = indptr[cell + 1] as number
      for (let at = indptr[cell] as number; at < end; at++)
        addScaled(sum, (indices[at] as number) * width, place, 0, values[at] as number, width)
      addScaled(total, 0, place, 0, 1, width)
      since += end - (indptr[cell] as number) + 1
      if (since <= valuesBetweenWork) continue
      await work(since)
      since = 0
    }
  }
  await work(since)
  const degrees = Math.max(1, matrix.rows - 1)
  for (let gene = 0; gene < genes; gene++) addScaled(sum, gene * width, total, 0, -(mean[gene] as number), width)
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) / degrees
  return turned(sum, genes, width)
}
