// Matrices as parts of a source: rows read on demand from anywhere, or compressed rows that are in memory already.
// Invariant: a part gives the same numbers whichever of its readings is used.
import type { Csr } from '../../base/sparse'
import { keepRows, runsOf, sparseFromDense, stackRows } from './rows'
import type { MatrixPart, Tick } from './source-reader'

/** Anything that can give rows [start, stop) row-major. */
export interface RowReader {
  readonly rows: number
  readonly columns: number
  readonly rowsAtOnce: number
  read(start: number, stop: number): ArrayLike<number>
}

/** A dense matrix of which any rows can be read. */
export function rowPart(key: string, reader: RowReader): MatrixPart {
  const { rows, columns, rowsAtOnce } = reader
  async function* blocks(tick: Tick): AsyncGenerator<{ start: number; count: number; values: ArrayLike<number> }> {
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const stop = Math.min(rows, start + rowsAtOnce)
      yield { start, count: stop - start, values: reader.read(start, stop) }
      await tick((stop - start) * columns)
    }
  }
  return {
    key,
    rows,
    columns,
    dense: true,
    stored: rows * columns,
    sample: (wanted) => {
      const pieces: Csr[] = []
      for (const [start, stop] of runsOf(wanted)) pieces.push(sparseFromDense(reader.read(start, stop), stop - start, columns))
      return Promise.resolve(stackRows(pieces, columns))
    },
    async readSparse(tick) {
      const pieces: Csr[] = []
      for await (const block of blocks(tick)) pieces.push(sparseFromDense(block.values, block.count, columns))
      return stackRows(pieces, columns)
    },
    async readDense(tick) {
      const out = new Float32Array(rows * columns)
      for await (const block of blocks(tick)) out.set(block.values, block.start * columns)
      return out
    },
  }
}

/** A matrix that is in memory. `dense` says how it was written, which decides whether it may be a representation itself. */
export function memoryPart(key: string, matrix: Csr, dense: boolean): MatrixPart {
  const { rows, columns } = matrix
  return {
    key,
    rows,
    columns,
    dense,
    stored: matrix.values.length,
    sample: (wanted) => Promise.resolve(keepRows(matrix, wanted)),
    async readSparse(tick) {
      await tick(matrix.values.length)
      return matrix
    },
    async readDense(tick) {
      const out = new Float32Array(rows * columns)
      for (let row = 0; row < rows; row++) {
        const end = matrix.indptr[row + 1] as number
        for (let at = matrix.indptr[row] as number; at < end; at++)
          out[row * columns + (matrix.indices[at] as number)] = matrix.values[at] as number
      }
      await tick(rows * columns)
      return out
    },
  }
}
