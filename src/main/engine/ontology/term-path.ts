// The place of a term in its ontology: the way up to a root, its other parents, its children.
// Pure over the columns of the ontology. Terms are rows of these columns.
import type { Relations } from '@contract'
import type { TermColumns } from './resource'

type Relation = 'is_a' | 'part_of' | 'other'
export interface Kin {
  readonly term: number
  readonly relation: Relation
}
/** From a root to a term; each entry with its relation to the one before, the root with null. */
export type WayUp = readonly { readonly term: number; readonly relation: Relation | null }[]

const relationNames: readonly Relation[] = ['is_a', 'part_of', 'other']
const relationOf = (edge: number): Relation => relationNames[Math.min(2, edge & 3)] as Relation
/** Highest relation code that is followed; a result without propagation is still shown in its tree of is_a. */
const highest: Readonly<Record<Relations, number>> = { none: 0, is_a: 0, 'is_a,part_of': 1, all: 3 }

function parentsOf({ parents, parentStart }: TermColumns, term: number, relations: Relations): number[] {
  const edges = [...parents.subarray(parentStart[term], parentStart[term + 1])]
  return edges.filter((edge) => (edge & 3) <= highest[relations])
}

/**
 * The way up takes the most specific parent each time: the one furthest from a root by its longest way up; of equals is_a before
 * part_of, then the first by id. "All" relations of an ontology may form a circle; the way never comes twice by a term.
 */
export function wayUp(terms: TermColumns, term: number, relations: Relations): WayUp {
  const heights = new Map<number, number>()
  const open = new Set<number>()
  const height = (at: number): number => {
    const known = heights.get(at)
    if (known !== undefined) return known
    if (open.has(at)) return 0
    open.add(at)
    const value = parentsOf(terms, at, relations).reduce((most, edge) => Math.max(most, 1 + height(edge >>> 2)), 0)
    open.delete(at)
    heights.set(at, value)
    return value
  }
  const best = (at: number): number | undefined =>
    parentsOf(terms, at, relations).sort(
      (a, b) => height(b >>> 2) - height(a >>> 2) || (a & 3) - (b & 3) || (a >>> 2) - (b >>> 2),
    )[0]

  const path: { term: number; relation: Relation | null }[] = []
  const seen = new Set<number>()
  for (let at = term; ;) {
    seen.add(at)
    const edge = best(at)
    const isTop = edge === undefined || seen.has(edge >>> 2)
    path.unshift({ term: at, relation: isTop ? null : relationOf(edge) })
    if (isTop) break
    at = edge >>> 2
  }
  return path
}

/** Parents of a term without the one right above it on `way`. */
export function otherParents(terms: TermColumns, way: WayUp, relations: Relations): Kin[] {
  const [above, own] = [way.at(-2)?.term, way.at(-1)?.term ?? 0]
  return parentsOf(terms, own, relations)
    .filter((edge) => edge >>> 2 !== above)
    .map((edge) => ({ term: edge >>> 2, relation: relationOf(edge) }))
}

/** The terms right under a term. */
export function childrenOf(terms: TermColumns, term: number, relations: Relations): Kin[] {
  const children: Kin[] = []
  let child = 0
  terms.parents.forEach((edge, at) => {
    while ((terms.parentStart[child + 1] as number) <= at) child++
    if (edge >>> 2 === term && (edge & 3) <= highest[relations] && children.at(-1)?.term !== child)
      children.push({ term: child, relation: relationOf(edge) })
  })
  return children
}
