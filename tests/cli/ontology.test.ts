// Gene names and ontologies through the built command line: species, gene tables, installing, choosing, orthologs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Enrichment, Inspection, InstalledOntology, LatentCard, LatentRow, LinkReport, Match } from '@contract'
import { cli, cliAnswer, hasNative, sampleFile } from '../run-cli'
import { shared } from '../shared-folder'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-ontology-'))
const before = process.env['LATISCOPE_LIBRARY']
beforeAll(() => (process.env['LATISCOPE_LIBRARY'] = join(folder, 'library')))
afterAll(() => {
  if (before === undefined) delete process.env['LATISCOPE_LIBRARY']
  else process.env['LATISCOPE_LIBRARY'] = before
  rmSync(folder, { recursive: true, force: true })
})

const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const gafRow = (symbol: string, term: string, evidence: string): string =>
  [
    'MGI',
    `MGI:${symbol}`,
    symbol,
    'involved_in',
    term,
    'REF',
    evidence,
    '',
    'P',
    'n',
    '',
    'protein',
    'taxon:10090',
    '20260101',
    'MGI',
    '',
    '',
  ].join('\t')
const mouseGenes = ['Cd79a', 'Ms4a1', 'Cd3d', 'Cd3e', 'Lck', 'Nkg7', 'Gapdh', 'Actb', 'Trp53', 'Cst3', 'Lyz2', 'Il7r']
const mouseTable = `cell,${mouseGenes.join(',')}\n${Array.from({ length: 12 }, (_, cell) => `c${cell},${mouseGenes.map((_, gene) => (cell * 7 + gene * 3) % 9).join(',')}`).join('\n')}\n`
const gaf = write(
  'mgi.gaf.gz',
  gzipSync(
    [
      '!gaf-version: 2.2',
      '!date-generated: 2026-02-03',
      ...['Cd79a', 'Ms4a1', 'Cd3d', 'Cd3e', 'Lck'].map((symbol) =>
        gafRow(symbol, 'GO:0050851', symbol === 'Lck' ? 'IEA' : 'IDA'),
      ),
    ].join('\n'),
  ),
)

describe('the verb inspect', () => {
  it('says of which species the genes are and how their names were understood', async () => {
    const found = await cliAnswer<Inspection>('inspect', write('mouse.csv', mouseTable))
    expect(found.genes).toMatchObject({ species: 'mouse', mapped: 12, of: 12, table: 'GENCODE M37', speciesSure: true })
    expect(found.problems.map(({ code }) => code)).not.toContain('FEW_GENES_KNOWN')
    const human = await cliAnswer<Inspection>('inspect', join(folder, 'mouse.csv'), '--species', 'human')
    expect(human.genes.species).toBe('human')
    expect(human.problems.map(({ code }) => code)).toContain('SPECIES_DOUBTFUL')
  })

  it("uses a gene table of the user's for other species", async () => {
    const genes = write('genes.tsv', `gene_id\tgene_name\n${mouseGenes.map((name, at) => `RAT${at}\t${name}`).join('\n')}\n`)
    const found = await cliAnswer<Inspection>('inspect', write('rat.csv', mouseTable), '--species', 'rat', '--gene-table', genes)
    expect(found.genes).toMatchObject({ species: 'rat', mapped: 12, table: 'genes.tsv' })
  })

  it.skipIf(!shared)('takes the mouse file of the odd ones for mouse, 8 of 8 (needs ../shared)', async () => {
    const found = await cliAnswer<Inspection>('inspect', join(shared ?? '', 'data/ugly/mouse-genes.csv'))
    expect(found.genes).toMatchObject({ species: 'mouse', mapped: 8, of: 8 })
  })
})

describe('the verb ontology', () => {
  it('lists the built-in one, installs from files, and removes', async () => {
    const list = (answer: { ontologies: InstalledOntology[] }): string[] => answer.ontologies.map(({ id }) => id)
    expect(list(await cliAnswer('ontology'))).toEqual(['built-in'])
    const installed = await cliAnswer<{ ontology: InstalledOntology }>(
      'ontology',
      '--install',
      '--associations',
      gaf,
      '--name',
      'MGI',
    )
    expect(installed.ontology).toMatchObject({ id: 'mgi-2026-02-03', species: 'mouse', annotations: '2026-02-03' })
    expect(list(await cliAnswer('ontology'))).toEqual(['built-in', 'mgi-2026-02-03'])
    expect(list(await cliAnswer('ontology', '--remove', 'mgi-2026-02-03'))).toEqual(['built-in'])
  })

  it.each([
    [['--install'], 'USAGE', 2],
    [['--name', 'x'], 'USAGE', 2],
    [['--install', '--remove', 'x'], 'USAGE', 2],
    [['--remove', 'none'], 'ONTOLOGY_NOT_INSTALLED', 3],
    [['--install', '--associations', 'no-such-file'], 'FILE_NOT_FOUND', 3],
  ])('refuses %j', async (words, code, exit) => {
    expect(await cli('ontology', ...words)).toMatchObject({ code: exit, json: { error: { code } } })
  })
})

describe('the verb enrich with mouse genes', () => {
  const list = write('list.txt', 'Cd79a\nMs4a1\nCd3d\nCd3e\nLck\n')
  const background = write('background.txt', mouseGenes.join('\n'))
  const enrich = ['enrich', '--genes', list, '--background', background, '--preset', 'goatools']

  it('refuses human annotations and names both ways out', async () => {
    const { code, json } = await cli(...enrich)
    expect([code, json]).toMatchObject([3, { error: { code: 'NO_ANNOTATION_FOR_SPECIES' } }])
    expect(JSON.stringify(json)).toContain('--orthologs')
  })

  it('goes through one-to-one orthologs when asked', async () => {
    const answer = await cliAnswer<Enrichment>(...enrich, '--orthologs')
    expect(answer.sets.source).toContain('one-to-one mouse orthologs')
    // Lyz2 has a twin; Gapdh and Cst3 have several partners on one side.
    expect(answer.background).toEqual({ given: 12, counted: 9 })
    expect(answer.terms.find(({ id }) => id === 'GO:0050851')).toMatchObject({
      genes: expect.arrayContaining(['Cd79a', 'Cd3e']) as unknown,
    })
  })

  it('takes installed annotations of mouse, by the evidence asked for', async () => {
    await cliAnswer('ontology', '--install', '--associations', gaf, '--name', 'MGI')
    const overlap = async (...words: string[]): Promise<number | undefined> => {
      const answer = await cliAnswer<Enrichment>(...enrich, '--ontology', 'MGI', '--aspect', 'BP', ...words)
      expect(answer.background.counted).toBe(12)
      return answer.terms.find(({ id }) => id === 'GO:0050851')?.overlap
    }
    expect([await overlap(), await overlap('--evidence', 'no-iea')]).toEqual([5, 4])
  })
})

describe.skipIf(!hasNative)('the verb link (needs native TensorFlow)', () => {
  it('tests against gene sets of a file, keeps what they were, and lists terms by their names', async () => {
    const project = join(folder, 'p.latiscope')
    await cliAnswer('new', project)
    await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca', '--species', 'human')
    await cliAnswer('train', project, '--arch', 'topk', '--latents', '32', '--k', '4', '--steps', '300')
    const sets = [
      [
        'SET_B',
        'B cell set',
        'CD79A',
        'CD79B',
        'MS4A1',
        'CD74',
        'HLA-DRA',
        'HLA-DRB1',
        'CD37',
        'TCL1A',
        'VPREB3',
        'HLA-DQA1',
        'HLA-DPB1',
        'HLA-DPA1',
        'HLA-DQB1',
        'HLA-DMA',
        'HLA-DMB',
        'HLA-DRB5',
        'LY86',
        'CD19',
        'BLNK',
        'CD72',
        'IGLL5',
      ],
      [
        'SET_MONO',
        'monocyte set',
        'LYZ',
        'CST3',
        'S100A8',
        'S100A9',
        'FCN1',
        'TYROBP',
        'LGALS2',
        'AIF1',
        'CTSS',
        'SPI1',
        'FCER1G',
      ],
    ]
    const gmt = write('sets.gmt', sets.map((set) => set.join('\t')).join('\n'))
    const linked = await cliAnswer<LinkReport & { ontology: { name: string; checksum: string } }>(
      'link',
      project,
      '--gmt',
      gmt,
      '--shuffles',
      '0',
    )
    expect(linked.source).toMatchObject({ name: 'sets.gmt', species: null, relations: null, licence: 'not stated in the files' })
    expect(linked.ontology.checksum).toBe(linked.source?.checksum)
    expect(linked.tested.terms).toBe(2)
    const { latents } = await cliAnswer<{ latents: LatentRow[] }>('latents', project)
    expect(new Set(latents.flatMap(({ topTerm }) => topTerm?.id ?? []))).toContain('SET_MONO')
    const { matches } = await cliAnswer<{ matches: Match[] }>('find', project, '--term', 'set_mono')
    const best = latents.find(({ topTerm }) => topTerm?.id === 'SET_MONO')
    expect(matches.map(({ id }) => id)).toContain(best?.id)
    const card = await cliAnswer<LatentCard>('latent', project, '--id', String(best?.id))
    expect(card.terms[0]).toMatchObject({ id: 'SET_MONO', name: 'SET_MONO' })
    expect(card.linking?.source).toEqual(linked.source)
    const again = await cliAnswer<LinkReport>('link', project, '--gmt', gmt, '--shuffles', '0')
    expect(again).toEqual(linked)
    expect(await cli('link', project, '--orthologs')).toMatchObject({ code: 3, json: { error: { code: 'ORTHOLOGS_UNFIT' } } })
    expect(await cli('link', project, '--gmt', gmt, '--ontology', 'x')).toMatchObject({ code: 2 })
  })
})
