// Text tables as laboratories really have them: how they are written never changes the numbers, and doubts are said, not settled.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Inspection, type ImportChoice } from '@contract'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { codeOf, read as readWith, sentenceOf } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const written = (content: string | Uint8Array, name = 'table.csv'): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}
const look = (path: string) => inspectFile(path, genes)
const read = (path: string, choice: Partial<ImportChoice> = {}): Promise<WholeImport> => readWith(path, choice, { genes })
const codes = async (path: string, level?: string): Promise<string[]> =>
  (await look(path)).problems.filter((problem) => level === undefined || problem.level === level).map((problem) => problem.code)

const lines = Array.from({ length: 6 }, (_, row) => [`c${row + 1}-1`, `${row}.5`, `-${row}.25`, '1e-2'])
const table = (delimiter: string, end: string, row: (fields: string[]) => string[] = (fields) => fields): string =>
  [['cell', 'PC_1', 'PC_2', 'PC_3'], ...lines].map((fields) => row(fields).join(delimiter)).join(end) + end
const values = lines.flatMap((fields) => fields.slice(1).map((field) => Math.fround(Number(field))))

describe('the same table', () => {
  it.each<[string, () => string | Uint8Array]>([
    ['with commas', () => table(',', '\n')],
    ['with tabs and Windows line ends', () => table('\t', '\r\n')],
    ['with old Mac line ends', () => table(',', '\r')],
    ['with spaces and quotation marks', () => table(' ', '\n', (fields) => fields.map((field) => `"${field}"`))],
    ['with semicolons and decimal commas', () => table(';', '\n', (fields) => fields.map((field) => field.replace('.', ',')))],
    ['with a mark of UTF-8', () => `\ufeff${table(',', '\n')}`],
    ['in UTF-16', () => Buffer.from(`\ufeff${table('\t', '\r\n')}`, 'utf16le')],
    ['in UTF-16 of the other order', () => Buffer.from(`\ufeff${table('\t', '\r\n')}`, 'utf16le').swap16()],
    ['in UTF-16 without a mark', () => Buffer.from(table(',', '\n'), 'utf16le')],
    ['with a separator at the end of every row', () => table(',', ',\n')],
    ['with comments and empty lines', () => `# made by hand\n\n${table(',', '\n\n')}# the end\n`],
    ['with its names in a comment line', () => `#${table('\t', '\n')}`],
    ['as R writes it, without a name over the ids', () => table('\t', '\n').replace('cell\t', '')],
    ['as pandas writes it, with an empty corner', () => table(',', '\n').replace('cell,', ',')],
    ['compressed with gzip', () => gzipSync(table(',', '\n'))],
    ['without a line break at its end', () => table(',', '\n').trimEnd()],
  ])('%s gives the same names and numbers', async (_, content) => {
    const data = await read(written(content()))
    expect(data.cellIds).toEqual(lines.map(([name]) => name))
    expect(data.representation).toMatchObject({ key: 'table', dims: 3 })
    expect([...data.representation.values]).toEqual(values)
  })
})

describe('what a table means', () => {
  it('columns of text beside an embedding become metadata of the cells', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `c${row},${row / 7},${-row / 3},T${row % 2}`)
    const path = written(['cell,UMAP_1,UMAP_2,cell_type', ...rows].join('\n'))
    const inspection = await look(path)
    expect(inspection).toMatchObject({ kind: 'table-embedding', rows: 60, columns: 2, maps: ['table'] })
    expect(inspection.metadata).toMatchObject([{ name: 'cell_type', role: 'cell-type', levels: 2 }])
  })

  it('a matrix of expression can be explained itself when it is asked for', async () => {
    const path = written(
      `cell,CD3D,MS4A1,LYZ\n${Array.from({ length: 60 }, (_, row) => `c${row},${row},${row % 5},25`).join('\n')}`,
    )
    expect(await codeOf(read(path))).toBe('NO_REPRESENTATION')
    const data = await read(path, { representation: 'X' })
    expect(data).toMatchObject({ representation: { dims: 3 }, expression: { verdict: 'counts' } })
  })

  it('numbers with words among them stay whole as text in metadata', async () => {
    const path = written('cell,age,city\na,30,Bonn\nb,31,Ulm\nc,unknown,Ulm\nd,33,Bonn\n')
    expect((await look(path)).metadata[0]).toMatchObject({ name: 'age', kind: 'category', examples: ['30', '31', '33'] })
  })

  it('a line of fractions is no line of names, and none of the cells is lost', async () => {
    const inspection = await look(written('0.51,-1.2,3.3\n1.5,2.25,-0.1\n0.25,0.5,0.75\n'))
    expect(inspection).toMatchObject({ rows: 3, columns: 3, kind: 'table-embedding' })
    expect(inspection.problems.map((problem) => problem.code)).toContain('NO_HEADER')
  })

  it('numbers with leading zeros are names, not numbers', async () => {
    expect((await look(written('cell,plate,x\na,007,T\nb,008,T\nc,007,B\n'))).metadata[0]).toMatchObject({
      name: 'plate',
      examples: ['007', '008'],
    })
  })
})

describe('what cannot be read', () => {
  it.each<[string, string, string, RegExp]>([
    ['text without columns', 'hello\nworld\n', 'FILE_NOT_RECOGNISED', /no common separator/],
    ['JSON', '{"cells": [1, 2]}', 'FILE_NOT_RECOGNISED', /JSON/],
    [
      'an unclosed quotation mark',
      `cell,note\na,"x\n${'b,y\n'.repeat(1200)}`,
      'FILE_DAMAGED',
      /opened in line 2 is never closed/,
    ],
    ['names for fewer columns than there are', 'cell,a\nx,1,2,3\ny,1,2,3\n', 'TABLE_RAGGED', /line 1 has 2 values too few/],
  ])('%s is refused with its cause', async (_, content, code, sentence) => {
    expect(await codeOf(look(written(content)))).toBe(code)
    expect(await sentenceOf(look(written(content)))).toMatch(sentence)
  })

  it('a damaged gzip file is refused, and nothing of it is imported', async () => {
    const packed = gzipSync(Array.from({ length: 3000 }, (_, row) => `c${row},${Math.sin(row)},${Math.cos(row)}`).join('\n'))
    const broken = Buffer.from(packed)
    broken.fill(0x55, packed.length - 400, packed.length - 300)
    expect(await codeOf(look(written(broken, 'a.csv.gz')))).toMatch(/^FILE_(?:DAMAGED|NOT_RECOGNISED|TRUNCATED)$/)
    expect(await codeOf(look(written(packed.subarray(0, packed.length - 500), 'a.csv.gz')))).toBe('FILE_TRUNCATED')
  })
})

describe.skipIf(!shared)('the odd tables of the reference data (needs ../shared)', () => {
  const ugly = (name: string): string => join(shared ?? '', 'data/ugly', name)

  it.each([
    'bom.csv',
    'utf16.tsv',
    'thousands-separators.tsv',
    'duplicate-genes.csv',
    'excel-genes.csv',
    'zero-and-constant-columns.csv',
    'negative-counts.csv',
    'r-write-table.txt',
    'genes-in-rows.csv',
    'cr-only.csv',
    'path-like-names.csv',
    'long-name.csv',
    'emoji-ids.csv',
    'ucsc-id-symbol.tsv',
    'mouse-genes.csv',
    'numeric-genes.csv',
    'no-header.csv',
    'empty-header.csv',
    'duplicate-cells.csv',
    'text-in-numbers.csv',
  ])('%s is 12 cells x 8 genes', async (name) => {
    const inspection = await look(ugly(name))
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'table-expression', rows: 12, columns: 8 })
    expect(inspection.expression).toMatchObject([{ key: 'X', rows: 12, columns: 8 }])
  })

  it.each([
    'bom.csv',
    'utf16.tsv',
    'cr-only.csv',
    'r-write-table.txt',
    'genes-in-rows.csv',
    'ucsc-id-symbol.tsv',
    'mouse-genes.csv',
    'numeric-genes.csv',
  ])('%s holds the counts of the plain table', async (name) => {
    const plain = await read(ugly('bom.csv'), { representation: 'X' })
    const data = await read(ugly(name), { representation: 'X' })
    expect(data.expression?.verdict).toBe('counts')
    expect([...data.representation.values]).toEqual([...plain.representation.values])
    expect([...data.representation.values.subarray(0, 8)]).toEqual([4, 1, 4, 3, 5, 1, 0, 5])
    expect(data.cellIds).toEqual(plain.cellIds)
  })

  it.each<[string, string]>([
    ['duplicate-cells.csv', 'DUPLICATE_IDS'],
    ['nan-inf.csv', 'MISSING_NUMBERS'],
    ['empty-header.csv', 'TABLE_HEADER'],
    ['no-header.csv', 'TABLE_HEADER'],
    ['text-in-numbers.csv', 'TEXT_IN_NUMBERS'],
    ['header-only.csv', 'TOO_FEW_CELLS'],
  ])('%s is stopped with %s, and nothing is imported', async (name, code) => {
    expect(await codes(ugly(name), 'stop')).toContain(code)
    expect(
      await codeOf(read(ugly(name), { representation: name === 'nan-inf.csv' || name === 'header-only.csv' ? null : 'X' })),
    ).toBe(code)
  })

  it.each<[string, string, RegExp]>([
    ['ragged-rows.csv', 'TABLE_RAGGED', /line 5 has 2 values too many, line 8 has 3 values too few/],
    ['truncated.tsv.gz', 'FILE_TRUNCATED', /ends early/],
    ['zeros-10mb.csv.gz', 'FILE_NOT_RECOGNISED', /not a text table/],
    ['zero-byte.csv', 'FILE_EMPTY', /0 bytes/],
    ['malicious.pt', 'PICKLE_REFUSED', /PyTorch file.*names posix\.mkdir.*could run code/],
    ['seurat.rds', 'EXPORT_FIRST', /R object/],
  ])('%s is refused', async (name, code, sentence) => {
    expect(await codeOf(look(ugly(name)))).toBe(code)
    expect(await sentenceOf(read(ugly(name)))).toMatch(sentence)
  })

  it.each<[string, number, string[]]>([
    ['latin1-meta.csv', 2, ['donor', 'tissue']],
    ['comments-and-quotes.csv', 2, ['cell type', 'note']],
    ['formula-cells.csv', 1, ['label']],
    ['one-column.csv', 1, ['d1']],
  ])('%s is metadata of 12 cells', async (name, columns, names) => {
    const inspection = await look(ugly(name))
    expect(inspection).toMatchObject({ kind: 'table-metadata', rows: 12, columns })
    expect(inspection.metadata.map((column) => column.name)).toEqual(names)
    expect(await codeOf(read(ugly(name)))).toBe('NO_REPRESENTATION')
  })

  it('keeps what is odd in the values and names it', async () => {
    expect((await look(ugly('latin1-meta.csv'))).metadata[0]?.examples).toContain('Müller_0')
    expect(await codes(ugly('latin1-meta.csv'))).toContain('ENCODING_GUESSED')
    expect((await look(ugly('comments-and-quotes.csv'))).preview.rows[0]).toEqual([
      'AAAC00GTTC-1',
      'T, follicular',
      'line one\nline "two"',
    ])
    const message = async (name: string, code: string): Promise<string> =>
      (await look(ugly(name))).problems.find((each) => each.code === code)?.message ?? ''
    expect(await message('excel-genes.csv', 'GENE_DATES')).toContain('1-Sep')
    expect(await message('duplicate-genes.csv', 'GENES_REPEATED')).toContain('CD3D, MS4A1')
    expect(await message('negative-counts.csv', 'NEGATIVE_COUNTS')).toContain('MS4A1 in AAAC01GTTC-1')
    expect(await message('zero-and-constant-columns.csv', 'GENES_CONSTANT')).toMatch(
      /zero everywhere: LYZ; the same in every cell: GAPDH/,
    )
    expect(await message('text-in-numbers.csv', 'TEXT_IN_NUMBERS')).toContain('"high" in line 5, column LYZ')
    expect(await message('thousands-separators.tsv', 'THOUSANDS_SEPARATORS')).toContain('1234')
    expect(await codes(ugly('genes-in-rows.csv'))).toContain('ROWS_ARE_GENES')
    expect(await codes(ugly('path-like-names.csv'))).toContain('NAMES_BLANK')
    expect(await codes(ugly('emoji-ids.csv'))).toEqual(expect.arrayContaining(['NAMES_INVISIBLE', 'NAMES_LOOK_ALIKE']))
    expect((await look(ugly('mouse-genes.csv'))).genes).toMatchObject({ species: 'mouse', mapped: 0 })
    expect(await codes(ugly('numeric-genes.csv'))).toContain('GENE_NAMES_LOST')
    expect((await look(ugly('long-name.csv'))).preview.rows[0]?.[0]?.length).toBeLessThan(100)
    expect((await look(ugly('negative-counts.csv'))).expression[0]?.verdict).not.toBe('counts')
    expect((await look(ugly('one-cell.csv'))).rows).toBe(1)
  })

  it('reads an embedding with decimal commas, and one with gaps once the cells are left out', async () => {
    const data = await read(ugly('semicolon-decimal-comma.csv'))
    expect(data.report).toMatchObject({ rows: 12, dims: 4 })
    expect(Math.max(...data.representation.values.map(Math.abs))).toBeLessThan(4)
    expect(data.representation.values[0]).toBeCloseTo(-0.1499, 6)
    expect((await read(ugly('nan-inf.csv'), { dropMissing: true })).cellIds).toHaveLength(6)
  })

  it('reads the real tables: 559 x 32,785 counts, genes in rows, principal components without names', async () => {
    const folder = join(shared ?? '', 'data')
    expect(await look(join(folder, 'tables/immune-559x32786-counts.csv.gz'))).toMatchObject({
      rows: 559,
      columns: 32786,
      expression: [{ verdict: 'counts' }],
    })
    expect(await look(join(folder, 'tables/cellbrowser-mini-exprMatrix.tsv.gz'))).toMatchObject({ rows: 7163, columns: 99 })
    expect(await look(join(folder, 'tables/cellbrowser-mini-meta.tsv'))).toMatchObject({
      kind: 'table-metadata',
      rows: 4261,
      columns: 6,
    })
    expect(await look(join(folder, 'embeddings/pbmc-3500-pcs.tsv.gz'))).toMatchObject({
      kind: 'table-embedding',
      rows: 3500,
      columns: 30,
    })
    expect(await look(join(folder, 'embeddings/cell-lines-2370-meta.csv'))).toMatchObject({
      kind: 'table-metadata',
      rows: 2370,
      columns: 4,
    })
  })
})
