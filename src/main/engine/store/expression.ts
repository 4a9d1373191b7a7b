// Expression as it is read: cells × genes and genes × cells on the scale of the statistics, block by block or some rows of it.
// Invariant: memory does not grow with the data, also for data imported before pages existed; both ways give equal values.
import { asStream, type Csr, type RowSource, type RowStream, type SparseRow } from '../../base/sparse'
import { changeColumns, changeRows, type ScaleChange } from '../../science/normalise'
import { byCell, byGene } from './dataset-writing'
import type { Matrices } from './matrices'
import type { SparseMatrices } from './sparse-matrices'

/** Consecutive genes with their values on the scale of the statistics. */
export interface GeneBlock {
  readonly from: number
  readonly to: number
  /** All genes there are. */
  readonly genes: number
  readonly indptr: Float64Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

interface PlacedBlock {
  readonly start: number
  readonly matrix: Csr
}

/** Names of the matrices of data imported before pages existed, whose values are on the scale of the statistics. */
const unpaged = { byCell: 'data/expression', byGene: 'data/expression-by-gene' } as const
/** Stored values of a block of such data: 32 MB. */
const blockValues = 4_000_000

/** @param changeOf what brings stored values to the scale of the statistics */
export function openExpression(matrices: Matrices, sparse: SparseMatrices, changeOf: () => ScaleChange) {
  const factors = (): Float64Array | null =>
    matrices.has('data/expression/factors') ? matrices.read('data/expression/factors', 'f64') : null

  function* unpagedBlocks(name: string): Generator<PlacedBlock> {
    const indptr = matrices.read(`${name}/indptr`, 'f64')
    const [all = 0, columns = 0] = matrices.read(`${name}/shape`, 'u32')
    for (let start = 0; start < all;) {
      let to = start + 1
      while (to < all && (indptr[to + 1] as number) - (indptr[start] as number) <= blockValues) to++
      const [first, end] = [indptr[start] as number, indptr[to] as number]
      const indices = matrices.read(`${name}/indices`, 'u32', first, end)
      const values = matrices.read(`${name}/values`, 'f32', first, end)
      const own = indptr.subarray(start, to + 1).map((place) => place - first)
      yield { start, matrix: { rows: to - start, columns, indptr: own, indices, values } }
      start = to
    }
  }

  const unpagedSource = (name: string): RowSource => {
    const [rows = 0, columns = 0] = matrices.read(`${name}/shape`, 'u32')
    return {
      rows,
      columns,
      stored: matrices.length(`${name}/indices`),
      *blocks() {
        for (const { matrix } of unpagedBlocks(name)) yield matrix
      },
      *rowsAt(wanted) {
        let next = 0
        for (const { start, matrix } of unpagedBlocks(name)) {
          for (; next < wanted.length && (wanted[next] as number) < start + matrix.rows; next++) {
            yield rowOf(matrix, start, wanted[next] as number)
          }
        }
      },
    }
  }

  /** @param change brings rows from `start` on to the scale of the statistics, in place */
  const pagedSource = (name: string, change: (rows: Csr, start: number) => void): RowSource => ({
    ...sparse.info(name),
    *blocks() {
      for (const { start, matrix } of sparse.blocks(name)) {
        change(matrix, start)
        yield matrix
      }
    },
    *rowsAt(wanted) {
      const { columns } = sparse.info(name)
      for (const row of sparse.rowsAt(name, wanted)) {
        const indptr = Float64Array.of(0, row.indices.length)
        change({ rows: 1, columns, indptr, indices: row.indices, values: row.values }, row.row)
        yield row
      }
    },
  })

  const genesByCells = (): RowSource => {
    if (!sparse.has(byGene)) return unpagedSource(unpaged.byGene)
    const [change, all] = [changeOf(), factors()]
    return pagedSource(byGene, ({ values, indices }) => changeColumns(values, indices, change, all))
  }

  return {
    /** Cells × genes in blocks as they are stored, with what brings them to the scale of the statistics. */
    storedExpression: (): RowStream & { readonly change: ScaleChange; readonly factors: Float64Array | null } => {
      if (!sparse.has(byCell)) return { ...asStream(matrices.readCsr(unpaged.byCell)), change: 'none', factors: null }
      return {
        ...sparse.info(byCell),
        change: changeOf(),
        factors: factors(),
        *blocks() {
          for (const { matrix } of sparse.blocks(byCell)) yield matrix
        },
      }
    },
    /** Cells × genes. */
    expressionByCell: (): RowSource => {
      if (!sparse.has(byCell)) return unpagedSource(unpaged.byCell)
      const [change, all] = [changeOf(), factors()]
      return pagedSource(byCell, (rows, start) => changeRows(rows, change, all && all.subarray(start, start + rows.rows)))
    },
    /** Genes × cells. */
    expressionByGene: genesByCells,
    /** The same with the number of the first gene of each block. */
    geneBlocks: function* (): Generator<GeneBlock> {
      const source = genesByCells()
      let from = 0
      for (const { rows, indptr, indices, values } of source.blocks()) {
        yield { from, to: from + rows, genes: source.rows, indptr, indices, values }
        from += rows
      }
    },
    /** The values of one gene and their cells. */
    geneValues: (position: number): { indices: Uint32Array; values: Float32Array } => {
      if (!sparse.has(byGene)) return matrices.readCsrRow(unpaged.byGene, position)
      const row = sparse.row(byGene, position)
      changeColumns(row.values, row.indices, changeOf(), factors())
      return row
    },
    /** Stored values of each cell. */
    storedPerCell: (cells: number): Float64Array => {
      if (sparse.has(byCell)) return Float64Array.from(matrices.read('data/expression/detected', 'u32'))
      const indptr = matrices.read(`${unpaged.byCell}/indptr`, 'f64')
      return Float64Array.from({ length: cells }, (_, cell) => (indptr[cell + 1] as number) - (indptr[cell] as number))
    },
  }
}

function rowOf({ indptr, indices, values }: Csr, start: number, row: number): SparseRow {
  const [from, to] = [indptr[row - start] as number, indptr[row - start + 1] as number]
  return { row, indices: indices.subarray(from, to), values: values.subarray(from, to) }
}
