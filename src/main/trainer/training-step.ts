// What one training step is, whatever computes it. The loss is Σ‖x − x̂‖² / (rows · V) + c · AuxK, where V is the mean
// squared norm of the centred training rows, so that 1 means "no better than the mean".
import type { Model } from './model'
import type { Numbers, SelectionRule } from './select'

export interface StepSettings {
  readonly rule: SelectionRule
  readonly k: number
  /** Numbers of latents of the nested levels whose losses are averaged, ascending, the last = all; absent: one level. */
  readonly prefixes?: readonly number[]
  readonly auxCoefficient: number
  readonly auxK: number
  /** V: mean squared norm of the centred and scaled training rows. */
  readonly variance: number
}

export interface StepReport {
  /** Reconstruction part of the loss plus the auxiliary part. */
  readonly loss: number
  readonly reconstruction: number
  /** Latents that were on, one entry per activation. */
  readonly fired: Int32Array
  /** Smallest activation that was on. */
  readonly smallest: number
  /** Norm of the whole gradient before clipping. */
  readonly gradientNorm: number
}

/**
 * Everything a step needs to go on as if it had never stopped: parameters, both moments, the running median of the
 * gradient norm, counters. A step restored from it computes the same bytes, whatever the number of threads. Names and
 * meanings are shared by all steps (step-state.ts), so that one can go on where another stopped.
 */
export interface StepState {
  readonly arrays: Readonly<Record<string, StepArray>>
  /** Finite numbers only: they travel as JSON. */
  readonly numbers: Readonly<Record<string, number>>
}
export type StepArray = Float32Array | Float64Array | Int32Array | Uint32Array

export interface TrainingStep<N extends Numbers = Float32Array> {
  /** Learns from a batch (rows × dims, standardised). `dead`: latents AuxK revives, ascending. */
  learn(rows: N, learningRate: number, dead: Int32Array): StepReport
  /** A copy of the present model. */
  model(): Model<N>
  /** The present state. Its arrays may be views of live memory: they hold until the next `learn` or `restore`. */
  save(): StepState
  /** Takes over a saved state; throws when an array is missing or has another length. */
  restore(state: StepState): void
  dispose(): void
}

export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/** AuxK is divided by the variance of the residual; a residual without variance makes it 0 instead of NaN. */
export function auxWeight(coefficient: number, residualVariance: number): number {
  const weight = coefficient / residualVariance
  return Number.isFinite(weight) ? weight : 0
}
