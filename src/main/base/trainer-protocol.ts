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
//   activation-indptr.f64  rows + 1    activation-indices.u32    activation-values.f32   (CSR over all rows, columns ascend)
// A trial of a search writes the model only. Where cell types are known the engine adds labels.i32 (−1 = unknown), and
// where a run goes on from another model start-encoder.f32 … start-mean.f32. Other work than training: trainer-work.ts.
import type { AppError, MetricPoint, RunControls, RunMetrics, TrainSettings } from '@contract'
import type { TrainerWork, WorkOutcome } from './trainer-work'

export interface TrainerSpec {
  readonly run: number
  readonly scratch: string
  readonly rows: number
  readonly dims: number
  readonly settings: TrainSettings
  /** Cell types for the probe. */
  readonly labels?: LabelColumn
  /** One of many runs of a search: only threshold and metrics are wanted, no controls, details or activations. */
  readonly trial?: boolean
  /** Train on from the model in the start files, whose input was prepared with this scale. */
  readonly start?: { readonly scale: number }
}

export interface LabelColumn {
  readonly column: string
  readonly classes: number
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
  readonly seconds: number
  readonly stepsPerSecond: number
  /** Input scale: the model sees (x − mean) · scale, so that the mean norm is √dims. */
  readonly scale: number
  /** Inference threshold on pre-activations (0 for TopK, which keeps the k largest per row). */
  readonly threshold: number
  readonly backend: BackendInfo
}

export type ToTrainer =
  | { readonly t: 'train'; readonly spec: TrainerSpec }
  | { readonly t: 'work'; readonly work: TrainerWork }
  | { readonly t: 'cancel' }
  | { readonly t: 'probe' }

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
  | { readonly t: 'worked'; readonly outcome: WorkOutcome }
  | { readonly t: 'failed'; readonly error: AppError }
