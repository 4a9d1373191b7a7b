// Every .h5ad file of the reference data does what its table says: real data sets and broken or odd ones.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Inspection, type ImportChoice } from '@contract'
import * as v from 'valibot'
import { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'
import { read as readWith } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const file = (name: string): string => join(shared ?? '', 'data', name)
const look = (name: string) => inspectFile(file(name), genes)
const read = (name: string, choice: Partial<ImportChoice> = {}): Promise<WholeImport> => readWith(file(name), choice, { genes })
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (thrown: unknown) => (thrown instanceof Refusal ? `${thrown.error.code}: ${thrown.error.message}` : String(thrown)),
  )
const symbols = (data: WholeImport): string[] => data.expression?.genes.map((gene) => gene.name) ?? []
const valueAt = (data: WholeImport, cell: number, gene: number): number => {
  const matrix = data.expression?.matrix
  for (let at = matrix?.indptr[cell] ?? 0; at < (matrix?.indptr[cell + 1] ?? 0); at++)
    if (matrix?.indices[at] === gene) return matrix.values[at] ?? 0
  return 0
}

describe.skipIf(!shared)('real data sets (needs ../shared)', () => {
  it('700 blood cells: X is scaled, the raw log values are used; legacy tables, colours, map', async () => {
    const inspection = await look('h5ad/pbmc68k_reduced.h5ad')
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ rows: 700, columns: 765, maps: ['obsm/X_umap'] })
    expect(inspection.expression.map((each) => [each.key, each.verdict, each.suggested])).toEqual([
      ['X', 'scaled', false],
      ['raw/X', 'log1p', true],
    ])
    expect(inspection.genes.mapped / inspection.genes.of).toBeGreaterThan(0.9)
    expect(inspection.preview.rows).toHaveLength(8)
    expect(inspection.problems.filter((problem) => problem.level === 'stop')).toEqual([])
    const data = await read('h5ad/pbmc68k_reduced.h5ad', { representation: 'obsm/X_pca' })
    expect(data).toMatchObject({
      representation: { dims: 50 },
      expression: { key: 'raw/X', logScale: true, scale: 'as stored (log values)' },
    })
    const labels = data.columns.find((column) => column.name === 'bulk_labels')
    expect(labels).toMatchObject({ role: 'cell-type', kind: 'category' })
    expect(labels?.levels).toHaveLength(10)
    expect(labels?.colours).toHaveLength(10)
    expect(data.columns.find((column) => column.name === 'louvain')?.role).toBeNull()
    expect(data.expression?.genes.find((gene) => gene.name === 'CD79A')?.symbol).toBe('CD79A')
  })

  it('2,000 control and interferon cells: counts become log1p per 10,000, equal to scanpy', async () => {
    const data = await read('h5ad/kang-pbmc-ifnb-2000.h5ad')
    expect(data).toMatchObject({
      representation: { key: 'obsm/X_pca', dims: 50 },
      expression: { verdict: 'counts', logScale: true },
    })
    expect(data.columns.find((column) => column.role === 'condition')?.name).toBe('condition')
    expect(data.columns.find((column) => column.role === 'cell-type')?.name).toBe('cell_type_transferred')
    const published = data.columns.find((column) => column.name === 'published_label')
    expect(published?.codes?.filter((code) => code >= 0)).toHaveLength(114)
    const golden = JSON.parse(readFileSync(join(shared ?? '', 'golden/enrichment/normalise.json'), 'utf8')) as {
      cells: { cell: string; log1p_1e4: Record<string, number> }[]
    }
    const names = symbols(data)
    for (const { cell, log1p_1e4 } of golden.cells) {
      const row = data.cellIds.indexOf(cell)
      for (const [gene, expected] of Object.entries(log1p_1e4)) {
        expect(Math.abs(valueAt(data, row, names.indexOf(gene)) - expected)).toBeLessThanOrEqual(1e-6)
      }
    }
  })

  it('four samples: published roles, log2 layer recognised and brought to natural logarithms, names cleaned', async () => {
    const inspection = await look('h5ad/kang-pbmc-4samples-1556.h5ad')
    expect(inspection.expression.map((each) => [each.key, each.verdict])).toEqual([
      ['X', 'counts'],
      ['layers/logcounts', 'log2'],
    ])
    const data = await read('h5ad/kang-pbmc-4samples-1556.h5ad', { expression: 'layers/logcounts' })
    expect(data.expression?.logScale).toBe(true)
    expect(data.columns.flatMap((column) => (column.role ? [[column.name, column.role]] : []))).toEqual([
      ['cell_type', 'cell-type'],
      ['condition', 'condition'],
      ['donor', 'donor'],
    ])
    expect(symbols(data)).toContain('CD79A')
    expect(symbols(data).filter((name) => /_ENSG/.test(name))).toEqual([])
    const totals = Array.from({ length: 20 }, (_, cell) => {
      const { indptr, values } = data.expression?.matrix ?? { indptr: [], values: new Float32Array() }
      return values.subarray(indptr[cell], indptr[cell + 1]).reduce((sum, value) => sum + Math.expm1(value), 0)
    })
    for (const total of totals) expect(total / (totals[0] ?? 1)).toBeCloseTo(1, 2)
  })

  it('anndata 0.11 without X and without any embedding has nothing to explain', async () => {
    expect(await look('h5ad/anndata-0.11.4.h5ad')).toMatchObject({ rows: 10, columns: 20, expression: [] })
    expect(await refusal(read('h5ad/anndata-0.11.4.h5ad'))).toContain('NO_REPRESENTATION')
  })

  it('anndata 0.7.8: categories by reference, table and sparse embeddings, raw with more genes', async () => {
    const inspection = await look('h5ad/anndata-0.7.8.h5ad')
    expect(inspection.representations.map((each) => [each.key, each.dims])).toEqual([
      ['obsm/array', 50],
      ['obsm/df', 3],
      ['obsm/sparse', 100],
    ])
    expect(inspection.expression.find((each) => each.key === 'raw/X')?.columns).toBe(40)
    const data = await read('h5ad/anndata-0.7.8.h5ad', { representation: 'obsm/sparse' })
    expect(data.columns.find((column) => column.name === 'obs_cat')?.levels).toHaveLength(21)
  })

  it('missing numbers in X stop the import; without expression it goes through', async () => {
    expect(await refusal(read('h5ad/cellxgene-nan.h5ad'))).toMatch(/MISSING_EXPRESSION: 2556 values/)
    expect(await refusal(read('h5ad/cellxgene-nan.h5ad', { dropMissing: true }))).toContain('MISSING_EXPRESSION')
    expect((await read('h5ad/cellxgene-nan.h5ad', { expression: 'none' })).cellIds).toHaveLength(100)
  })

  it('a Seurat export with nine maps: UMAP is taken, none of them is offered for training', async () => {
    const data = await read('h5ad/pbmc-small-seurat-export.h5ad')
    expect(data).toMatchObject({ map: { name: 'X_umap' }, representation: { key: 'obsm/X_pca', dims: 16 } })
    const { representations, maps } = await look('h5ad/pbmc-small-seurat-export.h5ad')
    expect(maps).toHaveLength(9)
    expect(representations.filter((each) => each.dims === 2 && each.usable)).toEqual([])
  })
})

describe.skipIf(!shared)('broken and odd files (needs ../shared)', () => {
  const accepted = async (name: string, columns = 8) => {
    const inspection = await look(`ugly/${name}`)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ rows: 12, columns })
    return inspection
  }

  it.each([
    ['zero-byte.h5ad', /^FILE_EMPTY/],
    ['picture-named.h5ad', /^FILE_NOT_RECOGNISED: .*PNG picture/],
    ['truncated.h5ad', /^FILE_TRUNCATED: .*expected 27,320 bytes, found 18,213/],
    ['gzipped-whole.h5ad', /compressed with gzip: unpack it first/],
    ['seurat.rds', /^EXPORT_FIRST: .*R object/],
    ['plain.h5', /inside: images, notes/],
  ])('%s is refused by looking and by importing', async (name, words) => {
    expect(await refusal(look(`ugly/${name}`))).toMatch(words)
    expect(await refusal(read(`ugly/${name}`))).toMatch(words)
  })

  it.each([
    ['bad-indptr.h5ad', /damaged when it was written \(the pointer of row 5 lies beyond the data\)/],
    ['bad-indices.h5ad', /column number 99, but there are only 8 columns/],
    ['sparse-nan.h5ad', /^MISSING_EXPRESSION: 1 values .*HBB/],
  ])('%s stops the import with the reason', async (name, words) => {
    expect((await accepted(name)).problems[0]?.level).toBe('stop')
    expect(await refusal(read(`ugly/${name}`))).toMatch(words)
  })

  it('really-h5ad.csv is read as what it is, and its name is mentioned', async () => {
    const { problems, expression } = await accepted('really-h5ad.csv')
    expect(expression[0]?.verdict).toBe('counts')
    expect(problems.find((problem) => problem.code === 'NAME_MISLEADS')?.message).toContain('.csv')
  })

  it('no-x.h5ad: embedding and map, no gene statistics', async () => {
    const data = await read('ugly/no-x.h5ad')
    expect(data).toMatchObject({ representation: { key: 'obsm/X_scGPT', dims: 4 }, map: { name: 'X_umap' }, expression: null })
    expect(data.report.problems.map((problem) => problem.code)).toContain('NO_EXPRESSION')
  })

  it('categorical-missing.h5ad: missing stays missing in every kind of column', async () => {
    const { metadata, preview } = await accepted('categorical-missing.h5ad')
    expect(metadata.map((column) => [column.name, column.kind, column.levels])).toEqual([
      ['cell_type', 'category', 2],
      ['age', 'number', 0],
      ['flag', 'category', 2],
      ['n', 'number', 0],
      ['opt', 'number', 0],
    ])
    expect(preview.rows[1]?.slice(0, 3)).toEqual(['AAAC01GTTC-1', '–', '–'])
    expect(metadata.find((column) => column.name === 'flag')?.examples).toEqual(['no', 'yes'])
  })

  it('bytes-index.h5ad: names keep their umlaut', async () => {
    expect((await accepted('bytes-index.h5ad')).preview.rows[0]?.[0]).toBe('zelle_ä_0')
  })

  it.each(['csc.h5ad', 'lzf.h5ad', 'float16-x.h5ad'])('%s holds the same counts as the plain file', async (name) => {
    const [odd, plain] = [await accepted(name), await look('ugly/really-h5ad.csv')]
    expect(odd.expression[0]).toMatchObject({ verdict: 'counts', histogram: plain.expression[0]?.histogram })
    expect(odd.preview).toEqual(plain.preview)
  })

  it('raw-more-genes.h5ad: X is logged, raw are counts of more genes', async () => {
    const { expression } = await accepted('raw-more-genes.h5ad', 5)
    expect(expression.map((each) => [each.key, each.columns, each.verdict])).toEqual([
      ['X', 5, 'log1p'],
      ['raw/X', 8, 'counts'],
    ])
  })

  it('layers-counts.h5ad: the total of X is found, the layer is counts', async () => {
    const { expression } = await accepted('layers-counts.h5ad')
    expect(expression.map((each) => [each.key, each.verdict])).toEqual([
      ['X', 'log1p'],
      ['layers/counts', 'counts'],
    ])
    expect(expression[0]?.evidence).toContain('10,000')
  })

  it('obsm-dataframe.h5ad: table and sparse embedding hold the same numbers, one column is not offered', async () => {
    const { representations } = await accepted('obsm-dataframe.h5ad')
    expect(representations.map((each) => [each.key, each.dims, each.usable])).toEqual([
      ['obsm/X_df', 4, true],
      ['obsm/X_one', 1, false],
      ['obsm/X_sparse', 4, true],
    ])
    const [table, sparse] = [
      await read('ugly/obsm-dataframe.h5ad'),
      await read('ugly/obsm-dataframe.h5ad', { representation: 'X_sparse' }),
    ]
    expect([...table.representation.values]).toEqual([...sparse.representation.values])
  })

  it('row-mismatch.h5ad: the embedding with 9 rows is shown but not usable', async () => {
    const { representations } = await accepted('row-mismatch.h5ad')
    expect(representations[0]).toMatchObject({ key: 'obsm/X_pca', rows: 9, usable: false })
    expect(representations[0]?.reason).toContain('3 cells missing')
  })

  it('external-link.h5ad: X is not followed and named, the rest is there', async () => {
    const { problems, metadata } = await accepted('external-link.h5ad')
    expect(problems.find((problem) => problem.code === 'PART_UNREADABLE')?.message).toMatch(/Part X .*link to another file/)
    expect(metadata.map((column) => column.name)).toEqual(['cell_type'])
  })

  it('unknown-encoding.h5ad: the new kind of column is named and skipped', async () => {
    const { problems, metadata } = await accepted('unknown-encoding.h5ad')
    expect(problems.find((problem) => problem.code === 'COLUMN_SKIPPED')?.message).toContain('Column future')
    expect(metadata.map((column) => column.name)).toEqual(['cell_type'])
  })
})
