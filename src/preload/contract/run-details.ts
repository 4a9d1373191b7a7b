// How well a model fits, beyond one number: where it fails, how sparse it is, what its weights look like, and whether
// neighbours and cell types survive the reconstruction. Definitions: docs/training.md.
import * as v from 'valibot'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Name = v.string()
/** Null where a value is not defined, for example without held-out cells. */
export const NullablePair = v.strictObject({ train: v.nullable(v.number()), heldOut: v.nullable(v.number()) })
const Quantiles = v.strictObject({ low: Count, median: Count, high: Count })

export const RunDetails = v.strictObject({
  /** Explained variance of single input dimensions: the median, and the dimensions explained worst (0-based). */
  dimensions: v.strictObject({
    median: NullablePair,
    worst: v.array(v.strictObject({ dimension: Count, train: v.nullable(v.number()), heldOut: v.nullable(v.number()) })),
  }),
  /** Latents on per cell: 5 %, 50 % and 95 % quantiles. */
  l0: v.strictObject({ train: v.nullable(Quantiles), heldOut: v.nullable(Quantiles) }),
  /** γ = Σ‖x̂‖² / Σ⟨x, x̂⟩ of centred rows; below 1 the reconstruction is too short. */
  shrinkage: NullablePair,
  /** Mean cosine of a centred row and its reconstruction. */
  cosine: NullablePair,
  /** Latents on in at least one cell, but fewer than `rareBelow`. */
  rare: Count,
  rareBelow: Count,
  /** Latents whose decoder row has a cosine above 0.9 with another one. */
  duplicates: Count,
  /** Cosine of encoder and decoder row over the latents that are not dead: 5 % quantile and median; null when all are dead. */
  encoderDecoder: v.nullable(v.strictObject({ low: v.number(), median: v.number() })),
  /** Share of a cell's nearest neighbours that stay neighbours in the reconstruction; `chance` for unrelated rows. */
  neighbours: v.nullable(v.strictObject({ count: Count, cells: Count, kept: NullablePair, chance: v.number() })),
  /** Balanced accuracy on held-out cells of a linear classifier of the cell types, fitted to training cells. */
  probe: v.nullable(
    v.strictObject({
      column: Name,
      classes: Count,
      cells: Count,
      onData: v.number(),
      onReconstruction: v.number(),
      chance: v.number(),
    }),
  ),
})
export type RunDetails = v.InferOutput<typeof RunDetails>

/** A control with as many parts per cell as latents are on; what it explains. */
const Explained = v.strictObject({ train: v.number(), heldOut: v.nullable(v.number()) })
export const MoreControls = {
  /** Independent components (FastICA), the k of a cell that matter most. */
  ica: v.optional(v.strictObject({ components: Count, converged: v.boolean(), explainedVariance: Explained })),
  /** Non-negative parts of the data shifted to start at 0, as many as latents are on per cell. */
  nmf: v.optional(v.strictObject({ parts: Count, cells: Count, explainedVariance: Explained })),
}
