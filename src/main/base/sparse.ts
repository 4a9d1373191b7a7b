// Compressed sparse rows, the one layout for expression (cells × genes), activations (cells × latents) and term sets.
// Invariant: indptr has rows + 1 entries and does not decrease; columns ascend within a row; no stored zeros.
export interface Csr {
  readonly rows: number
  readonly columns: number
  readonly indptr: Float64Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** A matrix that may be larger than memory: blocks of whole rows in order, as often as it is gone through. */
export interface RowStream {
  readonly rows: number
  readonly columns: number
  /** Stored values of all rows. */
  readonly stored: number
  blocks(): Iterable<Csr>
}

/** One row by itself: ascending columns, no zeros. */
export interface SparseRow {
  readonly row: number
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** A stream that also gives some of its rows without the rest. */
export interface RowSource extends RowStream {
  /** @param rows ascending, each once */
  rowsAt(rows: Uint32Array): Iterable<SparseRow>
}

/** A matrix in memory as a stream of one block. */
export const asStream = (matrix: Csr | RowStream): RowStream =>
  'blocks' in matrix
    ? matrix
    : { rows: matrix.rows, columns: matrix.columns, stored: matrix.indices.length, blocks: () => [matrix] }

/** The same matrix with rows and columns exchanged (counting sort, O(stored values)). */
export function transpose(matrix: Csr): Csr {
  const indptr = new Float64Array(matrix.columns + 1)
  const { indices: from, values: kept } = matrix
  for (let at = 0; at < from.length; at++) indptr[(from[at] as number) + 1] = (indptr[(from[at] as number) + 1] as number) + 1
  for (let column = 0; column < matrix.columns; column++) {
    indptr[column + 1] = (indptr[column + 1] as number) + (indptr[column] as number)
  }
  const next = indptr.slice()
  const indices = new Uint32Array(from.length)
  const values = new Float32Array(from.length)
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.indptr[row + 1] as number
    for (let at = matrix.indptr[row] as number; at < end; at++) {
      const column = from[at] as number
      const to = next[column] as number
      next[column] = to + 1
      indices[to] = row
      values[to] = kept[at] as number
    }
  }
  return { rows: matrix.columns, columns: matrix.rows, indptr, indices, values }
}
