// Safetensors files: a description in JSON and plain numbers behind it; tables of numbers are representations.
// Invariant: every tensor's place is compared with the size of the file before it is read.
import { closeSync, openSync, readSync } from 'node:fs'
import { limits } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { isObject, type Json } from '../json'
import { collectionSource, unreadable, type List } from '../npy/collection'
import type { ArrayType } from '../npy/header'
import type { ByteReader } from '../npy/reader'
import type { Recognised } from '../recognise'
import type { EmbeddingSource, OpenSource, SourceReader } from '../source-reader'
import { ListRoom, plainStrides, tensorParts, type Tensor, type TensorType } from './tensor'

export const safetensorsReader: SourceReader = {
  kind: 'safetensors',
  accepts: (file) => file.container === 'safetensors',
  async open(file, _genes, work) {
    const handle = openSync(file.path, 'r')
    try {
      return await work(openSafetensors(file, (position, length) => bytesAt(handle, position, length)))
    } finally {
      closeSync(handle)
    }
  },
}

function bytesAt(handle: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(handle, bytes, 0, length, position))
}

const plain = (kind: ArrayType['kind'], size: number): ArrayType => ({ kind, size, bigEndian: false })
const types: Readonly<Record<string, TensorType>> = {
  F64: plain('f', 8),
  F32: plain('f', 4),
  F16: plain('f', 2),
  BF16: 'bfloat16',
  I64: plain('i', 8),
  I32: plain('i', 4),
  I16: plain('i', 2),
  I8: plain('i', 1),
  U64: plain('u', 8),
  U32: plain('u', 4),
  U16: plain('u', 2),
  U8: plain('u', 1),
  BOOL: plain('b', 1),
}

function openSafetensors(file: Recognised, read: ByteReader): OpenSource {
  const length = Number(Buffer.from(read(0, 8)).readBigUInt64LE(0))
  const described = descriptionOf(read(8, length), file.fileName)
  const embeddings: EmbeddingSource[] = []
  const lists: List[] = []
  const room = new ListRoom(file.bytes)
  for (const [name, value] of Object.entries(described)) {
    if (name === '__metadata__' || !isObject(value)) continue
    const key = name.slice(0, limits.nameLength) || 'tensor'
    try {
      const { part, list } = tensorParts(tensorOf(key, value, 8 + length, file, read), room)
      if (list) lists.push(list)
      else embeddings.push({ key, rows: part.rows, dims: part.columns, found: { part, error: null }, leftOut: [] })
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      embeddings.push(unreadable(key, thrown))
    }
  }
  const about = { kind: 'safetensors', description: 'safetensors file', endings: ['.safetensors'] }
  return collectionSource({ embeddings, lists, problems: [] }, about, file.fileName)
}

function descriptionOf(bytes: Uint8Array, file: string): Json {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (isObject(parsed)) return parsed
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
  }
  return refuse('FILE_DAMAGED', { file, why: 'its description cannot be read' })
}

const isPlace = (value: number | undefined): value is number => value !== undefined && Number.isSafeInteger(value) && value >= 0

function tensorOf(
  name: string,
  { dtype, shape, data_offsets: place }: Json,
  origin: number,
  file: Recognised,
  read: ByteReader,
): Tensor {
  const type = types[String(dtype)]
  if (!type) return refuse('ARRAY_UNFIT', { file: file.fileName, why: `tensor ${name} has the type ${String(dtype)}` })
  const sizes = Array.isArray(shape) ? shape.map(Number) : []
  const [start, stop] = Array.isArray(place) ? place.map(Number) : []
  const fits = isPlace(start) && isPlace(stop) && stop >= start
  if (!fits) return refuse('FILE_DAMAGED', { file: file.fileName, why: `tensor ${name} has no place` })
  if (origin + stop > file.bytes) refuse('FILE_TRUNCATED', { file: file.fileName, expected: origin + stop, found: file.bytes })
  const bytes: ByteReader = (position, length) =>
    read(origin + start + position, Math.max(0, Math.min(length, stop - start - position)))
  return { file: file.fileName, name, type, shape: sizes, strides: plainStrides(sizes), offset: 0, bytes, size: stop - start }
}
