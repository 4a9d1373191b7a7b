// Sparse matrices on their way into the project: from files, so that they never have to be in memory as a whole.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Csr } from '../../base/sparse'

/** A matrix of compressed sparse rows whose stored numbers come in pieces, or row by row. */
export interface SparseFile {
  readonly rows: number
  readonly columns: number
  readonly indptr: Float64Array
  /** All columns and all values as bytes, in pieces of any length. */
  columnPieces(): Iterable<Uint8Array>
  valuePieces(): Iterable<Uint8Array>
  /** One row; quick for rows in ascending order. */
  row(at: number): { readonly cells: Uint32Array; readonly values: Float32Array }
}
export type AnySparse = Csr | SparseFile

/** The same interface over a matrix that is in memory. */
export function sparseFile(matrix: AnySparse): SparseFile {
  if ('row' in matrix) return matrix
  const { rows, columns, indptr, indices, values } = matrix
  const bytes = (numbers: Uint32Array | Float32Array): Uint8Array =>
    new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  return {
    ...{ rows, columns, indptr },
    columnPieces: () => [bytes(indices)],
    valuePieces: () => [bytes(values)],
    row: (at) => {
      const [from, to] = [indptr[at] as number, indptr[at + 1] as number]
      return { cells: indices.subarray(from, to), values: values.subarray(from, to) }
    },
  }
}

const pieceBytes = 1 << 22

/** A matrix in the three files `path`-indptr.f64, -indices.u32 and -values.f32; `close` when it is no longer needed. */
export function openSparseFile(path: string, rows: number, columns: number): SparseFile & { close(): void } {
  const [indices, values] = [openSync(`${path}-indices.u32`, 'r'), openSync(`${path}-values.f32`, 'r')]
  const indptr = readDoubles(`${path}-indptr.f64`)
  const bytes = (indptr.at(-1) as number) * 4
  const cellsOf = windowOn(indices)
  const valuesOf = windowOn(values)
  return {
    ...{ rows, columns, indptr },
    columnPieces: () => readPieces(indices, bytes),
    valuePieces: () => readPieces(values, bytes),
    row: (at) => {
      const [from, to] = [indptr[at] as number, indptr[at + 1] as number]
      return { cells: new Uint32Array(cellsOf(from, to)), values: new Float32Array(valuesOf(from, to)) }
    },
    close: () => {
      closeSync(indices)
      closeSync(values)
    },
  }
}

function* readPieces(file: number, bytes: number): Iterable<Uint8Array> {
  for (let from = 0; from < bytes; from += pieceBytes) yield readAt(file, from, Math.min(pieceBytes, bytes - from))
}

/** Reads 32-bit numbers `from` to `to` of a file, a stretch ahead, so that neighbours cost one read. */
function windowOn(file: number): (from: number, to: number) => ArrayBuffer {
  let kept: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  let start = 0
  return (from, to) => {
    if (from * 4 < start || to * 4 > start + kept.length) {
      start = from * 4
      kept = readAt(file, start, Math.max(pieceBytes, (to - from) * 4), (to - from) * 4)
    }
    return kept.slice(from * 4 - start, to * 4 - start).buffer
  }
}

/** Up to `bytes` bytes from a position, at least `least`. */
function readAt(file: number, position: number, bytes: number, least = bytes): Uint8Array<ArrayBuffer> {
  const buffer = new Uint8Array(bytes)
  let filled = 0
  while (filled < bytes) {
    const read = readSync(file, buffer, filled, bytes - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  if (filled < least) throw new Error('a file of the trainer ended early')
  return buffer.subarray(0, filled)
}

/** A file's bytes in a buffer of their own: small reads share Node's pool, whose offsets do not suit wider numbers. */
function readDoubles(file: string): Float64Array {
  const bytes = readFileSync(file)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
