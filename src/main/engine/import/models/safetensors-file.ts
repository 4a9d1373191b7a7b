// Reads safetensors files: a JSON header with names, shapes and places, then the numbers. Nothing is trusted: places must
// lie inside the file, must not overlap and must hold what the shape says.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import * as v from 'valibot'
import { refuse } from '../../../base/refusal'
import { decode } from '../torch/torch-file'
import type { StorageType } from '../torch/pickle'

const largestHeader = 100 * 2 ** 20
const pieceBytes = 1 << 28
const types: Readonly<Record<string, { type: StorageType; width: number }>> = {
  F64: { type: 'f64', width: 8 },
  F32: { type: 'f32', width: 4 },
  F16: { type: 'f16', width: 2 },
  BF16: { type: 'bf16', width: 2 },
  I64: { type: 'i64', width: 8 },
  I32: { type: 'i32', width: 4 },
}
const Place = v.pipe(v.number(), v.integer(), v.minValue(0))
const Entry = v.object({ dtype: v.string(), shape: v.array(Place), data_offsets: v.tuple([Place, Place]) })

export interface NamedTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, NamedTensor>
}

/** Whether a file begins with the length of a header that fits into it, and the header with `{`; its name is not looked at. */
export function startsAsSafetensors(path: string): boolean {
  const handle = openSync(path, 'r')
  try {
    const total = fstatSync(handle).size
    if (total < 10) return false
    const head = readBytes(handle, 0, 9)
    const length = Number(head.readBigUInt64LE(0))
    return head[8] === 0x7b && length >= 2 && length <= Math.min(largestHeader, total - 8)
  } finally {
    closeSync(handle)
  }
}

/** Reads a whole file. Refuses with FILE_TRUNCATED, FILE_DAMAGED. */
export function readSafetensors(path: string): TensorFile {
  const file = basename(path)
  const handle = openSync(path, 'r')
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file, why })
  try {
    const total = fstatSync(handle).size
    const lengthBytes = readBytes(handle, 0, Math.min(8, total))
    if (lengthBytes.length < 8) refuse('FILE_TRUNCATED', { file })
    const length = Number(lengthBytes.readBigUInt64LE(0))
    if (length > largestHeader) damaged('its header is longer than any header')
    const start = 8 + length
    if (start > total) refuse('FILE_TRUNCATED', { file, expected: start, found: total })
    const { __metadata__: metadata, ...entries } = parseHeader(readBytes(handle, 8, length), damaged)
    const tensors = new Map<string, NamedTensor>()
    let end = 0
    for (const [name, entry] of Object.entries(entries).sort(([, a], [, b]) => placeOf(a) - placeOf(b))) {
      const parsed = v.safeParse(Entry, entry)
      if (!parsed.success) return damaged(`tensor ${name} is not described`)
      const { dtype, shape, data_offsets: place } = parsed.output
      const kind = types[dtype] ?? damaged(`tensor ${name} holds numbers of the kind ${dtype}`)
      const count = shape.reduce((product, size) => product * size, 1)
      if (place[0] < end || place[1] - place[0] !== count * kind.width) damaged(`tensor ${name} is not where its shape says`)
      if (start + place[1] > total) refuse('FILE_TRUNCATED', { file, expected: start + place[1], found: total })
      end = place[1]
      tensors.set(name, { shape, values: decode(readBytes(handle, start + place[0], place[1] - place[0]), kind.type) })
    }
    const texts = v.safeParse(v.record(v.string(), v.string()), metadata ?? {})
    return { metadata: texts.success ? texts.output : {}, tensors }
  } finally {
    closeSync(handle)
  }
}

const placeOf = (entry: unknown): number => {
  const parsed = v.safeParse(Entry, entry)
  return parsed.success ? parsed.output.data_offsets[0] : 0
}

function parseHeader(bytes: Buffer, damaged: (why: string) => never): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>
  } catch {
    // Said below: whatever stands there, it is no header.
  }
  return damaged('its header is not readable')
}

function readBytes(handle: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const read = readSync(handle, bytes, at, Math.min(pieceBytes, length - at), position + at)
    if (read === 0) return bytes.subarray(0, at)
    at += read
  }
  return bytes
}
