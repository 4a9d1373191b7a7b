// The rows of a representation, held in memory or read from their file as they are needed. What comes out is the same
// either way, to the bit.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface Rows {
  readonly count: number
  readonly dims: number
  /** `count` rows from `start` on, row-major; perhaps a view, so read only, and good until the next call. */
  read(start: number, count: number): Float32Array
  /** Where the rows are not in memory: neighbours are read together, so ask for rows in ascending order. */
  readonly isStreamed: boolean
}

/** What is done to rows after they are read, in place, each row by itself. */
export type Preparation = (rows: Float32Array) => void

/** Rows in one array. */
export function rowsInMemory(values: Float32Array, dims: number): Rows {
  const read = (start: number, count: number): Float32Array => values.subarray(start * dims, (start + count) * dims)
  return { count: values.length / dims, dims, read, isStreamed: false }
}

/** Bytes that are read at once: what a spinning disk delivers in the time it takes to find them. */
export const pieceBytes = 1 << 17

/** Rows in a file of 32-bit floats, of which a few neighbours are kept. The file stays open as long as the process runs. */
export function rowsInFile(path: string, dims: number, prepare: Preparation = () => {}): Rows {
  const file = openSync(path, 'r')
  const rowBytes = dims * 4
  const total = fstatSync(file).size / rowBytes
  const ahead = Math.max(1, Math.floor(pieceBytes / rowBytes))
  let kept = new Float32Array(0)
  let [from, to] = [0, 0]
  const load = (start: number, count: number): void => {
    if (kept.length < count * dims) kept = new Float32Array(count * dims)
    ;[from, to] = [start, start]
    readInto(file, new Uint8Array(kept.buffer, 0, count * rowBytes), start * rowBytes)
    prepare(kept.subarray(0, count * dims))
    to = start + count
  }
  const read = (start: number, count: number): Float32Array => {
    if (start < from || start + count > to) load(start, Math.min(Math.max(count, ahead), total - start))
    return kept.subarray((start - from) * dims, (start - from + count) * dims)
  }
  return { count: total, dims, read, isStreamed: true }
}

/** Reads a whole file of 32-bit floats into memory. */
export function readFloats(path: string): Float32Array {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(fstatSync(file).size)
    readInto(file, bytes, 0)
    return new Float32Array(bytes.buffer)
  } finally {
    closeSync(file)
  }
}

/** One call of Node reads less than 2 GiB. */
const callBytes = 1 << 28

/** Fills `bytes` from a position of a file; throws when the file ends before. */
export function readInto(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    const read = readSync(file, bytes, at, Math.min(callBytes, bytes.length - at), position + at)
    if (read === 0) throw new Error('a file of the scratch folder ended early')
    at += read
  }
}
