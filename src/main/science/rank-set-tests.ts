// All terms of a family tested on one ranking of all background genes: camera, AUROC, or the running score of preranked GSEA.
// None of these needs a study list. Genes of a term rise and fall together; how each test allows for that: docs/linking.md.
import type { SeededRandom } from '../base/random'
import { logNormalTail, logTwoSidedT } from './distributions'
import { rank } from './ranks'
import type { TermFamily } from './term-sets'

export type RankMethod = 'camera' | 'auroc' | 'gsea'

/** One entry per term of the family. */
export interface SetTests {
  /** Two-sided. */
  readonly p: Float64Array
  /** camera: t. AUROC: that of the term's genes against all others. GSEA: the enrichment score. */
  readonly scores: Float64Array
}

/** What `scores` holds for a term that tells nothing. */
export const neutralScore: Readonly<Record<RankMethod, number>> = { camera: 0, auroc: 0.5, gsea: 0 }

/**
 * @param scores one per gene of the background, higher = more in the active cells
 * @param random draws of GSEA's random sets
 * @param inflation AUROC only: variance inflation per term (set-inflation.ts); without it genes count as independent
 */
export function testSets(
  method: RankMethod,
  family: TermFamily,
  scores: Float64Array,
  random: SeededRandom,
  inflation: Float64Array | null = null,
): SetTests {
  if (method === 'camera') return cameraSets(family, scores)
  return method === 'auroc' ? aurocSets(family, scores, inflation) : gseaSets(family, scores, random)
}

/** Variance inflation of limma's cameraPR by default. */
const geneCorrelation = 0.01

/** cameraPR, t version (Wu & Smyth 2012), all terms at once. */
function cameraSets(family: TermFamily, scores: Float64Array): SetTests {
  const genes = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / genes
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  const sums = sumOverTerms(family, scores)
  const found = emptyTests(family)
  family.sizes.forEach((size, term) => {
    const others = genes - size
    if (others < 1 || genes < 3) return
    const delta = (genes / others) * ((sums[term] as number) / size - mean)
    const pooled = (squares - (delta * delta * size * others) / genes) / (genes - 2)
    const t = delta / Math.sqrt(pooled * ((1 + (size - 1) * geneCorrelation) / size + 1 / others))
    if (!Number.isFinite(t)) return
    found.scores[term] = t
    found.p[term] = Math.exp(logTwoSidedT(t, genes - 2))
  })
  return found
}

/** Mann–Whitney with tie and continuity correction, the variance of U widened by the inflation of the term. */
function aurocSets(family: TermFamily, scores: Float64Array, inflation: Float64Array | null): SetTests {
  const genes = scores.length
  const { ranks, ties } = rank(scores)
  const sums = sumOverTerms(family, ranks)
  const found = emptyTests(family)
  family.sizes.forEach((size, term) => {
    const others = genes - size
    const pairs = size * others
    const deviation = Math.sqrt((inflation?.[term] ?? 1) * (pairs / 12) * (genes + 1 - ties / (genes * (genes - 1))))
    const u = (sums[term] as number) - (size * (size + 1)) / 2
    found.scores[term] = pairs > 0 ? u / pairs : 0.5
    if (deviation > 0)
      found.p[term] = Math.exp(Math.min(0, Math.LN2 + logNormalTail((Math.abs(u - pairs / 2) - 0.5) / deviation)))
  })
  return found
}

const emptyTests = (family: TermFamily): SetTests => ({
  p: new Float64Array(family.terms.length).fill(1),
  scores: new Float64Array(family.terms.length),
})

function sumOverTerms({ terms, termsOfGene: { indptr, indices } }: TermFamily, values: Float64Array): Float64Array {
  const sums = new Float64Array(terms.length)
  for (let gene = 0; gene < values.length; gene++) {
    const value = values[gene] as number
    const end = indptr[gene + 1] as number
    for (let at = indptr[gene] as number; at < end; at++) {
      const term = indices[at] as number
      sums[term] = (sums[term] as number) + value
    }
  }
  return sums
}

const draws = 1000
/** Random sets are drawn for these sizes only, each a third larger than the one before; a term takes the nearest. */
const sizeStep = 1.3
/** Beyond this share of the random scores the tail is continued as an exponential, which is heavier than the true one. */
const tailShare = 0.1

/** Subramanian et al. (2005), weight 1; p from random gene sets of the term's size. */
function gseaSets(family: TermFamily, scores: Float64Array, random: SeededRandom): SetTests {
  const order = Uint32Array.from(scores, (_, gene) => gene).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  const weights = Float64Array.from(order, (gene) => Math.abs(scores[gene] as number))
  const { starts, places } = placesOfTerms(family, order)
  const found = emptyTests(family)
  const nulls = new Map<number, RandomScores>()
  family.sizes.forEach((size, term) => {
    const score = walkScore(weights, places.subarray(starts[term], starts[term + 1]))
    found.scores[term] = score
    const step = Math.round(Math.log(size) / Math.log(sizeStep))
    const near = nulls.get(step) ?? drawScores(weights, Math.min(scores.length - 1, Math.round(sizeStep ** step)), random)
    nulls.set(step, near)
    found.p[term] = tailOfScore(score, score >= 0 ? near.positive : near.negative)
  })
  return found
}

/** Places of every term's genes in the ranking, ascending. */
function placesOfTerms(family: TermFamily, order: Uint32Array): { starts: Uint32Array; places: Uint32Array } {
  const { indptr, indices } = family.termsOfGene
  const starts = new Uint32Array(family.terms.length + 1)
  family.sizes.forEach((size, term) => (starts[term + 1] = (starts[term] as number) + size))
  const next = starts.slice()
  const places = new Uint32Array(starts.at(-1) ?? 0)
  order.forEach((gene, place) => {
    for (let at = indptr[gene] as number; at < (indptr[gene + 1] as number); at++) {
      const term = indices[at] as number
      places[next[term] as number] = place
      next[term] = (next[term] as number) + 1
    }
  })
  return { starts, places }
}

/** The running sum turns only at members, so only these are visited. @param members ascending places */
function walkScore(weights: Float64Array, members: Uint32Array): number {
  let total = 0
  for (const place of members) total += weights[place] as number
  const others = weights.length - members.length
  if (!(total > 0) || others < 1) return 0
  let hits = 0
  let score = 0
  for (let at = 0; at < members.length; at++) {
    const place = members[at] as number
    const misses = (place - at) / others
    const before = hits - misses
    if (Math.abs(before) > Math.abs(score)) score = before
    hits += (weights[place] as number) / total
    const after = hits - misses
    if (Math.abs(after) > Math.abs(score)) score = after
  }
  return score
}

interface RandomScores {
  /** Sizes of the scores of one sign, ascending. */
  readonly positive: Float64Array
  readonly negative: Float64Array
}

function drawScores(weights: Float64Array, size: number, random: SeededRandom): RandomScores {
  const taken = new Uint8Array(weights.length)
  const members = new Uint32Array(size)
  const scores = Float64Array.from({ length: draws }, () => {
    for (let at = 0; at < size; at++) {
      let place = random.below(weights.length)
      while (taken[place] === 1) place = random.below(weights.length)
      taken[place] = 1
      members[at] = place
    }
    for (const place of members) taken[place] = 0
    members.sort()
    return walkScore(weights, members)
  })
  return {
    positive: scores.filter((score) => score >= 0).sort(),
    negative: scores
      .filter((score) => score < 0)
      .map(Math.abs)
      .sort(),
  }
}

function tailOfScore(score: number, sameSign: Float64Array): number {
  const size = Math.abs(score)
  const count = sameSign.length
  if (count === 0) return 1 / (draws + 1)
  const edge = Math.floor(count * (1 - tailShare))
  const from = sameSign[edge] as number
  if (size <= from || edge >= count - 1) {
    let above = 0
    for (let at = count - 1; at >= 0 && (sameSign[at] as number) >= size; at--) above++
    return (above + 1) / (count + 1)
  }
  let excess = 0
  for (let at = edge; at < count; at++) excess += (sameSign[at] as number) - from
  const mean = excess / (count - edge)
  return mean > 0 ? ((count - edge) / count) * Math.exp(-(size - from) / mean) : 1 / (count + 1)
}
