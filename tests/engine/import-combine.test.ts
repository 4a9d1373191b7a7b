// Cells chosen by their metadata, and several files under each other: nothing is shifted, lost or filled without being said.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CellFilter, ImportChoice } from '@contract'
import { inspectFile } from '../../src/main/engine/import'
import { sampleNames } from '../../src/main/engine/import/combine/sample-names'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import type { WholeImport } from './imported-data'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const several = (paths: readonly string[], choice: Partial<ImportChoice> = {}): Promise<WholeImport> => {
  const [first = '', ...more] = paths
  return read(first, choice, { beside: { more } })
}
const value = (data: WholeImport, cell: number, gene: string): number => {
  const { indptr, indices, values } = data.expression?.matrix ?? { indptr: [], indices: [], values: [] }
  const column = data.expression?.genes.findIndex((each) => each.name === gene) ?? -1
  for (let at = indptr[cell] ?? 0; at < (indptr[cell + 1] ?? 0); at++) if (indices[at] === column) return values[at] ?? NaN
  return 0
}
const labelOf = (data: WholeImport, column: string, cell: number): string | undefined => {
  const found = data.columns.find((each) => each.name === column)
  return found?.levels[found.codes?.[cell] ?? -1]
}
const messages = (data: WholeImport): string[] => data.report.problems.map((problem) => problem.message)
const codes = (data: WholeImport): string[] => data.report.problems.map((problem) => problem.code)
const equals = (column: string, text: string): CellFilter => ({ column, equal: true, value: text })
const differs = (column: string, text: string): CellFilter => ({ column, equal: false, value: text })

describe('cells chosen by their columns', () => {
  const chosen = async (...cells: CellFilter[]): Promise<WholeImport> =>
    read(await h5ad.currentFile(temporaryFolder()), { cells })

  it.each<[string, CellFilter[], number[]]>([
    ['one value', [equals('cell_type', 'T')], [0, 2, 4, 6, 8]],
    ['any of two values of a column', [equals('cell_type', 'T'), equals('cell_type', 'B')], [0, 1, 2, 4, 5, 6, 7, 8, 9]],
    ['all of two columns', [equals('cell_type', 'T'), equals('donor', 'd2')], [6, 8]],
    ['all but a value', [differs('cell_type', 'T')], [1, 3, 5, 7, 9]],
    ['missing', [equals('cell_type', '')], [3]],
    ['not missing', [differs('cell_type', '')], [0, 1, 2, 4, 5, 6, 7, 8, 9]],
    ['a number', [equals('age', '35')], [5]],
  ])('%s', async (_, cells, wanted) => {
    const [data, whole] = [await chosen(...cells), await chosen()]
    expect(data.cellIds).toEqual(wanted.map((cell) => `cell-${cell}`))
    expect(codes(data)).toContain('CELLS_CHOSEN')
    wanted.forEach((cell, row) => {
      expect(data.representation.values.subarray(row * h5ad.dims, (row + 1) * h5ad.dims)).toEqual(
        whole.representation.values.subarray(cell * h5ad.dims, (cell + 1) * h5ad.dims),
      )
      expect(value(data, row, 'LYZ')).toBe(value(whole, cell, 'LYZ'))
      expect(data.map?.xy[2 * row]).toBe(whole.map?.xy[2 * cell])
      expect(data.depth?.total[row]).toBe(whole.depth?.total[cell])
      expect(labelOf(data, 'donor', row)).toBe(labelOf(whole, 'donor', cell))
    })
  })

  it('are refused with what there is when the column or the value is not there, or nothing is left', async () => {
    expect(await sentenceOf(chosen(equals('tissue', 'liver')))).toBe('The file has no cell column called tissue.')
    expect(await codeOf(chosen(equals('cell_type', 'NK')))).toBe('CHOICE_UNKNOWN')
    expect(await codeOf(chosen(equals('cell_type', 'T'), equals('age', '31')))).toBe('CHOICE_UNKNOWN')
    expect(await codeOf(chosen(equals('cell_type', 'T'), equals('age', '35')))).toBe('SUBSET_EMPTY')
  })
})

/** The fixture with its own name, other genes or another scale. */
async function file(
  name: string,
  change: { genes?: readonly string[]; factor?: number; dims?: number; cells?: string } = {},
): Promise<string> {
  const { genes = h5ad.geneNames, factor = 1, dims = h5ad.dims, cells = 'cell-' } = change
  return h5ad.written(temporaryFolder(), `${name}.h5ad`, (out) => {
    const obs = h5ad.frame(
      out,
      'obs',
      h5ad.cellNames.map((_, cell) => `${cells}${cell}`),
      ['cell_type'],
    )
    h5ad.categorical(obs, 'cell_type', name === 'b' ? ['B', 'T'] : ['T', 'B'], h5ad.labelCodes)
    h5ad.frame(out, 'var', [...genes], [])
    const embedding = Float32Array.from({ length: 10 * dims }, (_, at) => (name === 'b' ? -at : at))
    out.create_group('obsm').create_dataset({ name: 'X_scVI', data: embedding, shape: [10, dims] })
    h5ad.sparse(
      out,
      'X',
      h5ad.counts.map((count) => count * factor),
    )
  })
}

describe('two files of different cells', () => {
  it('lie under each other with a column that says which is which', async () => {
    const data = await several([await file('a'), await file('b', { cells: 'other-' })])
    expect(data.cellIds).toEqual([...h5ad.cellNames, ...h5ad.cellNames.map((_, cell) => `other-${cell}`)])
    expect([labelOf(data, 'sample', 9), labelOf(data, 'sample', 10)]).toEqual(['a', 'b'])
    expect([labelOf(data, 'cell_type', 0), labelOf(data, 'cell_type', 10), labelOf(data, 'cell_type', 13)]).toEqual([
      'T',
      'B',
      undefined,
    ])
    expect([data.representation.values[1], data.representation.values[160 + 1]]).toEqual([1, -1])
    for (let cell = 0; cell < 10; cell++) expect(value(data, 10 + cell, 'LYZ')).toBe(value(data, cell, 'LYZ'))
    expect(messages(data)).toContain('Cells of 2 files are put under each other: a.h5ad 10, b.h5ad 10.')
    expect(data.sources).toMatchObject([
      { name: 'a.h5ad', part: 'rows' },
      { name: 'b.h5ad', part: 'rows' },
    ])
    expect(data.sources[1]?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('with the same names get the name of the file in front', async () => {
    const data = await several([await file('a'), await file('b')])
    expect([data.cellIds[0], data.cellIds[10]]).toEqual(['a_cell-0', 'b_cell-0'])
    expect(codes(data)).toContain('NAMES_PREFIXED')
  })

  it('keep the genes they share, or all of them with the missing ones as not seen, and count both', async () => {
    const paths = [await file('a'), await file('b', { genes: ['GAPDH', 'NKG7', 'LYZ', 'CD3D'], cells: 'x' })]
    const common = await several(paths)
    expect(common.expression?.genes.map((gene) => gene.name)).toEqual(['CD3D', 'LYZ', 'NKG7'])
    expect(messages(common).join()).toContain('3 genes are in all files and are taken; 2 others are left out')
    const all = await several(paths, { genesOfSeveral: 'all' })
    expect(all.expression?.genes.map((gene) => gene.name)).toEqual(['CD3D', 'MS4A1', 'LYZ', 'NKG7', 'GAPDH'])
    expect(messages(all).join()).toContain('2 of 5 genes are not in every file')
    const counts = (cell: number, column: number): number => h5ad.counts[cell * 4 + column] ?? 0
    const total = [0, 1, 2, 3].reduce((sum, column) => sum + counts(3, column), 0)
    expect(value(all, 13, 'GAPDH')).toBeCloseTo(Math.log1p((counts(3, 0) * 1e4) / total), 4)
    expect(value(all, 13, 'MS4A1')).toBe(0)
    expect(value(all, 13, 'CD3D')).toBeCloseTo(Math.log1p((counts(3, 3) * 1e4) / total), 4)
  })

  it('that name genes differently are matched by the gene they mean', async () => {
    const a = await file('a', { genes: ['CD79A', 'MS4A1', 'x', 'y'] })
    const b = await file('b', { genes: ['p', 'ENSG00000156738', 'q', 'ENSG00000105369'], cells: 'o' })
    const data = await several([a, b])
    expect(data.expression?.genes.map((gene) => gene.symbol)).toEqual(['CD79A', 'MS4A1'])
    expect(codes(data)).toContain('GENES_MATCHED')
  })

  it('with counts in one and log values in the other meet on the log scale', async () => {
    const logged = await h5ad.written(temporaryFolder(), 'log.h5ad', (out) => {
      h5ad.frame(
        out,
        'obs',
        h5ad.cellNames.map((_, cell) => `l${cell}`),
        [],
      )
      h5ad.frame(out, 'var', [...h5ad.geneNames], [])
      out.create_group('obsm').create_dataset({ name: 'X_scVI', data: h5ad.embedding, shape: [10, h5ad.dims] })
      const totals = h5ad.cellNames.map((_, cell) => h5ad.counts.slice(cell * 4, cell * 4 + 4).reduce((a, b) => a + b, 0))
      h5ad.sparse(
        out,
        'X',
        h5ad.counts.map((count, at) => Math.log1p((count * 1e6) / (totals[Math.floor(at / 4)] ?? 1))),
      )
    })
    const data = await several([await file('a'), logged])
    expect(data.expression).toMatchObject({ verdict: 'log1p', logScale: true })
    expect(codes(data)).toContain('SCALES_UNITED')
    for (let cell = 0; cell < 10; cell++) expect(value(data, 10 + cell, 'LYZ')).toBeCloseTo(value(data, cell, 'LYZ'), 4)
  })

  it('whose representations have different dimensions are refused with both numbers', async () => {
    const paths = [await file('a'), await file('b', { dims: 20, cells: 'o' })]
    expect(await sentenceOf(several(paths, { representation: 'X_scVI' }))).toContain('16 dimensions in a.h5ad, but 20 in b.h5ad')
  })

  it('warn where axes were computed for each file by itself', async () => {
    const data = await several([await h5ad.currentFile(temporaryFolder()), await h5ad.currentFile(temporaryFolder())])
    expect(codes(data)).toContain('AXES_PER_FILE')
    expect(data.map?.name, 'computed for all cells together').toMatch(/^UMAP of obsm\/X_pca/)
    expect([labelOf(data, 'sample', 0), labelOf(data, 'sample', 10)]).toEqual(['current', 'current-2'])
  })

  it('keep a column of samples of their own beside the one that tells the files apart', async () => {
    const own = async (name: string): Promise<string> =>
      h5ad.written(temporaryFolder(), `${name}.h5ad`, (out) => {
        const obs = h5ad.frame(out, 'obs', h5ad.cellNames, ['sample'])
        h5ad.categorical(obs, 'sample', ['s1', 's2'], new Int8Array(10).fill(1))
        out.create_group('obsm').create_dataset({ name: 'X_scVI', data: h5ad.embedding, shape: [10, h5ad.dims] })
        h5ad.frame(out, 'var', [], [])
      })
    const data = await several([await own('a'), await own('b')])
    expect([labelOf(data, 'file', 0), labelOf(data, 'file', 10), labelOf(data, 'sample', 10)]).toEqual(['a', 'b', 's2'])
  })
})

describe('the name of a sample', () => {
  it('is that of the file, or of the folder where every run of a program writes the same file', () => {
    const folder = join(temporaryFolder(), 'donor7', 'outs', 'filtered_feature_bc_matrix')
    mkdirSync(folder, { recursive: true })
    expect(sampleNames([folder, 'x/GSM1.h5ad', 'y/GSM1.h5ad', 'z/run.counts.csv.gz'])).toEqual([
      'donor7',
      'GSM1',
      'GSM1-2',
      'run.counts',
    ])
  })
})

describe('arrays without names', () => {
  it('may lie under each other; their rows are called after their files', async () => {
    const folder = temporaryFolder()
    const paths = ['a.csv', 'b.csv'].map((name) => {
      const path = join(folder, name)
      writeFileSync(path, Array.from({ length: 30 }, (_, row) => `${(row + 1) / 7},${-(row + 1) / 3},0.5`).join('\n'))
      return path
    })
    const data = await several(paths)
    expect([data.cellIds[0], data.cellIds[59]]).toEqual(['a_cell 1', 'b_cell 30'])
  })
})

describe.skipIf(!shared)('the two Kang files (needs ../shared)', () => {
  it('share 1,176 genes and counts, but no representation; principal components of all are offered', async () => {
    const folder = join(shared ?? '', 'data/h5ad')
    const paths = ['kang-pbmc-ifnb-2000.h5ad', 'kang-pbmc-4samples-1556.h5ad'].map((name) => join(folder, name))
    const [first = '', ...more] = paths
    const beside = { metadata: null, ids: null, expression: null, byPosition: false, more }
    const found = await inspectFile(first, fewGenes, beside)
    expect(found).toMatchObject({ rows: 3556, columns: 1176, expression: [{ key: 'X', verdict: 'counts', suggested: true }] })
    expect(found.representations.find((each) => each.key === 'obsm/X_pca')?.reason).toContain('50 dimensions')
    expect(found.representations.map((each) => each.key)).toContain('pca')
  })
})
