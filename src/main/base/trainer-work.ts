// What a trainer process does besides training: everything else that needs fast matrix products. Bulk data goes through
// files in `scratch`, little-endian, row-major, as in trainer-protocol.ts.
import type { Architecture, RunControls, RunMetrics } from '@contract'
import type { BackendInfo, LabelColumn } from './trainer-protocol'

/**
 * Measures a given model on rows: reads rows.f32, train.u32, heldout.u32, labels.i32 where `labels` is set, and the model
 * as start-encoder.f32 … start-mean.f32, with whatever else it has (trainer-protocol.ts); writes the
 * activations of all rows, row-lengths.f32 (distance of each row from the mean, in the units of the data) and row-errors.f32
 * (squared error of each prepared row).
 */
export interface MeasureWork {
  readonly kind: 'measure'
  readonly scratch: string
  readonly rows: number
  readonly dims: number
  readonly latents: number
  readonly streamRows: boolean
  readonly arch: Architecture
  readonly k: number
  /** BatchTopK and nested levels: null for the one that gives k on the training rows. The others have rules of their own. */
  readonly threshold: number | null
  readonly scale: number
  readonly labels: LabelColumn | null
  /** Fitted controls beside the model, as after training. */
  readonly controls: boolean
  readonly seed: number
}

/**
 * Matches dictionaries one-to-one: reads decoder-0.f32, decoder-1.f32 … (latents[i] × dims); writes for every i > 0
 * partner-i.i32 and cosine-i.f32 for the rows of decoder 0 (−1 and 0 without a partner), and chance-i.f32: the cosines
 * of the same matching against a shuffled copy of decoder i.
 */
export interface MatchWork {
  readonly kind: 'match'
  readonly scratch: string
  readonly dims: number
  readonly latents: readonly number[]
  readonly seed: number
}

/**
 * Latents that several dictionaries share: reads decoder-i.f32; writes members.i32 (templates × dictionaries, −1 = not
 * in this one), templates in the order in which they were first seen.
 */
export interface ConsensusWork {
  readonly kind: 'consensus'
  readonly scratch: string
  readonly dims: number
  readonly latents: readonly number[]
  /** Least cosine to count as the same. */
  readonly same: number
}

/** More controls of a run: reads rows.f32, train.u32, heldout.u32. */
export interface ControlsWork {
  readonly kind: 'controls'
  readonly scratch: string
  readonly rows: number
  readonly dims: number
  readonly streamRows: boolean
  readonly k: number
  readonly seed: number
  readonly wanted: readonly ('ica' | 'nmf')[]
}

export type TrainerWork = MeasureWork | MatchWork | ConsensusWork | ControlsWork

export interface MeasureOutcome {
  readonly kind: 'measure'
  readonly metrics: RunMetrics
  readonly controls: RunControls | null
  readonly threshold: number
  readonly seconds: number
  readonly backend: BackendInfo
}

export interface MatchOutcome {
  readonly kind: 'match'
  /** How far the sum of cosines of each matching may be from the best possible, per matched pair; 0 = exact. */
  readonly gaps: readonly number[]
}

export type WorkOutcome =
  | MeasureOutcome
  | MatchOutcome
  | { readonly kind: 'consensus'; readonly templates: number }
  | { readonly kind: 'controls'; readonly controls: Pick<RunControls, 'ica' | 'nmf'> }
