// What one training step is, whatever computes it. The loss is Σ‖x − x̂‖² / (rows · V) + c · AuxK, where V is the mean
// squared norm of the centred training rows, so that 1 means "no better than the mean".
import type { L1Form } from '@contract'
import type { Model, Parameter } from './model'
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
  /** Adds to the loss an eighth of that of a reconstruction from 4·k latents (OpenAI's multi-TopK). */
  readonly multiTopK?: boolean
}

/** ReLU, JumpReLU and Gated, which pay for what is on instead of counting it (penalised-gradients.ts has the losses). */
export interface PenalisedSettings {
  readonly rule: 'relu' | 'jumprelu' | 'gated'
  readonly form: L1Form
  readonly variance: number
  /** Mean number of latents that should be on per row. */
  readonly k: number
  /** Weight of the sparsity term; null: whatever brings k. */
  readonly l1: number | null
  readonly warmUpSteps: number
  readonly steps: number
  /** JumpReLU: width of the kernel, in units of √(V/k). */
  readonly bandwidth: number
  /** It starts from a model that is sparse already. */
  readonly goesOn?: boolean
}

export type AnySettings = StepSettings | PenalisedSettings

export function isPenalised(settings: AnySettings): settings is PenalisedSettings {
  return settings.rule !== 'topk' && settings.rule !== 'batchtopk'
}

/** Decoder rows are kept at unit length unless their length is part of the loss, or free. */
export function hasUnitRows(settings: AnySettings): boolean {
  return settings.rule !== 'relu' || settings.form === 'unit-norm'
}

/** The usual activation of a latent: k orthogonal ones of this size make a row of the squared length V. */
export function usualActivation({ variance, k }: PenalisedSettings): number {
  return Math.sqrt(variance / k)
}

/** The learning rate of a parameter: thresholds move in units of the usual activation. */
export function rateOf(name: Parameter, learningRate: number, settings: AnySettings): number {
  return name === 'thresholds' && isPenalised(settings) ? learningRate * usualActivation(settings) : learningRate
}

export interface StepReport {
  /** Reconstruction part of the loss plus the auxiliary part. */
  readonly loss: number
  readonly reconstruction: number
  /** Latents that were on, each at least once. */
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
  /** Starts dead latents anew in these unit directions (restart.ts); returns those that were. */
  restart(dead: Int32Array, directions: Float32Array): Int32Array
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

/** What multi-TopK adds: a reconstruction from this many times k latents, with this weight beside that of k. */
export const multiTopK = { times: 4, weight: 1 / 8 } as const

export interface RowRange {
  readonly from: number
  readonly to: number
}

/** Batches of this size and more show AuxK a quarter of their rows, the next quarter in the next step. */
const dividedFrom = 512
const auxiliaryParts = 4

/** The rows of a batch that AuxK sees in a step (0-based). */
export function auxiliaryRows(step: number, rows: number): RowRange {
  if (rows < dividedFrom) return { from: 0, to: rows }
  const part = step % auxiliaryParts
  return { from: Math.floor((part * rows) / auxiliaryParts), to: Math.floor(((part + 1) * rows) / auxiliaryParts) }
}
