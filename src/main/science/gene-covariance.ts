// The covariance of the genes of a sparse matrix (cells × genes) as a product with a block of axes, for principal components.
// Invariants: the matrix is centred without being made dense; the covariance itself is only kept where it is small (32 MB at most).
import type { Csr, RowStream } from '../base/sparse'
import { addScaled, dot, turned } from './dense-rows'

/** Called now and then with the number of stored values just worked through; may throw to stop. */
export type Work = (values: number) => void | Promise<void>

const valuesBetweenWork = 1_000_000
const genesBetweenWork = 128
/** With up to this many genes, and more cells than genes, the covariance is made once instead of going through the cells each time. */
const mostGenesKept = 2048

/** The covariance (n − 1 in the denominator) times the rows of a block, [width, genes] in and out. */
export async function covarianceOf(
  matrix: RowStream,
  mean: Float64Array,
  width: number,
  work: Work,
): Promise<(block: Float64Array) => Promise<Float64Array>> {
  if (matrix.columns > mostGenesKept || matrix.rows <= matrix.columns)
    return (block) => timesThroughCells(matrix, mean, block, width, work)
  const covariance = await kept(matrix, mean, work)
  return (block) => timesKept(covariance, block, width, matrix, work)
}

/** Genes × genes; the columns of a row ascend, so only the upper half is summed. */
async function kept(matrix: RowStream, mean: Float64Array, work: Work): Promise<Float64Array> {
  const { rows, columns: genes } = matrix
  const sum = new Float64Array(genes * genes)
  let since = 0
  for (const block of matrix.blocks()) {
    for (let cell = 0; cell < block.rows; cell++) {
      since += addProducts(block, cell, sum, genes)
      if (since < valuesBetweenWork / 16) continue
      await work(since)
      since = 0
    }
  }
  const degrees = Math.max(1, rows - 1)
  for (let a = 0; a < genes; a++) {
    for (let b = a; b < genes; b++) {
      const value = ((sum[a * genes + b] as number) - rows * (mean[a] as number) * (mean[b] as number)) / degrees
      sum[a * genes + b] = value
      sum[b * genes + a] = value
    }
  }
  return sum
}

/** Adds the products of all pairs of values of one cell; answers how many values it has. */
function addProducts({ indptr, indices, values }: Csr, cell: number, sum: Float64Array, genes: number): number {
  const start = indptr[cell] as number
  const end = indptr[cell + 1] as number
  for (let at = start; at < end; at++) {
    const row = (indices[at] as number) * genes
    const value = values[at] as number
    for (let other = at; other < end; other++) {
      const to = row + (indices[other] as number)
      sum[to] = (sum[to] as number) + value * (values[other] as number)
    }
  }
  return end - start
}

/** Four axes at a time, so that each value of the covariance is fetched once for them. */
async function timesKept(
  covariance: Float64Array,
  block: Float64Array,
  width: number,
  matrix: RowStream,
  work: Work,
): Promise<Float64Array> {
  const genes = matrix.columns
  const out = new Float64Array(block.length)
  for (let gene = 0; gene < genes; gene++) {
    const row = gene * genes
    let axis = 0
    for (; axis + 4 <= width; axis += 4) fourDots(covariance, row, block, axis * genes, genes, out, gene)
    for (; axis < width; axis++) out[axis * genes + gene] = dot(covariance, row, block, axis * genes, genes)
    if (gene % genesBetweenWork === genesBetweenWork - 1) await work((matrix.stored * genesBetweenWork) / genes)
  }
  await work(0)
  return out
}

function fourDots(
  covariance: Float64Array,
  row: number,
  block: Float64Array,
  first: number,
  genes: number,
  out: Float64Array,
  gene: number,
): void {
  const [second, third, fourth] = [first + genes, first + 2 * genes, first + 3 * genes]
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let at = 0; at < genes; at++) {
    const value = covariance[row + at] as number
    a += value * (block[first + at] as number)
    b += value * (block[second + at] as number)
    c += value * (block[third + at] as number)
    d += value * (block[fourth + at] as number)
  }
  out[first + gene] = a
  out[second + gene] = b
  out[third + gene] = c
  out[fourth + gene] = d
}

/** The product by way of each cell's place on the axes: nothing of size genes × genes is needed. */
async function timesThroughCells(
  matrix: RowStream,
  mean: Float64Array,
  block: Float64Array,
  width: number,
  work: Work,
): Promise<Float64Array> {
  const genes = matrix.columns
  const byGene = turned(block, width, genes)
  const offset = placeOfMean(mean, byGene, width)
  const sum = new Float64Array(genes * width)
  const total = new Float64Array(width)
  const place = new Float64Array(width)
  let since = 0
  for (const block of matrix.blocks()) {
    const { indptr, indices, values } = block
    for (let cell = 0; cell < block.rows; cell++) {
      placeOfCell(block, cell, byGene, offset, place)
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

/** The place of the mean cell on each axis; `byGene` holds the axes gene by gene. */
export function placeOfMean(mean: Float64Array, byGene: Float64Array, width: number): Float64Array {
  const offset = new Float64Array(width)
  for (let gene = 0; gene < mean.length; gene++) addScaled(offset, 0, byGene, gene * width, mean[gene] as number, width)
  return offset
}

/** Writes the centred cell's place on each axis into `place`. */
export function placeOfCell(matrix: Csr, cell: number, byGene: Float64Array, offset: Float64Array, place: Float64Array): void {
  const width = place.length
  for (let axis = 0; axis < width; axis++) place[axis] = -(offset[axis] as number)
  const end = matrix.indptr[cell + 1] as number
  for (let at = matrix.indptr[cell] as number; at < end; at++) {
    addScaled(place, 0, byGene, (matrix.indices[at] as number) * width, matrix.values[at] as number, width)
  }
}
