// How one latent's genes are tested against all terms: a study list by the rules of a named tool, or all genes by their rank.
// Every tester answers in the same shape and corrects twice: within a latent, and over all latents tested.
import type { SeededRandom } from '../base/random'
import { presetRules, type PresetName } from './enrichment-presets'
import type { GeneEffects } from './gene-comparison'
import { wilcoxonScores } from './gene-tests'
import { benjaminiHochberg } from './multiple-testing'
import { createEnrichmentTester } from './over-representation'
import { createOverallRate } from './overall-rate'
import { publishedRankTest } from './published-linking'
import { testSets, type RankMethod } from './rank-set-tests'
import { fewestStudyGenes, type Background } from './study-list'
import { keepBest, keepHits, keptBelow, type TermHits } from './term-hits'
import { cutToBackground, type TermFamily, type TermSets, type TermSizes } from './term-sets'

export type LinkMethod = 'ora' | RankMethod

/** What speaks for a latent. */
export interface LatentEvidence {
  readonly effects: GeneEffects
  /** Active × reference cells. */
  readonly pairs: number
  /** Places in the background, best first. */
  readonly study: Uint32Array
  readonly random: SeededRandom
}

export interface TestedTerms {
  /** How many terms have a q in this latent up to each of `chanceThresholds`. */
  readonly passing: Uint32Array
  readonly studySize: number
  /** Terms that pass by the tool's own rule, where that is not a q value. */
  readonly published: number | null
  /** The terms that are kept. */
  hits(): TermHits
  /** Counts this result in the family of all latents; once for each latent. */
  enter(): void
}

export interface TermTester {
  readonly family: TermFamily
  /** Null: too few genes. */
  test(evidence: LatentEvidence): TestedTerms | null
  /** Writes qOverall of the kept terms when all latents are entered. */
  fill(all: readonly { readonly hits: TermHits; readonly studySize: number }[]): void
}

export const chanceThresholds = [0.001, 0.01, 0.05, 0.1, 0.25] as const

/** How many of the values are up to each threshold. */
export function countPassing(q: Float64Array): Uint32Array {
  const counts = new Uint32Array(chanceThresholds.length)
  for (const value of q)
    chanceThresholds.forEach((threshold, at) => {
      if (value <= threshold) counts[at] = (counts[at] as number) + 1
    })
  return counts
}

/** A tool's test of the study list. */
export function createListTester(
  preset: PresetName,
  sets: TermSets,
  background: Background,
  { fewestGenes = fewestStudyGenes, termSize }: { readonly fewestGenes?: number; readonly termSize?: TermSizes } = {},
): TermTester {
  const rule = presetRules[preset]
  const [least, most] = termSize ? [termSize.least, termSize.most] : [rule.smallest, Math.min(rule.largest, sets.geneCount)]
  const family = cutToBackground(sets, background.genes, least, most, rule.withRoot)
  const tester = createEnrichmentTester(
    family,
    preset === 'latiscope'
      ? {}
      : {
          test: (overlap, termSize, studySize, backgroundSize) => rule.p({ overlap, termSize, studySize, backgroundSize }),
          untouched: rule.leastOverlap === 0,
          familyTouchedOnly: rule.leastOverlap > 0,
        },
  )
  const overall = createOverallRate(tester)
  return {
    family,
    test: ({ study }) => {
      if (study.length < fewestGenes) return null
      const result = tester.test(study)
      return {
        passing: countPassing(result.q),
        studySize: study.length,
        published: null,
        hits: () => keepHits(result, family, study),
        enter: () => overall.add(result),
      }
    },
    fill: (all) => overall.fill(all),
  }
}

const publishedBelow = 0.05

/** scFeatureLens: a binomial test of the list, and a rank test of the fold changes; both must be below 0.05, uncorrected. */
export function createPublishedTester(sets: TermSets, background: Background): TermTester {
  const lists = createListTester('scfeaturelens', sets, background, { fewestGenes: 1 })
  return {
    ...lists,
    test: (evidence) => {
      const tested = lists.test(evidence)
      if (!tested) return null
      const ranks = publishedRankTest(evidence.effects, background, lists.family)
      const placeOf = new Map(Array.from(lists.family.terms, (term, place) => [term, place]))
      const hits = tested.hits()
      const places = Array.from(hits.terms, (term) => placeOf.get(term) ?? 0)
      const both = places.filter(
        (place, at) => (hits.p[at] as number) < publishedBelow && (ranks.p[place] as number) < publishedBelow,
      )
      const scores = Float64Array.from(places, (place) => ranks.effect[place] as number)
      return { ...tested, published: both.length, hits: () => ({ ...hits, scores }) }
    },
  }
}

/**
 * A test of the whole ranking; the score of a gene is its standardised Mann–Whitney U.
 * @param family terms cut to the background
 * @param inflationOf AUROC only: how far co-expression widens each term's score
 */
export function createRankTester(
  method: RankMethod,
  family: TermFamily,
  background: Background,
  inflationOf: (family: TermFamily) => Float64Array | null = () => null,
): TermTester {
  const inflation = inflationOf(family)
  /** All p ≤ 0.1 of all latents: larger ones cannot lower the q of a kept term below theirs. */
  const small: Float64Array[] = []
  let tests = 0
  return {
    family,
    test: ({ effects, pairs, study, random }) => {
      const all = wilcoxonScores(effects, pairs)
      const scores = Float64Array.from(background.columns, (column) => all[column] as number)
      const found = testSets(method, family, scores, random, inflation)
      const q = benjaminiHochberg(found.p)
      return {
        passing: countPassing(q),
        studySize: study.length,
        published: null,
        hits: () => keepBest({ ...found, q }, family, study),
        enter: () => {
          tests += found.p.length
          small.push(found.p.filter((p) => p <= keptBelow))
        },
      }
    },
    fill: (all) => fillOverall(small, tests, all),
  }
}

/** Writes qOverall of the kept terms. @param small all p ≤ 0.1 of all latents @param tests size of the family of all latents */
export function fillOverall(small: readonly Float64Array[], tests: number, all: readonly { readonly hits: TermHits }[]): void {
  const ascending = new Float64Array(small.reduce((sum, one) => sum + one.length, 0))
  let filled = 0
  for (const one of small) {
    ascending.set(one, filled)
    filled += one.length
  }
  ascending.sort()
  const q = benjaminiHochberg(ascending, tests)
  for (const { hits } of all)
    hits.p.forEach((p, at) => {
      if (p <= keptBelow) hits.qOverall[at] = q[firstPlace(ascending, p)] as number
    })
}

function firstPlace(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
