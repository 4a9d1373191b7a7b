// HDF5 files of other makers: 10x matrices, Loom and MuData give the same cells, genes and counts as an AnnData file would.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import type { File, Group } from 'h5wasm/node'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read, sentenceOf } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const look = (path: string) => inspectFile(path, fewGenes)
/** Counts of a file beside the embedding of the AnnData fixture. */
const beside = async (expression: string, key: string | null = null): Promise<WholeImport> => {
  const main = await h5ad.currentFile(temporaryFolder())
  return read(main, { expression: key }, { beside: { expression } })
}
const expectFixtureCounts = async (path: string): Promise<void> => {
  const [ours, wanted] = [(await beside(path)).expression, (await read(await h5ad.currentFile(temporaryFolder()))).expression]
  expect(ours?.genes.map((gene) => gene.name)).toEqual(wanted?.genes.map((gene) => gene.name))
  expect([...(ours?.matrix.indptr ?? [])]).toEqual([...(wanted?.matrix.indptr ?? [])])
  expect([...(ours?.matrix.indices ?? [])]).toEqual([...(wanted?.matrix.indices ?? [])])
  expect([...(ours?.matrix.values ?? [])]).toEqual([...(wanted?.matrix.values ?? [])])
}
const genes = [...h5ad.geneNames]

function tenxGroup(parent: Group, name: string): Group {
  const group = h5ad.sparse(parent, name, h5ad.counts)
  group.create_dataset({ name: 'barcodes', data: h5ad.cellNames })
  group.create_dataset({ name: 'shape', data: new Int32Array([genes.length, h5ad.cellCount]) })
  return group
}
const currentTenx = (types: string[]) => (file: File) => {
  const features = tenxGroup(file, 'matrix').create_group('features')
  features.create_dataset({ name: 'id', data: genes.map((_, at) => `ID${at}`) })
  features.create_dataset({ name: 'name', data: genes })
  features.create_dataset({ name: 'feature_type', data: types })
}

describe('a 10x matrix file', () => {
  const same = genes.map(() => 'Gene Expression')

  it('of Cell Ranger 3 gives the counts', async () => {
    const path = await h5ad.written(temporaryFolder(), 'm.h5', currentTenx(same))
    const inspection = await look(path)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: '10x-h5', rows: 10, columns: 4 })
    await expectFixtureCounts(path)
  })

  it('keeps antibodies apart from genes', async () => {
    const types = ['Gene Expression', 'Antibody Capture', 'Gene Expression', 'Gene Expression']
    const path = await h5ad.written(temporaryFolder(), 'm.h5', currentTenx(types))
    expect((await look(path)).expression.map((each) => [each.key, each.columns])).toEqual([
      ['X', 3],
      ['Antibody Capture', 1],
    ])
    expect((await beside(path)).expression?.genes.map((gene) => gene.name)).toEqual(['CD3D', 'LYZ', 'NKG7'])
    expect((await beside(path, 'Antibody Capture')).expression?.genes.map((gene) => gene.name)).toEqual(['MS4A1'])
  })

  it('of Cell Ranger 2 gives the counts, and names its genomes when there are several', async () => {
    const genome = (name: string) => (file: File) => {
      const group = tenxGroup(file, name)
      group.create_dataset({ name: 'genes', data: genes.map((_, at) => `ID${at}`) })
      group.create_dataset({ name: 'gene_names', data: genes })
    }
    await expectFixtureCounts(await h5ad.written(temporaryFolder(), 'one.h5', genome('GRCh38')))
    const two = await h5ad.written(temporaryFolder(), 'two.h5', (file) => ['hg19', 'mm10'].forEach((name) => genome(name)(file)))
    const inspection = await look(two)
    expect(inspection.expression.map((each) => each.key)).toEqual(['X', 'mm10'])
    expect(inspection.problems.map((problem) => problem.code)).toContain('SEVERAL_GENOMES')
  })
})

describe('a 10x file of several genomes', () => {
  it('of Cell Ranger 2 takes the genome asked for, with its own barcodes', async () => {
    const path = await h5ad.written(temporaryFolder(), 'two.h5', (file) => {
      for (const [name, cells] of [
        ['hg19', h5ad.cellNames],
        ['mm10', h5ad.cellNames.map((cell) => `${cell}-mouse`)],
      ] as const) {
        const group = h5ad.sparse(file, name, h5ad.counts)
        group.create_dataset({ name: 'barcodes', data: [...cells] })
        group.create_dataset({ name: 'genes', data: genes.map((_, at) => `${name}_${at}`) })
        group.create_dataset({ name: 'gene_names', data: genes })
      }
    })
    const inspection = await look(path)
    expect(inspection.expression.map((each) => [each.key, each.verdict])).toEqual([
      ['X', 'counts'],
      ['mm10', 'counts'],
    ])
    expect(inspection.expression[1]?.evidence).toContain('10 barcodes of its own')
    expect((await read(path, { representation: 'pca' })).cellIds[0]).toBe('cell-0')
    const mouse = await read(path, { representation: 'pca', expression: 'mm10' })
    expect(mouse.cellIds[0]).toBe('cell-0-mouse')
    expect(mouse.expression?.genes).toHaveLength(4)
  })

  it('of Cell Ranger 3 offers the genes of each genome alone', async () => {
    const path = await h5ad.written(temporaryFolder(), 'mixed.h5', (file) => {
      currentTenx(genes.map(() => 'Gene Expression'))(file)
      const features = file.get('matrix/features') as Group
      features.create_dataset({ name: 'genome', data: ['GRCh38', 'GRCh38', 'GRCh38', 'mm10'] })
    })
    const inspection = await look(path)
    expect(inspection.expression.map((each) => [each.key, each.columns])).toEqual([
      ['X', 4],
      ['genome:GRCh38', 3],
      ['genome:mm10', 1],
    ])
    expect(inspection.problems.find((problem) => problem.code === 'SEVERAL_GENOMES')?.message).toContain('GRCh38, mm10')
  })
})

describe('a Loom file', () => {
  const loom = (file: File): void => {
    const turned = Float32Array.from(
      { length: h5ad.counts.length },
      (_, at) => h5ad.counts[(at % 10) * 4 + Math.floor(at / 10)] ?? 0,
    )
    file.create_dataset({ name: 'matrix', data: turned, shape: [4, 10] })
    file.create_group('layers').create_dataset({ name: 'spliced', data: turned.map((value) => value * 2), shape: [4, 10] })
    const rows = file.create_group('row_attrs')
    rows.create_dataset({ name: 'Gene', data: genes })
    const columns = file.create_group('col_attrs')
    columns.create_dataset({ name: 'CellID', data: h5ad.cellNames })
    columns.create_dataset({ name: 'ClusterName', data: h5ad.cellNames.map((_, cell) => (cell % 2 ? 'T' : 'B')) })
    columns.create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, h5ad.dims] })
    for (const name of ['_X', '_Y'])
      columns.create_dataset({ name, data: Float32Array.from(h5ad.cellNames, (_, cell) => cell + 0.5) })
  }

  it('is turned to cells x genes, with its representation, map and columns', async () => {
    const path = await h5ad.written(temporaryFolder(), 'a.loom', loom)
    const inspection = await look(path)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'loom', rows: 10, columns: 4, maps: ['col_attrs/_X, _Y'] })
    expect(inspection.expression.map((each) => each.key)).toEqual(['X', 'layers/spliced'])
    const data = await read(path)
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
    expect(data.columns.find((column) => column.name === 'ClusterName')?.levels).toEqual(['B', 'T'])
    await expectFixtureCounts(path)
  })
})

describe('a MuData file', () => {
  /** The last cell lacks rna; rows of rna lie in the opposite order of the whole file. */
  const mudata = (everyCell: boolean) => (file: File) => {
    const count = everyCell ? 10 : 9
    const rnaCells = h5ad.cellNames.slice(0, count).reverse()
    const obs = h5ad.frame(file, 'obs', h5ad.cellNames, ['donor'])
    h5ad.texts(
      obs,
      'donor',
      h5ad.cellNames.map((_, cell) => `d${cell % 3}`),
    )
    const joint = Float32Array.from({ length: 30 }, (_, at) => at)
    file.create_group('obsm').create_dataset({ name: 'X_mofa', data: joint, shape: [10, 3] })
    file
      .create_group('obsmap')
      .create_dataset({ name: 'rna', data: Uint32Array.from(h5ad.cellNames, (_, cell) => Math.max(0, count - cell)) })
    const mod = file.create_group('mod')
    for (const name of ['atac', 'rna']) {
      const group = mod.create_group(name)
      h5ad.frame(group, 'obs', rnaCells, [])
      h5ad.frame(group, 'var', genes, [])
      h5ad.sparse(group, 'X', h5ad.counts.slice(0, count * 4))
    }
  }

  it('gives one kind of data, with shared columns and representations matched through obsmap', async () => {
    const path = await h5ad.written(temporaryFolder(), 'a.h5mu', mudata(true))
    const inspection = await look(path)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'h5mu', rows: 10, columns: 4 })
    expect(inspection.problems.find((problem) => problem.code === 'MODALITY_CHOSEN')?.message).toContain(
      'rna is read, atac is kept beside it as further features',
    )
    const data = await read(path)
    expect(data.cellIds[0]).toBe('cell-9')
    expect([...data.representation.values.subarray(0, 3)]).toEqual([27, 28, 29])
    const donor = data.columns.find((column) => column.name === 'donor')
    expect(donor?.levels[donor.codes?.[1] ?? -1]).toBe('d2')
  })

  it('lists the parts of the other kind of data and takes them, matched through obsmap', async () => {
    const path = await h5ad.written(temporaryFolder(), 'c.h5mu', (file) => {
      mudata(true)(file)
      const order = Uint32Array.from(h5ad.cellNames, (_, cell) => cell + 1)
      ;(file.get('obsmap') as Group).create_dataset({ name: 'atac', data: order })
      const shifted = Float32Array.from({ length: 40 }, (_, at) => at)
      ;(file.get('mod/atac') as Group).create_group('obsm').create_dataset({ name: 'X_lsi', data: shifted, shape: [10, 4] })
    })
    const inspection = await look(path)
    expect(inspection.expression.map((each) => each.key)).toEqual(['X', 'mod/atac/X'])
    expect(inspection.representations.find((each) => each.key === 'mod/atac/obsm/X_lsi')).toMatchObject({ rows: 10, dims: 4 })
    // The same modality under its full name is the one that gives the cells.
    expect((await read(path, { expression: 'mod/rna/X' })).expression?.key).toBe('X')
    const other = await read(path, { representation: 'mod/atac/obsm/X_lsi', expression: 'none' })
    expect([...other.representation.values.subarray(0, 4)]).toEqual([0, 1, 2, 3])
    // cell-9 comes first in rna and last in atac.
    const mixed = await read(path, { expression: 'mod/atac/X' })
    expect(mixed.expression?.matrix.rows).toBe(10)
  })

  it('of which a kind of data has other cells says so, and takes them when they are asked for', async () => {
    const path = await h5ad.written(temporaryFolder(), 'd.h5mu', (file) => {
      mudata(false)(file)
      ;(file.get('obsmap') as Group).create_dataset({
        name: 'atac',
        data: Uint32Array.from(h5ad.cellNames, (_, cell) => Math.max(0, 7 - cell)),
      })
    })
    const inspection = await look(path)
    const listed = inspection.expression.find((each) => each.key === 'mod/atac/X')
    expect(listed?.evidence).toContain('2 of the cells of rna are not among them')
    const data = await read(path, { representation: 'pca', expression: 'mod/atac/X' })
    expect(data.cellIds).toHaveLength(9)
  })

  it('leaves out cells that lack this kind of data, and shifts no other cell', async () => {
    const path = await h5ad.written(temporaryFolder(), 'b.h5mu', mudata(false))
    expect((await look(path)).preview.rows[0]?.slice(0, 2)).toEqual(['cell-8', 'd2'])
    const data = await read(path)
    expect(data.cellIds).toEqual(h5ad.cellNames.slice(0, 9).reverse())
    expect([...data.representation.values.subarray(0, 3)]).toEqual([24, 25, 26])
  })
})

describe.skipIf(!shared)('the files of the reference data (needs ../shared)', () => {
  const file = (name: string): string => join(shared ?? '', 'data', name)

  it('a 10x file and the folder beside it hold the same matrix', async () => {
    const [one, other] = [
      await look(file('tenx/filtered_feature_bc_matrix.h5')),
      await look(file('tenx/filtered_feature_bc_matrix')),
    ]
    expect(one).toMatchObject({ kind: '10x-h5', rows: 1107, columns: 507 })
    expect(one.expression[0]?.evidence).toBe(other.expression[0]?.evidence)
    expect(one.expression[0]?.histogram).toEqual(other.expression[0]?.histogram)
    expect(one.preview).toEqual(other.preview)
  })

  it('tiny.loom is 12 cells x 8 genes', async () => {
    const inspection = await look(file('ugly/tiny.loom'))
    expect(inspection).toMatchObject({ rows: 12, columns: 8, expression: [{ key: 'X', verdict: 'counts' }] })
    expect(inspection.preview.rows[0]).toEqual(['AAAC00GTTC-1', '4', '1', '4'])
  })

  it.each(['h5mu/mudata-0.1.2-axis0.h5mu', 'h5mu/mudata-0.4.1-axis0.h5mu'])('%s gives one of its kinds of data', async (name) => {
    const inspection = await look(file(name))
    expect(inspection).toMatchObject({ kind: 'h5mu', rows: 100 })
    expect([20, 30]).toContain(inspection.columns)
  })

  it('plain.h5 is refused with what is inside', async () => {
    expect(await codeOf(look(file('ugly/plain.h5')))).toBe('FILE_NOT_RECOGNISED')
    expect(await sentenceOf(look(file('ugly/plain.h5')))).toContain('inside: images, notes')
  })
})
