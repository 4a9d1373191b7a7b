// Descriptions that claim more than their file holds, piece by piece of the readers: each claim is checked before it is believed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { Unpackable } from '../../src/main/engine/import/packing/unpack'
import { checkThrift } from '../../src/main/engine/import/parquet/thrift'
import { ListRoom, plainStrides, tensorParts, type Tensor } from '../../src/main/engine/import/tensors/tensor'
import { PickleProblem, readPickle } from '../../src/main/engine/import/torch/pickle'
import { readForeignModel } from '../../src/main/engine/import/models'
import { inspectFile } from '../../src/main/engine/import'
import type { ZarrStore } from '../../src/main/engine/import/zarr/store'
import { ZarrTree } from '../../src/main/engine/import/zarr/tree'
import { readable } from '../../src/main/cli/readable'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import { codeOf } from './fixtures/reading'

const viewOf = (...bytes: number[]): DataView => new DataView(Uint8Array.from(bytes).buffer)

describe('a description of Parquet', () => {
  it('with fields, numbers, texts and lists passes', () => {
    // 1: i32 300; 2: binary "ab"; 3: list of two i32; 4: struct with a truth; the end.
    expect(() => checkThrift(viewOf(0x15, 0xac, 2, 0x18, 2, 97, 98, 0x19, 0x25, 1, 2, 0x1c, 0x11, 0, 0), 0)).not.toThrow()
  })

  it.each<[string, number[]]>([
    ['a list of more elements than there are bytes', [0x19, 0xfc, 0x80, 0xe1, 0xeb, 0x17, 0]],
    ['a text that is longer than the rest', [0x18, 0xff, 0x7f, 0]],
    ['a number without end', [0x16, ...Array.from({ length: 30 }, () => 0xff), 0]],
    ['structs within structs within structs', Array.from({ length: 500 }, () => 0x1c)],
    ['no end', [0x15, 2]],
  ])('that claims %s is refused', (_, bytes) => {
    expect(() => checkThrift(viewOf(...bytes), 0)).toThrow(Unpackable)
  })
})

/** The instructions of a pickle. */
const text = (letters: string): number[] => [0x8c, letters.length, ...Buffer.from(letters)]
const keep = (place: number): number[] => [0x72, place & 255, place >> 8, 0, 0]
const recall = (place: number): number[] => [0x6a, place & 255, place >> 8, 0, 0]
const [list, dict, mark, appends, stop, stackGlobal] = [0x5d, 0x7d, 0x28, 0x65, 0x2e, 0x93]

describe('a pickle', () => {
  it('that names a program by lists of lists of lists is refused at once', () => {
    const levels = Array.from({ length: 60 }, (_, level) =>
      level === 0 ? [list, ...keep(0)] : [list, mark, ...recall(level - 1), ...recall(level - 1), appends, ...keep(level)],
    )
    const bytes = Uint8Array.from([...levels.flat(), ...text('x'), stackGlobal, stop])
    expect(() => readPickle(bytes)).toThrow(PickleProblem)
  })

  it('in which thousands of tensors share their numbers is no model', async () => {
    const values = 1_000_000
    const size = (count: number): number[] => [0x4a, count & 255, (count >> 8) & 255, (count >> 16) & 255, 0]
    const global = (room: string, name: string): number[] => [...text(room), ...text(name), stackGlobal]
    const storage = [mark, ...text('storage'), ...global('torch', 'FloatStorage'), ...text('0'), ...text('cpu'), ...size(values)]
    const tensor = [
      ...global('torch._utils', '_rebuild_tensor_v2'),
      mark,
      ...[...storage, 0x74, 0x51], // TUPLE, BINPERSID
      ...size(0),
      ...[mark, ...size(values), 0x74],
      ...[mark, ...size(1), 0x74],
      ...[0x89, dict, 0x74, 0x52], // false, {}, TUPLE, REDUCE
    ]
    const entries = Array.from({ length: 40 }, (_, at) => [...text(`t${at}`), ...tensor])
    const pickle = Uint8Array.from([0x80, 2, dict, mark, ...entries.flat(), 0x75, stop])
    const path = join(temporaryFolder(), 'ae.pt')
    writeFileSync(path, zipSync({ 'm/data.pkl': pickle, 'm/data/0': new Uint8Array(values * 4) }, { level: 0 }))
    expect(await codeOf(Promise.resolve().then(() => readForeignModel(path, null)))).toBe('FILE_DAMAGED')
  })
})

describe('a tensor', () => {
  const counting = (): { tensor: Tensor; bytesRead: () => number } => {
    let bytes = 0
    const [rows, columns] = [400_000, 64]
    const read = (_: number, length: number): Uint8Array => {
      bytes += length
      return new Uint8Array(length)
    }
    const type = { kind: 'f', size: 4, bigEndian: false } as const
    const size = rows * columns * 4
    const tensor = { file: 'a.pt', name: 'a', type, shape: [rows, columns], strides: [1, rows], offset: 0, bytes: read, size }
    return { tensor, bytesRead: () => bytes }
  }

  it('that lies turned is read once, whatever its size', async () => {
    const { tensor, bytesRead } = counting()
    const { part } = tensorParts(tensor, new ListRoom(tensor.size))
    for await (const { values } of part?.denseBlocks(() => Promise.resolve(), null as never) ?? [])
      expect(values.length).toBeGreaterThan(0)
    expect(bytesRead()).toBe(tensor.size)
  })

  it('that is a list and shares its bytes with a thousand others is refused', () => {
    const { tensor } = counting()
    const shape = [1_000_000]
    const shared = { ...tensor, shape, strides: plainStrides(shape), size: 4_000_000 }
    const room = new ListRoom(4_000_000)
    expect(() => {
      for (let other = 0; other < 1000; other++) tensorParts(shared, room)
    }).toThrow('FILE_DAMAGED')
  })

  it('of safetensors whose place is no whole number is refused', async () => {
    const head = JSON.stringify({ a: { dtype: 'F32', shape: [2, 2], data_offsets: [0.5, 16.5] } })
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(head.length))
    const path = join(temporaryFolder(), 'a.safetensors')
    writeFileSync(path, Buffer.concat([length, Buffer.from(head), Buffer.alloc(32)]))
    expect(await codeOf(inspectFile(path, fewGenes))).toBe('FILE_DAMAGED')
  })
})

/** A Zarr hierarchy in memory that counts what is read from each of its files. */
function storeOf(files: Readonly<Record<string, Uint8Array>>): { store: ZarrStore; reads: Map<string, number> } {
  const reads = new Map<string, number>()
  return {
    reads,
    store: {
      fileName: 'a.zarr',
      bytes: Object.values(files).reduce((sum, file) => sum + file.length, 0),
      names: () => [],
      size: (path) => files[path]?.length ?? null,
      read(path, position, length) {
        reads.set(path, (reads.get(path) ?? 0) + 1)
        return files[path]?.subarray(position, position + length) ?? new Uint8Array(0)
      },
    },
  }
}
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

describe('an array of Zarr', () => {
  it('cut into more pieces than can be looked for is refused', async () => {
    const array = { zarr_format: 2, shape: [200_000_000], chunks: [1], dtype: '|i1', compressor: null, fill_value: 0, order: 'C' }
    const { store } = storeOf({ 'a/.zarray': json(array) })
    expect(await codeOf(Promise.resolve().then(() => new ZarrTree(store).array('a')))).toBe('PART_UNREADABLE')
  })

  it('in a shard of many pieces has the list of them read once', () => {
    const pieces = 500
    const shard = Buffer.alloc(pieces * 4 + pieces * 16)
    for (let piece = 0; piece < pieces; piece++) {
      shard.writeFloatLE(piece, piece * 4)
      shard.writeBigUInt64LE(BigInt(piece * 4), pieces * 4 + piece * 16)
      shard.writeBigUInt64LE(4n, pieces * 4 + piece * 16 + 8)
    }
    const bytes = { name: 'bytes', configuration: { endian: 'little' } }
    const sharding = { chunk_shape: [1], codecs: [bytes], index_codecs: [bytes], index_location: 'end' }
    const description = {
      zarr_format: 3,
      node_type: 'array',
      shape: [pieces],
      data_type: 'float32',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [pieces] } },
      chunk_key_encoding: { name: 'default' },
      codecs: [{ name: 'sharding_indexed', configuration: sharding }],
      fill_value: 0,
    }
    const { store, reads } = storeOf({ 'a/zarr.json': json(description), 'a/c/0': shard })
    expect([...new ZarrTree(store).array('a').numbers()]).toEqual(Array.from({ length: pieces }, (_, piece) => piece))
    expect(reads.get('a/c/0')).toBe(pieces + 1)
  })

  it('keeps a note in which NaN stands as it is', () => {
    const note = 'missing: NaN, none: Infinity]'
    const { store } = storeOf({ '.zgroup': json({ zarr_format: 2 }), '.zattrs': json({ note }) })
    expect(new ZarrTree(store).attribute('/', 'note')).toBe(note)
  })
})

describe('the command line', () => {
  it('never gives a terminal the control characters of a name', () => {
    const shown = readable('info' as never, { name: 'cell\u001b[2J\u009b1m\u0007', next: 'a\tb' })
    expect(shown).toBe('name: cell\ufffd[2J\ufffd1m\ufffd\nnext: a\tb')
  })
})
