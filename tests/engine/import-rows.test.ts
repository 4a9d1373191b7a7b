// Rows that are genes or proteins: recognised by their names, imported without expression, each mapped to its gene.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportChoice } from '@contract'
import { inspectFile } from '../../src/main/engine/import'
import { compileOntology } from '../../src/main/engine/ontology/compile'
import { OntologyLibrary } from '../../src/main/engine/ontology/library'
import { loadOntology } from '../../src/main/engine/ontology'
import { createProject } from '../../src/main/engine/project/project'
import { windowRemedy } from '../../src/renderer/text/remedies'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { nothing, read as readWhole } from './fixtures/reading'
import { store, type WholeImport } from './imported-data'

const resources = resolve(import.meta.dirname, '../../resources/ontology')
const builtIn = loadOntology(resources, new Date('2023-01-01'))
const { genes } = builtIn
const gafRow = (accession: string, symbol: string): string =>
  ['UniProtKB', accession, symbol, 'involved_in', 'GO:0006915', 'REF', 'IDA', '', 'P', 'n', '', 'protein', 'taxon:9606']
    .concat('20260101', 'UniProt', '', '')
    .join('\t')
const written = (lines: readonly (readonly (string | number)[])[]): string => {
  const path = join(temporaryFolder(), 'emb.csv')
  writeFileSync(path, lines.map((fields) => fields.join(',')).join('\n'))
  return path
}
const look = (path: string, choice: Partial<ImportChoice> = {}) => inspectFile(path, genes, undefined, { ...nothing, ...choice })
const read = (path: string, choice: Partial<ImportChoice> = {}, ids: string | null = null): Promise<WholeImport> =>
  readWhole(path, choice, { genes, beside: { ids } })

const symbols = ['CD3D', 'MS4A1', 'LYZ', 'NKG7', 'GAPDH', 'NKX2-1', 'HLA-DRB1', 'ISG15', 'no such gene']
const embedding = (names: readonly string[], dimension = 'dim'): string =>
  written([
    ['', ...Array.from({ length: 5 }, (_, dim) => `${dimension}${dim}`)],
    ...names.map((name, row) => [name, ...Array.from({ length: 5 }, (_, dim) => Math.sin(row * 5 + dim))]),
  ])

describe('an embedding whose rows are named like genes', () => {
  it.each(['dim', 'PC_', 'V', ''])('with columns %s0, %s1 … is one of genes, and says so', async (dimension) => {
    const found = await look(embedding(symbols, dimension))
    expect(found).toMatchObject({ kind: 'table-embedding', rows: 9, columns: 5 })
    expect(found.description).toContain('9 genes × 5 dimensions')
    expect(found.rowKind).toMatchObject({ kind: 'genes', mapped: 8, of: 9 })
    expect(found.problems.map((problem) => problem.code)).toContain('ROWS_ARE_FEATURES')
    expect(found.problems.map((problem) => problem.code)).not.toContain('NO_EXPRESSION')
  })

  it('shows how the names of the rows were understood, and takes another species', async () => {
    const { genes: report, problems, report: text } = await look(embedding([...symbols, 'CD3D-1x']))
    expect(report).toMatchObject({ mapped: 8, of: 10, species: 'human', speciesSure: true })
    expect(report.unmapped).toEqual(['no such gene', 'CD3D-1x'])
    expect(report.methods.find(({ method }) => method === 'symbol')?.count).toBe(8)
    expect(text).toContain('Genes of the rows: 8 of 10 known')
    expect(problems.map(({ code }) => code)).not.toContain('FEW_GENES_KNOWN')
    const mouse = await look(embedding(symbols), { rowKind: 'genes', genes: { species: 'mouse' } })
    expect(mouse.genes).toMatchObject({ species: 'mouse', of: 9 })
    expect(mouse.problems.map(({ code }) => code)).toContain('SPECIES_DOUBTFUL')
  })

  it('keeps the gene of each row in the project, and counts them', async () => {
    const data = await read(embedding(symbols))
    expect(data.report).toMatchObject({ rowKind: 'genes', genes: 0, mapped: { genes: 8, of: 9 } })
    const project = createProject(join(temporaryFolder(), 'p.latiscope'), 'P', '0')
    await store(project, data)
    expect(project.dataset.get()?.rowKind).toBe('genes')
    expect(project.dataset.parts.mappedRows()).toBe(8)
    expect(project.dataset.parts.rowGenes().map((row) => row.symbol)).toEqual([...symbols.slice(0, 8), null])
    project.close()
  })

  it('has cells when the user says so', async () => {
    expect((await look(embedding(symbols), { rowKind: 'cells' })).rowKind).toMatchObject({ kind: 'cells', why: 'You said so.' })
    const other = embedding(['a1', 'a2', 'a3'])
    expect((await look(other)).rowKind.kind).toBe('cells')
    expect((await look(other, { rowKind: 'genes' })).rowKind).toMatchObject({ kind: 'genes', of: 3 })
  })
})

describe('an embedding whose rows are named by UniProt', () => {
  it.each<[string, readonly string[]]>([
    ['accessions', ['P04637', 'Q9Y6K9', 'A0A024R1R8', 'O00300']],
    ['isoforms', ['P04637-2', 'Q9Y6K9-1', 'P01375-3', 'O00300-1']],
    ['names as in FASTA', ['sp|P04637|P53_HUMAN', 'sp|P01375|TNFA_HUMAN', 'tr|A0A024R1R8|X_HUMAN']],
    ['Ensembl proteins', ['ENSP00000269305', 'ENSP00000398698.2', 'ENSP00000371552']],
  ])('as %s is one of proteins', async (_, names) => {
    expect((await look(embedding(names))).rowKind.kind).toBe('proteins')
    expect((await read(embedding(names))).report).toMatchObject({ rowKind: 'proteins', mapped: { of: names.length } })
  })

  // TNF, TP53, INS, IL2 … in the order of a list.
  const wellKnown = 'P01375 P04637 P01308 P60568 P05231 P01579 P10145 P11912 P20963 P07766'.split(' ')

  it('is one of proteins where all are of the short form, and says what is needed to know their genes', async () => {
    const found = await look(embedding(wellKnown))
    expect(found.rowKind).toMatchObject({ kind: 'proteins', mapped: 0, of: 10 })
    expect(found.genes).toMatchObject({ mapped: 0, of: 10, kinds: [{ kind: 'UniProt accession', count: 10 }] })
    const unknown = found.problems.find(({ code }) => code === 'PROTEINS_UNKNOWN')
    expect(unknown?.message).toContain('none is known')
    expect(unknown?.remedy).toContain('latiscope ontology --install')
    expect(windowRemedy({ code: 'PROTEINS_UNKNOWN', remedy: unknown?.remedy ?? '' })).toContain('under “Ontologies”')
    expect(found.problems.map(({ code }) => code)).not.toContain('SPECIES_UNCLEAR')
  })

  it('has genes once an annotation file keyed by UniProt is installed', async () => {
    const folder = temporaryFolder()
    const gaf = join(folder, 'goa_human.gaf')
    writeFileSync(gaf, ['!gaf-version: 2.2', gafRow('P01375', 'TNF'), gafRow('P04637', 'TP53')].join('\n'))
    const library = new OntologyLibrary(join(folder, 'ontologies'), null, () => false)
    const files = { obo: null, associations: gaf, gmt: null, taxon: null, species: null, licence: null }
    library.install(await compileOntology(files, () => builtIn.builtInTerms()), 'GOA', new Date('2026-01-01'))
    const known = loadOntology(resources, new Date('2023-01-01'), { proteinsOf: (species) => library.proteinsOf(species) })
    const names = ['P01375-2', 'sp|P04637|P53_HUMAN', 'P01308']
    const found = await inspectFile(embedding(names), known.genes, undefined, nothing)
    expect(found.genes).toMatchObject({ mapped: 2, of: 3, species: 'human' })
    expect(found.genes.methods.find(({ method }) => method === 'uniprot')?.examples?.map(({ symbol }) => symbol)).toEqual([
      'TNF',
      'TP53',
    ])
    const data = await readWhole(embedding(names), {}, { genes: known.genes })
    expect(data.rowGenes?.map(({ symbol }) => symbol)).toEqual(['TNF', 'TP53', null])
  })

  it('is not confused with barcodes or numbered cells', async () => {
    for (const names of [
      ['AAACCTGA-1', 'AAACGGGT-1'],
      ['C1', 'C2'],
      ['cell 1', 'cell 2'],
      ['S10001', 'S10002'],
      ['P10001', 'P10002', 'P10003', 'P10004'],
      ['P04637', 'Q9Y6K9', 'A0A024R1R8', 'well 4', 'well 5'],
    ]) {
      expect((await look(embedding(names))).rowKind.kind).toBe('cells')
    }
  })
})

describe.skipIf(!shared)('a real gene embedding (needs ../shared)', () => {
  it('3,976 genes with names in a list: 99 % are known', async () => {
    const folder = join(shared ?? '', 'data/embeddings')
    const names = join(folder, 'gene-codetection-svd64.genes.txt')
    const data = await read(join(folder, 'gene-codetection-svd64.npy'), {}, names)
    expect(data.cellIds).toEqual(readFileSync(names, 'utf8').trim().split(/\r?\n/))
    expect(data.report).toMatchObject({ rows: 3976, dims: 64, rowKind: 'genes', verdict: null })
    expect(data.report.mapped.genes).toBeGreaterThan(0.98 * 3976)
    expect(data.rowGenes?.[data.cellIds.indexOf('MS4A1')]).toMatchObject({ symbol: 'MS4A1', method: 'symbol' })
  })
})
