// Rows that are genes: planted terms are found and confirmed, chance is counted, counts and p are those of the tests by the book.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import type { Csr } from '../../src/main/base/sparse'
import { conceptThresholds, createConceptScorer } from '../../src/main/science/concept-f1'
import { linkRows, type DirectInput, type DirectResult } from '../../src/main/science/direct-link'
import { upperTail } from '../../src/main/science/hypergeometric'
import { cutToBackground, type TermSets } from '../../src/main/science/term-sets'

const geneCount = 1000
const termCount = 40
/** Term t holds 30 genes; genes below 100 are well studied and are in many terms. */
const draw = seededRandom(1, 0)
const members = Array.from({ length: termCount }, (_, term) => {
  const own = new Set<number>(Array.from({ length: 18 }, (__, at) => 100 + term * 20 + at))
  while (own.size < 30) own.add(draw.below(100))
  return [...own].sort((a, b) => a - b)
})
const sets = {
  ids: members.map((_, term) => `T:${term}`),
  root: -1,
  geneCount,
  indptr: Uint32Array.from([0, ...members.map((_, term) => (term + 1) * 30)]),
  indices: Uint32Array.from(members.flat()),
} as unknown as TermSets

function csr(rows: readonly (readonly (readonly [number, number])[])[], columns: number): Csr {
  const indptr = Float64Array.from([0, ...rows.map((_, at) => rows.slice(0, at + 1).reduce((sum, row) => sum + row.length, 0))])
  return {
    rows: rows.length,
    columns,
    indptr,
    indices: Uint32Array.from(rows.flat(), ([row]) => row),
    values: Float32Array.from(rows.flat(), ([, value]) => value),
  }
}

/** Rows 0–999 are the genes, 1000–1019 second rows of genes 100–119 (isoforms), 1020 is no known gene. */
const rowGenes = Int32Array.from({ length: 1021 }, (_, row) => (row < 1000 ? row : row < 1020 ? row - 900 : -1))
const rowsOf = (genes: readonly number[], value = (_: number): number => 1) => genes.map((gene, at) => [gene, value(at)] as const)
const latents = csr(
  [
    // 0: genes of term 3 alone, strongly, and 60 other ones weakly.
    rowsOf(
      [...new Set([...(members[3] as number[]), ...Array.from({ length: 60 }, (_, at) => 910 + at)])].sort((a, b) => a - b),
    ).map(([gene]) => [gene, members[3]?.includes(gene) ? 2 : 0.2] as const),
    // 1: the well-studied genes.
    rowsOf(Array.from({ length: 100 }, (_, at) => at)),
    // 2: nothing in particular.
    rowsOf(Array.from({ length: 120 }, (_, at) => at * 8 + 3)),
    [],
    // 4: three genes.
    rowsOf([5, 6, 7]),
    // 5: isoforms of genes 100–119 and the unknown row.
    rowsOf(Array.from({ length: 21 }, (_, at) => 1000 + at)),
  ],
  rowGenes.length,
)

function link(options: Partial<DirectInput['options']> = {}, allowed: Uint8Array | null = null): DirectResult {
  const steps = linkRows({
    activations: latents,
    rowGenes,
    sets,
    allowed,
    options: { seed: 0, shuffles: 60, equallyAnnotated: false, ...options },
  })
  let next = steps.next()
  while (!next.done) next = steps.next()
  return next.value
}

describe('latents over genes', () => {
  const result = link()

  it('carry the planted term, with the hypergeometric p of its counts', () => {
    const { hits, study } = result.latents[0] as DirectResult['latents'][number]
    expect(hits?.terms[0]).toBe(3)
    expect(hits?.overlaps[0]).toBe(30)
    expect(study).toHaveLength(90)
    expect((hits?.p[0] ?? 1) / upperTail(30, 30, 90, geneCount).p).toBeCloseTo(1, 12)
    expect(hits?.qOverall[0]).toBeLessThan(1e-20)
    // The strongest rows come first.
    expect([...study.subarray(0, 30)].sort((a, b) => a - b)).toEqual(members[3])
  })

  it('are not tested when they are on nowhere, or in too few genes', () => {
    expect(result.latents.map((one) => one.status)).toEqual(['tested', 'tested', 'tested', 'dead', 'too few rows', 'tested'])
    expect(result).toMatchObject({ testedLatents: 4, testedTerms: termCount, backgroundSize: geneCount })
  })

  it('count a gene once, however many rows it has, and leave unknown rows out', () => {
    const { study, hits } = result.latents[5] as DirectResult['latents'][number]
    expect(study).toHaveLength(20)
    expect(hits?.overlaps[0]).toBe(18)
    expect(hits?.terms[0]).toBe(0)
  })

  it('rarely reach a term when they are shuffled', () => {
    expect(result.shuffled.copies).toBe(60)
    expect(result.shuffled.withTerm).toBeLessThanOrEqual(3)
    expect(result.concepts.shuffled).toEqual({ chosen: 0, confirmed: 0 })
    expect(result.chance.find(({ q }) => q === 0.05)?.found).toBeGreaterThan(0)
  })

  it('owe much to well-studied genes where the strict control says so', () => {
    // Latent 1 is on in the hundred genes that are in many terms: dealt among equally annotated genes it stays so.
    const onlyStudied = csr([rowsOf(Array.from({ length: 100 }, (_, at) => at))], rowGenes.length)
    const run = (equallyAnnotated: boolean): DirectResult => {
      const steps = linkRows({
        activations: onlyStudied,
        rowGenes,
        sets,
        allowed: null,
        options: { seed: 0, shuffles: 20, equallyAnnotated },
      })
      let next = steps.next()
      while (!next.done) next = steps.next()
      return next.value
    }
    expect(run(false).shuffled.withTerm).toBeLessThanOrEqual(2)
    expect(run(true).shuffled.withTerm).toBe(20)
  })

  it('are tested among the allowed genes only', () => {
    const allowed = Uint8Array.from({ length: geneCount }, (_, gene) => (gene < 500 ? 1 : 0))
    const cut = link({ shuffles: 0 }, allowed)
    expect(cut.backgroundSize).toBe(500)
    expect(cut.latents[0]?.study.every((row) => row < 500)).toBe(true)
  })

  it('give the same bytes again', () => {
    expect(link()).toEqual(result)
  })
})

describe('F1 of a term', () => {
  const background = Int32Array.from({ length: geneCount }, (_, gene) => gene)
  const family = cutToBackground(sets, background)
  const [first] = link().latents[0]?.concepts ?? []

  it('is chosen on one half of the genes with the best threshold and confirmed on the other', () => {
    expect(first?.term).toBe(3)
    // Above it exactly the genes of the term are left: the others reach a tenth of the strongest.
    expect(first?.threshold).toBe(0.15)
    expect(first?.chosen).toEqual({ precision: 1, recall: 1, f1: 1 })
    expect(first?.heldOut).toEqual({ precision: 1, recall: 1, f1: 1 })
  })

  it('is not confirmed where it came about by chance', () => {
    const score = createConceptScorer(family, seededRandom(0, 9))
    const random = seededRandom(4, 4)
    let best = 0
    let gap = 0
    for (let one = 0; one < 50; one++) {
      const genes = random.sample(Uint32Array.from(background), 40)
      const [concept] = score({ genes, values: Float32Array.from(genes, () => 0.1 + random.below(900) / 1000) })
      best += concept?.chosen.f1 ?? 0
      gap += (concept?.chosen.f1 ?? 0) - (concept?.heldOut.f1 ?? 0)
    }
    // Choosing among 40 terms and 5 thresholds looks good where it was chosen, and does not hold elsewhere.
    expect(best / 50).toBeGreaterThan(0.1)
    expect(gap / best).toBeGreaterThan(0.5)
  })

  it('is that of a plain count over all terms and thresholds', () => {
    const score = createConceptScorer(family, seededRandom(2, 2))
    const held = new Set(seededRandom(2, 2).sample(Uint32Array.from(background), geneCount / 2))
    const genes = Uint32Array.from({ length: 200 }, (_, at) => at * 5)
    const values = Float32Array.from(genes, (_, at) => 1 + (at % 9))
    const valueOf = new Map(Array.from(genes, (gene, at) => [gene, values[at] as number]))
    const strongest = Math.max(...[...valueOf].filter(([gene]) => !held.has(gene)).map(([, value]) => value))
    const fit = (term: number, threshold: number, inHeld: boolean) => {
      const all = [...background].filter((gene) => held.has(gene) === inHeld)
      const isOn = (gene: number): boolean => (valueOf.get(gene) ?? 0) / strongest > threshold
      const own = new Set(members[family.terms[term] as number])
      const found = all.filter((gene) => isOn(gene) && own.has(gene)).length
      const precision = found / all.filter(isOn).length
      const recall = found / all.filter((gene) => own.has(gene)).length
      return { precision, recall, f1: found === 0 ? 0 : (2 * precision * recall) / (precision + recall) }
    }
    const expected = Array.from(family.terms.keys(), (term) => {
      const levels = conceptThresholds.map((threshold) => ({ term, threshold, chosen: fit(term, threshold, false) }))
      return levels.reduce((best, one) => (one.chosen.f1 > best.chosen.f1 + 1e-12 ? one : best))
    })
      .sort((x, y) => y.chosen.f1 - x.chosen.f1 || x.term - y.term)
      .slice(0, 5)
    const found = score({ genes, values })
    expect(found.map(({ term, threshold }) => [term, threshold])).toEqual(
      expected.map(({ term, threshold }) => [term, threshold]),
    )
    found.forEach(({ term, threshold, chosen, heldOut }, at) => {
      expect(chosen.f1).toBeCloseTo(expected[at]?.chosen.f1 ?? -1, 12)
      expect(chosen.precision).toBeCloseTo(expected[at]?.chosen.precision ?? -1, 12)
      expect(heldOut.f1).toBeCloseTo(fit(term, threshold, true).f1, 12)
      expect(heldOut.recall).toBeCloseTo(fit(term, threshold, true).recall, 12)
    })
  })
})
