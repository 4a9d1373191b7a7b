// Whole enrichments from files, term by term against goatools and gseapy, and the rules of the other presets on a small case.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Enrichment, Preset, Relations } from '@contract'
import { enrichList } from '../../src/main/engine/analysis/enrich'
import { loadOntology } from '../../src/main/engine/ontology'
import { upperTail } from '../../src/main/science/hypergeometric'
import { golden, relativeError } from '../science/golden'
import { shared } from '../shared-folder'

const scratch = mkdtempSync(join(tmpdir(), 'enrich-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function write(name: string, lines: readonly string[]): string {
  const file = join(scratch, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
const inShared = (path: string): string => join(shared ?? '', path)

type GoatoolsRow = [string, string, 'e' | 'p', number, number, number, number, number, number]
const settings = [
  ['propagate_off', 'none'],
  ['propagate_isa', 'is_a'],
  ['propagate_isa_partof', 'is_a,part_of'],
  ['propagate_all_relations', 'all'],
] as const satisfies [string, Relations][]

describe.skipIf(!shared)('the preset goatools equals goatools, term by term (needs ../shared)', () => {
  it.each(settings)('%s', (name, relations) => {
    const reference = golden<Record<string, GoatoolsRow[]> & { obo: string }>('enrichment/goatools.json')
    const expected = (reference[name] ?? []) as GoatoolsRow[]
    const { terms } = enrichList({
      preset: 'goatools',
      genes: inShared('golden/enrichment/goatools-study.txt'),
      background: inShared('golden/enrichment/goatools-population.txt'),
      sets: {
        kind: 'ontology',
        obo: inShared(reference.obo),
        associations: inShared('golden/enrichment/goatools-association.tsv'),
        aspect: null,
        relations,
      },
    })
    const byId = new Map(terms.map((term) => [term.id, term]))
    expect(terms.map((term) => term.id).sort()).toEqual(expected.map(([id]) => id).sort())
    for (const [id, , sign, k, n, K, N, p, q] of expected) {
      const term = byId.get(id)
      expect([term?.overlap, term?.studySize, term?.termSize, term?.backgroundSize]).toEqual([k, n, K, N])
      expect(relativeError(term?.pValue ?? NaN, p)).toBeLessThanOrEqual(1e-9)
      expect(relativeError(term?.qValue ?? NaN, q)).toBeLessThanOrEqual(1e-9)
      expect(k / n > K / N ? 'e' : 'p').toBe(sign)
    }
    expect(expected.length).toBeGreaterThanOrEqual(30)
  })
})

type GseapyRow = [string, string, number, number, number, number, string[]]
interface GseapyList {
  list: string[]
  in_background: number
  N: number
  terms_tested: number
  rows: GseapyRow[]
}

describe.skipIf(!shared)('the preset gseapy equals gseapy.enrich, term by term (needs ../shared)', () => {
  it.each(['immune', 'erythroid', 'random100'])('%s', (name) => {
    const reference = golden<Record<string, GseapyList> & { gmt: string }>('enrichment/gseapy-enrich.json')
    const expected = reference[name] as GseapyList
    const { terms, study, background } = enrichList({
      preset: 'gseapy',
      genes: write(`${name}.txt`, expected.list),
      background: inShared('golden/enrichment/gseapy-background.txt'),
      sets: { kind: 'gmt', gmt: inShared(reference.gmt) },
    })
    expect([study.counted, background.counted, terms.length]).toEqual([expected.in_background, expected.N, expected.terms_tested])
    const byName = new Map(terms.map((term) => [term.name, term]))
    for (const [term, overlap, p, q, odds, score, genes] of expected.rows) {
      const ours = byName.get(term)
      expect(`${ours?.overlap}/${ours?.termSize}`).toBe(overlap)
      for (const [mine, theirs] of [
        [ours?.pValue, p],
        [ours?.qValue, q],
        [ours?.oddsRatio, odds],
        [ours?.combinedScore, score],
      ] as const)
        expect(relativeError(mine ?? NaN, theirs)).toBeLessThanOrEqual(1e-9)
      expect([...(ours?.genes ?? [])].sort()).toEqual([...genes].sort())
    }
    expect(expected.rows.length).toBeGreaterThanOrEqual(200)
  })
})

describe('the presets on a small case', () => {
  const gene = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `G${from + at}`)
  const genes = write('study.txt', gene(0, 12))
  const background = write('background.txt', gene(0, 200))
  const gmt = write('sets.gmt', [
    ['LARGE', 'x', ...gene(0, 150)].join('\t'),
    ['MIDDLE', 'x', ...gene(6, 40)].join('\t'),
    ['OUTSIDE', 'x', ...gene(100, 130)].join('\t'),
    ['SMALL', 'x', ...gene(0, 9)].join('\t'),
    ['HALF OUT', 'x', ...gene(0, 9), ...gene(500, 540)].join('\t'),
  ])
  const by = (preset: Preset): Enrichment => enrichList({ preset, genes, background, sets: { kind: 'gmt', gmt } })
  const ids = (result: Enrichment): string[] => result.terms.map((term) => term.id).sort()

  it('latiscope tests every set of 10 to 500 background genes, shared or not, and corrects over all', () => {
    const result = by('latiscope')
    expect(ids(result)).toEqual(['LARGE', 'MIDDLE', 'OUTSIDE'])
    expect(result.terms[0]).toMatchObject({ id: 'MIDDLE', overlap: 6, termSize: 34, studySize: 12, backgroundSize: 200 })
    expect(result.terms[0]?.pValue).toBe(upperTail(6, 34, 12, 200).p)
    expect(result.terms[0]?.qValue).toBeCloseTo(3 * upperTail(6, 34, 12, 200).p, 12)
    expect(result.terms.find((term) => term.id === 'OUTSIDE')).toMatchObject({ overlap: 0, pValue: 1, genes: [] })
    expect(result.warnings).toEqual([])
  })

  it('goatools tests every set with a background gene and lets depleted ones pass', () => {
    const result = by('goatools')
    expect(ids(result)).toEqual(['HALF OUT', 'LARGE', 'MIDDLE', 'OUTSIDE', 'SMALL'])
    expect(result.terms.find((term) => term.id === 'OUTSIDE')?.pValue).toBeLessThan(1)
    expect(result.terms[0]?.oddsRatio).toBeNull()
  })

  it('gseapy drops sets without a shared gene and says that q is too small for it', () => {
    const result = by('gseapy')
    expect(ids(result)).toEqual(['HALF OUT', 'LARGE', 'MIDDLE', 'SMALL'])
    expect(result.warnings.join(' ')).toMatch(/q is too small/)
  })

  it('clusterprofiler takes annotated genes as the background', () => {
    const result = by('clusterprofiler')
    expect(ids(result)).toEqual(['LARGE', 'MIDDLE'])
    expect(result.background).toEqual({ given: 200, counted: 150 })
  })

  it('scfeaturelens gives raw binomial p, its so-called fdr, no q, and says what is wrong with that', () => {
    const result = by('scfeaturelens')
    const middle = result.terms.find((term) => term.id === 'MIDDLE')
    expect(middle).toMatchObject({ overlap: 6, termSize: 34, qValue: null, oddsRatio: null, publishedFdr: 0.5 })
    expect(result.warnings.join(' ')).toMatch(/not corrected/)
  })

  it('a list that shares nothing with the background is refused', () => {
    const job = { preset: 'latiscope', genes: write('other.txt', ['X1', 'X2']), background, sets: { kind: 'gmt', gmt } } as const
    expect(() => enrichList(job)).toThrow(/NO_GENES/)
  })
})

describe('an ontology with annotations of the user', () => {
  const term = (id: string, namespace: string, ...parents: string[]): string =>
    ['[Term]', `id: ${id}`, `name: name of ${id}`, `namespace: ${namespace}`, ...parents, ''].join('\n')
  const obo = write('own.obo', [
    'format-version: 1.2',
    'data-version: releases/2026-01-23',
    '',
    term('GO:0008150', 'biological_process'),
    term('GO:0000001', 'biological_process', 'is_a: GO:0008150'),
    term('GO:0000002', 'biological_process', 'alt_id: GO:0000022', 'relationship: part_of GO:0000001'),
    term('GO:0000003', 'biological_process', 'relationship: regulates GO:0000002'),
    term('GO:0000004', 'molecular_function'),
  ])
  const row = (gene: string, qualifier: string, go: string, evidence = 'IDA'): string =>
    [
      'DB',
      `ID-${gene}`,
      gene,
      qualifier,
      go,
      'R',
      evidence,
      '',
      'P',
      '',
      '',
      'protein',
      'taxon:9606',
      '20260101',
      'DB',
      '',
      '',
    ].join('\t')
  const associations = write('own.gaf', [
    '!gaf-version: 2.2',
    row('A', 'involved_in', 'GO:0000022'),
    row('B', 'involved_in', 'GO:0000003'),
    row('C', 'NOT|involved_in', 'GO:0000001'),
    row('C', 'enables', 'GO:0000004'),
    row('D', 'involved_in', 'GO:0009999'),
    row('A', 'NOT|involved_in', 'GO:0000002'),
  ])
  const run = (names: readonly string[], relations: Relations, aspect: 'BP' | null = 'BP'): Enrichment =>
    enrichList({
      preset: 'goatools',
      genes: write('own-study.txt', names.slice(0, 1)),
      background: write('own-background.txt', names),
      sets: { kind: 'ontology', obo, associations, aspect, relations },
    })
  const sizes = (result: Enrichment): Record<string, number> =>
    Object.fromEntries(result.terms.map((one) => [one.id, one.termSize]))

  it('carries genes up over the chosen relations only; NOT removes nothing but itself', () => {
    const names = ['A', 'B', 'C', 'D']
    expect(sizes(run(names, 'none'))).toEqual({ 'GO:0000002': 1, 'GO:0000003': 1 })
    expect(sizes(run(names, 'is_a'))).toEqual({ 'GO:0000002': 1, 'GO:0000003': 1 })
    expect(sizes(run(names, 'is_a,part_of'))).toEqual({ 'GO:0000002': 1, 'GO:0000003': 1, 'GO:0000001': 1, 'GO:0008150': 1 })
    expect(sizes(run(names, 'all'))).toEqual({ 'GO:0000002': 2, 'GO:0000003': 1, 'GO:0000001': 2, 'GO:0008150': 2 })
  })

  it('takes all aspects when none is chosen, and names annotations of terms it does not know', () => {
    const result = run(['A', 'B', 'C', 'D'], 'none', null)
    expect(sizes(result)).toHaveProperty('GO:0000004', 1)
    expect(result.sets).toMatchObject({ release: '2026-01-23', relations: 'none' })
    expect(result.problems.map((one) => one.message).join(' ')).toMatch(/1 terms of own\.gaf are not in own\.obo \(GO:0009999\)/)
  })

  it('reads genes by database id where the background does', () => {
    expect(sizes(run(['ID-A', 'ID-B', 'ID-C'], 'none'))).toEqual({ 'GO:0000002': 1, 'GO:0000003': 1 })
  })

  it('that shares no term with its annotations, or no gene with the lists, is refused', () => {
    const other = write('other.tsv', ['A\tGO:0007777'])
    const job = { preset: 'goatools', genes: write('a.txt', ['A']), background: write('b.txt', ['A', 'B']) } as const
    const sets = { kind: 'ontology', obo, aspect: null, relations: null } as const
    expect(() => enrichList({ ...job, sets: { ...sets, associations: other } })).toThrow(/TEXT_NOT_RECOGNISED.*none of its terms/)
    expect(() => run(['X', 'Y'], 'none')).toThrow(/NO_GENES.*in any set/)
  })
})

describe('the built-in ontology', () => {
  const ontology = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2026-01-01'))
  const symbols = [...new Set(ontology.annotations('BP', 'all').indices)].map((gene) => ontology.genes.symbolOf(gene))
  const background = write('human.txt', symbols)
  const genes = write('oxygen.txt', [
    'HBA1',
    'HBA2',
    'HBB',
    'HBD',
    'HBG1',
    'HBG2',
    'HBE1',
    'HBZ',
    'ALAS2',
    'SLC4A1',
    'MB',
    'GATA1',
  ])

  it('finds oxygen transport for haemoglobins, by symbols, and never tests the root', () => {
    const sets = { kind: 'bundled', aspect: 'BP', relations: null, ontology } as const
    const result = enrichList({ preset: 'latiscope', genes, background, sets })
    expect(result.terms.slice(0, 3).map((term) => term.name)).toContain('oxygen transport')
    expect(result.terms.some((term) => term.id === 'GO:0008150')).toBe(false)
    expect(result.sets).toMatchObject({ release: '2022-07-01', relations: 'is_a,part_of' })
    expect(result.terms.every((term) => term.termSize >= 10 && term.termSize <= 500)).toBe(true)
  })

  it('takes direct annotations only for scfeaturelens, and is_a for goatools', () => {
    const sizes = (['none', 'is_a', 'is_a,part_of'] as const).map(
      (relations) => ontology.annotations('BP', 'all', relations).indices.length,
    )
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(sizes).toEqual([140_369, 1_067_592, 1_211_871])
  })
})
