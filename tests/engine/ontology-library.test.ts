// Ontologies from the user's files: what is read, that several stand side by side, and that damage is noticed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { EngineMethod, EngineParams, EngineResult, InstallRequest } from '@contract'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { loadOntology, type TermCollection } from '../../src/main/engine/ontology'
import { compileOntology } from '../../src/main/engine/ontology/compile'
import { createCollection } from '../../src/main/engine/ontology/collection'
import { readResource } from '../../src/main/engine/ontology/resource'
import type { TermSets } from '../../src/main/science/term-sets'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'

const resources = resolve(import.meta.dirname, '../../resources')
const builtIn = loadOntology(join(resources, 'ontology'), new Date('2023-01-01'))

const gafRow = (id: string, symbol: string, term: string, evidence = 'IDA', qualifier = 'involved_in', taxon = 10090): string =>
  [
    'MGI',
    id,
    symbol,
    qualifier,
    term,
    'REF',
    evidence,
    '',
    'P',
    'name',
    `${symbol}-old`,
    'protein',
    `taxon:${taxon}`,
    '20260101',
    'MGI',
    '',
    '',
  ].join('\t')
const mgi = [
  '!gaf-version: 2.2',
  '!date-generated: 2026-02-03',
  gafRow('MGI:101774', 'Cd79a', 'GO:0050853'),
  gafRow('MGI:101774', 'Cd79a', 'GO:0050853', 'IEA'),
  gafRow('MGI:88321', 'Ms4a1', 'GO:0050853', 'IEA'),
  gafRow('MGI:88331', 'Cd3d', 'GO:0050853', 'IDA', 'NOT|involved_in'),
  gafRow('MGI:88331', 'Cd3d', 'GO:0050852', 'TAS'),
  gafRow('MGI:96897', 'Lyz2', 'GO:0008150', 'ND'),
  gafRow('MGI:1', 'Newgene', 'GO:9999999'),
].join('\n')

interface Bench {
  readonly engine: Engine
  ask<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>>
  file(name: string, content: string | Buffer): string
  install(request: Partial<InstallRequest>): Promise<EngineResult<'ontology.install'>>
  readonly library: string
}

const home = mkdtempSync(join(tmpdir(), 'latiscope-library-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const library = join(home, 'library')
// One engine for all: reading the gene tables takes longer than any of the tests.
const engine = new Engine({ resources, cache: join(home, 'cache'), library }, '0', () => {})
let tokens = 0

/** The engine with an empty library. */
function bench(): Bench {
  const folder = temporaryFolder()
  rmSync(library, { recursive: true, force: true })
  const ask: Bench['ask'] = async (method, params) => handlers[method](params, engine)
  return {
    engine,
    ask,
    library: join(library, 'ontologies'),
    file: (name, content) => {
      writeFileSync(join(folder, name), content)
      const token = String(tokens++).padStart(32, '0')
      engine.grant({ token, path: join(folder, name), purpose: 'data' })
      return token
    },
    install: (request) => {
      const nothing = { obo: null, associations: null, gmt: null, name: null, species: null, taxon: null, licence: null }
      return ask('ontology.install', { ...nothing, ...request })
    },
  }
}

const genesOf = (
  collection: TermCollection,
  id: string,
  evidence: 'all' | 'no-iea' | 'experimental' = 'all',
  relations: 'none' | 'is_a' | 'is_a,part_of' = 'is_a,part_of',
): string[] => {
  const sets = collection.sets(collection.info.aspects.length > 0 ? 'BP' : null, evidence, relations)
  const at = sets.ids.indexOf(id)
  return at < 0
    ? []
    : Array.from(
        sets.indices.subarray(sets.indptr[at], sets.indptr[at + 1]),
        (gene) => collection.content.genes.symbols[gene] ?? '',
      ).sort()
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fine',
    (thrown: unknown) => (thrown instanceof Error ? (thrown.message.split(':')[0] ?? '') : ''),
  )

describe('annotations of mouse', () => {
  it('are installed from a GAF file alone, read with the built-in GO terms', async () => {
    const { install, file, ask, engine } = bench()
    const { ontology, problems } = await install({ associations: file('mgi.gaf.gz', gzipSync(mgi)) })
    expect(ontology).toMatchObject({
      id: 'mgi-2026-02-03',
      name: 'mgi',
      kind: 'go',
      species: 'mouse',
      release: '2022-07-01',
      annotations: '2026-02-03',
      licence: 'CC BY 4.0',
      genes: 3,
      aspects: ['BP', 'MF', 'CC'],
      hasEvidence: true,
      bundled: false,
    })
    expect(ontology.checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(ontology.files.map(({ name }) => name)).toEqual(['mgi.gaf.gz'])
    expect(ontology.attribution).toContain('annotations of 2026-02-03')
    expect(problems.map(({ code }) => code)).toEqual(['ANNOTATION_LINES', 'ANNOTATION_TERMS_UNKNOWN'])
    expect((await ask('ontology.list', {})).map(({ id }) => id)).toEqual(['built-in', 'mgi-2026-02-03'])
    expect(engine.collection('MGI').info.id).toBe('mgi-2026-02-03')
  })

  it('are carried up, NOT and ND left out, by the evidence and relations asked for', async () => {
    const { install, file, engine } = bench()
    const { ontology } = await install({ associations: file('mgi.gaf', mgi) })
    const mouse = engine.collection(ontology.id)
    expect(genesOf(mouse, 'GO:0050853')).toEqual(['Cd79a', 'Ms4a1'])
    expect(genesOf(mouse, 'GO:0050853', 'no-iea')).toEqual(['Cd79a'])
    expect(genesOf(mouse, 'GO:0050851')).toEqual(['Cd3d', 'Cd79a', 'Ms4a1'])
    expect(genesOf(mouse, 'GO:0050851', 'experimental')).toEqual(['Cd79a'])
    expect(genesOf(mouse, 'GO:0050851', 'all', 'none')).toEqual([])
    expect(genesOf(mouse, 'GO:0008150')).toEqual(['Cd3d', 'Cd79a', 'Ms4a1'])
  })
})

describe('ontologies side by side', () => {
  it('keep their names, dates, checksums and licences; the same content under the same name is kept once', async () => {
    const { install, file, ask } = bench()
    const newer = mgi.replace('2026-02-03', '2026-05-06').replace('GO:0050852', 'GO:0042113')
    await install({ associations: file('mgi.gaf', mgi), name: 'MGI' })
    await install({ associations: file('again.gaf', mgi), name: 'MGI' })
    await install({ associations: file('mgi-new.gaf', newer), name: 'MGI', licence: 'CC BY 4.0, MGI 2026' })
    await install({ gmt: file('reactome.gmt', 'R-HSA-1\tx\tCD3D\tCD79A\nR-HSA-2\tx\tMS4A1\tLYZ\n'), licence: 'CC0' })
    const found = await ask('ontology.list', {})
    expect(found.map(({ id, licence }) => [id, licence])).toEqual([
      ['built-in', 'CC BY 4.0'],
      ['mgi-2026-05-06', 'CC BY 4.0, MGI 2026'],
      ['mgi-2026-02-03', 'CC BY 4.0'],
      ['reactome', 'CC0'],
    ])
    expect(new Set(found.map(({ checksum }) => checksum)).size).toBe(4)
    expect(found.at(-1)).toMatchObject({ kind: 'sets', species: 'human', terms: 2, genes: 4, hasEvidence: false })
  })

  it('are named by id where two share a name, and removed one by one', async () => {
    const { install, file, ask, engine } = bench()
    await install({ associations: file('a.gaf', mgi), name: 'MGI' })
    await install({ associations: file('b.gaf', mgi.replace('2026-02-03', '2026-05-06').replace('Ms4a1', 'Cd19')), name: 'MGI' })
    expect(() => engine.collection('MGI')).toThrow('ONTOLOGY_NOT_INSTALLED')
    await ask('ontology.remove', { id: 'mgi-2026-02-03' })
    expect(engine.collection('mgi').info.id).toBe('mgi-2026-05-06')
    expect(await codeOf(ask('ontology.remove', { id: 'mgi-2026-02-03' }))).toBe('ONTOLOGY_NOT_INSTALLED')
    expect(await codeOf(ask('ontology.remove', { id: 'built-in' }))).toBe('NOT_AVAILABLE')
  })

  it('whose files were changed afterwards are refused, not used', async () => {
    const { install, file, library, engine } = bench()
    const { ontology } = await install({ associations: file('mgi.gaf', mgi) })
    const content = join(library, ontology.id, 'content.json.gz')
    writeFileSync(content, readFileSync(content).subarray(0, 200))
    expect(() => engine.collection(ontology.id).sets('BP', 'all', 'is_a')).toThrow('ONTOLOGY_DAMAGED')
    mkdirSync(join(library, 'foreign'))
    writeFileSync(join(library, 'foreign', 'ontology.json'), '{"id":"foreign"}')
    expect(engine.library.list().map(({ id }) => id)).toEqual([ontology.id])
  })
})

describe('other files', () => {
  const hpo = [
    'format-version: 1.2',
    'data-version: hp/releases/2026-01-13',
    'property_value: http://purl.org/dc/terms/license "see https://hpo.jax.org/license" xsd:string',
    '',
    '[Term]',
    'id: HP:0000001',
    'name: All',
    '',
    '[Term]',
    'id: HP:0000118',
    'name: Phenotypic abnormality',
    'is_a: HP:0000001',
    '',
    '[Term]',
    'id: HP:0002721',
    'name: Immunodeficiency',
    'is_a: HP:0000118',
    '',
  ].join('\n')

  it('another ontology with its own table of genes (HPO)', async () => {
    const { install, file, engine } = bench()
    const table = [
      'ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id',
      '915\tCD3D\tHP:0002721\tImmunodeficiency\t-\tOMIM:615617',
      '973\tCD79A\tHP:0002721\tImmunodeficiency\t-\tOMIM:613501',
    ].join('\n')
    const { ontology } = await install({
      obo: file('hp.obo', hpo),
      associations: file('genes_to_phenotype.txt', table),
      name: 'HPO',
    })
    expect(ontology).toMatchObject({
      kind: 'terms',
      species: 'human',
      release: '2026-01-13',
      aspects: [],
      licence: 'see https://hpo.jax.org/license',
      terms: 3,
      genes: 2,
    })
    const collection = engine.collection('HPO')
    expect(genesOf(collection, 'HP:0000118')).toEqual(['CD3D', 'CD79A'])
    const sets = collection.sets(null, 'all', 'is_a')
    expect(sets.ids[sets.root]).toBe('HP:0000001')
  })

  it('terms without genes are refused with what is missing', async () => {
    const { install, file } = bench()
    expect(await codeOf(install({ obo: file('hp.obo', hpo) }))).toBe('ONTOLOGY_WITHOUT_GENES')
    expect(await codeOf(install({}))).toBe('USAGE')
    expect(await codeOf(install({ obo: file('hp2.obo', hpo), associations: file('mgi.gaf', mgi) }))).toBe('TEXT_NOT_RECOGNISED')
  })

  it('gene2go of all species keeps one, and asks which when it is not told', async () => {
    const { install, file, engine } = bench()
    const rows = [
      '#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory',
      '9606\t973\tGO:0050853\tIDA\tinvolved_in\tx\t1\tProcess',
      '9606\t931\tGO:0050853\tIEA\tNOT involved_in\tx\t1\tProcess',
      '9606\t915\tGO:0050852\tND\tinvolved_in\tx\t1\tProcess',
      '10090\t12518\tGO:0050853\tIDA\tinvolved_in\tx\t1\tProcess',
    ].join('\n')
    const gene2go = file('gene2go.gz', gzipSync(rows))
    expect(await codeOf(install({ associations: gene2go }))).toBe('TAXON_NEEDED')
    const { ontology, problems } = await install({ associations: gene2go, taxon: 9606, name: 'NCBI' })
    expect(ontology).toMatchObject({ species: 'human', genes: 1 })
    expect(problems[0]?.message).toContain('1 with NOT')
    expect(engine.collection('NCBI').content.genes.ids).toEqual(['ENTREZ:973'])
    expect((await install({ associations: gene2go, species: 'mouse', name: 'NCBI mouse' })).ontology.species).toBe('mouse')
    expect(await codeOf(install({ associations: file('broken.gz', gzipSync(rows).subarray(0, 60)), taxon: 9606 }))).toBe(
      'FILE_DAMAGED',
    )
  })

  it('of two species keep the one asked for', async () => {
    const { install, file } = bench()
    const both = [mgi, gafRow('P11912', 'CD79A', 'GO:0050853', 'IDA', 'involved_in', 9606)].join('\n')
    expect((await install({ associations: file('both.gaf', both) })).problems.map(({ code }) => code)).toContain(
      'ANNOTATION_SPECIES',
    )
    const human = await install({ associations: file('both2.gaf', both), taxon: 9606 })
    expect(human.ontology).toMatchObject({ species: 'human', genes: 1 })
  })

  it('name the genes of proteins: UniProt accessions are then known', async () => {
    const { install, file, engine } = bench()
    const goa = [
      '!gaf-version: 2.2',
      gafRow('P11912', 'CD79A', 'GO:0050853', 'IDA', 'involved_in', 9606),
      gafRow('P04637', 'TP53', 'GO:0006915', 'IDA', 'involved_in', 9606),
    ].join('\n')
    const before = engine.ontology.genes
    await install({ associations: file('goa_human.gaf', goa) })
    const proteins = ['P11912', 'P11912-2', 'sp|P04637|P53_HUMAN', 'Q99999'].map((name) => before.resolve(name))
    expect(proteins.map(({ gene, method }) => `${gene === null ? '-' : before.symbolOf(gene)} ${method}`)).toEqual([
      'CD79A uniprot',
      'CD79A uniprot',
      'TP53 uniprot',
      '- unmapped',
    ])
  })
})

describe('a quarter of the built-in genes, written as gene2go and installed', () => {
  it('give the same sets gene by gene, for the widest and the narrowest choice', async () => {
    const folder = temporaryFolder()
    const { terms, genes } = readResource(join(resources, 'ontology'))
    const codes = [
      [1, 'IDA'],
      [2, 'TAS'],
      [4, 'IEA'],
    ] as const
    const lines = ['#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory']
    const isIn = (gene: number): boolean => gene % 4 === 0
    for (let gene = 0; gene < genes.ids.length; gene += 4)
      for (let at = genes.annotationStart[gene] as number; at < (genes.annotationStart[gene + 1] as number); at++)
        for (const [bit, code] of codes)
          if (((genes.annotationEvidence[at] as number) & bit) !== 0)
            lines.push(`9606\t${genes.ids[gene]}\t${terms.ids[genes.annotationTerms[at] as number]}\t${code}\t-\tx\t-\tx`)
    writeFileSync(join(folder, 'gene2go'), lines.join('\n'))
    const content = await compileOntology(
      { obo: null, associations: join(folder, 'gene2go'), gmt: null, taxon: 9606, species: null, licence: null },
      () => builtIn.builtInTerms(),
    )
    const installed = createCollection({ ...builtIn.collection.info, checksum: content.checksum }, () => content, null)
    const rows = new Map(genes.ids.map((id, at) => [`ENTREZ:${id}`, at]))
    const numberOf = content.genes.ids.map((id) => rows.get(id) ?? -1)
    for (const [evidence, relations] of [
      ['all', 'is_a,part_of'],
      ['experimental', 'none'],
    ] as const) {
      const wanted = setsById(builtIn.annotations('BP', evidence, relations), (gene) => (isIn(gene) ? gene : null))
      const found = setsById(installed.sets('BP', evidence, relations), (gene) => numberOf[gene] ?? -1)
      expect(found.size).toBe(wanted.size)
      expect([...wanted].filter(([id, list]) => found.get(id) !== list)).toEqual([])
    }
  })
})

/** Genes of each term as one text; terms without a gene are left out. */
function setsById({ ids, indptr, indices }: TermSets, numberOf: (gene: number) => number | null): Map<string, string> {
  const sets = new Map<string, string>()
  ids.forEach((id, term) => {
    const genes = [...indices.subarray(indptr[term], indptr[term + 1])].flatMap((gene) => numberOf(gene) ?? [])
    if (genes.length > 0) sets.set(id, genes.sort((a, b) => a - b).join(' '))
  })
  return sets
}

describe.skipIf(!shared)('published and damaged files (needs ../shared)', () => {
  const path = (name: string): string => join(shared ?? '', 'data', name)
  const compile = (obo: string | null, associations: string | null, gmt: string | null = null) =>
    compileOntology(
      {
        obo: obo && path(obo),
        associations: associations && path(associations),
        gmt: gmt && path(gmt),
        taxon: null,
        species: null,
        licence: null,
      },
      () => builtIn.builtInTerms(),
    )

  it('Enrichr terms as sets, with the GO id in the name as id', async () => {
    const { terms, genes, kind } = await compile(null, null, 'genesets/enrichr.GO_Biological_Process_2021.gmt')
    expect([kind, terms.ids.length, terms.ids.includes('GO:0051084')]).toEqual(['sets', 6036, true])
    expect(genes.symbols.length).toBeGreaterThan(14_000)
  })

  it('a slim with an annotation file that holds mistakes on purpose', async () => {
    const { problems, genes } = await compile('ontology/goslim_generic.obo', 'ontology/goa_human_illegal.gaf')
    expect(genes.symbols.length).toBeGreaterThan(0)
    expect(problems.map(({ code }) => code)).toContain('ANNOTATION_LINES')
  })

  it('a circle of parents is refused', async () => {
    expect(await codeOf(compile('ugly/cycle.obo', 'ugly/gaf21-not.gaf'))).toBe('FILE_DAMAGED')
  })
})
