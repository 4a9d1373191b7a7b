// A checkpoint as a file: a header that says what it holds, the arrays, and a checksum over everything. It is written
// under another name, reaches the disk and is then renamed, so a checkpoint is there whole or not at all.
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { readInto } from './rows'
import type { StepArray } from './training-step'

/** Where a run stands, without the arrays. */
export interface CheckpointHeader {
  readonly format: 1
  /** What the run was asked for; a checkpoint of other settings is not taken. */
  readonly identity: string
  readonly step: number
  /** The user asked to stop here and keep the model. */
  readonly stopped: boolean
  readonly numbers: Readonly<Record<string, number>>
}

export interface Checkpoint extends CheckpointHeader {
  readonly arrays: Readonly<Record<string, StepArray>>
}

interface StoredHeader extends CheckpointHeader {
  readonly arrays: readonly { readonly name: string; readonly type: keyof typeof makers; readonly length: number }[]
}

const magic = 'LscoCkp1'
/** Magic and two 32-bit numbers: length of the header, and zero. Everything after starts at a multiple of 8. */
const prefixBytes = 16
const makers = { Float32Array, Float64Array, Int32Array, Uint32Array }
const writeBytes = 1 << 26
const aligned = (length: number): number => Math.ceil(length / 8) * 8

/** Writes a checkpoint whole or throws and leaves nothing. `part`: the name it has until it is complete. */
export function writeCheckpoint(path: string, part: string, { arrays, ...header }: Checkpoint): void {
  const list = Object.entries(arrays).map(([name, values]) => ({ name, type: typeOf(values), length: values.length }))
  const text = Buffer.from(JSON.stringify({ ...header, arrays: list } satisfies StoredHeader))
  const start = Buffer.alloc(aligned(prefixBytes + text.length))
  start.write(magic, 'latin1')
  start.writeUInt32LE(text.length, 8)
  text.copy(start, prefixBytes)
  try {
    const file = openSync(part, 'w')
    try {
      let sum = writeAll(file, start, 0)
      for (const values of Object.values(arrays)) {
        sum = writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength), sum)
        sum = writeAll(file, new Uint8Array(aligned(values.byteLength) - values.byteLength), sum)
      }
      const end = Buffer.alloc(8)
      end.writeUInt32LE(sum)
      end.writeUInt32LE(sum, 4)
      writeAll(file, end, 0)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
  } catch (thrown) {
    rmSync(part, { force: true })
    throw thrown
  }
  syncFolder(dirname(path))
}

/** Reads a checkpoint, or null when the file is not whole. */
export function readCheckpoint(path: string): Checkpoint | null {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    if (size < prefixBytes + 8) return null
    const bytes = new Uint8Array(size)
    readInto(file, bytes, 0)
    const view = Buffer.from(bytes.buffer)
    const sum = crc32(view.subarray(0, size - 8))
    const isWhole = view.readUInt32LE(size - 8) === sum && view.readUInt32LE(size - 4) === sum
    if (!isWhole || view.toString('latin1', 0, 8) !== magic) return null
    const headerEnd = prefixBytes + view.readUInt32LE(8)
    const { arrays: list, ...header } = JSON.parse(view.toString('utf8', prefixBytes, headerEnd)) as StoredHeader
    const arrays: Record<string, StepArray> = {}
    let at = aligned(headerEnd)
    for (const { name, type, length } of list) {
      arrays[name] = new makers[type](bytes.buffer, at, length)
      at += aligned(length * makers[type].BYTES_PER_ELEMENT)
    }
    return { ...header, arrays }
  } finally {
    closeSync(file)
  }
}

function typeOf(values: StepArray): keyof typeof makers {
  if (values instanceof Float32Array) return 'Float32Array'
  if (values instanceof Float64Array) return 'Float64Array'
  return values instanceof Int32Array ? 'Int32Array' : 'Uint32Array'
}

/** Writes in pieces and answers the checksum so far. */
function writeAll(file: number, bytes: Uint8Array, sum: number): number {
  let checked = sum
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + writeBytes)
    const written = writeSync(file, piece)
    checked = crc32(piece.subarray(0, written), checked)
    at += written
  }
  return checked
}

/** The rename itself reaches the disk only with the folder; some systems do not let folders be synchronised. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // Windows: renames are in the journal of the file system.
  }
}
