// Models applied to new rows, models brought in from other tools, and more controls on request.
import * as v from 'valibot'
import { Count, FileToken, Name, RunId } from './model'
import { RunControls, RunMetrics } from './model'

export const ApplyRequest = v.strictObject({
  run: v.nullable(RunId),
  /** A data file with the same representation. */
  file: FileToken,
  /** Null: the part called as in training, or else the only one with as many dimensions. */
  representation: v.nullable(Name),
  /** Where the activations go (CSV); null: only the check is wanted. */
  out: v.nullable(FileToken),
})
export type ApplyRequest = v.InferOutput<typeof ApplyRequest>

/** One comparison of new rows with the training rows. `shift` is a population stability index, or a difference in `unit`. */
export const DriftCheck = v.strictObject({
  name: v.picklist(['length', 'centre', 'explained', 'l0', 'density', 'rare', 'scale']),
  /** In training (or on its held-out rows) and now. */
  training: v.nullable(v.number()),
  now: v.nullable(v.number()),
  shift: v.nullable(v.number()),
  level: v.picklist(['good', 'warn', 'bad']),
  sentence: v.string(),
})
export type DriftCheck = v.InferOutput<typeof DriftCheck>
export const ApplyReport = v.strictObject({
  run: RunId,
  file: v.string(),
  representation: v.string(),
  rows: Count,
  verdict: v.picklist(['in-range', 'partly', 'out-of-range']),
  message: v.string(),
  remedy: v.string(),
  checks: v.array(DriftCheck),
  explainedVariance: v.nullable(v.number()),
  l0: v.number(),
  written: v.array(v.strictObject({ path: v.string(), bytes: Count })),
})
export type ApplyReport = v.InferOutput<typeof ApplyReport>

export const ModelFormat = v.picklist(['sae-lens', 'dictionary-learning', 'sparsify', 'safetensors'])
export type ModelFormat = v.InferOutput<typeof ModelFormat>
export const ModelImportRequest = v.strictObject({
  /** A folder or a file of weights. */
  file: FileToken,
  format: v.nullable(ModelFormat),
})
export type ModelImportRequest = v.InferOutput<typeof ModelImportRequest>
export const ModelImportReport = v.strictObject({
  run: RunId,
  format: ModelFormat,
  architecture: v.string(),
  latents: Count,
  dims: Count,
  metrics: RunMetrics,
  /** The stored activations against the definition of the file's own tool, in double precision, on real rows. */
  parity: v.strictObject({ rows: Count, maxRelativeDifference: v.number() }),
  notes: v.array(v.string()),
})
export type ModelImportReport = v.InferOutput<typeof ModelImportReport>

export const ControlsRequest = v.strictObject({
  run: v.nullable(RunId),
  wanted: v.pipe(v.array(v.picklist(['ica', 'nmf'])), v.minLength(1), v.maxLength(2)),
})
export type ControlsRequest = v.InferOutput<typeof ControlsRequest>
export const ControlsReport = v.strictObject({ run: RunId, controls: RunControls })
export type ControlsReport = v.InferOutput<typeof ControlsReport>
