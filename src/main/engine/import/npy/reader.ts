// NumPy arrays (.npy): a table of numbers is a representation; its rows have no names, so they are made up and said so.
// Invariant: opened read-only, read in slices; what the header promises is compared with the size of the file first.
import { closeSync, openSync, readSync } from 'node:fs'
import { limits, type Problem } from '@contract'
import { refuse } from '../../../base/refusal'
import { sliceBytes } from '../data-tree'
import { rowPart } from '../parts'
import { counted, warning } from '../problems'
import type { Recognised } from '../recognise'
import type { Frame, MatrixPart, OpenSource, SourceReader } from '../source-reader'
import { largestHeader, readHeader, tableShape, type ArrayHeader } from './header'
import { arrayNumbers } from './numbers'

export const npyReader: SourceReader = {
  kind: 'npy',
  accepts: (file) => file.container === 'npy',
  async open(file, _genes, work) {
    const handle = openSync(file.path, 'r')
    try {
      return await work(openArray(file, (position, length) => bytesAt(handle, position, length)))
    } finally {
      closeSync(handle)
    }
  },
}

/** Bytes of an array at a position; fewer come back only at its end. */
export type ByteReader = (position: number, length: number) => Uint8Array

function bytesAt(handle: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const read = readSync(handle, bytes, done, length - done, position + done)
    if (read === 0) break
    done += read
  }
  return bytes.subarray(0, done)
}

function openArray(file: Recognised, bytes: ByteReader): OpenSource {
  const key = file.fileName.replace(/\.npy$/i, '').slice(0, limits.nameLength) || 'array'
  const { part, problems } = arrayPart(key, bytes, file.bytes, file.fileName)
  return {
    kind: 'npy',
    description: 'NumPy array',
    endings: ['.npy'],
    columns: part.columns,
    columnsAre: 'dimension',
    cells: namelessCells(part.rows),
    embeddings: [{ key, rows: part.rows, dims: part.columns, found: { part, error: null }, leftOut: [] }],
    expressions: [],
    logRecorded: false,
    problems,
    stops: [],
    colours: () => null,
  }
}

/** Cells without names and columns: 'cell 1', 'cell 2' … */
export function namelessCells(rows: number): Frame {
  if (rows > limits.rows) refuse('PART_UNREADABLE', { part: 'the rows', why: `there are ${rows}; the limit is ${limits.rows}` })
  return { rows, index: Array.from({ length: rows }, (_, row) => `cell ${row + 1}`), madeUp: true, columns: [], problems: [] }
}

/** The array as a matrix; refuses with ARRAY_UNFIT or FILE_DAMAGED when it is none. `size` counts all its bytes. */
export function arrayPart(
  key: string,
  bytes: ByteReader,
  size: number,
  fileName: string,
): { part: MatrixPart; problems: Problem[] } {
  const header = readHeader(bytes(0, Math.min(size, largestHeader)), fileName)
  const [rows, columns] = tableShape(header, size - header.start, fileName)
  const extra = size - header.start - rows * columns * header.type.size
  const message = `${counted(extra)} bytes after the array are not read; the file may hold a second array.`
  const problems = extra > 0 ? [warning('BYTES_LEFT', message, 'Save each array in its own file, or all in one .npz.')] : []
  const read = header.fortran ? byColumn(header, rows, columns, bytes, key) : byRow(header, columns, bytes, key)
  const rowsAtOnce = Math.max(1, Math.floor(sliceBytes / Math.max(1, columns * 8)))
  return { part: rowPart(key, { rows, columns, rowsAtOnce, read }), problems }
}

type RowsOf = (start: number, stop: number) => ArrayLike<number>

function byRow({ type, start: origin }: ArrayHeader, columns: number, bytes: ByteReader, key: string): RowsOf {
  const width = columns * type.size
  return (start, stop) => arrayNumbers(bytes(origin + start * width, (stop - start) * width), type, key)
}

/** Fortran order: each column lies together, so a slice of rows is gathered column by column. */
function byColumn({ type, start: origin }: ArrayHeader, rows: number, columns: number, bytes: ByteReader, key: string): RowsOf {
  return (start, stop) => {
    const block = new Float32Array((stop - start) * columns)
    for (let column = 0; column < columns; column++) {
      const position = origin + (column * rows + start) * type.size
      const values = arrayNumbers(bytes(position, (stop - start) * type.size), type, key)
      for (let row = 0; row < values.length; row++) block[row * columns + column] = values[row] as number
    }
    return block
  }
}
