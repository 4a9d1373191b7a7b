// The training step in plain typed arrays, for every architecture. It is the oracle the native steps are tested against
// (in Float64Array), and the slow mode where TensorFlow is missing (in Float32Array).
import { copyOf, mapModel, normaliseRows, parametersOf, type Model, type Parameter } from './model'
import { onceEach, startSparse } from './penalised-start'
import { penalisedGradients } from './penalised-gradients'
import { addScaled, dot, preActivations, zerosLike } from './plain-math'
import { gradientsOf } from './reference-gradients'
import { restartLatents } from './restart'
import { RelativeClip } from './schedule'
import type { Numbers } from './select'
import { SparsityControl } from './sparsity-control'
import { arrayOf, namedArrays, restoreCounters, stateOf } from './step-state'
import {
  adam,
  hasUnitRows,
  isPenalised,
  rateOf,
  type AnySettings,
  type PenalisedSettings,
  type StepArray,
  type StepReport,
  type StepState,
  type TrainingStep,
} from './training-step'

type Found<N extends Numbers> = Omit<StepReport, 'gradientNorm'> & { readonly parts: Partial<Record<Parameter, N>> }

export class ReferenceStep<N extends Numbers> implements TrainingStep<N> {
  private readonly current: Model<N>
  private readonly means: Model<N>
  private readonly squares: Model<N>
  private readonly clip = new RelativeClip()
  private readonly control: SparsityControl | null
  private taken = 0

  constructor(
    start: Model<N>,
    private readonly settings: AnySettings,
  ) {
    this.current = copyOf(start)
    this.means = mapModel(start, (values) => zerosLike(values))
    this.squares = mapModel(start, (values) => zerosLike(values))
    this.control = isPenalised(settings) ? new SparsityControl(settings) : null
  }

  learn(rows: N, learningRate: number, dead: Int32Array): StepReport {
    if (this.taken === 0 && this.control) startSparse(this.current, preActivations(this.current, rows), this.settings)
    const { parts, ...report } = this.gradients(rows, dead)
    const { decoder, dims, latents } = this.current
    const unit = hasUnitRows(this.settings)
    const slopes = parts.decoder as N
    for (let start = 0; unit && start < latents * dims; start += dims)
      addScaled(slopes, start, decoder, start, -dot(slopes, start, decoder, start, dims), dims)
    const squares = Object.values(parts).map((part) => dot(part, 0, part, 0, part.length))
    const gradientNorm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
    const factor = this.clip.factor(gradientNorm)
    this.taken++
    for (const [name, values] of parametersOf(this.current))
      this.update(name, values, parts[name] as N, rateOf(name, learningRate, this.settings), factor)
    if (unit) normaliseRows(decoder, dims)
    const { thresholds } = this.current
    thresholds?.forEach((value, at) => (thresholds[at] = Math.max(0, value)))
    return { ...report, gradientNorm }
  }

  model(): Model<N> {
    return copyOf(this.current)
  }

  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    return restartLatents(this.current, [this.means, this.squares], dead, directions)
  }

  save(): StepState {
    const { clip, taken, control } = this
    return stateOf(this.arrays() as Record<string, StepArray>, { clip, taken, lastSmallest: 0, control })
  }

  restore(state: StepState): void {
    for (const [name, live] of Object.entries(this.arrays())) live.set(arrayOf(state, name, live.length))
    this.taken = restoreCounters(state, this.clip, this.control).taken
  }

  dispose(): void {}

  private arrays(): Record<string, N> {
    return namedArrays({ value: this.current, mean: this.means, square: this.squares })
  }

  private gradients(rows: N, dead: Int32Array): Found<N> {
    const { settings, control } = this
    if (control === null || !isPenalised(settings)) {
      const found = gradientsOf(this.current, rows, settings as Exclude<AnySettings, PenalisedSettings>, dead, this.taken)
      const { parts, selection, reconstruction, auxiliary } = found
      return { parts, loss: reconstruction + auxiliary, reconstruction, fired: selection.columns, smallest: selection.smallest }
    }
    const found = penalisedGradients(this.current, rows, settings, control.weight())
    const { parts, counts, smallest, reconstruction, rest } = found
    control.note(counts.reduce((sum, count) => sum + count, 0) / (rows.length / this.current.dims))
    return { parts, loss: reconstruction + rest, reconstruction, fired: onceEach(counts), smallest }
  }

  private update(name: Parameter, value: N, gradient: N, learningRate: number, factor: number): void {
    const [mean, square] = [this.means[name] as N, this.squares[name] as N]
    const rate = learningRate / (1 - adam.beta1 ** this.taken)
    const unbias = 1 / (1 - adam.beta2 ** this.taken)
    for (let at = 0; at < value.length; at++) {
      const slope = (gradient[at] as number) * factor
      mean[at] = adam.beta1 * (mean[at] as number) + (1 - adam.beta1) * slope
      square[at] = adam.beta2 * (square[at] as number) + (1 - adam.beta2) * slope * slope
      value[at] =
        (value[at] as number) - (rate * (mean[at] as number)) / (Math.sqrt((square[at] as number) * unbias) + adam.epsilon)
    }
  }
}
