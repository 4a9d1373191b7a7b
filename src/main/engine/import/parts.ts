// Matrices as parts of a source: rows read on demand from anywhere, blocks of sparse rows, or a matrix that is in memory already.
// Invariant: a part gives the same numbers whichever of its readings is used, and never holds more than a block of a file.
import type { Csr } from '../../base/sparse'
import { keepRows, runsOf, sliceRows, sparseFromDense, stackRows } from './rows'
import type { Scratch } from '../scratch/folder'
import { rowsOf } from '../scratch/paged'
import { Turner } from '../scratch/turner'
import { blockValues, type DenseBlock, type MatrixPart, type RowBlock, type Tick } from './source-reader'

/** Anything that can give rows [start, stop) row-major. */
export interface RowReader {
  readonly rows: number
  readonly columns: number
  readonly rowsAtOnce: number
  read(start: number, stop: number): ArrayLike<number>
}

/** A dense matrix of which any rows can be read. */
export function rowPart(key: string, reader: RowReader): MatrixPart {
  const { rows, columns } = reader
  async function* pieces(tick: Tick): AsyncGenerator<{ start: number; rows: number; values: ArrayLike<number> }> {
    for (let start = 0; start < rows; start += reader.rowsAtOnce) {
      const stop = Math.min(rows, start + reader.rowsAtOnce)
      yield { start, rows: stop - start, values: reader.read(start, stop) }
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
      const sampled: Csr[] = []
      for (const [start, stop] of runsOf(wanted)) sampled.push(sparseFromDense(reader.read(start, stop), stop - start, columns))
      return Promise.resolve(stackRows(sampled, columns))
    },
    async *blocks(tick) {
      for await (const piece of pieces(tick)) yield* sparseBlocks(piece, columns)
    },
    async *denseBlocks(tick) {
      for await (const piece of pieces(tick)) {
        const { values } = piece
        yield { ...piece, values: values instanceof Float32Array ? values : Float32Array.from(values) }
      }
    },
  }
}

/** A dense piece without its zeros, in blocks that stay small when there are few zeros. */
export function* sparseBlocks(
  piece: { start: number; rows: number; values: ArrayLike<number> },
  columns: number,
): Generator<RowBlock> {
  const atOnce = Math.max(1, Math.floor((4 * blockValues) / Math.max(1, columns)))
  for (let first = 0; first < piece.rows; first += atOnce) {
    const rows = Math.min(atOnce, piece.rows - first)
    yield { start: piece.start + first, matrix: sparseFromDense(piece.values, rows, columns, first * columns) }
  }
}

/** A matrix that is read in blocks of sparse rows. */
export function blockPart(part: Omit<MatrixPart, 'denseBlocks'>): MatrixPart {
  return {
    ...part,
    async *denseBlocks(tick, scratch) {
      for await (const block of part.blocks(tick, scratch)) yield* densified(block)
    },
  }
}

/** A matrix that is in memory. `dense` says how it was written, which decides whether it may be a representation itself. */
export function memoryPart(key: string, matrix: Csr, dense: boolean): MatrixPart {
  const { rows, columns } = matrix
  return blockPart({
    key,
    rows,
    columns,
    dense,
    stored: matrix.values.length,
    sample: (wanted) => Promise.resolve(keepRows(matrix, wanted)),
    async *blocks(tick) {
      for (const [start, stop] of boundedRows(matrix.indptr)) {
        const block = sliceRows(matrix, start, stop)
        yield { start, matrix: block }
        await tick(block.values.length)
      }
    },
  })
}

/** Runs of whole rows that hold about `blockValues` stored values, from the pointers of the rows. */
export function* boundedRows(indptr: Float64Array): Generator<readonly [start: number, stop: number]> {
  const rows = indptr.length - 1
  let start = 0
  while (start < rows) {
    const limit = (indptr[start] as number) + blockValues
    let stop = start + 1
    while (stop < rows && (indptr[stop + 1] as number) <= limit) stop++
    yield [start, stop]
    start = stop
  }
}

/** Sparse rows as dense ones, a bounded number at a time. */
function* densified({ start, matrix }: RowBlock): Generator<DenseBlock> {
  const { rows, columns, indptr, indices, values } = matrix
  const atOnce = Math.max(1, Math.floor(blockValues / Math.max(1, columns)))
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first)
    const out = new Float32Array(count * columns)
    for (let row = 0; row < count; row++) {
      const end = indptr[first + row + 1] as number
      for (let at = indptr[first + row] as number; at < end; at++)
        out[row * columns + (indices[at] as number)] = values[at] as number
    }
    yield { start: start + first, rows: count, values: out }
  }
}

/** A matrix of which only the turned form can be read in order: an external sort puts its rows together. */
export async function* turnedBlocks(columns: AsyncIterable<Csr>, rows: number, scratch: Scratch): AsyncGenerator<RowBlock> {
  const turner = new Turner(scratch, scratch.freshName('turned'), rows)
  for await (const block of columns) await turner.add(block)
  const { file: turned } = await turner.end()
  try {
    yield* rowsOf(scratch, turned)
  } finally {
    scratch.removeFile(turned.file)
  }
}

/** The matrices of blocks alone. */
export async function* matricesOf(blocks: AsyncIterable<RowBlock>): AsyncGenerator<Csr> {
  for await (const { matrix } of blocks) yield matrix
}

/** All blocks in memory, for matrices that are known to be small. */
export async function wholeMatrix(part: MatrixPart, tick: Tick, scratch: Scratch): Promise<Csr> {
  const blocks: Csr[] = []
  for await (const { matrix } of part.blocks(tick, scratch))
    blocks.push({ ...matrix, indices: matrix.indices.slice(), values: matrix.values.slice() })
  return stackRows(blocks, part.columns)
}

/** The same row-major. */
export async function wholeDense(part: MatrixPart, tick: Tick, scratch: Scratch): Promise<Float32Array> {
  const out = new Float32Array(part.rows * part.columns)
  for await (const { start, values } of part.denseBlocks(tick, scratch)) out.set(values, start * part.columns)
  return out
}
