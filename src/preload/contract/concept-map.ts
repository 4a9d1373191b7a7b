// Concepts × latents for a heat map, and the place of a term in its ontology.
// Indices point into the lists of the same answer; absent is null.
import * as v from 'valibot'
import { ConceptKind } from './concepts'
import { Aspect, Count, LatentId, Name, RunId } from './model'
import { OfLinking } from './neighbours'

/** How the axes are sorted: alike ones side by side, by place in the ontology (terms only), or by cell type. */
export const ConceptOrder = v.picklist(['cluster', 'ontology', 'group'])
export type ConceptOrder = v.InferOutput<typeof ConceptOrder>

/** Which terms take part; they mean nothing for genes and cell groups. */
export const TermFilter = v.strictObject({
  /** Genes of the background in the term. */
  least: Count,
  most: Count,
  /** Greatest q overall that counts; q in the latent is held to 0.05 in any case. */
  q: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** Without terms significant in more than a fifth of the tested latents. */
  hideUbiquitous: v.boolean(),
})
export type TermFilter = v.InferOutput<typeof TermFilter>

export const ConceptMap = v.strictObject({
  /** In drawing order, at most 60. */
  concepts: v.array(v.strictObject({ key: v.string(), name: v.string(), size: v.nullable(Count) })),
  /** In drawing order, at most 60. `group`: value of the cell group it tells best, null below AUROC 0.8. */
  latents: v.array(v.strictObject({ id: LatentId, label: v.nullable(v.string()), group: v.nullable(v.string()) })),
  /** Pairs that count; every other pair of the axes does not. */
  pairs: v.array(
    v.strictObject({
      concept: Count,
      latent: Count,
      /** Terms: q overall. Genes and groups: AUROC. */
      value: v.number(),
      qLatent: v.nullable(v.number()),
      overlap: v.nullable(Count),
      fold: v.nullable(v.number()),
      /** The first genes shared. */
      genes: v.array(v.string()),
    }),
  ),
  /** All concepts and latents with a pair that counts, whether they are on the axes or not. */
  of: v.strictObject({ concepts: Count, latents: Count }),
  /** Terms only: what was tested, and what the same test gives on shuffled latents. */
  chance: v.nullable(
    v.strictObject({
      carrying: Count,
      tested: Count,
      shuffled: v.strictObject({ copies: Count, withTerm: Count }),
      sentence: v.string(),
    }),
  ),
})
export type ConceptMap = v.InferOutput<typeof ConceptMap>

export const PathTerm = v.strictObject({
  id: v.string(),
  name: v.string(),
  /** What binds it to the term it stands under: is_a, part_of or another; null for a root. */
  relation: v.nullable(v.picklist(['is_a', 'part_of', 'other'])),
  /** Latents that carry it (as in `find.concepts`); null where it was not tested or shares no gene with any latent. */
  latents: v.nullable(Count),
})
export type PathTerm = v.InferOutput<typeof PathTerm>

export const TermPath = v.strictObject({
  /** The release the result rests on, or the one at hand if that is another. */
  ontology: v.string(),
  /** Null: the ontology is no longer at hand, or it is a collection of sets without relations. */
  relations: v.nullable(v.string()),
  /** From a root to the term itself, over the most specific parent each time. */
  path: v.array(PathTerm),
  /** Its other parents; `relation` binds the term to them. */
  others: v.array(PathTerm),
  /** The terms right under it, those that most latents carry first. */
  children: v.array(PathTerm),
  /** Genes annotated to the term in the whole ontology, under the switches of the result. */
  annotated: v.nullable(Count),
})
export type TermPath = v.InferOutput<typeof TermPath>

export const conceptMapMethods = {
  'find.map': {
    kind: 'read',
    timeoutMs: 30_000,
    params: v.strictObject({
      run: RunId,
      by: ConceptKind,
      aspect: Aspect,
      linking: OfLinking,
      order: ConceptOrder,
      filter: TermFilter,
      /** A concept that is shown whatever its rank, if any latent goes with it. */
      focus: v.nullable(Name),
    }),
    result: ConceptMap,
  },
  'find.path': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: RunId, aspect: Aspect, linking: OfLinking, term: Name }),
    result: TermPath,
  },
} as const
