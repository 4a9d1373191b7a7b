// Files made to harm: names, lists and claims that once took minutes or all memory, and values said to lie in other files.
// Every one of them ends quickly, in a result or a refusal, and nothing but the chosen file is opened.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { Problem } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { inspectFile } from '../../src/main/engine/import'
import { importedColumns } from '../../src/main/engine/import/metadata'
import type { ColumnValues, OpenSource } from '../../src/main/engine/import/source-reader'
import { nameGenes } from '../../src/main/engine/import/gene-names'
import { matchNames } from '../../src/main/engine/import/join/names'
import { UniqueNames } from '../../src/main/engine/import/unique-names'
import { temporaryFolder } from '../temporary-folder'
import { formatFile } from './fixtures/formats'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read } from './fixtures/reading'

const quick = 4000
const look = (path: string) => inspectFile(path, fewGenes)
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

/** Fails where the work takes long; the times it took before were minutes. */
async function quickly<T>(work: () => T | Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  expect(performance.now() - began).toBeLessThan(quick)
  return result
}

describe('names that repeat without end', () => {
  const same = Array.from({ length: 40_000 }, () => 'same')

  it('are numbered in one pass', async () => {
    const free = new UniqueNames(new Set(['same', 'same-2']))
    const names = await quickly(() => same.map((name) => free.give(name)))
    expect(names.slice(0, 3)).toEqual(['same-1', 'same-3', 'same-4'])
    expect(new Set(names).size).toBe(40_000)
  })

  it('as cells are imported when numbers are asked for', async () => {
    const rows = same.map((name, at) => `${name},${at / 3},${-at / 7},${at % 9}`)
    const path = file('same.csv', `cell,PC_1,PC_2,PC_3\n${rows.join('\n')}\n`)
    const data = await quickly(() => read(path, { renameDuplicates: true }))
    expect([data.cellIds[0], data.cellIds[1], data.cellIds.at(-1)]).toEqual(['same', 'same-1', 'same-39999'])
  })

  it('as genes are kept apart', async () => {
    const { genes } = await quickly(() =>
      nameGenes({ rows: same.length, index: same, madeUp: false, columns: [], problems: [] }, fewGenes),
    )
    expect(genes.at(-1)?.name).toBe('same-39999')
  })

  it('as columns of a table are kept apart', async () => {
    const rows = Array.from({ length: 4 }, (_, row) => `c${row}${',word'.repeat(9000)}`)
    const { columns } = await quickly(() => look(file('wide.csv', `cell${',word'.repeat(9000)}\n${rows.join('\n')}\n`)))
    expect(columns).toBe(9000)
  })
})

describe('long texts', () => {
  it('of digits with a letter at the end are no number', async () => {
    const odd = `${'1'.repeat(200_000)}x`
    const path = file('digits.csv', `cell,CD3D,LYZ\na,1,2\nb,${odd},3\nc,4,5\nd,7,8\n`)
    const { problems } = await quickly(() => look(path))
    expect(problems.map((problem) => problem.code)).toContain('TEXT_IN_NUMBERS')
  })

  it('as names of columns are told from dimensions', async () => {
    const name = `a${'1'.repeat(200_000)}x`
    const path = file('columns.csv', `cell,${name},${name}2\n${'a,1,2\nb,2,3.5\nc,3,-1\nd,4,1\n'}`)
    expect((await quickly(() => look(path))).rows).toBe(4)
  })

  it('of numbered endings are compared as they are', async () => {
    const long = `${'-1'.repeat(100_000)}x`
    expect((await quickly(() => matchNames([long, 'a-1'], [`${long}y`, 'a']))).matched).toBe(1)
  })

  it('of zero bytes in an array of names keep what stands behind them', async () => {
    const width = 300_000
    const names = Buffer.alloc(2 * width)
    names.write('x', width - 1)
    names.write('cell-1', width)
    const numbers = Buffer.from(Float32Array.from([1, 2, 3, 4]).buffer)
    const path = file(
      'names.npz',
      zipSync({ 'emb.npy': npy('<f4', '(2, 2)', numbers), 'cell_ids.npy': npy(`|S${width}`, '(2,)', names) }),
    )
    const { preview } = await quickly(() => look(path))
    expect(preview.rows[1]?.[0]).toBe('cell-1')
  })

  it('within one quotation mark are given up before they fill the memory', async () => {
    const { recordsOf } = await import('../../src/main/engine/import/table/records')
    let given = 0
    async function* pieces(): AsyncGenerator<string> {
      yield await Promise.resolve('cell,note\na,"')
      for (; given < 500; given++) yield `${'x'.repeat(2 ** 20)}\n`
    }
    const all = async (): Promise<void> => {
      for await (const record of recordsOf(pieces(), 'a.csv')) expect(record.text.length).toBeGreaterThan(0)
    }
    expect(await codeOf(all())).toBe('FILE_DAMAGED')
    expect(given).toBeLessThan(40)
  })

  it('have as many fields as are found in them', async () => {
    const { fieldCount, fieldsOf } = await import('../../src/main/engine/import/table/records')
    const random = seededRandom(8)
    const letters = ['"', '"', ',', ',', 'a', ' ', '""']
    for (let text = 0; text < 20_000; text++) {
      const line = Array.from({ length: random.below(14) }, () => letters[random.below(letters.length)]).join('')
      expect(fieldCount(line, ','), line).toBe(fieldsOf(line, ',').length)
    }
  })

  it('of nothing but separators are no table', async () => {
    expect(await quickly(() => codeOf(look(file('commas.csv', `${','.repeat(3_000_000)}\n`.repeat(4)))))).toBe(
      'FILE_NOT_RECOGNISED',
    )
  })
})

function npy(descr: string, shape: string, bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(`{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`)
  const length = Buffer.from([head.length & 255, head.length >> 8])
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, head, bytes])
}

describe('an HDF5 file', () => {
  it('whose values lie in another file never has that opened', async () => {
    const { representations } = await look(formatFile('elsewhere.h5ad'))
    expect(representations.find(({ key }) => key === 'obsm/X_outside')).toMatchObject({
      usable: false,
      reason: expect.stringMatching(/values are in another file, which is not followed/) as string,
    })
    const data = await read(formatFile('elsewhere.h5ad'))
    expect(data.representation.key).toBe('obsm/X_inside')
    expect(await codeOf(read(formatFile('elsewhere.h5ad'), { representation: 'obsm/X_outside' }))).toBe('PART_UNREADABLE')
  })

  it('with groups that hold themselves has an end', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (out) => {
      for (const name of ['a', 'b', 'c', 'd']) out.create_hard_link('/obsm', `/obsm/${name}`)
    })
    const { representations } = await quickly(() => look(path))
    expect(representations.find(({ suggested }) => suggested)?.key).toBe('obsm/X_pca')
  })

  it('that claims four thousand million genes without naming one is refused', async () => {
    const path = await h5ad.written(temporaryFolder(), 'claims.h5ad', (out) => {
      for (const name of ['obs', 'var', 'obsm']) out.create_group(name)
      const matrix = h5ad.sparse(out, 'X', h5ad.counts)
      matrix.delete_attribute('shape')
      matrix.create_attribute('shape', new BigInt64Array([10n, 4_000_000_000n]))
    })
    expect(await quickly(() => codeOf(look(path)))).toBe('PART_UNREADABLE')
  })
})

describe('an archive', () => {
  it('of many arrays that unpack to much is listed from their heads', async () => {
    const zeros = deflated(npy('<f4', '(500000, 100)', new Uint8Array(200_000_000)))
    const path = file('bomb.npz', archiveOf(Array.from({ length: 12 }, (_, at) => [`a${at}.npy`, zeros] as const)))
    const before = process.memoryUsage().arrayBuffers
    const { Archive } = await import('../../src/main/engine/import/zip/archive')
    const { openSync, closeSync, statSync } = await import('node:fs')
    const handle = openSync(path, 'r')
    const archive = new Archive(handle, statSync(path).size, 'bomb.npz')
    const readers = archive.members().map((member) => archive.open(member))
    await quickly(() => {
      for (const bytes of readers) expect(Buffer.from(bytes(0, 6)).toString('latin1')).toBe('\x93NUMPY')
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(400_000_000)
    closeSync(handle)
  })

  it('with a name of thousands of folders is no hierarchy of them', async () => {
    const deep = `${'a/'.repeat(32_000)}.zarray`
    const path = file('deep.zip', zipSync({ '.zgroup': Buffer.from('{"zarr_format": 2}'), [deep]: Buffer.from('{}') }))
    const before = process.memoryUsage().rss
    expect(await quickly(() => codeOf(look(path)))).toBe('FILE_NOT_RECOGNISED')
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })

  it.each(['20000000', '2e7', '&#50;0000000'])('that is a workbook with a row number %s is too large', async (row) => {
    const parts = unzipSync(readFileSync(formatFile('workbook.xlsx')))
    const sheet = Buffer.from(parts['xl/worksheets/sheet1.xml'] ?? []).toString()
    parts['xl/worksheets/sheet1.xml'] = Buffer.from(sheet.replace('</sheetData>', `<row r="${row}"></row></sheetData>`))
    expect(await quickly(() => codeOf(look(file('rows.xlsx', zipSync(parts)))))).toBe('FILE_TOO_LARGE')
  })
})

interface Packed {
  readonly bytes: Uint8Array
  readonly size: number
}
const deflated = (content: Uint8Array): Packed => ({ bytes: deflateRawSync(content), size: content.length })

/** A zip archive of members that are packed already; their check sums are not looked at. */
function archiveOf(members: readonly (readonly [string, Packed])[]): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, { bytes, size }] of members) {
    const local = Buffer.alloc(30 + name.length)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(8, 8)
    local.writeUInt32LE(bytes.length, 18)
    local.writeUInt32LE(size, 22)
    local.writeUInt16LE(name.length, 26)
    local.write(name, 30)
    const entry = Buffer.alloc(46 + name.length)
    entry.writeUInt32LE(0x02014b50)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(bytes.length, 20)
    entry.writeUInt32LE(size, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    entry.write(name, 46)
    parts.push(local, Buffer.from(bytes))
    directory.push(entry)
    at += local.length + bytes.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, listed, end])
}

describe('a 10x folder', () => {
  it('in which a folder is called like one of the files is answered as one without it', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'matrix.mtx'), '%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 1\n')
    writeFileSync(join(folder, 'features.tsv'), 'ENSG1\tCD3D\n')
    mkdirSync(join(folder, 'barcodes.tsv'))
    expect(await codeOf(look(folder))).toBe('FILE_NOT_RECOGNISED')
  })
})

describe('texts that no label of a cell is', () => {
  const columnsOf = (values: ColumnValues) => {
    const problems: Problem[] = []
    const source = { cells: { columns: [{ name: 'note', values }] }, colours: () => null } as unknown as OpenSource
    return { columns: importedColumns(source, [], problems), codes: problems.map(({ code }) => code) }
  }
  const book = 'x'.repeat(1_000_000)
  // Each row would take its own megabyte once stored: 200 GB of one shared text.
  const shared = Array.from({ length: 200_000 }, () => book)

  it.each([
    ['a text of a megabyte that all rows share', { kind: 'text', texts: shared }],
    ['a category named by a megabyte', { kind: 'category', levels: [book, 'b'], codes: new Int32Array(200_000) }],
    ['more text in all than a project should hold', { kind: 'text', texts: shared.map(() => 'y'.repeat(2_000)) }],
    [
      'too many long categories to be one',
      {
        kind: 'category',
        levels: shared.slice(0, 2_000).map((_, at) => `${at}${'z'.repeat(2_000)}`),
        codes: new Int32Array(200_000),
      },
    ],
  ] satisfies [string, ColumnValues][])('leave the column out, with a warning: %s', async (_, values) => {
    expect(await quickly(() => columnsOf(values))).toEqual({ columns: [], codes: ['TEXT_TOO_LONG'] })
  })

  it('do not leave out texts as long as notes are', () => {
    const { columns, codes } = columnsOf({
      kind: 'text',
      texts: Array.from({ length: 40 }, (_, at) => `${at} ${'n'.repeat(5_000)}`),
    })
    expect([columns.length, codes]).toEqual([1, []])
  })
})
