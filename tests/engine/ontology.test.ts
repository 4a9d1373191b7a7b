// The bundled gene ontology: propagated sets gene by gene, names to genes, search, age.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Evidence } from '@contract'
import { loadOntology } from '../../src/main/engine/ontology'
import { cleanGeneName } from '../../src/main/engine/ontology/gene-names'
import { shared } from '../shared-folder'

const folder = resolve(import.meta.dirname, '../../resources/ontology')
const ontology = loadOntology(folder, new Date('2023-01-01'))
const { genes } = ontology

interface GoldenTerms {
  totals: Record<string, { genes: number; terms: number; pairs: number; terms_10_500: number }>
  terms: Record<string, { name: string; aspect: string; genes_isa_partof_all: string[]; genes_isa_partof_noIEA: string[] }>
}

describe.skipIf(!shared)('propagated human gene sets equal the reference (needs ../shared)', () => {
  const golden = shared
    ? (JSON.parse(readFileSync(join(shared, 'golden/ontology/human-terms.json'), 'utf8')) as GoldenTerms)
    : null

  it.each([
    ['all', 'isa_partof_all'],
    ['no-iea', 'isa_partof_noIEA'],
  ] as const)('totals with evidence "%s"', (evidence, name) => {
    const sets = ontology.annotations('BP', evidence)
    const sizes = sets.ids.map((_, term) => (sets.indptr[term + 1] as number) - (sets.indptr[term] as number))
    const found = {
      genes: new Set(sets.indices).size,
      terms: sizes.length,
      pairs: sets.indices.length,
      terms_10_500: sizes.filter((size) => size >= 10 && size <= 500).length,
    }
    expect(found).toEqual(golden?.totals[name])
  })

  it.each(Object.entries(golden?.terms ?? {}))('%s gene by gene', (id, expected) => {
    expect(ontology.term(id)).toEqual({ id, name: expected.name, aspect: expected.aspect })
    expect(genesOf(id, 'all')).toEqual(numbered(expected.genes_isa_partof_all))
    expect(genesOf(id, 'no-iea')).toEqual(numbered(expected.genes_isa_partof_noIEA))
  })
})

function genesOf(id: string, evidence: Evidence): number[] {
  const aspect = ontology.term(id)?.aspect ?? 'BP'
  const sets = ontology.annotations(aspect, evidence)
  const term = sets.ids.indexOf(id)
  return [...sets.indices.subarray(sets.indptr[term], sets.indptr[term + 1])].sort((a, b) => a - b)
}

/** The reference names genes as they were called in 2022; every name must still mean one gene, and no two the same. */
const numbered = (symbols: readonly string[]): (number | null)[] =>
  symbols.map((name) => genes.resolve(name).gene).sort((a, b) => (a ?? -1) - (b ?? -1))

const symbol = (name: string): string => {
  const { gene, method } = genes.resolve(name)
  return `${gene === null ? 'none' : genes.symbolOf(gene)} by ${method}`
}

describe('the bundled ontology', () => {
  it('marks the root of each aspect and puts every annotated gene under it', () => {
    for (const aspect of ['BP', 'MF', 'CC'] as const) {
      const sets = ontology.annotations(aspect, 'all')
      expect(sets.names[sets.root]).toMatch(/^(biological_process|molecular_function|cellular_component)$/)
      expect((sets.indptr[sets.root + 1] as number) - (sets.indptr[sets.root] as number)).toBe(new Set(sets.indices).size)
    }
  })

  it('has the published number of terms of testable size in the other aspects', () => {
    const testable = (['MF', 'CC'] as const).map((aspect) => {
      const { indptr } = ontology.annotations(aspect, 'all')
      return Array.from(indptr.slice(1), (end, term) => end - (indptr[term] as number)).filter(
        (size) => size >= 10 && size <= 500,
      ).length
    })
    expect(testable).toEqual([1246, 794])
  })

  it('has fewer pairs the stricter the evidence, and keeps sets once made', () => {
    const pairs = (['all', 'no-iea', 'experimental'] as const).map(
      (evidence) => ontology.annotations('BP', evidence).indices.length,
    )
    expect(pairs[0]).toBeGreaterThan(pairs[1] as number)
    expect(pairs[1]).toBeGreaterThan(pairs[2] as number)
    expect(ontology.annotations('BP', 'all')).toBe(ontology.annotations('BP', 'all'))
  })

  it('takes at most 4 MB and says what it is, and is outdated two years after its release', () => {
    expect(readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThanOrEqual(
      4 * 1024 * 1024,
    )
    expect(ontology.info).toMatchObject({ release: '2022-07-01', annotations: '2022-09-12', terms: 43_558, outdated: false })
    expect(ontology.info.attribution).toContain('CC BY 4.0')
    expect(loadOntology(folder, new Date('2024-06-30')).info.outdated).toBe(false)
    expect(loadOntology(folder, new Date('2024-07-01')).info.outdated).toBe(true)
  })

  it('finds terms by id, by whole name and by words', () => {
    expect(ontology.searchTerms('GO:0051607', 5).map((term) => term.name)).toEqual(['defense response to virus'])
    expect(ontology.searchTerms('Defense response to virus', 5)[0]?.id).toBe('GO:0051607')
    expect(ontology.searchTerms('virus defense', 50).map((term) => term.id)).toContain('GO:0051607')
    expect(ontology.searchTerms('  ', 5)).toEqual([])
    expect(ontology.searchTerms('regulation', 7).length).toBe(7)
  })

  it('refuses a damaged or missing folder with a sentence', () => {
    const broken = mkdtempSync(join(tmpdir(), 'ontology-'))
    try {
      expect(() => loadOntology(broken, new Date())).toThrow('ONTOLOGY_MISSING')
      for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(broken, name))
      writeFileSync(join(broken, 'human.json.gz'), readFileSync(join(folder, 'human.json.gz')).subarray(0, 5000))
      expect(() => loadOntology(broken, new Date())).toThrow('ONTOLOGY_MISSING')
    } finally {
      rmSync(broken, { recursive: true })
    }
  })
})

describe('a gene name', () => {
  it('is found by Ensembl id, with version and on the Y copy of the pseudoautosomal region', () => {
    expect(symbol('ENSG00000105369')).toBe('CD79A by ensembl')
    expect(symbol('ENSG00000105369.12')).toBe('CD79A by ensembl')
    expect(symbol('ENSG00000002586.20_PAR_Y')).toBe('CD99 by ensembl')
  })

  it('is found by symbol, by unique alias and in other case, in this order', () => {
    expect(symbol('TP53')).toBe('TP53 by symbol')
    expect(symbol('P53')).toBe('TP53 by alias')
    expect(symbol('cd79a')).toBe('CD79A by case')
    expect(symbol(' "MS4A1" ')).toBe('MS4A1 by symbol')
  })

  it('that is the alias of one gene and the symbol of another belongs to the latter', () => {
    // AR is an alias of AKR1B1 and AREG, CAT of CRAT and GLYAT.
    expect(symbol('AR')).toBe('AR by symbol')
    expect(symbol('CAT')).toBe('CAT by symbol')
    expect(symbol('HLA-DRB1')).toBe('HLA-DRB1 by symbol')
    expect(symbol('NKX2-1')).toBe('NKX2-1 by symbol')
    expect(symbol('FAM46A')).toBe('TENT5A by alias')
  })

  it('that several genes share as an alias is not guessed, unless only one of them has annotations', () => {
    expect(symbol('ACT')).toBe('none by ambiguous')
    expect(symbol('CD20')).toBe('none by ambiguous')
    expect(symbol('C7orf55')).toBe('FMC1 by alias')
    expect(symbol('no such gene')).toBe('none by unmapped')
    expect(symbol('')).toBe('none by unmapped')
  })

  it('is cleaned of quotes, reference prefixes, and joined ids', () => {
    expect(cleanGeneName("'GRCh38_CD3D'")).toMatchObject({ ensembl: null, symbol: 'CD3D', genome: 'human' })
    expect(cleanGeneName('ENSG00000105369.12|CD79A')).toMatchObject({ ensembl: 'ENSG00000105369', symbol: 'CD79A' })
    expect(cleanGeneName('CD79A_ENSG00000105369')).toMatchObject({ ensembl: 'ENSG00000105369', symbol: 'CD79A' })
    expect(cleanGeneName('RP11-34P13.7')).toMatchObject({ ensembl: null, symbol: 'RP11-34P13.7' })
  })

  it('with a mouse id is not taken for the human gene', () => {
    expect(symbol('ENSMUSG00000003379')).toBe('none by unmapped')
    expect(symbol('ENSMUSG00000003379|Cd79a')).toBe('none by unmapped')
  })
})
