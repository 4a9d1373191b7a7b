// The covariance of the genes of a sparse matrix (cells × genes) as a product with a block of axes, for principal components.
// Invariants: the matrix is centred without being made dense; the covariance itself is only kept where it is small (32 MB at most).
import type { Csr, RowStream } from '../base/sparse'
import { addScaled, dot, turned } from './dense-rows'
import type { Operator } from './leading-eigenvectors'

/** Called now and then with the number of stored values just worked through; may throw to stop. */
export type Work = (values: number) => void | Promise<void>

const valuesBetweenWork = 1_000_000
const genesBetweenWork = 128
/** Rows of the covariance that are summed together: about 2 MB. */
const genesAtOnce = 128
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
    return { size, width, multiply: (block) => timesThroughCells(matrix, mean, block, width, work) }
  }
  const covariance = await kept(matrix, mean, work)
  return { size, width: widthKept, multiply: (block) => timesKept(covariance, block, widthKept, matrix, work) }
}

/** Genes × genes; the columns of a row ascend, so only the upper half is summed. */
async function kept(matrix: RowStream, mean: Float64Array, work: Work): Promise<Float64Array> {
  const { rows, columns: genes } = matrix
  const sum = new Float64Array(genes * genes)
  for (const block of matrix.blocks()) {
    // Some cells at a time, and of the covariance some rows at a time: both stay in the cache meanwhile.
    for (let start = 0; start < block.rows;) {
      const stop = endOfStretch(block, start)
      const cursors = block.indptr.slice(start, stop)
      for (let gene = 0; gene < genes; gene += genesAtOnce) addProducts(block, start, cursors, gene + genesAtOnce, sum)
      await work((block.indptr[stop] as number) - (block.indptr[start] as number))
      start = stop
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

/** Cells from `start` on that hold enough values to be worth a turn. */
function endOfStretch({ rows, indptr }: Csr, start: number): number {
  const limit = (indptr[start] as number) + valuesBetweenWork / 16
  let stop = start + 1
  while (stop < rows && (indptr[stop + 1] as number) <= limit) stop++
  return stop
}

/** Adds, for each cell, the products of the values from its cursor on below gene `end` with all that follow; moves the cursors. */
function addProducts(block: Csr, start: number, cursors: Float64Array, end: number, sum: Float64Array): void {
  const { columns: genes, indptr, indices, values } = block
  for (let cell = 0; cell < cursors.length; cell++) {
    const last = indptr[start + cell + 1] as number
    let at = cursors[cell] as number
    for (; at < last && (indices[at] as number) < end; at++) {
      const row = (indices[at] as number) * genes
      const value = values[at] as number
      for (let other = at; other < last; other++) {
        const to = row + (indices[other] as number)
        sum[to] = (sum[to] as number) + value * (values[other] as number)
      }
    }
    cursors[cell] = at
  }
}

/** Two genes and four axes at a time, so that each number fetched is used several times. */
async function timesKept(
  covariance: Float64Array,
  block: Float64Array,
  width: number,
  matrix: RowStream,
  work: Work,
): Promise<Float64Array> {
  const genes = matrix.columns
  const out = new Float64Array(block.length)
  for (let gene = 0; gene < genes; gene += 2) {
    const row = gene * genes
    let axis = 0
    if (gene + 1 < genes) for (; axis + 4 <= width; axis += 4) eightDots(covariance, row, block, axis * genes, genes, out, gene)
    for (; axis < width; axis++) {
      out[axis * genes + gene] = dot(covariance, row, block, axis * genes, genes)
      if (gene + 1 < genes) out[axis * genes + gene + 1] = dot(covariance, row + genes, block, axis * genes, genes)
    }
    if (gene % genesBetweenWork === 0) await work((matrix.stored * genesBetweenWork) / genes)
  }
  await work(0)
  return out
}

function eightDots(
  covariance: Float64Array,
  row: number,
  block: Float64Array,
  first: number,
  genes: number,
  out: Float64Array,
  gene: number,
): void {
  const [second, third, fourth] = [first + genes, first + 2 * genes, first + 3 * genes]
  const below = row + genes
  let [a, b, c, d] = [0, 0, 0, 0]
  let [e, f, g, h] = [0, 0, 0, 0]
  // No lists within the loop: with as many variables as here they would be made for real.
  for (let at = 0; at < genes; at++) {
    const value = covariance[row + at] as number
    const next = covariance[below + at] as number
    const p = block[first + at] as number
    const q = block[second + at] as number
    const r = block[third + at] as number
    const s = block[fourth + at] as number
    a += value * p
    b += value * q
    c += value * r
    d += value * s
    e += next * p
    f += next * q
    g += next * r
    h += next * s
  }
  out[first + gene] = a
  out[second + gene] = b
  out[third + gene] = c
  out[fourth + gene] = d
  out[first + gene + 1] = e
  out[second + gene + 1] = f
  out[third + gene + 1] = g
  out[fourth + gene + 1] = h
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
