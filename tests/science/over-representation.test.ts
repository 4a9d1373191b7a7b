// Gene lists against terms: small cases by hand, the reference chain markers → GO term, and random lists.
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { loadOntology } from '../../src/main/engine/ontology'
import { upperTail } from '../../src/main/science/hypergeometric'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import { createEnrichmentTester } from '../../src/main/science/over-representation'
import { createOverallRate } from '../../src/main/science/overall-rate'
import { keepHits } from '../../src/main/science/term-hits'
import { cutToBackground, type TermSets } from '../../src/main/science/term-sets'
import { shared } from '../shared-folder'
import { golden, openSmallH5ad, relativeError } from './golden'

function setsOf(lists: readonly (readonly number[])[], geneCount: number): TermSets {
  const indptr = Uint32Array.from([0, ...lists.map((_, at) => lists.slice(0, at + 1).flat().length)])
  const ids = lists.map((_, at) => `GO:000000${at}`)
  return { ids, names: ids, root: 0, geneCount, indptr, indices: Uint32Array.from(lists.flat()) }
}

const upTo = (count: number, step = 1): number[] => Array.from({ length: count }, (_, at) => at * step)

describe('the family of tested terms', () => {
  const sets = setsOf([upTo(100), upTo(30), upTo(9), upTo(20, 5), upTo(12)], 100)

  it('holds the terms of 10 to 500 genes after cutting to the background, never the root', () => {
    const background = Int32Array.from(upTo(100).filter((gene) => gene % 5 !== 4))
    const family = cutToBackground(sets, background)
    expect(Array.from(family.terms)).toEqual([1, 3, 4])
    expect(Array.from(family.sizes)).toEqual([24, 20, 10])
    expect(family.backgroundSize).toBe(80)
  })

  it('keeps a term without overlap in the family, so that it counts as a test', () => {
    const family = cutToBackground(sets, Int32Array.from(upTo(100)))
    const result = createEnrichmentTester(family).test(Uint32Array.of(1, 2, 3, 6, 7, 8, 9, 11))
    expect(Array.from(result.places)).toEqual([0, 2])
    expect(Array.from(result.overlaps)).toEqual([8, 8])
    expect(result.p[1]).toBe(upperTail(8, 12, 8, 100).p)
    expect(result.q[1]).toBeCloseTo(3 * upperTail(8, 12, 8, 100).p, 15)
  })

  it('keeps every small p, the best terms first, with the genes each shares', () => {
    const family = cutToBackground(sets, Int32Array.from(upTo(100)))
    const study = Uint32Array.of(11, 50, 3, 2)
    const hits = keepHits(createEnrichmentTester(family).test(study), family, study)
    expect(Array.from(hits.terms)).toEqual([4, 1, 3])
    expect(Array.from(hits.overlaps)).toEqual([3, 3, 1])
    expect(Array.from(hits.genes)).toEqual([0, 2, 3, 0, 2, 3, 1])
    expect(hits.p[0]).toBe(upperTail(3, 12, 4, 100).p)
    const none = Uint32Array.of(98, 99)
    const empty = keepHits(createEnrichmentTester(family).test(none), family, none)
    expect([Array.from(empty.terms), Array.from(empty.p), Array.from(empty.qLatent)]).toEqual([
      [1, 3, 4],
      [1, 1, 1],
      [1, 1, 1],
    ])
  })
})

type TermRow = [string, string, number, number, number, number, number, number, number]
interface MarkerFile {
  backgrounds: Record<string, { N: number; terms_in_family: number }>
  groups: Record<
    string,
    { markers: [string, number, number][]; enrichment: Record<string, { n: number; significant_q05: number; top10: TermRow[] }> }
  >
}

const ontology = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2026-01-01'))
const sets = ontology.annotations('BP', 'all')

describe.skipIf(!shared)('markers of each cell type reach the terms of the reference (needs ../shared)', () => {
  it.each(['pbmc68k-markers-go.json', 'pbmc68k-markers-go-top30.json'])('%s', async (name) => {
    const reference = golden<MarkerFile>(`endtoend/${name}`)
    const genes = (await openSmallH5ad('pbmc68k_reduced.h5ad')).member('raw.var', 'index').map(String)
    // The reference's table lacked the symbol MT-ND3, which the gene table knows.
    const known = genes.filter((gene) => gene !== 'MT-ND3')
    const mapped = [...new Set(known.flatMap((name) => ontology.genes.resolve(name).gene ?? []))]
    const annotated = new Set(sets.indices)
    let compared = 0
    for (const [kind, background] of [
      ['all_measured_mapped', mapped],
      ['annotated_measured', mapped.filter((gene) => annotated.has(gene))],
    ] as const) {
      const family = cutToBackground(sets, Int32Array.from(background))
      expect({ N: background.length, terms_in_family: family.terms.length }).toEqual(reference.backgrounds[kind])
      const tester = createEnrichmentTester(family)
      for (const { markers, enrichment } of Object.values(reference.groups)) {
        const places = markers.map(([gene]) => background.indexOf(ontology.genes.resolve(gene).gene ?? -1))
        const result = tester.test(Uint32Array.from(places.filter((place) => place >= 0)))
        const expected = enrichment[kind]
        expect([result.studySize, result.q.filter((q) => q < 0.05).length]).toEqual([expected?.n, expected?.significant_q05])
        const order = Array.from(result.p.keys()).sort(
          (a, b) =>
            (result.p[a] as number) - (result.p[b] as number) ||
            (result.overlaps[b] as number) - (result.overlaps[a] as number) ||
            a - b,
        )
        expected?.top10.forEach(([id, term, k, , K, , p, q], rank) => {
          const at = order[rank] as number
          const place = result.places[at] as number
          const row = family.terms[place] as number
          expect([sets.ids[row], sets.names[row], result.overlaps[at], family.sizes[place]]).toEqual([id, term, k, K])
          expect(relativeError(result.p[at] as number, p)).toBeLessThanOrEqual(1e-9)
          expect(relativeError(result.q[at] as number, q)).toBeLessThanOrEqual(1e-9)
          compared++
        })
      }
    }
    expect(compared).toBe(200)
  })
})

describe('counting p values', () => {
  const background = Int32Array.from(new Set(sets.indices))
  const family = cutToBackground(sets, background)
  const tester = createEnrichmentTester(family)
  const random = seededRandom(7)
  const everyPlace = Uint32Array.from(background.keys())
  const lists = Array.from({ length: 80 }, (_, at) => random.sample(everyPlace, at < 50 ? 60 : at))
  const results = lists.map((list) => tester.test(list))

  it('gives the q values of sorting all terms of each list', () => {
    for (const result of results) {
      expect(Array.from(result.q)).toEqual(Array.from(benjaminiHochberg(result.p, family.terms.length)))
      expect(result.places.length).toBeGreaterThan(100)
    }
  })

  it('keeps the terms a full sort would keep, in its order', () => {
    results.forEach((result, at) => {
      const hits = keepHits(result, family, lists[at] as Uint32Array)
      const order = Array.from(result.p.keys()).sort((a, b) => (result.p[a] as number) - (result.p[b] as number) || a - b)
      const small = result.p.filter((p) => p <= 0.1).length
      const expected = order.slice(0, Math.max(50, small)).map((one) => family.terms[result.places[one] as number])
      expect(Array.from(hits.terms)).toEqual(expected)
      expect(hits.genes.length).toBe(hits.overlaps.reduce((sum, overlap) => sum + overlap, 0))
    })
  })

  it('gives the overall q of one correction over all lists and terms', () => {
    const overall = createOverallRate(tester)
    results.forEach((result) => overall.add(result))
    const kept = results.map((result, at) => ({
      hits: keepHits(result, family, lists[at] as Uint32Array),
      studySize: result.studySize,
    }))
    overall.fill(kept)
    const all = benjaminiHochberg(
      results.flatMap((result) => Array.from(result.p)),
      lists.length * family.terms.length,
    )
    let start = 0
    results.forEach((result, at) => {
      const byTerm = new Map(
        Array.from(result.places, (place, one) => [family.terms[place] as number, all[start + one] as number]),
      )
      start += result.places.length
      kept[at]?.hits.terms.forEach((term, one) => {
        expect(relativeError(kept[at]?.hits.qOverall[one] ?? NaN, byTerm.get(term) ?? 1)).toBeLessThan(1e-12)
      })
    })
  })
})

describe('random gene lists', () => {
  it.each([
    [20, 15_000],
    [100, 15_000],
    [20, 5_000],
  ])('of %i from %i genes reach a term at q 0.05 in at most one of twenty cases', (size, backgroundSize) => {
    const random = seededRandom(2022, size)
    const background = random.sample(Uint32Array.from(new Set(sets.indices)), backgroundSize)
    const tester = createEnrichmentTester(cutToBackground(sets, Int32Array.from(background)))
    const places = Uint32Array.from({ length: backgroundSize }, (_, at) => at)
    let withTerm = 0
    for (let list = 0; list < 1000; list++) if (tester.test(random.sample(places, size)).q.some((q) => q <= 0.05)) withTerm++
    expect(withTerm / 1000).toBeLessThanOrEqual(0.05)
  })
})
