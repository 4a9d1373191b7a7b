// The concepts of a run from the side of the concept: every term, gene or cell group with the latents that go with it.
// Absent is null; shares and scores are plain numbers.
import * as v from 'valibot'
import { Aspect, Count, LatentId, RunId } from './model'
import { OfLinking } from './neighbours'

export const ConceptKind = v.picklist(['term', 'gene', 'group'])
export type ConceptKind = v.InferOutput<typeof ConceptKind>

export const Concept = v.strictObject({
  /** As `find.latents` takes it: term id, gene, COLUMN=VALUE. */
  key: v.string(),
  name: v.string(),
  /** Genes of the term in the background; cells of the group; null for a gene. */
  size: v.nullable(Count),
  /**
   * Latents that go with it: significant by both q on three or more genes (term), with the gene among their stored best ones (gene),
   * with AUROC of at least 0.8 (group).
   */
  latents: Count,
  /** The best of all, whether it counts or not. */
  best: LatentId,
  /** Terms: of the best latent. */
  overlap: v.nullable(Count),
  qLatent: v.nullable(v.number()),
  qOverall: v.nullable(v.number()),
  /** Genes and groups: of the best latent. */
  auroc: v.nullable(v.number()),
  f1: v.nullable(v.number()),
  /** Terms: significant in more than a fifth of the tested latents. */
  ubiquitous: v.boolean(),
})
export type Concept = v.InferOutput<typeof Concept>

export const conceptMethods = {
  /** Everything that some latent has to do with, most telling first; terms need a linking, as genes do. */
  'find.concepts': {
    kind: 'read',
    timeoutMs: 30_000,
    params: v.strictObject({ run: RunId, by: ConceptKind, aspect: Aspect, linking: OfLinking }),
    result: v.array(Concept),
  },
} as const
