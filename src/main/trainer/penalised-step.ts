// ReLU, JumpReLU and Gated on TensorFlow's raw operations with hand-derived gradients and fused Adam, dense: cost and
// result do not depend on how many latents are on. penalised-gradients.ts has the formulas.
import type { TensorFlowBinding } from './backend'
import type { Model } from './model'
import { NativeParameters, total, type Weights } from './native-parameters'
import { kernelWidth, penaltyShare, sparsityLoss } from './penalised-gradients'
import { onceEach, startSparse } from './penalised-start'
import { SparsityControl } from './sparsity-control'
import { TensorOps, type Tensor } from './tensor-ops'
import type { PenalisedSettings, StepReport, StepState, TrainingStep } from './training-step'

/** One batch on its way through the step. */
interface Pass {
  readonly count: number
  readonly rows: Tensor
  readonly weights: Weights
  /** Pre-activations with bias, and the activations they make. */
  readonly pre: Tensor
  readonly on: Tensor
  /** 1 where an activation is on. */
  readonly mask: Tensor
  /** 2 (x̂ − x) / (B·V), and its product with the decoder rows. */
  readonly slope: Tensor
  readonly slopes: Tensor
  readonly weight: number
  readonly active: number
}

/** What an architecture adds to the reconstruction: gradients and the rest of the loss. */
interface Share {
  readonly gradients: Weights
  readonly rest: number
}

export class PenalisedStep implements TrainingStep {
  private readonly ops: TensorOps
  private readonly latents: number
  private readonly dims: number
  private readonly parameters: NativeParameters
  private readonly control: SparsityControl
  private lastDensity = 1

  constructor(
    binding: TensorFlowBinding,
    start: Model,
    private readonly settings: PenalisedSettings,
  ) {
    this.ops = new TensorOps(binding)
    this.latents = start.latents
    this.dims = start.dims
    this.parameters = new NativeParameters(this.ops, start, settings)
    this.control = new SparsityControl(settings)
  }

  /** Share of the activations that were on in the last step. */
  get density(): number {
    return this.lastDensity
  }

  learn(values: Float32Array, learningRate: number): StepReport {
    if (this.parameters.taken === 0) this.begin(values)
    return this.ops.scope(() => {
      const { ops, settings } = this
      const count = values.length / this.dims
      const weights = this.parameters.weights()
      const rows = ops.floats(values, [count, this.dims])
      const pre = ops.addBias(ops.matMul(rows, weights.encoder, false, true), weights.encoderBias)
      const on = this.activations(pre, weights)
      const mask = ops.isAbove(on, ops.scalar(0))
      const counts = ops.readFloats(ops.sum(mask, 0, false))
      const active = total(counts)
      const error = ops.map('Sub', ops.addBias(ops.matMul(on, weights.decoder, false, false), weights.decoderBias), rows)
      const reconstruction = this.squares(error) / (count * settings.variance)
      const slope = ops.map('Mul', error, ops.scalar(2 / (count * settings.variance)))
      const slopes = ops.matMul(slope, weights.decoder, false, true)
      const pass = { count, rows, weights, pre, on, mask, slope, slopes, weight: this.control.weight(), active }
      const { gradients, rest } = this.share(pass)
      this.control.note(active / count)
      this.lastDensity = active / (count * this.latents)
      const gradientNorm = this.parameters.update(weights, gradients, learningRate)
      if (settings.rule === 'jumprelu') this.parameters.keepPositive('thresholds')
      return { loss: reconstruction + rest, reconstruction, fired: onceEach(counts), smallest: 0, gradientNorm }
    })
  }

  model(): Model {
    return this.parameters.model()
  }

  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    return this.parameters.restart(dead, directions)
  }

  save(): StepState {
    return this.parameters.save(0, this.control)
  }

  restore(state: StepState): void {
    this.parameters.restore(state, this.control)
  }

  dispose(): void {
    this.parameters.dispose()
  }

  private begin(rows: Float32Array): void {
    const { ops } = this
    const model = this.parameters.model()
    const pre = ops.scope(() => {
      const input = ops.floats(rows, [rows.length / this.dims, this.dims])
      return ops.readFloats(ops.matMul(input, this.parameters.weights().encoder, false, true))
    })
    const changed = startSparse(model, pre, this.settings)
    if (changed) this.parameters.assign({ [changed]: model[changed] as Float32Array })
  }

  private activations(pre: Tensor, weights: Weights): Tensor {
    const { ops } = this
    if (this.settings.rule === 'relu') return ops.map('Relu', pre)
    if (this.settings.rule === 'jumprelu') return ops.map('Mul', pre, ops.isAbove(pre, weights.thresholds as Tensor))
    const open = ops.isAbove(pre, ops.scalar(0))
    return ops.map('Mul', ops.map('Relu', this.magnitudes(pre, weights)), open)
  }

  /** exp(magnitudeLog) · (pre − encoderBias) + magnitudeBias. */
  private magnitudes(pre: Tensor, weights: Weights): Tensor {
    const { ops } = this
    const plain = ops.map('Sub', pre, weights.encoderBias)
    return ops.addBias(ops.map('Mul', plain, ops.map('Exp', weights.magnitudeLog as Tensor)), weights.magnitudeBias as Tensor)
  }

  private share(pass: Pass): Share {
    if (this.settings.rule === 'relu') return this.withL1(pass)
    return this.settings.rule === 'jumprelu' ? this.withJumps(pass) : this.withGates(pass)
  }

  /** The gradients of a model whose pre-activations have the gradients `slopes` (rows × latents, 0 where off). */
  private gradients({ rows, on, slope }: Pass, slopes: Tensor): Weights {
    const { ops } = this
    return {
      decoder: ops.matMul(on, slope, true, false),
      decoderBias: ops.sum(slope, 0, false),
      encoder: ops.matMul(slopes, rows, true, false),
      encoderBias: ops.sum(slopes, 0, false),
    }
  }

  private withL1(pass: Pass): Share {
    const { ops, settings } = this
    const { on, weights, weight, count } = pass
    const price = weight * penaltyShare(settings, count, this.latents)
    const sums = ops.sum(on, 0, false)
    if (settings.form !== 'norm-weighted') {
      const slopes = ops.map('Mul', ops.map('AddV2', pass.slopes, ops.scalar(price)), pass.mask)
      return { gradients: this.gradients(pass, slopes), rest: price * total(ops.readFloats(sums)) }
    }
    const lengths = ops.map('Sqrt', ops.sum(ops.map('Square', weights.decoder), 1, false))
    const prices = ops.map('Mul', lengths, ops.scalar(price))
    const gradients = this.gradients(pass, ops.map('Mul', ops.addBias(pass.slopes, prices), pass.mask))
    const factors = ops.map('DivNoNan', ops.map('Mul', sums, ops.scalar(price)), lengths)
    const column = ops.map('Mul', weights.decoder, ops.reshape(factors, [this.latents, 1]))
    const decoder = ops.map('AddV2', gradients.decoder, column)
    return { gradients: { ...gradients, decoder }, rest: total(ops.readFloats(ops.map('Mul', sums, prices))) }
  }

  private withJumps(pass: Pass): Share {
    const { ops, settings } = this
    const { pre, weights, mask, slopes, weight, active, count } = pass
    const width = kernelWidth(settings)
    const { loss, slope } = sparsityLoss(active, count, settings.k, weight)
    const thresholds = weights.thresholds as Tensor
    const near = ops.isAbove(ops.scalar(width / 2), ops.map('Abs', ops.map('Sub', pre, thresholds)))
    const pulled = ops.map('Mul', thresholds, ops.sum(ops.map('Mul', slopes, near), 0, false))
    const pushed = ops.map('Mul', ops.sum(near, 0, false), ops.scalar(slope))
    const gradient = ops.map('Mul', ops.map('AddV2', pulled, pushed), ops.scalar(-1 / width))
    return { gradients: { ...this.gradients(pass, ops.map('Mul', slopes, mask)), thresholds: gradient }, rest: loss }
  }

  private withGates(pass: Pass): Share {
    const { ops, settings } = this
    const { pre, rows, weights, mask, weight, count } = pass
    const share = 1 / (count * settings.variance)
    const open = ops.isAbove(pre, ops.scalar(0))
    const gates = ops.map('Relu', pre)
    const guess = ops.addBias(ops.matMul(gates, weights.decoder, false, false), weights.decoderBias)
    const off = ops.map('Sub', guess, rows)
    const wanted = ops.matMul(ops.map('Mul', off, ops.scalar(2 * share)), weights.decoder, false, true)
    const gateSlopes = ops.map('Mul', ops.map('AddV2', wanted, ops.scalar(weight * share)), open)
    const sizeSlopes = ops.map('Mul', pass.slopes, mask)
    const grown = ops.map('Mul', sizeSlopes, ops.map('Exp', weights.magnitudeLog as Tensor))
    const plain = ops.map('Sub', pre, weights.encoderBias)
    const base = this.gradients(pass, ops.map('AddV2', gateSlopes, grown))
    const gradients: Weights = {
      ...base,
      encoderBias: ops.sum(gateSlopes, 0, false),
      magnitudeLog: ops.sum(ops.map('Mul', grown, plain), 0, false),
      magnitudeBias: ops.sum(sizeSlopes, 0, false),
    }
    const paid = total(ops.readFloats(ops.sum(gates, 1, false)))
    return { gradients, rest: share * (this.squares(off) + weight * paid) }
  }

  private squares(rows: Tensor): number {
    const { ops } = this
    return total(ops.readFloats(ops.sum(ops.map('Square', rows), 1, false)))
  }
}
