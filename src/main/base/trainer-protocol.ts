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
//   latent-indptr.f64      latents + 1 latent-indices.u32        latent-values.f32       (the same by latent, rows ascend)
// A trial of a search writes the model only. Where cell types are known the engine adds labels.i32 (−1 = unknown), and
// where a run goes on from another model that model as start-encoder.f32 … start-mean.f32. Other work: trainer-work.ts.
// Checkpoints are in a folder of their own, which outlives the scratch folder: a run started with the same folder goes
// on from the newest whole one and ends in the same bytes as if it had never stopped.
import type { AppError, Architecture, InputReport, MetricPoint, RunControls, RunMetrics, TrainSettings } from '@contract'
import type { TrainerWork, WorkOutcome } from './trainer-work'

export interface TrainerSpec {
  readonly run: number
  readonly scratch: string
  readonly rows: number
  readonly dims: number
  readonly settings: TrainSettings
  /** The rows are read from their file as they are needed, instead of all being held in memory. */
  readonly streamRows: boolean
  /** Where checkpoints are kept and how often at most; null: nowhere. */
  readonly checkpoints: { readonly folder: string; readonly everySeconds: number } | null
  /** Take no further step: measure and write what the newest checkpoint holds. */
  readonly finish: boolean
  /** Cell types for the probe. */
  readonly labels?: LabelColumn
  /** One of many runs of a search: only threshold and metrics are wanted, no controls, details or activations. */
  readonly trial?: boolean
  /** Threads it may use, where others are trained beside it; absent: all of the computer. The result is the same. */
  readonly threads?: number
  /** Train on from the model in the start files: its architecture, and the scale of its input. */
  readonly start?: { readonly arch: Architecture; readonly scale: number }
}

export interface LabelColumn {
  readonly column: string
  readonly classes: number
}

/** What a short trial of a run found. */
export interface TrialResult {
  readonly secondsPerStep: number
  /** What follows training, for each block of 1,024 rows. */
  readonly secondsPerBlock: number
  /** Checks on a sample and on the decoder, which do not grow with the rows. */
  readonly secondsForChecks: number
  /** Of preparing the rows, for each million numbers. */
  readonly preparingSeconds: number
  /** The process as it stands: program, libraries, model, moments and batch, without the rows. */
  readonly processBytes: number
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
  /** The step at which the user stopped training and kept the model; null when it ran to its end. */
  readonly stoppedAt: number | null
  /** Input scale: the model sees ((x − mean)·M)·scale, M absent by default, so that the mean norm is √dims. */
  readonly scale: number
  /** Inference threshold on pre-activations: 0 for ReLU and for those that have other rules (TopK, JumpReLU, Gated). */
  readonly threshold: number
  readonly backend: BackendInfo
}

export type ToTrainer =
  | { readonly t: 'train'; readonly spec: TrainerSpec }
  | { readonly t: 'work'; readonly work: TrainerWork }
  /** Keep a checkpoint and end: with `paused`, or with `failed` and CANCELLED. */
  | { readonly t: 'pause' }
  | { readonly t: 'cancel' }
  /** Stop training and keep the model as it is. */
  | { readonly t: 'finish' }
  | { readonly t: 'checkpoint' }
  /** Train for about `seconds` on the first rows, only to find out how long a run would take. */
  | { readonly t: 'try'; readonly spec: TrainerSpec; readonly seconds: number }
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
  /** Where the run goes on; 0: from the beginning. */
  | { readonly t: 'resumed'; readonly step: number }
  /** A checkpoint was kept, or why not: training goes on either way. */
  | { readonly t: 'checkpoint'; readonly step: number; readonly problem: AppError | null }
  | { readonly t: 'paused'; readonly step: number }
  | { readonly t: 'tried'; readonly result: TrialResult }
  | { readonly t: 'done'; readonly outcome: TrainerOutcome }
  | { readonly t: 'worked'; readonly outcome: WorkOutcome }
  | { readonly t: 'failed'; readonly error: AppError }
