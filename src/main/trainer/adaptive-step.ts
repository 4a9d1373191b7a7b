// ReLU and JumpReLU: the fast step while few latents are on, the dense one while many are. Which one computes follows from
// the batches alone, and both compute the same.
import type { TensorFlowBinding } from './backend'
import { denseFrom } from './fast-penalty'
import type { FastStep } from './fast-step'
import type { Model } from './model'
import { PenalisedStep } from './penalised-step'
import { numberOf } from './step-state'
import type { PenalisedSettings, StepReport, StepState, TrainingStep } from './training-step'

/** Dense steps in a row with room to spare before the fast step is tried again, and what counts as room to spare. */
const calmSteps = 50
const calmDensity = 0.6 * denseFrom

export class AdaptiveStep implements TrainingStep {
  private current: FastStep | PenalisedStep
  private calm = 0

  /** `fast` makes the fast step, which is always available. */
  constructor(
    private readonly binding: TensorFlowBinding,
    private readonly start: Model,
    private readonly settings: PenalisedSettings,
    private readonly fast: () => FastStep,
  ) {
    this.current = fast()
  }

  learn(rows: Float32Array, learningRate: number, dead: Int32Array): StepReport {
    const { current } = this
    if (!(current instanceof PenalisedStep)) {
      const report = current.tryToLearn(rows, learningRate, dead)
      if (report) return report
      this.change(new PenalisedStep(this.binding, this.start, this.settings))
      return this.learn(rows, learningRate, dead)
    }
    const report = current.learn(rows, learningRate)
    this.calm = current.density < calmDensity ? this.calm + 1 : 0
    if (this.calm >= calmSteps) this.change(this.fast())
    return report
  }

  model(): Model {
    return this.current.model()
  }

  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    return this.current.restart(dead, directions)
  }

  save(): StepState {
    const { arrays, numbers } = this.current.save()
    return { arrays, numbers: { ...numbers, isDense: this.isDense ? 1 : 0, calm: this.calm } }
  }

  restore(state: StepState): void {
    const wantsDense = numberOf(state, 'isDense') === 1
    if (wantsDense !== this.isDense)
      this.exchange(wantsDense ? new PenalisedStep(this.binding, this.start, this.settings) : this.fast())
    this.current.restore(state)
    this.calm = numberOf(state, 'calm')
  }

  dispose(): void {
    this.current.dispose()
  }

  private get isDense(): boolean {
    return this.current instanceof PenalisedStep
  }

  private change(next: FastStep | PenalisedStep): void {
    next.restore(this.current.save())
    this.exchange(next)
  }

  private exchange(next: FastStep | PenalisedStep): void {
    this.current.dispose()
    this.current = next
    this.calm = 0
  }
}
