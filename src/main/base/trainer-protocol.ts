// What engine and trainer say to each other. The host relays both ways; bulk data goes through files in `scratch`,
// a folder the engine makes for one run in the cache and removes when the run ends.
//
// The engine writes before the start (little-endian, row-major):
//   rows.f32      representation, rows × dims, exactly as imported
//   train.u32     row numbers to train on, ascending        heldout.u32  row numbers never trained on, ascending
// The trainer writes before `done`:
//   encoder.f32   latents × dims (one row per latent)       decoder.f32  latents × dims, unit rows
//   encoder-bias.f32  latents                               decoder-bias.f32  dims
//   mean.f32      dims, the training mean that was subtracted
//   and where the model has them: input-factors.f32 (z-scores, dims), input-matrix.f32 and input-inverse.f32 (whitening,
//   dims × dims), thresholds.f32 (JumpReLU, latents), magnitude-log.f32 and magnitude-bias.f32 (Gated, latents)
//   activation-indptr.f64  rows + 1    activation-indices.u32    activation-values.f32   (CSR over all rows, columns ascend)
import type { AppError, InputReport, MetricPoint, RunControls, RunMetrics, TrainSettings } from '@contract'

export interface TrainerSpec {
  readonly run: number
  readonly scratch: string
  readonly rows: number
  readonly dims: number
  readonly settings: TrainSettings
}

export interface BackendInfo {
  readonly name: 'tensorflow' | 'cpu'
  readonly native: boolean
  /** Version of libtensorflow, or of the JavaScript backend; of a finished run also, in words, what computed its steps. */
  readonly version: string
  readonly threads: number
  /** Why the backend is not native, as an error value; null when it is. */
  readonly problem: AppError | null
}

export interface TrainerOutcome {
  readonly metrics: RunMetrics
  readonly controls: RunControls
  /** Absent in runs of the first version. */
  readonly input?: InputReport
  readonly seconds: number
  readonly stepsPerSecond: number
  /** Input scale: the model sees ((x − mean)·M)·scale, M absent by default, so that the mean norm is √dims. */
  readonly scale: number
  /** Inference threshold on pre-activations: 0 for ReLU and for those that have other rules (TopK, JumpReLU, Gated). */
  readonly threshold: number
  readonly backend: BackendInfo
}

export type ToTrainer = { readonly t: 'train'; readonly spec: TrainerSpec } | { readonly t: 'cancel' } | { readonly t: 'probe' }

export type FromTrainer =
  | { readonly t: 'probed'; readonly backend: BackendInfo }
  | { readonly t: 'started'; readonly backend: BackendInfo }
  | {
      readonly t: 'progress'
      readonly step: number
      readonly of: number
      readonly secondsLeft: number | null
      readonly phase: 'training' | 'measuring'
      readonly point: MetricPoint | null
    }
  | { readonly t: 'done'; readonly outcome: TrainerOutcome }
  | { readonly t: 'failed'; readonly error: AppError }
