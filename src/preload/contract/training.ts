// Words of training for experts: preparation of the rows, sparsity terms, and what stood out in the rows.
import * as v from 'valibot'

/** What is done to the rows after their mean is subtracted: one number for all, one for each dimension, a matrix; or nothing at all. */
export const Normalisation = v.picklist(['scale', 'zscore', 'whiten', 'none'])
export type Normalisation = v.InferOutput<typeof Normalisation>
/** How a ReLU model pays for its activations. */
export const L1Form = v.picklist(['norm-weighted', 'unit-norm', 'scfeaturelens'])
export type L1Form = v.InferOutput<typeof L1Form>

/** Settings that came after the first version, as runs of that version had them. */
export const laterSettings = {
  ...({ normalise: 'scale', l1: null, l1Form: 'norm-weighted', l1WarmUp: 0.05, bandwidth: 0.3 } as const),
  ...{ resample: false, multiTopK: false },
}

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** What stood out in the rows a run was trained on, measured about their mean. */
export const InputReport = v.strictObject({
  /** Training rows more than five times as long as the middle one, and how many times the longest is. */
  extremeRows: Count,
  longestRow: v.number(),
  /** A dimension (from 0) that holds more than half of the variance. */
  dominantDimension: v.nullable(v.strictObject({ dim: Count, share: v.number() })),
  constantDimensions: Count,
  /** Sentences for the user; none when nothing stands out. */
  warnings: v.array(v.string()),
})
export type InputReport = v.InferOutput<typeof InputReport>
