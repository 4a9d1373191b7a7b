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
  readonly genes: Uint16Array
  /** What a rank test found: AUROC, enrichment score or camera's direction; null for tests of a list. */
  readonly scores: Float64Array | null
}

export const keptBelow = 0.1
export const leastKept = 50

/** @param study places in the background, as given to the test; fewer than 65,536 */
export function keepHits(result: Enrichment, family: TermFamily, study: Uint32Array): TermHits {
  const sharing = bestFirst(result)
  const count = Math.max(sharing.length, Math.min(leastKept, family.terms.length))
  // Thousands of lists are kept: one piece of memory for each, not seven.
  const memory = new ArrayBuffer(count * 36)
  const p = new Float64Array(memory, 0, count)
  const qLatent = new Float64Array(memory, count * 8, count)
  const qOverall = new Float64Array(memory, count * 16, count)
  const terms = new Uint32Array(memory, count * 24, count)
  const overlaps = new Uint32Array(memory, count * 28, count)
  const termSizes = new Uint32Array(memory, count * 32, count)
  if (placesKept.length < count) placesKept = new Uint32Array(2 * count)
  const places = placesKept.subarray(0, count)
  for (let rank = 0; rank < sharing.length; rank++) {
    const at = sharing[rank] as number
    places[rank] = result.places[at] as number
    overlaps[rank] = result.overlaps[at] as number
    p[rank] = result.p[at] as number
    qLatent[rank] = result.q[at] as number
  }
  p.fill(1, sharing.length)
  qLatent.fill(1, sharing.length)
  qOverall.fill(1)
  addUntouched(places, sharing.length, result.places)
  for (let rank = 0; rank < count; rank++) {
    const place = places[rank] as number
    terms[rank] = family.terms[place] as number
    termSizes[rank] = family.sizes[place] as number
  }
  return { terms, overlaps, termSizes, p, qLatent, qOverall, genes: sharedGenes(family, study, places, overlaps), scores: null }
}

/** Places in the family of the terms being kept. */
let placesKept = new Uint32Array(0)

/** Of a test of all genes at most this many terms are kept. */
const mostKept = 300

/**
 * The best terms of a test of all genes, by p, then place: all with p ≤ 0.1 (at most 300), at least the 50 best. Their genes are
 * those that also stand on the study list.
 */
export function keepBest(
  found: { readonly p: Float64Array; readonly q: Float64Array; readonly scores: Float64Array },
  family: TermFamily,
  study: Uint32Array,
): TermHits {
  const small = found.p.reduce((count, p) => count + (p <= keptBelow ? 1 : 0), 0)
  const order = Uint32Array.from(found.p.keys()).sort((a, b) => (found.p[a] as number) - (found.p[b] as number) || a - b)
  const places = order.slice(0, Math.min(mostKept, Math.max(leastKept, small)))
  const overlaps = countShared(family, study, places)
  return {
    terms: places.map((place) => family.terms[place] as number),
    overlaps,
    termSizes: places.map((place) => family.sizes[place] as number),
    p: Float64Array.from(places, (place) => found.p[place] as number),
    qLatent: Float64Array.from(places, (place) => found.q[place] as number),
    qOverall: new Float64Array(places.length).fill(1),
    genes: sharedGenes(family, study, places, overlaps),
    scores: Float64Array.from(places, (place) => found.scores[place] as number),
  }
}

/** How many genes of the study list each of these terms holds. @param places of terms in the family */
function countShared(family: TermFamily, study: Uint32Array, places: Uint32Array): Uint32Array {
  const { indptr, indices } = family.termsOfGene
  const counts = new Uint32Array(family.terms.length)
  for (const gene of study)
    for (let at = indptr[gene] as number; at < (indptr[gene + 1] as number); at++) {
      const term = indices[at] as number
      counts[term] = (counts[term] as number) + 1
    }
  return places.map((place) => counts[place] as number)
}

/** Every term with p ≤ 0.1 and at least the 50 best that share a gene, by p, then place: a counting sort over the steps of p. */
function bestFirst({ p, step, steps }: Enrichment): Uint32Array {
  const starts = new Uint32Array(steps + 1)
  let small = 0
  for (let at = 0; at < step.length; at++) {
    const own = step[at] as number
    starts[own + 1] = (starts[own + 1] as number) + 1
    if ((p[at] as number) <= keptBelow) small++
  }
  for (let one = 0; one < steps; one++) starts[one + 1] = (starts[one + 1] as number) + (starts[one] as number)
  const kept = Math.max(small, Math.min(leastKept, step.length))
  const order = new Uint32Array(kept)
  for (let at = 0; at < step.length; at++) {
    const own = step[at] as number
    const slot = starts[own] as number
    starts[own] = slot + 1
    if (slot < kept) order[slot] = at
  }
  return order
}

/** Fills the places from `from` on with terms without overlap (p = 1), lowest ids first. @param touched ascending */
function addUntouched(places: Uint32Array, from: number, touched: Uint32Array): void {
  let next = 0
  let at = from
  for (let place = 0; at < places.length; place++) {
    if (touched[next] === place) next++
    else places[at++] = place
  }
}

/** 1 + place in the kept terms, by place in the family; all 0 between calls. */
let keptAt = new Uint32Array(0)

function sharedGenes(family: TermFamily, study: Uint32Array, places: Uint32Array, overlaps: Uint32Array): Uint16Array {
  if (keptAt.length < family.terms.length) keptAt = new Uint32Array(family.terms.length)
  const next = new Uint32Array(places.length)
  let total = 0
  for (let rank = 0; rank < places.length; rank++) {
    next[rank] = total
    total += overlaps[rank] as number
    keptAt[places[rank] as number] = rank + 1
  }
  const genes = new Uint16Array(total)
  const { indptr, indices } = family.termsOfGene
  for (let position = 0; position < study.length; position++) {
    const gene = study[position] as number
    const end = indptr[gene + 1] as number
    for (let at = indptr[gene] as number; at < end; at++) {
      const rank = (keptAt[indices[at] as number] as number) - 1
      if (rank < 0) continue
      const slot = next[rank] as number
      genes[slot] = position
      next[rank] = slot + 1
    }
  }
  for (let rank = 0; rank < places.length; rank++) keptAt[places[rank] as number] = 0
  return genes
}
