// Files of torch.save (.pt, .pth): a zip archive with one pickle and one member per storage. Read only as far as plain
// containers of tensors go; see pickle.ts for what is refused. Numbers come as 32-bit floats, row-major.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { refuse } from '../../../base/refusal'
import { Archive, type Member } from '../zip/archive'
import { PickleProblem, readPickle, type StorageType, type TorchTensor, type TorchValue } from './pickle'

/** Descriptions of tensors are short; what is larger is no such file. */
const largestPickle = 1 << 26
/** Tensors may share their numbers (tied weights), but not without end. */
const mostShared = 8
const smallestRoom = 2 ** 24
const widths: Readonly<Record<StorageType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
}

export interface TorchFile {
  /** What was saved; tensors without their numbers. */
  readonly value: TorchValue
  /** The numbers of a tensor, row-major. Refuses with FILE_DAMAGED. */
  numbers(tensor: TorchTensor): Float32Array
}

/**
 * Opens a file of torch.save and hands it to `use`. Refuses with FILE_NOT_RECOGNISED when it is not one, and with
 * FILE_UNSAFE when it holds more than tensors in lists and dictionaries.
 */
export function withTorchFile<T>(path: string, use: (file: TorchFile) => T): T {
  const name = basename(path)
  const handle = openSync(path, 'r')
  try {
    const archive = new Archive(handle, fstatSync(handle).size, name)
    const members = archive.members()
    const pickle = members.find((member) => /(^|\/)data\.pkl$/.test(member.name))
    if (!pickle) refuse('FILE_NOT_RECOGNISED', { file: name, looksLike: 'an archive without the list of tensors of torch.save' })
    const prefix = pickle.name.slice(0, -'data.pkl'.length)
    if (pickle.size > largestPickle) refuse('FILE_DAMAGED', { file: name, why: 'its list of tensors is too long to be one' })
    const order = members.find((member) => member.name === `${prefix}byteorder`)
    if (order && Buffer.from(archive.open(order)(0, 16)).toString('latin1').startsWith('big'))
      refuse('FILE_DAMAGED', { file: name, why: 'its numbers are in the byte order of another kind of computer' })
    const value = valueOf(archive.open(pickle)(0, pickle.size), name)
    const storages = new Map(members.map((member) => [member.name, member]))
    let room = fstatSync(handle).size * mostShared + smallestRoom
    return use({
      value,
      numbers(tensor) {
        room -= stretchOf(tensor) * widths[tensor.type]
        if (!(room >= 0)) refuse('FILE_DAMAGED', { file: name, why: 'its tensors claim more numbers than the file can hold' })
        return numbersOf(archive, storages.get(`${prefix}data/${tensor.key}`), tensor, name)
      },
    })
  } finally {
    closeSync(handle)
  }
}

function valueOf(bytes: Uint8Array, name: string): TorchValue {
  try {
    return readPickle(bytes)
  } catch (thrown) {
    if (thrown instanceof PickleProblem) refuse('FILE_UNSAFE', { file: name, why: thrown.message })
    throw thrown
  }
}

/** Numbers from the first to the last of a tensor, with those that lie between its own. */
function stretchOf({ shape, stride }: TorchTensor): number {
  if (shape.includes(0)) return 0
  return shape.reduce((sum, size, axis) => sum + (size - 1) * (stride[axis] as number), 1)
}

function numbersOf(archive: Archive, member: Member | undefined, tensor: TorchTensor, file: string): Float32Array {
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file, why })
  if (!member) return damaged(`the numbers of tensor ${tensor.key} are missing`)
  const width = widths[tensor.type]
  if (member.size < tensor.storageLength * width) damaged(`tensor ${tensor.key} has fewer numbers than it says`)
  const count = tensor.shape.reduce((product, size) => product * size, 1)
  const stretch = stretchOf(tensor)
  // A tensor that repeats its numbers could be small in the file and larger than any memory here.
  if (count > tensor.storageLength || tensor.offset + stretch > tensor.storageLength)
    damaged(`tensor ${tensor.key} does not fit its numbers`)
  if (count === 0) return new Float32Array(0)
  // Many small tensors may share one large storage: only the part of this one is read.
  const all = decode(archive.open(member)(tensor.offset * width, stretch * width), tensor.type)
  if (isRowMajor(tensor)) return all
  const out = new Float32Array(count)
  const place = new Array<number>(tensor.shape.length).fill(0)
  for (let at = 0; at < count; at++) {
    let from = 0
    for (let axis = 0; axis < place.length; axis++) from += (place[axis] as number) * (tensor.stride[axis] as number)
    out[at] = all[from] as number
    for (let axis = place.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1
      if ((place[axis] as number) < (tensor.shape[axis] as number)) break
      place[axis] = 0
    }
  }
  return out
}

function isRowMajor({ shape, stride }: TorchTensor): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if ((shape[axis] as number) > 1 && stride[axis] !== expected) return false
    expected *= shape[axis] as number
  }
  return true
}

/** Little-endian numbers of any kind as 32-bit floats. */
export function decode(bytes: Uint8Array, type: StorageType): Float32Array {
  if (type === 'f32') return new Float32Array(Uint8Array.from(bytes).buffer)
  const count = bytes.length / widths[type]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read: Readonly<Record<StorageType, (at: number) => number>> = {
    f64: (at) => view.getFloat64(at * 8, true),
    f32: (at) => view.getFloat32(at * 4, true),
    f16: (at) => halfOf(view.getUint16(at * 2, true)),
    bf16: (at) => singleOf(view.getUint16(at * 2, true) << 16),
    i64: (at) => Number(view.getBigInt64(at * 8, true)),
    i32: (at) => view.getInt32(at * 4, true),
    i16: (at) => view.getInt16(at * 2, true),
    i8: (at) => view.getInt8(at),
    u8: (at) => view.getUint8(at),
    bool: (at) => view.getUint8(at),
  }
  const out = new Float32Array(count)
  for (let at = 0; at < count; at++) out[at] = read[type](at)
  return out
}

const word = new Int32Array(1)
const single = new Float32Array(word.buffer)

function singleOf(bits: number): number {
  word[0] = bits
  return single[0] as number
}

/** IEEE 754 half precision. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
