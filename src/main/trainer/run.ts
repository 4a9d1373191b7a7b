// What the parts of a training run share, and what its host can wish for while it goes on.
import type { TrainSettings } from '@contract'
import { refuse } from '../base/refusal'
import type { FromTrainer } from '../base/trainer-protocol'
import type { DenseMath } from './dense-math'
import type { Pause } from './encode'
import { inferenceOf, type Inference } from './inference'
import type { Model } from './model'
import type { Progress } from './progress'
import type { Labels } from './reconstruction-checks'
import type { Rows } from './rows'

/** `finish`: stop training and keep the model as it is. The others keep a checkpoint and end. */
export type Wish = 'go' | 'finish' | 'pause' | 'cancel'

export interface TrainerHost {
  post(message: FromTrainer): void
  wish(): Wish
  /** True once after every request for a checkpoint. */
  takeCheckpointRequest(): boolean
  /** A line for the log of the process. */
  log(line: string): void
}

export interface Run {
  readonly settings: TrainSettings
  /** Row numbers, ascending. */
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
  readonly isHeldOut: Uint8Array
  /** Cell types, where they are known. */
  readonly labels: Labels | null
  /** Standardised. */
  readonly rows: Rows
  readonly math: DenseMath
  readonly host: TrainerHost
  readonly progress: Progress
  /** Lets messages in every few milliseconds. */
  readonly breathe: Pause
}

/** The host wants the process back; a checkpoint holds what was done. */
export class Paused extends Error {
  constructor(readonly step: number) {
    super(`paused at step ${step}`)
  }
}

/** Ends the run when its host wishes so. `step`: where a checkpoint lets it go on. */
export function leaveIfWanted(host: TrainerHost, step: number): void {
  const wish = host.wish()
  if (wish === 'cancel') refuse('CANCELLED')
  if (wish === 'pause') throw new Paused(step)
}

/** A pause of work that keeps no checkpoints. */
export function pauseFor(host: TrainerHost): Pause {
  const breathe = breathing(() => performance.now())
  return async () => {
    await breathe()
    leaveIfWanted(host, 0)
  }
}

const yieldEveryMs = 20

export function breathing(now: () => number): Pause {
  let last = now()
  return async () => {
    if (now() - last < yieldEveryMs) return
    await new Promise<void>((resolve) => setImmediate(resolve))
    last = now()
  }
}

/** What is on for a row of a model under training or after it. `threshold`: of those that share activations out. */
export function inferenceFor({ settings }: Run, model: Model, threshold: number): Inference {
  return inferenceOf(settings.arch, model, settings.k, sharesActivations(settings) ? threshold : 0)
}

/** BatchTopK and nested levels: what is on in a batch depends on all its rows, so a threshold has to stand in afterwards. */
export function sharesActivations({ arch }: TrainSettings): boolean {
  return arch === 'batchtopk' || arch === 'matryoshka'
}

export const seconds = (): number => performance.now() / 1e3
