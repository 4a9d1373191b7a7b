// What a linking is tested against: genes of the data meet annotations of their own species, or of another one only when asked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InstallRequest, TermChoice } from '@contract'
import { termSource, type TermSource } from '../../src/main/engine/analysis/term-source'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { nameGenes } from '../../src/main/engine/import/gene-names'
import { createProject } from '../../src/main/engine/project/project'
import { smallImport, store } from './imported-data'

const home = mkdtempSync(join(tmpdir(), 'latiscope-terms-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const resources = resolve(import.meta.dirname, '../../resources')
const engine = new Engine({ resources, cache: join(home, 'cache'), library: join(home, 'library') }, '0', () => {})
afterAll(() => engine.closeProject())

let files = 0
const grant = (name: string, text: string): string => {
  const token = String(files++).padStart(32, '0')
  writeFileSync(join(home, name), text)
  engine.grant({ token, path: join(home, name), purpose: 'data' })
  return token
}
const install = (request: Partial<InstallRequest>) => {
  const nothing = { obo: null, associations: null, gmt: null, name: null, species: null, taxon: null, licence: null }
  return handlers['ontology.install']({ ...nothing, ...request }, engine)
}

/** Opens a project whose expression has these genes. */
async function withGenes(names: readonly string[], species: string | null = null): Promise<void> {
  await engine.closeProject()
  const found = nameGenes(
    { rows: names.length, index: [...names], columns: [], madeUp: false } as never,
    engine.ontology.catalogue.resolver,
    { species },
  )
  const data = smallImport()
  const expression = data.expression as NonNullable<typeof data.expression>
  const project = createProject(join(home, `${files++}.latiscope`), 'P', '0')
  engine.useProject(project)
  const matrix = { ...expression.matrix, columns: names.length }
  const genes = found.genes.map((gene) => ({ ...gene, detectedCells: 3 }))
  const identity = { species: found.species, geneTable: found.tableVersion }
  await store(project, { ...data, expression: { ...expression, genes, matrix, ...identity } })
}

const source = (choice: TermChoice = {}, evidence: 'all' | 'no-iea' = 'all'): Promise<TermSource> =>
  termSource(engine, { aspect: 'BP', evidence, ...choice })

/** Columns of the data in a term. */
function columnsIn({ sets, geneOf }: TermSource, term: string): number[] {
  const at = sets.ids.indexOf(term)
  const genes = new Set(at < 0 ? [] : sets.indices.subarray(sets.indptr[at], sets.indptr[at + 1]))
  return [...geneOf].flatMap((gene, column) => (genes.has(gene) ? [column] : []))
}

const refusal = async (work: Promise<unknown>): Promise<{ code: string; message: string; remedy: string }> => {
  try {
    await work
  } catch (thrown) {
    return (thrown as { error: { code: string; message: string; remedy: string } }).error
  }
  throw new Error('it was not refused')
}

const signalling = 'GO:0050853'
const human = ['CD79A', 'MS4A1', 'CD3D', 'LYZ', 'NKG7', 'RP11-34P13.7']
const mouse = ['Cd79a', 'Ms4a1', 'Cd3d', 'Lyz2', 'Nkg7', 'Nonsense']
const row = (id: string, symbol: string, term: string, evidence: string, taxon: number, synonyms = ''): string =>
  [
    'DB',
    id,
    symbol,
    'involved_in',
    term,
    'REF',
    evidence,
    '',
    'P',
    'name',
    synonyms,
    'protein',
    `taxon:${taxon}`,
    '20260101',
    'DB',
    '',
    '',
  ].join('\t')

describe('human data', () => {
  beforeAll(() => withGenes(human))

  it('meet the built-in annotations unless something else is asked for', async () => {
    const found = await source()
    expect(found.reference).toMatchObject({
      id: 'built-in',
      species: 'human',
      release: '2022-07-01',
      evidence: 'all',
      relations: 'is_a,part_of',
      orthologs: null,
    })
    expect(columnsIn(found, signalling)).toEqual([0, 1])
    expect(found.genes).toEqual({ of: 6, known: 5, annotated: 5 })
    expect(found.keptTerms).toEqual([])
  })

  it('have another key for every choice the sets depend on', async () => {
    const keys = await Promise.all([source(), source({}, 'no-iea'), source({ relations: 'is_a' }), source({ relations: 'none' })])
    expect(new Set(keys.map(({ key }) => key.join())).size).toBe(4)
    expect((await source()).key).toEqual(keys[0].key)
  })

  it('meet gene sets of a file, by any name of the gene; known genes in no set stay in the background', async () => {
    const gmt = grant('sets.gmt', 'B cells\tx\tENSG00000105369\tCD20L\tMS4A1\nOld names\tx\tTRAP\tLEU16\n')
    const found = await source({ files: { obo: null, associations: null, gmt } })
    expect(found.reference).toMatchObject({ name: 'sets.gmt', relations: null })
    expect(columnsIn(found, 'B cells')).toEqual([0, 1])
    expect(found.genes).toEqual({ of: 6, known: 5, annotated: 2 })
    expect(Math.max(...found.geneOf)).toBeLessThan(found.sets.geneCount)
    expect(found.keptTerms.map(({ id }) => id)).toEqual(['B cells', 'Old names'])
  })

  it('are refused annotations of mouse, with what to do', async () => {
    const associations = grant('mgi.gaf', ['!gaf-version: 2.2', row('MGI:1', 'Cd79a', signalling, 'IDA', 10090)].join('\n'))
    const { code, message } = await refusal(source({ files: { obo: null, associations, gmt: null } }))
    expect([code, message]).toEqual([
      'NO_ANNOTATION_FOR_SPECIES',
      'The genes are of human, but the annotations of mgi.gaf are of mouse.',
    ])
    expect((await refusal(source({ orthologs: true }))).code).toBe('ORTHOLOGS_UNFIT')
  })

  it('keyed by UniProt or Entrez ids meet a file keyed by symbols, and the other way round', async () => {
    const associations = grant(
      'goa.gaf',
      [
        '!gaf-version: 2.2',
        row('P11912', 'CD79A', signalling, 'IDA', 9606),
        row('P11836', 'MS4A1', signalling, 'IDA', 9606, 'CD20'),
      ].join('\n'),
    )
    await install({ associations, name: 'GOA' })
    await withGenes(['P11912', 'P11836', 'ENSG00000167286', 'LYZ', 'TP53', 'NKG7'], 'human')
    expect(columnsIn(await source({ ontology: 'goa' }), signalling)).toEqual([0, 1])
    const gene2go = grant(
      'gene2go',
      '#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory\n9606\t973\tGO:0050853\tIDA\t-\tx\t-\tProcess\n',
    )
    await withGenes(human)
    expect(columnsIn(await source({ files: { obo: null, associations: gene2go, gmt: null } }), signalling)).toEqual([0])
  })
})

describe('mouse data', () => {
  beforeAll(() => withGenes(mouse))

  it('are refused the human annotations, with both remedies', async () => {
    const { code, message, remedy } = await refusal(source())
    expect(code).toBe('NO_ANNOTATION_FOR_SPECIES')
    expect(message).toContain('The genes are of mouse, but the annotations of Gene Ontology, human (built in) are of human.')
    expect(remedy).toMatch(/MGI.*--orthologs/)
  })

  it('meet them through one-to-one orthologs when asked; genes without a partner do not count', async () => {
    const found = await source({ orthologs: true })
    expect(columnsIn(found, signalling)).toEqual([0, 1])
    // Lyz2 has a twin, Nonsense is no gene.
    expect(found.genes).toEqual({ of: 6, known: 4, annotated: 4 })
    expect(found.reference.orthologs).toEqual({ release: 'Ensembl 105', pairs: 16_296 })
    expect(found.key.at(-1)).toBe('orthologs Ensembl 105')
  })

  it('meet installed annotations of mouse', async () => {
    const associations = grant(
      'mgi2.gaf',
      [
        '!gaf-version: 2.2',
        row('MGI:1', 'Cd79a', signalling, 'IEA', 10090),
        row('MGI:2', 'Lyz2', 'GO:0042742', 'IDA', 10090),
      ].join('\n'),
    )
    const { ontology } = await install({ associations, name: 'MGI' })
    const found = await source({ ontology: ontology.id })
    expect([columnsIn(found, signalling), columnsIn(found, 'GO:0042742')]).toEqual([[0], [3]])
    expect(found.genes).toEqual({ of: 6, known: 5, annotated: 2 })
    expect(columnsIn(await source({ ontology: 'MGI' }, 'no-iea'), signalling)).toEqual([])
  })
})

describe('data of a species without a table', () => {
  it('meet a file of that species by name, and every name is a gene', async () => {
    await withGenes(['actb1', 'cd79a', 'tuba1c', 'mpx', 'lyz', 'spi1b'], 'zebrafish')
    const associations = grant(
      'zfin.gaf',
      [
        '!gaf-version: 2.2',
        row('ZDB-GENE-1', 'mpx', 'GO:0042742', 'IDA', 7955),
        row('ZDB-GENE-2', 'lyz', 'GO:0042742', 'IDA', 7955),
      ].join('\n'),
    )
    const found = await source({ files: { obo: null, associations, gmt: null } })
    expect(columnsIn(found, 'GO:0042742')).toEqual([3, 4])
    expect(found.genes).toEqual({ of: 6, known: 6, annotated: 2 })
    expect((await refusal(source())).remedy).toContain('Install annotations of zebrafish')
  })

  it('that share no name with it are refused', async () => {
    await withGenes(['a1', 'a2', 'a3', 'a4', 'a5', 'a6'], 'axolotl')
    const gmt = grant('other.gmt', 'S\tx\tb1\tb2\n')
    expect((await refusal(source({ files: { obo: null, associations: null, gmt } }))).code).toBe('NO_GENES')
  })
})

describe('a project whose gene table was replaced since', () => {
  it('has its genes looked up again by their ids, so that no number points at another gene', async () => {
    await withGenes(human)
    const project = engine.project
    const before = (await source()).geneOf
    const shifted = project.dataset
      .genes()
      .map((gene) => ({ ...gene, ontologyGene: gene.ontologyGene === null ? null : gene.ontologyGene + 7 }))
    const old = { ...project.dataset.get(), geneTable: 'another' }
    const dataset = { ...project.dataset, get: () => old as never, genes: () => shifted }
    engine.useProject({ ...project, dataset })
    expect([...(await source()).geneOf]).toEqual([...before])
    engine.useProject(project)
  })
})
