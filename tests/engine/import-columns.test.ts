// Parquet, Arrow and Excel tables: whatever the compression and the pages, the same names and numbers as the table they were
// written from.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { temporaryFolder } from '../temporary-folder'
import { formatFile } from './fixtures/formats'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const look = (name: string) => inspectFile(formatFile(name), fewGenes)
/** A copy of the file, cut off or changed. */
const changed = (name: string, change: (bytes: Buffer) => Uint8Array): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, change(readFileSync(formatFile(name))))
  return path
}

describe('a table of an embedding', () => {
  it.each([
    ...['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'].map((codec) => ['parquet', `embedding-${codec}.parquet`]),
    ['parquet', 'embedding-pages.parquet'],
    ['parquet', 'embedding-split.parquet'],
    ...['uncompressed', 'lz4', 'zstd'].map((codec) => ['arrow', `embedding-${codec}.feather`]),
    ['arrow', 'embedding.arrows'],
  ])('in %s, %s, takes the index of pandas for the names and never for a dimension', async (kind, name) => {
    const inspection = await look(name)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: `${kind}-embedding`, rows: 10, columns: 16 })
    expect(inspection.problems.map((problem) => problem.code)).toEqual(['NO_EXPRESSION', 'TOO_FEW_CELLS'])
    const data = await read(formatFile(name))
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
  })

  it.each(['lists.parquet', 'lists.feather'])('as a column of lists, in %s, is a representation of its own', async (name) => {
    const inspection = await look(name)
    expect(inspection).toMatchObject({ rows: 10, metadata: [{ name: 'donor' }] })
    expect(inspection.representations).toMatchObject([{ key: 'embedding', rows: 10, dims: 16, suggested: true }])
    const data = await read(formatFile(name))
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
  })

  it('on a sheet of a workbook that is not the first is taken when it is asked for', async () => {
    const inspection = await look('workbook.xlsx')
    v.parse(Inspection, inspection)
    expect(inspection.problems.find((problem) => problem.code === 'SHEET_CHOSEN')?.message).toContain(
      'cells is read, embedding can be chosen',
    )
    expect(inspection.representations).toMatchObject([{ key: 'embedding', rows: 10, dims: 16, usable: true }])
    const data = await read(formatFile('workbook.xlsx'), { representation: 'embedding' })
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
  })
})

describe('a table of metadata', () => {
  it.each(['metadata.parquet', 'metadata.feather', 'workbook.xlsx'])(
    'in %s gives categories, numbers with gaps and dates',
    async (name) => {
      const inspection = await look(name)
      expect(inspection.rows).toBe(10)
      const column = (wanted: string) => inspection.metadata.find((each) => each.name === wanted)
      expect(column('cell_type')).toMatchObject({ kind: 'category', levels: 2, role: 'cell-type' })
      expect(column('age')).toMatchObject({ kind: 'number' })
      expect(column('kept')?.examples).toHaveLength(2)
      expect(column('when')?.examples?.[0]).toBe('2024-03-01')
      expect(inspection.preview.rows[0]?.[0]).toBe('cell-0')
      expect(await codeOf(read(formatFile(name)))).toBe('NO_REPRESENTATION')
    },
  )

  it('keeps formulas, quotes, tabs, line breaks and tags in Excel cells as plain text', async () => {
    const beside = { metadata: formatFile('workbook.xlsx') }
    const data = await read(formatFile('embedding-none.parquet'), {}, { beside })
    const note = data.columns.find((each) => each.name === 'note')
    expect([0, 1, 2].map((cell) => note?.levels[note.codes?.[cell] ?? -1])).toEqual([
      '=1+1',
      'with "quotes", commas\tand\nlines',
      '<b>bold</b>',
    ])
    const age = data.columns.find((each) => each.name === 'age')
    expect([...(age?.numbers ?? [])].slice(0, 4)).toEqual([30, 31, NaN, 33])
  })
})

describe('a table of expression', () => {
  it('in Parquet gives the counts of the genes', async () => {
    const inspection = await look('counts.parquet')
    expect(inspection).toMatchObject({ kind: 'parquet-expression', rows: 10, columns: 4, expression: [{ verdict: 'counts' }] })
    const data = await read(formatFile('counts.parquet'), { representation: 'X' })
    expect([...data.representation.values]).toEqual(h5ad.counts)
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual([...h5ad.geneNames])
  })

  it('in Excel is turned when genes lie in rows, and a gene that Excel took for a date is named', async () => {
    const inspection = await look('dates.xlsx')
    expect(inspection).toMatchObject({ kind: 'excel-expression', rows: 10, columns: 4 })
    const codes = inspection.problems.map((problem) => problem.code)
    expect(codes).toContain('ROWS_ARE_GENES')
    expect(inspection.problems.find((problem) => problem.code === 'GENE_DATES')?.message).toContain('2024-03-01')
    const data = await read(formatFile('dates.xlsx'), { representation: 'X' })
    expect([...data.representation.values]).toEqual(h5ad.counts)
  })
})

describe('a table file that is not whole', () => {
  it.each<[string, string, (bytes: Buffer) => Uint8Array, string]>([
    ['embedding-snappy.parquet', 'cut off', (bytes) => bytes.subarray(0, bytes.length - 100), 'FILE_TRUNCATED'],
    ['embedding-lz4.feather', 'cut off', (bytes) => bytes.subarray(0, bytes.length - 100), 'FILE_TRUNCATED'],
    ['embedding.arrows', 'cut off within a batch', (bytes) => bytes.subarray(0, bytes.length - 500), 'FILE_TRUNCATED'],
    ['workbook.xlsx', 'cut off', (bytes) => bytes.subarray(0, bytes.length - 200), 'FILE_TRUNCATED'],
    ['embedding-zstd.parquet', 'with a page overwritten', (bytes) => bytes.fill(0x5a, 100, 400), 'FILE_DAMAGED'],
    [
      'embedding-snappy.parquet',
      'with its description overwritten',
      (bytes) => bytes.fill(0xff, bytes.length - 3000, bytes.length - 8),
      'FILE_DAMAGED',
    ],
    ['embedding-lz4.feather', 'with its first batch overwritten', (bytes) => bytes.fill(0x5a, 3000, 4500), 'FILE_DAMAGED'],
  ])('%s, %s, is refused with %#', async (name, _, change, code) => {
    expect(await codeOf(read(changed(name, change)))).toBe(code)
  })

  it.each(['none', 'snappy', 'zstd'])(
    'a run length that was made larger is noticed before the page is decoded (%s)',
    async (codec) => {
      const runs = Buffer.from([2, 0, 0, 0, 8, 1])
      const path = changed(`embedding-${codec}.parquet`, (bytes) => {
        for (let at = bytes.indexOf(runs); at >= 0; at = bytes.indexOf(runs, at + 1)) bytes[at + 4] = 0x7e
        return bytes
      })
      expect(await sentenceOf(read(path))).toContain('a run of 63 values is longer than its page')
    },
  )

  it('the first version of Feather is answered with a line of Python', async () => {
    const path = join(temporaryFolder(), 'old.feather')
    writeFileSync(path, Buffer.concat([Buffer.from('FEA1'), Buffer.alloc(200), Buffer.from('FEA1')]))
    expect(await codeOf(read(path))).toBe('EXPORT_FIRST')
    expect(await sentenceOf(read(path))).toContain('first version of Feather')
  })
})
