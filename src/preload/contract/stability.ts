// What returns when a training is repeated, what a search over settings found, and the judgement of a run in words.
import * as v from 'valibot'
import { Count, I32, F32, LatentId, Pair, RunId, TrainRequest, TrainSettings } from './model'

/** A judgement in words with its remedy; thresholds and order of the rules: docs/training.md. */
export const RunJudgement = v.strictObject({
  kind: v.picklist([
    'good',
    'no-gain',
    'too-wide',
    'too-few-firings',
    'many-dead',
    'unstable',
    'unfinished',
    'no-held-out',
    'not-repeated',
  ]),
  level: v.picklist(['good', 'warn', 'bad']),
  message: v.string(),
  /** Empty where there is nothing to do. */
  remedy: v.string(),
})
export type RunJudgement = v.InferOutput<typeof RunJudgement>

export const SeedsRequest = v.strictObject({
  /** Null: the latest finished run. */
  run: v.nullable(RunId),
  /** Seeds in all, the run's own included. */
  seeds: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(5)),
  /** Also makes a model of the latents that most seeds share. */
  consensus: v.boolean(),
})
export type SeedsRequest = v.InferOutput<typeof SeedsRequest>

export const SeedsReport = v.strictObject({
  run: RunId,
  /** Runs of the other seeds. */
  repeats: v.array(RunId),
  /** Latents that were compared: those that are not dead. */
  compared: Count,
  /** Cosine from which a latent counts as the same. */
  same: v.number(),
  /** Latents that return in every other seed. */
  reproducible: Count,
  /** How many latents return in so many of all seeds; the run itself is the first. */
  returning: v.array(v.strictObject({ seeds: Count, latents: Count })),
  /** Mean cosine of matched pairs ("agreement"), its mean for shuffled copies and what 95 % of those stay below. */
  agreement: v.number(),
  chance: v.strictObject({ mean: v.number(), high: v.number(), same: Count }),
  /** Mean Pearson correlation of the activations of matched pairs over all cells; null where none vary. */
  correlation: v.nullable(v.number()),
  /** Counts of the matched cosines in 20 classes from 0 to 1, trained and by chance (both over all repeats). */
  histogram: v.strictObject({ trained: v.array(Count), chance: v.array(Count) }),
  /** How far the mean cosine may be from the best possible matching; 0 = exact. */
  gap: v.number(),
  judgement: RunJudgement,
  consensus: v.nullable(v.strictObject({ run: RunId, latents: Count, seeds: Count })),
})
export type SeedsReport = v.InferOutput<typeof SeedsReport>

/** The one-to-one partners of a run's latents in another run; −1 = none. Correlation NaN = not defined. */
export const SeedMatches = v.strictObject({ partner: I32, cosine: F32, correlation: F32 })
export const LatentMatch = v.strictObject({
  run: RunId,
  latent: LatentId,
  cosine: v.number(),
  correlation: v.nullable(v.number()),
})
export type LatentMatch = v.InferOutput<typeof LatentMatch>

export const SearchRequest = v.strictObject({
  what: v.picklist(['k', 'size']),
  /** Values to try; absent: a grid around the recommended one. */
  values: v.optional(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1))), v.minLength(2), v.maxLength(10))),
  /** What is held fixed, as for a run. */
  settings: TrainRequest,
})
export type SearchRequest = v.InferOutput<typeof SearchRequest>

export const SearchTrial = v.strictObject({
  k: Count,
  latents: Count,
  firingsPerLatent: v.number(),
  explainedVariance: Pair,
  /** Mean matched cosine of the two seeds, and of a seed with a shuffled copy. */
  agreement: v.number(),
  chance: v.number(),
  /** Latents that return in the other seed (cosine at least 0.7). */
  reproducible: Count,
  dead: Count,
  seconds: v.number(),
})
export type SearchTrial = v.InferOutput<typeof SearchTrial>
export const SearchReport = v.strictObject({
  what: v.picklist(['k', 'size']),
  trials: v.array(SearchTrial),
  advised: Count,
  /** What was found and why, then what to do. */
  message: v.string(),
  remedy: v.string(),
  settings: TrainSettings,
})
export type SearchReport = v.InferOutput<typeof SearchReport>
