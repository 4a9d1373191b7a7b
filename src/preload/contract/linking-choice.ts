// Which stored results of linking there are to read: several ontologies, presets and methods stand beside each other.
import * as v from 'valibot'
import { Preset } from './enrichment'
import { Aspect, Count } from './model'

export const LinkMethod = v.picklist(['ora', 'camera', 'auroc', 'gsea'])
export type LinkMethod = v.InferOutput<typeof LinkMethod>

export const TopTerm = v.strictObject({ id: v.string(), name: v.string(), qLatent: v.number(), qOverall: v.number() })

/** One stored result, as one latent stands in it. Its `id` is what `linking` means in list, card, search, labels and similar. */
export const LinkingChoice = v.strictObject({
  id: Count,
  /** Of the ontology or gene sets it rests on. */
  name: v.string(),
  aspect: Aspect,
  preset: Preset,
  method: LinkMethod,
  background: v.string(),
  ontologyRelease: v.string(),
  outdated: v.boolean(),
  /** What is read when no result is named. */
  shown: v.boolean(),
  /** The one this card was read from. */
  chosen: v.boolean(),
  /** Significant terms of this latent with at least 3 genes. */
  significant: Count,
  /** The best of those terms; null without one. */
  topTerm: v.nullable(TopTerm),
})
export type LinkingChoice = v.InferOutput<typeof LinkingChoice>
