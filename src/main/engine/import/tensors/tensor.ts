// A tensor as a matrix or a list, whatever file it lies in: type, shape and steps between its values.
// Invariant: the values a tensor claims are compared with the bytes that are there before any is read.
import { limits } from '@contract'
import { refuse } from '../../../base/refusal'
import { numberColumn, truthColumn } from '../anndata/column'
import { sliceBytes } from '../data-tree'
import type { List } from '../npy/collection'
import type { ArrayType } from '../npy/header'
import { arrayNumbers } from '../npy/numbers'
import type { ByteReader } from '../npy/reader'
import { rowPart } from '../parts'
import { counted } from '../problems'
import type { MatrixPart } from '../source-reader'

/** Brain floats are the upper half of a single-precision number. */
export type TensorType = ArrayType | 'bfloat16'

export interface Tensor {
  readonly file: string
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  /** Values from one row (column …) to the next. */
  readonly strides: readonly number[]
  /** Value at which it starts. */
  readonly offset: number
  /** Bytes that hold its values, and how many there are. */
  readonly bytes: ByteReader
  readonly size: number
}

const widthOf = (type: TensorType): number => (type === 'bfloat16' ? 2 : type.size)

/** Steps of a tensor whose rows lie one after another. */
export const plainStrides = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))

/** What the lists of a file may hold together: entries that share their bytes could claim more than any memory. */
export class ListRoom {
  private left: number

  constructor(fileBytes: number) {
    this.left = 4 * fileBytes + 2 ** 26
  }

  /** Refuses with FILE_DAMAGED. */
  take(file: string, bytes: number): void {
    this.left -= bytes
    if (this.left < 0) refuse('FILE_DAMAGED', { file, why: 'its tensors claim more values than the file can hold' })
  }
}

/** A tensor with two axes as a matrix, one with a single axis as a list. Refuses with ARRAY_UNFIT or FILE_DAMAGED. */
export function tensorParts(tensor: Tensor, room: ListRoom): { part: MatrixPart; list: null } | { part: null; list: List } {
  const { name, shape, type } = tensor
  checkBounds(tensor)
  const sizes = shape.map(counted).join(' × ')
  if (shape.length > 2) {
    const next = 'Average over the tokens of each cell first, for example tensor.mean(dim=1).'
    return refuse('ARRAY_UNFIT', {
      file: `tensor ${name}`,
      why: `it has ${shape.length} dimensions (${sizes}), but a table has two`,
      next,
    })
  }
  const [rows, columns] = shape
  if (rows === undefined) return refuse('ARRAY_UNFIT', { file: `tensor ${name}`, why: 'it is a single number' })
  if (rows > limits.rows)
    refuse('PART_UNREADABLE', { part: name, why: `it has ${counted(rows)} rows; the limit is ${counted(limits.rows)}` })
  if (columns === undefined) {
    room.take(tensor.file, rows * widthOf(type))
    const values = listNumbers(tensor, rows)
    const truth = type !== 'bfloat16' && type.kind === 'b'
    return { part: null, list: { name, length: rows, values: truth ? truthColumn(values) : numberColumn(values) } }
  }
  const rowsAtOnce = rowsPerSlice(tensor)
  return { part: rowPart(name, { rows, columns, rowsAtOnce, read: (start, stop) => numbersAt(tensor, start, stop) }), list: null }
}

/** Rows that lie far apart are read with what lies between them. */
function rowsPerSlice({ shape, strides, type }: Tensor): number {
  return Math.max(1, Math.floor(sliceBytes / Math.max(1, (shape[1] ?? 1) * 8, (strides[0] ?? 1) * widthOf(type))))
}

function listNumbers(tensor: Tensor, rows: number): ArrayLike<number> {
  const atOnce = rowsPerSlice(tensor)
  if (atOnce >= rows) return numbersAt(tensor, 0, rows)
  const out = new Float64Array(rows)
  for (let start = 0; start < rows; start += atOnce) out.set(numbersAt(tensor, start, Math.min(rows, start + atOnce)), start)
  return out
}

function checkBounds({ file, name, shape, strides, offset, type, size }: Tensor): void {
  const whole = [...shape, ...strides, offset].every((value) => Number.isSafeInteger(value) && value >= 0)
  const last = offset + shape.reduce((sum, count, axis) => sum + Math.max(0, count - 1) * (strides[axis] ?? 0), 0)
  const empty = shape.some((count) => count === 0)
  const values = shape.reduce((product, count) => product * count, 1)
  if (
    whole &&
    strides.length === shape.length &&
    (empty || (last + 1) * widthOf(type) <= size) &&
    values * widthOf(type) <= size + 65_536
  )
    return
  const why = `tensor ${name} claims ${shape.map(counted).join(' × ')} values, but ${counted(size)} bytes are there`
  refuse('FILE_DAMAGED', { file, why })
}

/** Rows [start, stop), row-major. */
function numbersAt(tensor: Tensor, start: number, stop: number): ArrayLike<number> {
  const { file, shape, strides, offset, type, bytes, name } = tensor
  const width = widthOf(type)
  const [columns, down, across] = [shape[1] ?? 1, strides[0] ?? 1, strides[1] ?? 1]
  const decode = (from: number, values: number): ArrayLike<number> => {
    const stored = bytes(from * width, values * width)
    if (stored.length < values * width) refuse('FILE_DAMAGED', { file, why: `tensor ${name} ends early` })
    return type === 'bfloat16' ? widenBrainFloats(stored) : arrayNumbers(stored, type, name)
  }
  if (across === 1 && (down === columns || (columns === 1 && down === 1)))
    return decode(offset + start * down, (stop - start) * columns)
  const out = new Float32Array((stop - start) * columns)
  if (columns === 0 || stop <= start) return out
  const first = offset + start * down
  const length = (stop - start - 1) * down + 1
  if (isTurned(tensor)) {
    // Each column lies together: the rows are gathered column by column, so that a slice never reads the whole tensor.
    for (let column = 0; column < columns; column++) {
      const values = decode(first + column * across, length)
      for (let row = 0; row < stop - start; row++) out[row * columns + column] = values[row * down] as number
    }
    return out
  }
  // Cut out of a larger tensor: the stretch that holds the rows is read once.
  const stretch = decode(first, length + (columns - 1) * across)
  for (let row = 0; row < stop - start; row++) {
    for (let column = 0; column < columns; column++) out[row * columns + column] = stretch[row * down + column * across] as number
  }
  return out
}

/** Stored column by column. */
const isTurned = ({ strides: [down = 1, across = 1] }: Tensor): boolean => across > down

function widenBrainFloats(bytes: Uint8Array): Float32Array {
  const out = new Uint32Array(bytes.length / 2)
  for (let at = 0; at < out.length; at++) out[at] = ((bytes[at * 2] as number) << 16) | ((bytes[at * 2 + 1] as number) << 24)
  return new Float32Array(out.buffer)
}
