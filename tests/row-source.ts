// Sparse matrices in memory with the questions of stored ones: in blocks, and some of their rows.
import type { Csr, RowSource } from '../src/main/base/sparse'
import { transpose } from '../src/main/base/sparse'
import { stackRows } from '../src/main/engine/import/rows'

/** @param rowsPerBlock few, so that more than one block comes */
export function sourceOf(matrix: Csr, rowsPerBlock = 7): RowSource {
  const part = (from: number, to: number): Csr => {
    const [start, end] = [matrix.indptr[from] as number, matrix.indptr[to] as number]
    return {
      rows: to - from,
      columns: matrix.columns,
      indptr: matrix.indptr.slice(from, to + 1).map((place) => place - start),
      indices: matrix.indices.slice(start, end),
      values: matrix.values.slice(start, end),
    }
  }
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    stored: matrix.values.length,
    *blocks() {
      for (let row = 0; row < matrix.rows; row += rowsPerBlock) yield part(row, Math.min(matrix.rows, row + rowsPerBlock))
    },
    *rowsAt(rows) {
      for (const row of rows) {
        const { indices, values } = part(row, row + 1)
        yield { row, indices, values }
      }
    },
  }
}

/** Cells × genes as linking asks for it. */
export const bothWays = (matrix: Csr) => ({ byGene: sourceOf(transpose(matrix)), byCell: sourceOf(matrix) })

/** All rows in memory. */
export const wholeMatrix = (source: RowSource): Csr => stackRows([...source.blocks()], source.columns)
