// The true-path rule: a gene annotated to a term belongs to every term above it over is_a and part_of (the default).
// Regulates relations are not followed: a regulator of a process is not part of it (docs/ontology.md).
import type { Aspect, Evidence, Relations } from '@contract'
import type { TermSets } from '../../science/term-sets'
import type { GeneColumns, TermColumns } from './resource'

export const acceptedBits: Readonly<Record<Evidence, number>> = { all: 7, 'no-iea': 3, experimental: 1 }
const rootOf: Readonly<Record<Aspect, string>> = { BP: 'GO:0008150', MF: 'GO:0003674', CC: 'GO:0005575' }

/** The highest relation code (see `TermColumns`) that is followed. */
const followed: Readonly<Record<Relations, number>> = { none: -1, is_a: 0, 'is_a,part_of': 1, all: 2 }

/** Every gene–term pair of an aspect after propagation, gene by gene. */
function pairsOf(
  terms: TermColumns,
  genes: GeneColumns,
  aspect: Aspect | null,
  accepted: number,
  highest: number,
): { start: Uint32Array; terms: Uint32Array } {
  const start = new Uint32Array(genes.ids.length + 1)
  let pairs = new Uint32Array(1 << 20)
  let count = 0
  const seenBy = new Int32Array(terms.ids.length).fill(-1)
  for (let gene = 0; gene < genes.ids.length; gene++) {
    const first = count
    const reach = (term: number): void => {
      if (seenBy[term] === gene) return
      seenBy[term] = gene
      if (count === pairs.length) {
        const larger = new Uint32Array(count * 2)
        larger.set(pairs)
        pairs = larger
      }
      pairs[count++] = term
    }
    const end = genes.annotationStart[gene + 1] as number
    for (let at = genes.annotationStart[gene] as number; at < end; at++) {
      const term = genes.annotationTerms[at] as number
      if ((aspect === null || terms.aspects[term] === aspect) && ((genes.annotationEvidence[at] as number) & accepted) !== 0)
        reach(term)
    }
    for (let at = first; at < count && highest >= 0; at++) {
      const term = pairs[at] as number
      const last = terms.parentStart[term + 1] as number
      for (let edge = terms.parentStart[term] as number; edge < last; edge++) {
        const parent = terms.parents[edge] as number
        if ((parent & 3) <= highest) reach(parent >>> 2)
      }
    }
    start[gene + 1] = count
  }
  return { start, terms: pairs.subarray(0, count) }
}

/** Propagated gene sets of one aspect, or of all terms; terms without a gene are left out, the root is in and marked. */
export function propagate(
  terms: TermColumns,
  genes: GeneColumns,
  aspect: Aspect | null,
  evidence: Evidence,
  relations: Relations = 'is_a,part_of',
): TermSets {
  const pairs = pairsOf(terms, genes, aspect, acceptedBits[evidence], followed[relations])
  const sizes = new Uint32Array(terms.ids.length)
  for (const term of pairs.terms) sizes[term] = (sizes[term] as number) + 1
  const kept: number[] = []
  const rowOf = new Int32Array(terms.ids.length).fill(-1)
  for (let term = 0; term < sizes.length; term++) if ((sizes[term] as number) > 0) rowOf[term] = kept.push(term) - 1
  const indptr = new Uint32Array(kept.length + 1)
  kept.forEach((term, row) => (indptr[row + 1] = (indptr[row] as number) + (sizes[term] as number)))
  const next = indptr.slice()
  const indices = new Uint32Array(pairs.terms.length)
  for (let gene = 0; gene < genes.ids.length; gene++) {
    for (let at = pairs.start[gene] as number; at < (pairs.start[gene + 1] as number); at++) {
      const row = rowOf[pairs.terms[at] as number] as number
      const slot = next[row] as number
      next[row] = slot + 1
      indices[slot] = gene
    }
  }
  const ids = kept.map((term) => terms.ids[term] as string)
  return {
    ids,
    names: kept.map((term) => terms.names[term] as string),
    root: aspect === null ? onlyRoot(terms, rowOf) : ids.indexOf(rootOf[aspect]),
    geneCount: genes.ids.length,
    indptr,
    indices,
  }
}

/** The one kept term without parents; −1 when there are several, as in a collection of sets, or when it is alone: a panel of one set. */
function onlyRoot({ parentStart, ids }: TermColumns, rowOf: Int32Array): number {
  const tops: number[] = []
  for (let term = 0; term < ids.length && tops.length < 2; term++)
    if ((rowOf[term] as number) >= 0 && parentStart[term] === parentStart[term + 1]) tops.push(rowOf[term] as number)
  return tops.length === 1 && parentStart[ids.length] !== 0 ? (tops[0] as number) : -1
}
