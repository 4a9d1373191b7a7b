// The terms of one latent that are kept: all with p ≤ 0.1 and at least the 50 best, by p, then by term id.
import type { Enrichment } from './over-representation'
import type { TermFamily } from './term-sets'

/** One entry per kept term. */
export interface TermHits {
  /** Index into TermSets.ids. */
  readonly terms: Uint32Array
  readonly overlaps: Uint32Array
  readonly termSizes: Uint32Array
  readonly p: Float64Array
  readonly qLatent: Float64Array
  /** Filled when all latents are done. */
  readonly qOverall: Float64Array
  /** Overlapping genes of all kept terms, one term after the other (`overlaps` gives the lengths), as places in the study list. */
  readonly genes: Uint8Array
}

const keptBelow = 0.1
const leastKept = 50

/** @param study places in the background, as given to the test; fewer than 256 */
export function keepHits(result: Enrichment, family: TermFamily, study: Uint32Array): TermHits {
  const order = Uint32Array.from(result.p, (_, at) => at).filter((at) => (result.p[at] as number) <= keptBelow)
  const chosen = order.length >= leastKept ? order : Uint32Array.from(result.p, (_, at) => at)
  chosen.sort((a, b) => (result.p[a] as number) - (result.p[b] as number) || a - b)
  const sharing = chosen.subarray(0, Math.max(order.length, leastKept))
  const places = withUntouched(
    Uint32Array.from(sharing, (at) => result.places[at] as number),
    result.places,
    family.terms.length,
  )
  const pick = (from: ArrayLike<number>, otherwise: number): Float64Array =>
    Float64Array.from(places, (_, at) => (at < sharing.length ? (from[sharing[at] as number] as number) : otherwise))
  const overlaps = Uint32Array.from(pick(result.overlaps, 0))
  return {
    terms: Uint32Array.from(places, (place) => family.terms[place] as number),
    overlaps,
    termSizes: Uint32Array.from(places, (place) => family.sizes[place] as number),
    p: pick(result.p, 1),
    qLatent: pick(result.q, 1),
    qOverall: new Float64Array(places.length).fill(1),
    genes: sharedGenes(family, study, places, overlaps),
  }
}

/** Adds terms without overlap (p = 1), lowest ids first, until 50 are kept or the family ends. */
function withUntouched(kept: Uint32Array, touched: Uint32Array, familySize: number): Uint32Array {
  const wanted = Math.min(leastKept, familySize)
  if (kept.length >= wanted) return kept
  const seen = new Set(touched)
  const places = [...kept]
  for (let place = 0; places.length < wanted && place < familySize; place++) if (!seen.has(place)) places.push(place)
  return Uint32Array.from(places)
}

function sharedGenes(family: TermFamily, study: Uint32Array, places: Uint32Array, overlaps: Uint32Array): Uint8Array {
  const next = new Map<number, number>()
  let total = 0
  places.forEach((place, at) => {
    next.set(place, total)
    total += overlaps[at] as number
  })
  const genes = new Uint8Array(total)
  const { indptr, indices } = family.termsOfGene
  study.forEach((gene, position) => {
    for (let at = indptr[gene] as number; at < (indptr[gene + 1] as number); at++) {
      const slot = next.get(indices[at] as number)
      if (slot === undefined) continue
      genes[slot] = position
      next.set(indices[at] as number, slot + 1)
    }
  })
  return genes
}
