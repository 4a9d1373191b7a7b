// How well a latent over genes stands for one term: precision, recall and F1 of "active above a threshold", the threshold and the term
// chosen on one half of the genes and confirmed on the other, as InterPLM does for proteins (Simon & Zou 2024).
import type { SeededRandom } from '../base/random'
import type { TermFamily } from './term-sets'

/** Shares of the strongest activation. */
export const conceptThresholds = [0, 0.15, 0.5, 0.6, 0.8] as const
/** A term must have so many genes in either half. */
const fewestInHalf = 5
const keptConcepts = 5

export interface Fit {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface Concept {
  /** Place in the family. */
  readonly term: number
  /** Share of the strongest activation in the first half. */
  readonly threshold: number
  readonly chosen: Fit
  /** The same threshold on the genes that had no part in choosing. */
  readonly heldOut: Fit
}

/** Genes a latent is on in, as places in the background, with activations above 0. */
export interface GeneActivation {
  readonly genes: Uint32Array
  readonly values: Float32Array
}

/** Deals the genes to two halves once; then scores one latent at a time. Answers the 5 best terms by F1 on the first half. */
export function createConceptScorer(family: TermFamily, random: SeededRandom): (activation: GeneActivation) => Concept[] {
  const half = dealHalves(family.backgroundSize, random)
  const sizes = sizesInHalves(family, half)
  const terms = family.terms.length
  const levels = conceptThresholds.length
  // hits[half][term · levels + level]: active genes of the term whose highest passed threshold is this one.
  const hits = [new Uint32Array(terms * levels), new Uint32Array(terms * levels)] as const
  return ({ genes, values }) => {
    const strongest = genes.reduce((most, gene, at) => (half[gene] === 0 ? Math.max(most, values[at] as number) : most), 0)
    if (strongest === 0) return []
    const active = [new Float64Array(levels), new Float64Array(levels)] as const
    const touched: number[] = []
    genes.forEach((gene, at) => {
      const own = half[gene] as 0 | 1
      const level = highestPassed((values[at] as number) / strongest)
      active[own][level] = (active[own][level] as number) + 1
      const end = family.termsOfGene.indptr[gene + 1] as number
      for (let link = family.termsOfGene.indptr[gene] as number; link < end; link++) {
        const term = family.termsOfGene.indices[link] as number
        const slot = term * levels + level
        hits[own][slot] = (hits[own][slot] as number) + 1
        touched.push(term)
      }
    })
    const fit = (part: 0 | 1, term: number, level: number): Fit => {
      let [found, on] = [0, 0]
      for (let above = level; above < levels; above++) {
        found += hits[part][term * levels + above] as number
        on += active[part][above] as number
      }
      const size = sizes[part][term] as number
      return { precision: on === 0 ? 0 : found / on, recall: found / size, f1: on + size === 0 ? 0 : (2 * found) / (on + size) }
    }
    const distinct = [...new Set(touched)].sort((a, b) => a - b)
    const concepts = distinct
      .filter((term) => (sizes[0][term] as number) >= fewestInHalf && (sizes[1][term] as number) >= fewestInHalf)
      .map((term) => bestLevel(term, (level) => fit(0, term, level)))
      .filter(({ chosen }) => chosen.f1 > 0)
      .sort((a, b) => b.chosen.f1 - a.chosen.f1 || a.term - b.term)
      .slice(0, keptConcepts)
      .map(({ term, level, chosen }) => ({
        term,
        threshold: conceptThresholds[level] as number,
        chosen,
        heldOut: fit(1, term, level),
      }))
    for (const term of distinct) for (const part of hits) part.fill(0, term * levels, (term + 1) * levels)
    return concepts
  }
}

function dealHalves(genes: number, random: SeededRandom): Uint8Array {
  const half = new Uint8Array(genes)
  for (const gene of random.sample(
    Uint32Array.from({ length: genes }, (_, at) => at),
    Math.floor(genes / 2),
  ))
    half[gene] = 1
  return half
}

function sizesInHalves(family: TermFamily, half: Uint8Array): readonly [Uint32Array, Uint32Array] {
  const sizes = [new Uint32Array(family.terms.length), new Uint32Array(family.terms.length)] as const
  for (let gene = 0; gene < family.backgroundSize; gene++) {
    const own = sizes[half[gene] as 0 | 1]
    for (let at = family.termsOfGene.indptr[gene] as number; at < (family.termsOfGene.indptr[gene + 1] as number); at++) {
      const term = family.termsOfGene.indices[at] as number
      own[term] = (own[term] as number) + 1
    }
  }
  return sizes
}

/** The lowest threshold is 0 and activations are above it. */
function highestPassed(share: number): number {
  let level = 0
  while (level + 1 < conceptThresholds.length && share > (conceptThresholds[level + 1] as number)) level++
  return level
}

/** Ties: the lower threshold. */
function bestLevel(term: number, fit: (level: number) => Fit): { term: number; level: number; chosen: Fit } {
  let best = { term, level: 0, chosen: fit(0) }
  for (let level = 1; level < conceptThresholds.length; level++) {
    const chosen = fit(level)
    if (chosen.f1 > best.chosen.f1) best = { term, level, chosen }
  }
  return best
}
