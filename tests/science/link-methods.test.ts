// Linking by the rules of other tools and by rank tests: the numbers of a link are those of the tool on the same list.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { presetNames, runPreset, type NamedSet } from '../../src/main/science/enrichment-presets'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import { publishedCells, publishedTail } from '../../src/main/science/published-linking'
import { testSets } from '../../src/main/science/rank-set-tests'
import { groupByGenes } from '../../src/main/science/redundancy'
import { camera, runningScore } from '../../src/main/science/set-scores'
import { cutToBackground } from '../../src/main/science/term-sets'
import { mannWhitney } from '../../src/main/science/two-groups'
import { relativeError } from './golden'
import { genes, idOf, membersOf, planted, run, termSets } from './planted-link'

const sets = termSets()
const named: NamedSet[] = sets.ids.map((id, term) => ({ id, name: id, group: '', isRoot: term === 0, genes: membersOf(term) }))
const everyGene = Array.from({ length: genes }, (_, gene) => gene)
const input = planted()
const withOptions = (change: object) => {
  return run({ ...input, options: { ...input.options, ...change } }).result
}

describe('a link by the rules of a tool', () => {
  it.each(presetNames.filter((name) => name !== 'scfeaturelens'))(
    '%s has the p and q of that tool on the study list',
    (preset) => {
      const result = withOptions({ preset, shuffles: 0 })
      let compared = 0
      for (const { study, hits } of result.latents) {
        if (!hits) continue
        const theirs = new Map(
          runPreset(preset, { sets: named, study: Array.from(study), background: everyGene }).terms.map((term) => [
            term.id,
            term,
          ]),
        )
        hits.terms.forEach((term, at) => {
          const known = theirs.get(sets.ids[term] as string)
          if (!known) return expect(hits.overlaps[at]).toBe(0)
          expect([hits.overlaps[at], hits.termSizes[at]]).toEqual([known.overlap, known.termSize])
          expect(relativeError(hits.p[at] as number, known.pValue)).toBeLessThan(1e-12)
          expect(relativeError(hits.qLatent[at] as number, known.qValue as number)).toBeLessThan(1e-12)
          return compared++
        })
      }
      expect(compared).toBeGreaterThanOrEqual(10)
    },
  )

  it('corrects over all latents with the tests the tool makes', () => {
    for (const preset of ['goatools', 'gseapy'] as const) {
      const result = withOptions({ preset, shuffles: 0 })
      const pairs = result.latents.flatMap(({ hits }) =>
        Array.from(hits?.p ?? [], (p, at) => ({ p, q: hits?.qOverall[at] as number, overlap: hits?.overlaps[at] as number })),
      )
      const family = preset === 'gseapy' ? pairs.filter((pair) => pair.overlap > 0) : pairs
      benjaminiHochberg(family.map((pair) => pair.p)).forEach((q, at) => expect(family[at]?.q).toBeCloseTo(q, 12))
    }
  })

  it('scfeaturelens tests the genes of its own rule with its own p, and counts the pairs that pass both of its tests', () => {
    const result = withOptions({ preset: 'scfeaturelens', shuffles: 4 })
    let [compared, both] = [0, 0]
    for (const { study, hits } of result.latents) {
      if (!hits) continue
      const theirs = runPreset('scfeaturelens', { sets: named, study: Array.from(study), background: everyGene }).terms
      const byId = new Map(theirs.map((term) => [term.id, term]))
      hits.terms.forEach((term, at) => {
        const known = byId.get(sets.ids[term] as string)
        expect(relativeError(hits.p[at] as number, known?.pValue as number)).toBeLessThan(1e-12)
        if (
          (hits.p[at] as number) < 0.05 &&
          publishedTail(hits.scores?.[at] as number, hits.termSizes[at] as number, genes) < 0.05
        )
          both++
        compared++
      })
    }
    expect(compared).toBeGreaterThan(50)
    expect(both).toBeGreaterThan(0)
    expect(result.published?.pairs).toBe(both)
    expect(result.latents[6]?.status).toBe('dead')
  })
})

describe('the published choice of cells', () => {
  it('takes cells above the 99th percentile of all cells, and every active cell where that is 0', () => {
    const values = Float32Array.from({ length: 50 }, (_, at) => at + 1)
    const cells = Uint32Array.from({ length: 50 }, (_, at) => at)
    expect(Array.from(publishedCells({ cells, values }, 1000)?.active ?? [])).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49])
    expect(publishedCells({ cells, values }, 1000)?.reference.length).toBe(950)
    expect(publishedCells({ cells: cells.slice(0, 9), values: values.slice(0, 9) }, 1000)?.active.length).toBe(9)
    expect(publishedCells({ cells: cells.slice(0, 1), values: values.slice(0, 1) }, 1000)).toBeNull()
  })

  // Printed by the authors' notebook for 13,431 genes.
  it.each([
    [22, 0.88387, 2.3053e-10],
    [26, 0.786618, 2.1229e-7],
    [25, 0.635596, 9.48e-3],
    [80, 0.744873, 1.9513e-14],
    [317, 0.634701, 1.1158e-16],
  ])('has the rank test p of the paper: %i genes, effect %d', (size, effect, p) => {
    expect(relativeError(publishedTail(effect, size, 13_431), p)).toBeLessThan(2e-3)
  })
})

describe('tests of all genes by rank', () => {
  const family = cutToBackground(sets, Int32Array.from(everyGene))
  const random = seededRandom(12)
  const scores = Float64Array.from(
    everyGene,
    (gene) => Math.round(100 * (random.normal() + (gene >= 60 && gene < 72 ? 1 : 0))) / 100,
  )
  const members = (place: number): number[] => membersOf(family.terms[place] as number)

  it('camera equals the test of one set', () => {
    const found = testSets('camera', family, scores, seededRandom(1))
    family.terms.forEach((_, place) => {
      const one = camera(scores, members(place))
      expect(relativeError(found.p[place] as number, one?.twoSided.p as number)).toBeLessThan(1e-9)
      expect((found.scores[place] as number) > 0 ? 'Up' : 'Down').toBe(one?.direction)
    })
  })

  it('AUROC equals Mann–Whitney of the set against all other genes', () => {
    const found = testSets('auroc', family, scores, seededRandom(1))
    family.terms.forEach((_, place) => {
      const own = new Set(members(place))
      const u = mannWhitney(
        everyGene.filter((gene) => own.has(gene)).map((gene) => scores[gene] as number),
        everyGene.filter((gene) => !own.has(gene)).map((gene) => scores[gene] as number),
      )
      expect(found.scores[place]).toBeCloseTo(u.auroc as number, 12)
      expect(relativeError(found.p[place] as number, u.twoSided.p)).toBeLessThan(1e-9)
    })
  })

  it('GSEA has the exact running score, a small p for the planted term and even ones for the others', () => {
    const found = testSets('gsea', family, scores, seededRandom(1))
    const order = everyGene.toSorted((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    const descending = order.map((gene) => scores[gene] as number)
    family.terms.forEach((_, place) => {
      const own = new Set(members(place))
      const one = runningScore(
        descending,
        order.map((gene) => (own.has(gene) ? 1 : 0)),
      )
      expect(Math.abs((found.scores[place] as number) - (one?.score as number))).toBeLessThan(1e-9)
    })
    const plantedAt = family.terms.indexOf(5)
    expect(found.p[plantedAt]).toBeLessThan(0.005)
    const others = found.p.filter((_, place) => place !== plantedAt)
    expect(others.filter((p) => p <= 0.1).length).toBeLessThanOrEqual(10)
    expect(testSets('gsea', family, scores, seededRandom(1))).toEqual(found)
  })

  it.each(['camera', 'auroc', 'gsea'] as const)('%s links the planted latents to their term first', (method) => {
    const result = withOptions({ method, shuffles: 3 })
    for (let latent = 0; latent < 4; latent++) {
      const { hits } = result.latents[latent] ?? {}
      expect(sets.ids[hits?.terms[0] as number]).toBe(idOf(latent + 5))
      expect(hits?.qOverall[0]).toBeLessThan(0.05)
      expect(hits?.scores?.[0]).toBeGreaterThan(0.5)
    }
    const pairs = result.latents.flatMap(({ hits }) =>
      Array.from(hits?.p ?? [], (p, at) => ({ p, q: hits?.qOverall[at] as number })),
    )
    benjaminiHochberg(
      pairs.map((pair) => pair.p),
      result.testedLatents * result.testedTerms,
    ).forEach((q, at) => q <= 0.1 && expect(pairs[at]?.q).toBeCloseTo(q, 12))
  })
})

describe('backgrounds and chance', () => {
  it('are compared: what is significant with each, and which pairs come and go', () => {
    const listed = new Uint8Array(genes).fill(1, 0, 300)
    const result = withOptions({ background: 'file', listedGenes: listed, shuffles: 0 })
    expect(result.backgroundSize).toBe(300)
    expect(result.backgrounds.map(({ kind, genes: size }) => [kind, size])).toEqual([
      ['file', 300],
      ['detected', 500],
      ['annotated', 500],
    ])
    const [own, detected] = result.backgrounds
    expect(own).toMatchObject({ gained: 0, lost: 0, significant: result.significant })
    expect((own?.significant.pairs ?? 0) + (detected?.gained ?? 0) - (detected?.lost ?? 0)).toBe(detected?.significant.pairs)
    expect(result.latents[0]?.significant).toHaveLength(3)
  })

  it('give an expected number of terms at each threshold from the shuffled copies', () => {
    const result = withOptions({})
    for (const { found, expected, rate } of result.chance) {
      if (found > 0) expect(rate).toBeCloseTo(Math.min(1, expected / found), 12)
      expect(expected).toBeLessThanOrEqual(3)
    }
    expect(result.chance.map(({ q }) => q)).toEqual([0.001, 0.01, 0.05, 0.1, 0.25])
    expect(withOptions({ shuffles: 0 }).chance.every(({ rate }) => rate === null)).toBe(true)
  })

  it('shuffle within other strata when asked: a latent that is its stratum keeps its term', () => {
    const types = Int32Array.from({ length: 600 }, (_, cell) => (cell % 100 < 80 && cell < 400 ? Math.floor(cell / 100) : 9))
    const strict = run({ ...input, nullStrata: types }).result
    expect(strict.shuffled.withTerm).toBeGreaterThan(run(input).result.shuffled.withTerm)
    expect(strict.shuffled.withTerm).toBeGreaterThanOrEqual(10)
  })
})

describe('redundant terms', () => {
  it('join the best term with which they share half of the genes', () => {
    // Genes: a = {0,1,2,3}, b = {0,1,2}, c = {5}, d = {5,6,7}, e = {} and f = {0,1,2,3} again.
    const overlaps = [4, 3, 1, 3, 0, 4]
    const shared = [0, 1, 2, 3, 0, 1, 2, 5, 5, 6, 7, 0, 1, 2, 3]
    expect(Array.from(groupByGenes(overlaps, shared))).toEqual([0, 0, 2, 3, 4, 0])
  })
})
