// NumPy arrays: every type, byte order and memory order gives the same numbers; what is no table of numbers is refused with advice.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const numbers = Array.from({ length: 60 * 3 }, (_, at) => (at % 7) + 1)

/** An array file written by hand: header of the version, then the bytes. */
function npy(descr: string, shape: string, bytes: Uint8Array, { version = 1, fortran = false } = {}): string {
  const head = `{'descr': ${descr}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }\n`
  const length = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) length.writeUInt16LE(head.length)
  else length.writeUInt32LE(head.length)
  const path = join(temporaryFolder(), 'table.npy')
  writeFileSync(
    path,
    Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, Buffer.from(head), bytes]),
  )
  return path
}

const written = (width: number, write: (view: DataView, at: number, value: number) => void): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * width)
  numbers.forEach((value, at) => write(new DataView(bytes.buffer), at * width, value))
  return bytes
}
const halfOf = (value: number): number => {
  const exponent = Math.floor(Math.log2(value))
  return ((exponent + 15) << 10) | Math.round((value / 2 ** exponent - 1) * 1024)
}

describe('a table of numbers', () => {
  it.each<[string, number, (view: DataView, at: number, value: number) => void]>([
    ['<f2', 2, (view, at, value) => view.setUint16(at, halfOf(value), true)],
    ['>f2', 2, (view, at, value) => view.setUint16(at, halfOf(value))],
    ['<f4', 4, (view, at, value) => view.setFloat32(at, value, true)],
    ['>f4', 4, (view, at, value) => view.setFloat32(at, value)],
    ['<f8', 8, (view, at, value) => view.setFloat64(at, value, true)],
    ['>f8', 8, (view, at, value) => view.setFloat64(at, value)],
    ['|i1', 1, (view, at, value) => view.setInt8(at, value)],
    ['|u1', 1, (view, at, value) => view.setUint8(at, value)],
    ['<i2', 2, (view, at, value) => view.setInt16(at, value, true)],
    ['>u2', 2, (view, at, value) => view.setUint16(at, value)],
    ['<u4', 4, (view, at, value) => view.setUint32(at, value, true)],
    ['>i4', 4, (view, at, value) => view.setInt32(at, value)],
    ['<i8', 8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
    ['>u8', 8, (view, at, value) => view.setBigUint64(at, BigInt(value))],
  ])('of the type %s gives its numbers', async (descr, width, write) => {
    const data = await read(npy(`'${descr}'`, '(60, 3)', written(width, write)))
    expect([...data.representation.values]).toEqual(numbers)
  })

  it.each([1, 2, 3])('of version %i gives its numbers, names made up and said so', async (version) => {
    const path = npy("'<f4'", '(60, 3)', new Uint8Array(Float32Array.from(numbers).buffer), { version })
    const data = await read(path)
    expect([...data.representation.values]).toEqual(numbers)
    expect(data.cellIds.slice(0, 2)).toEqual(['cell 1', 'cell 2'])
    expect(data.report.problems.find((problem) => problem.code === 'NO_CELL_NAMES')).toMatchObject({ level: 'info' })
    expect(data.expression).toBeNull()
  })

  it('in Fortran order is not turned', async () => {
    const columns = [0, 1, 2].flatMap((column) => numbers.filter((_, at) => at % 3 === column))
    const data = await read(npy("'<f8'", '(60, 3)', new Uint8Array(Float64Array.from(columns).buffer), { fortran: true }))
    expect([...data.representation.values]).toEqual(numbers)
  })

  it('with missing numbers is stopped until the cells are left out', async () => {
    const gaps = Float32Array.from(numbers)
    gaps[4] = NaN
    gaps[100] = Infinity
    const path = npy("'<f4'", '(60, 3)', new Uint8Array(gaps.buffer))
    expect(await sentenceOf(read(path))).toMatch(/^2 cells contain missing numbers.*cell 2, cell 34/)
    expect((await read(path, { dropMissing: true })).cellIds).toHaveLength(58)
  })

  it('says that bytes after the array were not read', async () => {
    const path = npy("'<f4'", '(60, 3)', new Uint8Array(60 * 3 * 4 + 128))
    const codes = (await inspectFile(path, fewGenes)).problems.map((problem) => problem.code)
    expect(codes).toContain('BYTES_LEFT')
  })
})

describe('an array that is no table of numbers', () => {
  it.each<[string, string, string, RegExp]>([
    ['named fields', "[('a', '<f4'), ('b', '<i4')]", '(60,)', /named fields/],
    ['a single number', "'<f8'", '()', /single number/],
    ['80-bit numbers', "'<f16'", '(2, 2)', /<f16 are not supported/],
    ['dates', "'<M8[ns]'", '(2, 2)', /named fields|not supported/],
  ])('%s is refused', async (_, descr, shape, sentence) => {
    expect(await sentenceOf(read(npy(descr, shape, new Uint8Array(4096))))).toMatch(sentence)
  })

  it('a header that promises more than the file is refused before anything is reserved', async () => {
    const path = npy("'<f4'", '(4000000000, 4000000000)', new Uint8Array(8))
    expect(await codeOf(read(path))).toBe('FILE_DAMAGED')
    const cut = npy("'<f4'", '(60, 3)', new Uint8Array(100))
    expect(await sentenceOf(read(cut))).toMatch(/60 × 3 numbers \(720 bytes\), but the file holds 100 bytes/)
  })

  it('a header that is cut off or of an unknown version is refused', async () => {
    const path = join(temporaryFolder(), 'cut.npy')
    writeFileSync(path, Buffer.from("\x93NUMPY\x01\x00\xff\xff{'descr'", 'latin1'))
    expect(await codeOf(read(path))).toBe('FILE_DAMAGED')
    expect(await codeOf(read(npy("'<f4'", '(60, 3)', new Uint8Array(720), { version: 9 })))).toBe('FILE_DAMAGED')
  })
})

describe.skipIf(!shared)('the odd arrays of the reference data (needs ../shared)', () => {
  const ugly = (name: string): string => join(shared ?? '', 'data/ugly', name)
  const first = [-0.1499, -1.71, -0.3713, -0.6787]

  it.each([
    ['float16.npy', 3],
    ['big-endian.npy', 6],
    ['fortran.npy', 6],
  ])('%s is accepted as 12 x 4', async (name, digits) => {
    const inspection = await inspectFile(ugly(name), fewGenes)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'npy', rows: 12, columns: 4 })
    const data = await read(ugly(name))
    expect(data.report).toMatchObject({ rows: 12, dims: 4 })
    first.forEach((value, at) => expect(data.representation.values[at]).toBeCloseTo(value, digits))
  })

  it.each<[string, RegExp]>([
    ['object-pickle.npy', /Python objects.*never opened/],
    ['one-dimensional.npy', /one row of 12 numbers/],
    ['three-dimensional.npy', /3 dimensions \(3 × 4 × 5\)/],
    ['strings.npy', /text \(12 names\)/],
    ['complex.npy', /complex numbers are not supported/],
    ['wrong-shape.npy', /1,000 × 512 numbers \(2,048,000 bytes\), but the file holds 192/],
    ['huge-shape.npy', /impossible shape/],
  ])('%s is refused with its cause', async (name, sentence) => {
    expect(await sentenceOf(read(ugly(name)))).toMatch(sentence)
    expect(await sentenceOf(inspectFile(ugly(name), fewGenes))).toMatch(sentence)
    expect(readdirSync(process.cwd())).not.toContain('PICKLE_WAS_EXECUTED')
    expect(existsSync(ugly('PICKLE_WAS_EXECUTED'))).toBe(false)
  })

  it('a real embedding of 2,370 cells is suggested', async () => {
    const inspection = await inspectFile(join(shared ?? '', 'data/embeddings/cell-lines-2370x20.npy'), fewGenes)
    expect(inspection.representations).toMatchObject([{ key: 'cell-lines-2370x20', rows: 2370, dims: 20, suggested: true }])
    expect(inspection.problems.filter((problem) => problem.level === 'stop')).toEqual([])
  })
})

/** A zip archive of arrays; `claim` changes the stated size of every member. */
function npz(
  members: Readonly<Record<string, Uint8Array>>,
  { packed = true, claim = (size: number): number => size } = {},
): string {
  const files: Buffer[] = []
  const list: Buffer[] = []
  let start = 0
  for (const [name, content] of Object.entries(members)) {
    const data = packed ? deflateRawSync(content) : Buffer.from(content)
    const facts = Buffer.alloc(16)
    facts.writeUInt32LE(data.length, 4)
    facts.writeUInt32LE(claim(content.length), 8)
    facts.writeUInt16LE(name.length, 12)
    const method = Buffer.from([20, 0, 0, 0, packed ? 8 : 0, 0, 0, 0, 0, 0])
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), method, facts, Buffer.from(name), data])
    const where = Buffer.alloc(14)
    where.writeUInt32LE(start, 10)
    list.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), method, facts, where, Buffer.from(name)]))
    files.push(local)
    start += local.length
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(list.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(start, 16)
  const path = join(temporaryFolder(), 'arrays.npz')
  writeFileSync(path, Buffer.concat([...files, directory, end]))
  return path
}
const array = (descr: string, shape: string, bytes: Uint8Array): Uint8Array => readFileSync(npy(`'${descr}'`, shape, bytes))
const single = (): Uint8Array => array('<f4', '(60, 3)', new Uint8Array(Float32Array.from(numbers).buffer))
const cellList = (): Uint8Array =>
  array('|S4', '(60,)', Buffer.concat(Array.from({ length: 60 }, (_, cell) => Buffer.from(`c${cell}`.padEnd(4, '\0')))))

describe('an archive of arrays', () => {
  it.each([true, false])('(packed: %s) gives the representation, names and columns of the cells', async (packed) => {
    const flags = array(
      '|b1',
      '(60,)',
      Uint8Array.from({ length: 60 }, (_, cell) => cell % 2),
    )
    const path = npz({ 'embedding.npy': single(), 'cell_ids.npy': cellList(), 'kept.npy': flags }, { packed })
    const data = await read(path)
    expect([...data.representation.values]).toEqual(numbers)
    expect(data.cellIds.slice(0, 2)).toEqual(['c0', 'c1'])
    expect(data.columns).toMatchObject([{ name: 'kept', levels: ['no', 'yes'] }])
  })

  it('with an array of Python objects in it keeps the rest, and never opens that one', async () => {
    const objects = array('|O', '(60, 3)', new Uint8Array(64))
    const inspection = await inspectFile(npz({ 'embedding.npy': single(), 'bad.npy': objects }), fewGenes)
    expect(inspection.representations.map((each) => [each.key, each.usable])).toEqual([
      ['embedding', true],
      ['bad', false],
    ])
  })

  it('that claims to unpack to far more or less than it holds is refused', async () => {
    expect(await sentenceOf(read(npz({ 'a.npy': single() }, { claim: () => 2_000_000_000 })))).toMatch(/claims to unpack/)
    expect(await sentenceOf(read(npz({ 'a.npy': single() }, { claim: (size) => size - 100 })))).toMatch(/cannot be unpacked/)
  })

  it('that was cut off is refused', async () => {
    const path = npz({ 'a.npy': single() })
    writeFileSync(path, readFileSync(path).subarray(0, 120))
    expect(await codeOf(read(path))).toBe('FILE_TRUNCATED')
    writeFileSync(path, readFileSync(path).subarray(0, 12))
    expect(await codeOf(read(path))).toBe('FILE_NOT_RECOGNISED')
  })
})

describe.skipIf(!shared)('the archives of the reference data (needs ../shared)', () => {
  const ugly = (name: string): string => join(shared ?? '', 'data/ugly', name)

  it('several.npz offers the embedding, with its names, labels and map', async () => {
    const inspection = await inspectFile(ugly('several.npz'), fewGenes)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'npz', rows: 12, columns: 4, maps: ['umap'] })
    expect(inspection.representations.find((each) => each.suggested)?.key).toBe('embedding')
    expect(inspection.metadata.map((column) => column.name)).toEqual(['labels'])
    expect(inspection.problems.map((problem) => problem.code)).toContain('NAMES_FROM_LIST')
    expect((await read(ugly('several.npz'))).report).toMatchObject({ rows: 12, dims: 4 })
  })

  it('zip-slip.npz is read without any file being written', async () => {
    const data = await read(ugly('zip-slip.npz'))
    expect(data).toMatchObject({ representation: { key: 'evil', dims: 4 } })
    expect(
      [
        ugly('evil.npy'),
        join(ugly(''), '../../evil.npy'),
        join(process.cwd(), 'evil.npy'),
        '../evil.npy',
        '../../evil.npy',
      ].filter((path) => existsSync(path)),
    ).toEqual([])
  })
})
