// Which known gene a name in a file means, and what is said about the names.
import { describe, expect, it } from 'vitest'
import { inspectFile } from '../../src/main/engine/import'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { read } from './fixtures/reading'

describe('names of genes', () => {
  const withGenes = (names: string[], symbols: string[] | null = null): Promise<string> =>
    h5ad.written(temporaryFolder(), 'genes.h5ad', (file) => {
      h5ad.frame(file, 'obs', h5ad.cellNames, [])
      const table = h5ad.frame(file, 'var', names, symbols ? ['feature_name'] : [])
      if (symbols) h5ad.texts(table, 'feature_name', symbols)
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, 16] })
      h5ad.sparse(
        file,
        'X',
        Array.from({ length: 10 * names.length }, (_, at) => (at % 5) + (at % 7 === 0 ? 30 : 0)),
        false,
        names.length,
      )
    })
  const genesOf = async (path: string) => (await read(path)).expression?.genes ?? []

  it('symbols that carry their Ensembl id are shown without it', async () => {
    const genes = await genesOf(await withGenes(['CD79A_ENSG00000105369', 'LYZ', 'MS4A1_ENSG00000156738', 'MS4A1']))
    expect(genes.map((gene) => gene.name)).toEqual(['CD79A', 'LYZ', 'MS4A1_ENSG00000156738', 'MS4A1'])
    expect(genes.map((gene) => gene.symbol)).toEqual(['CD79A', 'LYZ', 'MS4A1', 'MS4A1'])
  })

  it('numbers added to repeated names are seen through, but names that end in a number are kept', async () => {
    const genes = await genesOf(await withGenes(['MATR3', 'MATR3-1', 'NKX2-1', 'NKX2']))
    expect(genes.map((gene) => gene.symbol)).toEqual(['MATR3', 'MATR3', 'NKX2-1', null])
  })

  it('repeated names become unique and are reported', async () => {
    const data = await read(await withGenes(['LYZ', 'CD3D', 'LYZ']))
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual(['LYZ', 'CD3D', 'LYZ-1'])
    expect(data.report.problems.map((problem) => problem.code)).toContain('GENES_REPEATED')
  })

  it('a lost index is replaced by the column that holds the names', async () => {
    const data = await read(await withGenes(['0', '1', '2', '3'], [...h5ad.geneNames]))
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual([...h5ad.geneNames])
    expect(data.report.problems.map((problem) => problem.code)).toContain('GENE_COLUMN')
  })

  it('mouse symbols are not taken for human genes', async () => {
    const inspection = await inspectFile(await withGenes(['Cd3d', 'Ms4a1', 'Lyz', 'Nkg7']), fewGenes)
    expect(inspection.genes).toMatchObject({ mapped: 0, of: 4, species: 'mouse' })
    expect(inspection.problems.map((problem) => problem.code)).toContain('FEW_GENES_KNOWN')
  })

  it('names that a spreadsheet turned into dates are listed, not repaired', async () => {
    const inspection = await inspectFile(await withGenes(['1-Mar', '2-Sep', 'LYZ', 'CD3D']), fewGenes)
    expect(inspection.problems.find((problem) => problem.code === 'GENE_DATES')?.message).toContain('1-Mar, 2-Sep')
  })
})
