// The tool that builds the ontology resource from OBO and GAF files: its rules, and equal bytes for equal facts.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadOntology, type Ontology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'

const scratch = mkdtempSync(join(tmpdir(), 'ontology-build-'))
afterAll(() => rmSync(scratch, { recursive: true }))

interface Report {
  release: string
  terms: number
  annotatedGenes: number
  dropped: Record<string, number>
}

function build(name: string, obo: string, gaf: string): { folder: string; report: Report } {
  const folder = join(scratch, name)
  mkdirSync(folder)
  const tool = resolve(import.meta.dirname, '../../tools/ontology/build.mjs')
  const told = execFileSync(process.execPath, [tool, '--obo', obo, '--gaf', gaf, '--out', folder], { encoding: 'utf8' })
  return { folder, report: JSON.parse(told) as Report }
}

function write(name: string, text: string): string {
  const file = join(scratch, name)
  writeFileSync(file, text)
  return file
}

const term = (id: string, name: string, ...lines: string[]): string =>
  ['[Term]', `id: ${id}`, `name: ${name}`, 'namespace: biological_process', ...lines, ''].join('\n')

const smallObo = [
  'format-version: 1.2',
  'data-version: releases/2026-01-23',
  '',
  term('GO:0008150', 'biological_process'),
  term('GO:0000001', 'whole', 'is_a: GO:0008150 ! biological_process'),
  term('GO:0000002', 'part', 'alt_id: GO:0000022', 'relationship: part_of GO:0000001 {source="x"} ! whole'),
  term('GO:0000003', 'kind\\: special', 'is_a: GO:0000002 ! part'),
  term('GO:0000004', 'regulator', 'is_a: GO:0008150', 'relationship: regulates GO:0000003 ! kind'),
  term('GO:0000005', 'gone', 'is_obsolete: true'),
  '[Term]\nid: GO:0003674\nname: molecular_function\nnamespace: molecular_function\nrelationship: part_of GO:0000001\n',
  '[Typedef]\nid: part_of\nname: part of\n',
].join('\n')

const row = (symbol: string, qualifier: string, go: string, evidence: string, synonyms = ''): string =>
  [
    'DB',
    `id-${symbol}`,
    symbol,
    qualifier,
    go,
    'REF',
    evidence,
    '',
    'P',
    'name',
    synonyms,
    'protein',
    'taxon:9606',
    '20260101',
    'DB',
    '',
    '',
  ].join('\t')

const smallGaf = [
  '!gaf-version: 2.2',
  '!date-generated: 2026-01-20',
  row('GENA', 'involved_in', 'GO:0000003', 'IDA', 'OLDA|A1'),
  row('GENA', 'involved_in', 'GO:0000003', 'IEA'),
  row('GENB', 'NOT|involved_in', 'GO:0000003', 'IDA'),
  row('GENB', 'involved_in', 'GO:0000022', 'IEA'),
  row('GENC', 'involved_in', 'GO:0000001', 'ND'),
  row('GEND', 'involved_in', 'GO:0000004', 'TAS'),
  row('GENE', 'involved_in', 'GO:0000005', 'IDA'),
  'a broken line',
].join('\r\n')

const genesOf = (ontology: Ontology, id: string, evidence: 'all' | 'no-iea' | 'experimental' = 'all'): string[] => {
  const sets = ontology.annotations('BP', evidence)
  const at = sets.ids.indexOf(id)
  return at < 0 ? [] : Array.from(sets.indices.subarray(sets.indptr[at], sets.indptr[at + 1]), ontology.genes.symbolOf)
}

describe('an ontology built from OBO and GAF', () => {
  const obo = write('small.obo', smallObo)
  const gaf = write('small.gaf', smallGaf)
  const { folder, report } = build('small', obo, gaf)
  const ontology = loadOntology(folder, new Date('2026-06-01'))

  it('carries annotations up over is_a and part_of, not over regulates nor into another aspect', () => {
    expect(genesOf(ontology, 'GO:0000003')).toEqual(['GENA'])
    expect(genesOf(ontology, 'GO:0000002')).toEqual(['GENA', 'GENB'])
    expect(genesOf(ontology, 'GO:0000001')).toEqual(['GENA', 'GENB'])
    expect(genesOf(ontology, 'GO:0008150')).toEqual(['GENA', 'GENB', 'GEND'])
    expect(genesOf(ontology, 'GO:0000004')).toEqual(['GEND'])
  })

  it('separates evidence: all, without automatic, experimental only', () => {
    expect(genesOf(ontology, 'GO:0008150', 'no-iea')).toEqual(['GENA', 'GEND'])
    expect(genesOf(ontology, 'GO:0008150', 'experimental')).toEqual(['GENA'])
  })

  it('drops NOT and ND rows, obsolete terms and broken lines, and counts them', () => {
    expect(report.dropped).toEqual({ noData: 1, unknownTerm: 1, negated: 1, malformed: 1, parents: 1 })
    expect(report).toMatchObject({ release: '2026-01-23', terms: 6, annotatedGenes: 3 })
    expect(ontology.info).toMatchObject({ release: '2026-01-23', annotations: '2026-01-20', outdated: false })
  })

  it('keeps names and aliases', () => {
    expect(ontology.term('GO:0000003')?.name).toBe('kind: special')
    expect(ontology.term('GO:0000005')).toBeNull()
    const { gene, method } = ontology.genes.resolve('OLDA')
    expect([gene === null ? '' : ontology.genes.symbolOf(gene), method]).toEqual(['GENA', 'alias'])
  })

  it('has the same bytes when built again from the same facts in another order', () => {
    const [head, ...terms] = smallObo.split('[Term]')
    const again = build('again', write('again.obo', [head, ...terms.slice(0, -1).reverse(), terms.at(-1)].join('[Term]')), gaf)
    for (const name of readdirSync(folder))
      expect(readFileSync(join(again.folder, name)).equals(readFileSync(join(folder, name)))).toBe(true)
  })
})

describe.skipIf(!shared)('published files are read (needs ../shared)', () => {
  const file = (name: string): string => join(shared ?? '', 'data/ontology', name)

  it('the generic slim with the terms of an annotation file that holds mistakes on purpose', () => {
    const { folder, report } = build('slim', file('goslim_generic.obo'), file('goa_human_illegal.gaf'))
    const live = readFileSync(file('goslim_generic.obo'), 'utf8')
      .split('[Term]')
      .slice(1)
      .filter((one) => !one.includes('is_obsolete: true'))
    expect(report.terms).toBe(live.length)
    const rows = readFileSync(file('goa_human_illegal.gaf'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('!'))
    const { noData = 0, unknownTerm = 0, negated = 0, malformed = 0 } = report.dropped
    expect(noData + unknownTerm + negated + malformed).toBeLessThanOrEqual(rows.length)
    expect(loadOntology(folder, new Date()).term('GO:0008150')?.name).toBe('biological_process')
  })

  it('a small annotation file: rows of terms the slim knows are kept, all others are counted', () => {
    const { folder, report } = build('figure', file('goslim_generic.obo'), file('fig1a.gaf'))
    const slim = readFileSync(file('goslim_generic.obo'), 'utf8')
    const rows = readFileSync(file('fig1a.gaf'), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('!'))
      .map((line) => line.split('\t'))
    const known = rows.filter(([, , , , id]) => slim.includes(`id: ${id}`))
    expect(known.length).toBeGreaterThan(0)
    expect(report.dropped.unknownTerm).toBe(rows.length - known.length)
    const under = genesOf(loadOntology(folder, new Date()), 'GO:0008150')
    expect([...under].sort()).toEqual([...new Set(known.map(([, , symbol]) => symbol))].sort())
  })
})
