// The parameters of a model as TensorFlow variables with their Adam moments, and one update of them: projection, clipping,
// Adam, return of the decoder rows to unit length. Sums that decide anything are formed here, in a fixed order.
import { mapModel, parametersOf, type Model, type Parameter } from './model'
import { restartLatents } from './restart'
import { RelativeClip } from './schedule'
import type { SparsityControl } from './sparsity-control'
import { arrayOf, namedArrays, restoreCounters, stateOf } from './step-state'
import type { AdamVariable, Tensor, TensorOps } from './tensor-ops'
import { adam, hasUnitRows, rateOf, type AnySettings, type StepState } from './training-step'

/** A tensor for each parameter the model has. */
export type Tensors = Readonly<Partial<Record<Parameter, Tensor>>>
/** The parameters every model has. */
export interface Weights extends Tensors {
  readonly encoder: Tensor
  readonly decoder: Tensor
  readonly encoderBias: Tensor
  readonly decoderBias: Tensor
}

export class NativeParameters {
  private readonly variables: ReadonlyMap<Parameter, AdamVariable>
  private readonly clip = new RelativeClip()
  /** Steps taken so far. */
  taken = 0

  constructor(
    private readonly ops: TensorOps,
    private readonly start: Model,
    private readonly settings: AnySettings,
  ) {
    this.variables = new Map(
      parametersOf(start).map(([name, values]) => [name, ops.adamVariable(values, this.shapeOf(name))] as const),
    )
  }

  /** The present values, as tensors of the surrounding scope. */
  weights(): Weights {
    const entries = [...this.variables].map(([name, variable]) => [name, this.ops.read(variable.value)] as const)
    return Object.fromEntries(entries) as unknown as Weights
  }

  /** A copy of the present model. */
  model(): Model {
    return this.copy('value')
  }

  /** Replaces parameters, or moments of them, by these values. */
  assign(parts: Partial<Record<Parameter, Float32Array>>, kind: keyof AdamVariable = 'value'): void {
    for (const [name, values] of Object.entries(parts) as [Parameter, Float32Array][])
      this.ops.assignCopy(this.variableOf(name)[kind], values, this.shapeOf(name))
  }

  /** The present state, with what the step around it keeps. */
  save(lastSmallest: number, control: SparsityControl | null): StepState {
    const parts = { value: this.copy('value'), mean: this.copy('mean'), square: this.copy('square') }
    return stateOf(namedArrays(parts), { clip: this.clip, taken: this.taken, lastSmallest, control })
  }

  /** Takes over a saved state; returns the counter that is the step's own. */
  restore(state: StepState, control: SparsityControl | null): number {
    for (const [kind, ending] of [
      ['value', ''],
      ['mean', 'Mean'],
      ['square', 'Square'],
    ] as const) {
      for (const [name, { length }] of parametersOf(this.start))
        this.assign({ [name]: Float32Array.from(arrayOf(state, `${name}${ending}`, length)) }, kind)
    }
    const { taken, lastSmallest } = restoreCounters(state, this.clip, control)
    this.taken = taken
    return lastSmallest
  }

  /** Starts dead latents anew (restart.ts). */
  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    const [model, mean, square] = [this.copy('value'), this.copy('mean'), this.copy('square')]
    const restarted = restartLatents(model, [mean, square], dead, directions)
    for (const [kind, part] of [
      ['value', model],
      ['mean', mean],
      ['square', square],
    ] as const)
      this.assign(Object.fromEntries(parametersOf(part)), kind)
    return restarted
  }

  /** Parameters or moments, in the shape of a model. */
  private copy(kind: keyof AdamVariable): Model {
    return this.ops.scope(() =>
      mapModel(this.start, (_, name) => this.ops.readFloats(this.ops.read(this.variableOf(name)[kind])).slice()),
    )
  }

  /** Replaces what is negative by 0. */
  keepPositive(name: Parameter): void {
    const { value } = this.variableOf(name)
    this.ops.assign(value, this.ops.map('Relu', this.ops.read(value)))
  }

  /** Projects, clips, applies Adam and renormalises. Frees `weights`. Returns the norm of the gradient before clipping. */
  update(weights: Weights, raw: Weights, learningRate: number): number {
    const { ops, settings } = this
    const unit = hasUnitRows(settings)
    const gradients: Weights = unit ? { ...raw, decoder: this.projected(raw.decoder, weights.decoder) } : raw
    // Adam would copy a parameter that is still being read.
    for (const weight of Object.values(weights)) ops.release(weight as Tensor)
    const norm = Math.sqrt(total([...this.variables.keys()].map((name) => this.squares(gradients[name] as Tensor, name))))
    const factor = this.clip.factor(norm)
    this.taken++
    const correction = Math.sqrt(1 - adam.beta2 ** this.taken)
    const scalar = (value: number): Tensor => ops.scalar(value)
    const powers = [scalar(adam.beta1 ** this.taken), scalar(adam.beta2 ** this.taken)]
    const rest = [scalar(adam.beta1), scalar(adam.beta2), scalar(adam.epsilon * correction)]
    for (const [name, variable] of this.variables) {
      const gradient = gradients[name] as Tensor
      const clipped = factor < 1 ? ops.map('Mul', gradient, scalar(factor)) : gradient
      ops.applyAdam(variable, clipped, [...powers, scalar(rateOf(name, learningRate, settings)), ...rest])
    }
    if (unit) this.renormalise()
    return norm
  }

  dispose(): void {
    for (const variable of this.variables.values()) this.ops.destroy(variable)
  }

  private projected(gradient: Tensor, decoder: Tensor): Tensor {
    const { ops } = this
    const along = ops.sum(ops.map('Mul', gradient, decoder), 1, true)
    return ops.map('Sub', gradient, ops.map('Mul', along, decoder))
  }

  private renormalise(): void {
    const { ops } = this
    const { value } = this.variableOf('decoder')
    const moved = ops.read(value)
    const lengths = ops.sum(ops.map('Square', moved), 1, true)
    ops.assign(value, ops.map('Mul', moved, ops.map('Rsqrt', lengths)))
  }

  private squares(gradient: Tensor, name: Parameter): number {
    const { ops } = this
    const square = ops.map('Square', gradient)
    return total(ops.readFloats(this.shapeOf(name).length === 2 ? ops.sum(square, 1, false) : square))
  }

  private variableOf(name: Parameter): AdamVariable {
    const variable = this.variables.get(name)
    if (!variable) throw new Error(`the model has no ${name}`)
    return variable
  }

  private shapeOf(name: Parameter): readonly number[] {
    const { latents, dims } = this.start
    if (name === 'encoder' || name === 'decoder') return [latents, dims]
    return [name === 'decoderBias' ? dims : latents]
  }
}

/** Sum in double precision, in order. */
export function total(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at] as number
  return sum
}
