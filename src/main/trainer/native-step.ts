// The training step on TensorFlow's raw operations with hand-derived gradients: only the active activations take part
// in decoding and in the gradients. One level only: it does not know nested losses. Reductions whose result is used are per row or done here in a fixed order.
import type { TensorFlowBinding } from './backend'
import type { Model } from './model'
import { RelativeClip } from './schedule'
import { keepLargest, type Selection } from './select'
import { TensorOps, type AdamVariable, type Tensor } from './tensor-ops'
import { arrayOf, parameters, restoreCounters, stateOf } from './step-state'
import { adam, auxWeight, type StepReport, type StepSettings, type StepState, type TrainingStep } from './training-step'

interface Weights {
  readonly encoder: Tensor
  readonly decoder: Tensor
  readonly encoderBias: Tensor
  readonly decoderBias: Tensor
}
type Gradients = Weights

interface Batch {
  readonly count: number
  readonly rows: Tensor
  readonly pre: Tensor
}

/** Milliseconds per part of a step, for the benchmark. */
export type StepTimes = Record<'encode' | 'select' | 'decode' | 'gradients' | 'auxiliary' | 'update', number>

const candidateShare = 0.97
const gatherLimit = 1 << 19

export class NativeStep implements TrainingStep {
  readonly times: StepTimes = { encode: 0, select: 0, decode: 0, gradients: 0, auxiliary: 0, update: 0 }
  private readonly ops: TensorOps
  private readonly latents: number
  private readonly dims: number
  private readonly variables: Record<keyof Weights, AdamVariable>
  private readonly clip = new RelativeClip()
  private taken = 0
  private lastSmallest = 0

  constructor(
    binding: TensorFlowBinding,
    start: Model,
    private readonly settings: StepSettings,
  ) {
    this.ops = new TensorOps(binding)
    this.latents = start.latents
    this.dims = start.dims
    const matrix = [start.latents, start.dims]
    this.variables = {
      encoder: this.ops.adamVariable(start.encoder, matrix),
      decoder: this.ops.adamVariable(start.decoder, matrix),
      encoderBias: this.ops.adamVariable(start.encoderBias, [start.latents]),
      decoderBias: this.ops.adamVariable(start.decoderBias, [start.dims]),
    }
  }

  learn(values: Float32Array, learningRate: number, dead: Int32Array): StepReport {
    return this.ops.scope(() => {
      const count = values.length / this.dims
      const weights = this.weights()
      const rows = this.ops.floats(values, [count, this.dims])
      const pre = this.timed('encode', () =>
        this.ops.addBias(this.ops.matMul(rows, weights.encoder, false, true), weights.encoderBias),
      )
      const batch = { count, rows, pre }
      const selection = this.timed('select', () => this.select(batch))
      const sparse = this.sparse(selection, count)
      const error = this.timed('decode', () => {
        const decoded = this.ops.addBias(sparse.times(weights.decoder, false), weights.decoderBias)
        return this.ops.map('Sub', decoded, rows)
      })
      const reconstruction =
        total(this.ops.readFloats(this.ops.sum(this.ops.map('Square', error), 1, false))) / (count * this.settings.variance)
      let gradients = this.timed('gradients', () => this.gradients(batch, weights, sparse, error))
      const revive = dead.length > 0 && this.settings.auxCoefficient > 0 && this.settings.auxK > 0
      let auxiliary = 0
      if (revive)
        ({ gradients, auxiliary } = this.timed('auxiliary', () => this.addAuxiliary(batch, weights, error, dead, gradients)))
      const gradientNorm = this.timed('update', () => this.update(weights, gradients, learningRate))
      return {
        loss: reconstruction + auxiliary,
        reconstruction,
        fired: selection.columns,
        smallest: selection.smallest,
        gradientNorm,
      }
    })
  }

  model(): Model {
    return this.ops.scope(() => {
      const weights = this.weights()
      return {
        latents: this.latents,
        dims: this.dims,
        encoder: this.ops.readFloats(weights.encoder),
        decoder: this.ops.readFloats(weights.decoder),
        encoderBias: this.ops.readFloats(weights.encoderBias),
        decoderBias: this.ops.readFloats(weights.decoderBias),
      }
    })
  }

  save(): StepState {
    const arrays = this.ops.scope(() =>
      Object.fromEntries(this.handles().map(([name, handle]) => [name, this.ops.readFloats(this.ops.read(handle))])),
    )
    return stateOf(arrays, { clip: this.clip, taken: this.taken, lastSmallest: this.lastSmallest })
  }

  restore(state: StepState): void {
    const { latents, dims } = this
    const shapes = { encoder: [latents, dims], decoder: [latents, dims], encoderBias: [latents], decoderBias: [dims] }
    for (const [name, handle, parameter] of this.handles()) {
      const shape = shapes[parameter]
      const values = arrayOf(
        state,
        name,
        shape.reduce((product, size) => product * size),
      )
      this.ops.assignCopy(handle, Float32Array.from(values), shape)
    }
    ;({ taken: this.taken, lastSmallest: this.lastSmallest } = restoreCounters(state, this.clip))
  }

  dispose(): void {
    for (const variable of Object.values(this.variables)) this.ops.destroy(variable)
  }

  /** Where each parameter and its moments live. */
  private handles(): [name: string, handle: Tensor, parameter: keyof Weights][] {
    return parameters.flatMap((name): [string, Tensor, keyof Weights][] => {
      const { value, mean, square } = this.variables[name]
      return [
        [name, value, name],
        [`${name}Mean`, mean, name],
        [`${name}Square`, square, name],
      ]
    })
  }

  private weights(): Weights {
    const { encoder, decoder, encoderBias, decoderBias } = this.variables
    return {
      encoder: this.ops.read(encoder.value),
      decoder: this.ops.read(decoder.value),
      encoderBias: this.ops.read(encoderBias.value),
      decoderBias: this.ops.read(decoderBias.value),
    }
  }

  private select(batch: Batch): Selection {
    return this.settings.rule === 'topk' ? this.selectTopK(batch) : this.selectBatchTopK(batch)
  }

  private selectTopK({ count, pre }: Batch): Selection {
    const k = Math.min(this.settings.k, this.latents)
    const top = this.ops.topK(pre, k)
    const values = this.ops.readFloats(top.values)
    const positions = this.ops.readInts(top.positions)
    const rows = new Int32Array(count * k)
    const columns = new Int32Array(count * k)
    let on = 0
    let smallest = Infinity
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number
      if (!(value > 0)) continue
      if (value < smallest) smallest = value
      rows[on] = Math.floor(at / k)
      columns[on] = positions[at] as number
      values[on++] = value
    }
    return {
      rows: rows.subarray(0, on),
      columns: columns.subarray(0, on),
      values: values.subarray(0, on),
      smallest: on > 0 ? smallest : 0,
    }
  }

  /** TensorFlow lists the candidates above a bound just under the last step's smallest activation; the exact choice is made here. */
  private selectBatchTopK({ count, pre }: Batch): Selection {
    const wanted = this.settings.k * count
    const flat = this.ops.reshape(pre, [count * this.latents])
    let candidates = this.ops.above(flat, this.lastSmallest * candidateShare)
    if (candidates.values.length < wanted && this.lastSmallest > 0) candidates = this.ops.above(flat, 0)
    const kept = keepLargest(candidates.values, wanted)
    const rows = new Int32Array(kept.length)
    const columns = new Int32Array(kept.length)
    const values = new Float32Array(kept.length)
    let smallest = Infinity
    for (let on = 0; on < kept.length; on++) {
      const candidate = kept[on] as number
      const position = candidates.positions[candidate] as number
      const value = candidates.values[candidate] as number
      rows[on] = Math.floor(position / this.latents)
      columns[on] = position % this.latents
      values[on] = value
      if (value < smallest) smallest = value
    }
    this.lastSmallest = kept.length > 0 ? smallest : 0
    return { rows, columns, values, smallest: this.lastSmallest }
  }

  /** The batch's activations as a sparse matrix [rows, latents] that can be multiplied with dense ones. */
  private sparse(selection: Selection, count: number): SparseBatch {
    const { rows, columns, values } = selection
    const words = new Int32Array(rows.length * 4)
    for (let on = 0; on < rows.length; on++) {
      words[4 * on] = rows[on] as number
      words[4 * on + 2] = columns[on] as number
    }
    const positions = this.ops.longs(words, [rows.length, 2])
    const shape = this.ops.longs(Int32Array.of(count, 0, this.latents, 0), [2])
    const strengths = this.ops.floats(values as Float32Array, [rows.length])
    const timesWith = (numbers: Tensor, dense: Tensor, adjoint: boolean): Tensor =>
      this.ops.sparseTimesDense(positions, numbers, shape, dense, adjoint)
    return { selection, timesWith, times: (dense, adjoint) => timesWith(strengths, dense, adjoint) }
  }

  private gradients({ count, rows }: Batch, weights: Weights, sparse: SparseBatch, error: Tensor): Gradients {
    const slope = this.ops.map('Mul', error, this.ops.scalar(2 / (count * this.settings.variance)))
    const active = this.activeSlopes(slope, weights.decoder, sparse.selection)
    const bias = new Float32Array(this.latents)
    const slopes = this.ops.readFloats(active)
    for (let on = 0; on < slopes.length; on++) {
      const latent = sparse.selection.columns[on] as number
      bias[latent] = (bias[latent] as number) + (slopes[on] as number)
    }
    return {
      decoder: sparse.times(slope, true),
      encoder: sparse.timesWith(active, rows, true),
      encoderBias: this.ops.floats(bias, [this.latents]),
      decoderBias: this.ops.sum(slope, 0, false),
    }
  }

  /** Gradient of each active activation: slope of its row · decoder row of its latent. In pieces that fit the cache. */
  private activeSlopes(slope: Tensor, decoder: Tensor, { rows, columns }: Selection): Tensor {
    const piece = Math.max(1, Math.floor(gatherLimit / this.dims))
    const parts: Tensor[] = []
    for (let start = 0; start < rows.length || start === 0; start += piece) {
      const at = rows.slice(start, start + piece)
      const latents = columns.slice(start, start + piece)
      const part = this.ops.reduce(() => {
        const left = this.ops.gather(slope, this.ops.ints(at, [at.length]), 0)
        const right = this.ops.gather(decoder, this.ops.ints(latents, [latents.length]), 0)
        return this.ops.sum(this.ops.map('Mul', left, right), 1, false)
      })
      parts.push(part)
    }
    return this.ops.join(parts)
  }

  /** AuxK: the dead latents with the largest raw pre-activations learn to explain the detached residual (−error). */
  private addAuxiliary(
    batch: Batch,
    weights: Weights,
    error: Tensor,
    dead: Int32Array,
    gradients: Gradients,
  ): { gradients: Gradients; auxiliary: number } {
    const { ops } = this
    const at = ops.ints(dead, [dead.length])
    const decoder = ops.gather(weights.decoder, at, 0)
    const pre = ops.gather(batch.pre, at, 1)
    const mask = this.auxMask(pre, batch.count, dead.length)
    const strengths = mask === null ? pre : ops.map('Mul', pre, mask)
    const weight = auxWeight(this.settings.auxCoefficient, this.spread(error, batch.count))
    const off = ops.map('AddV2', ops.matMul(strengths, decoder, false, false), error)
    const auxiliary = weight * total(ops.readFloats(ops.sum(ops.map('Square', off), 1, false)))
    const slope = ops.map('Mul', off, ops.scalar(2 * weight))
    const allSlopes = ops.matMul(slope, decoder, false, true)
    const slopes = mask === null ? allSlopes : ops.map('Mul', allSlopes, mask)
    const places = ops.ints(dead, [dead.length, 1])
    return {
      auxiliary,
      gradients: {
        decoder: ops.addRows(gradients.decoder, places, ops.matMul(strengths, slope, true, false)),
        encoder: ops.addRows(gradients.encoder, places, ops.matMul(slopes, batch.rows, true, false)),
        encoderBias: ops.addRows(gradients.encoderBias, places, ops.sum(slopes, 0, false)),
        decoderBias: gradients.decoderBias,
      },
    }
  }

  /** 1 for the auxK largest of each row, else 0; null when all take part. */
  private auxMask(pre: Tensor, count: number, width: number): Tensor | null {
    const k = this.settings.auxK
    if (width <= k) return null
    const positions = this.ops.readInts(this.ops.topK(pre, k).positions)
    const mask = new Float32Array(count * width)
    for (let at = 0; at < positions.length; at++) mask[Math.floor(at / k) * width + (positions[at] as number)] = 1
    return this.ops.floats(mask, [count, width])
  }

  /** Σ of squared deviations of the rows from their mean. */
  private spread(rows: Tensor, count: number): number {
    const squares = total(this.ops.readFloats(this.ops.sum(this.ops.map('Square', rows), 1, false)))
    const sums = this.ops.readFloats(this.ops.sum(rows, 0, false))
    return squares - sums.reduce((sum, value) => sum + value * value, 0) / count
  }

  /** Projects, clips, applies Adam and renormalises. Returns the norm of the gradient before clipping. */
  private update(weights: Weights, raw: Gradients, learningRate: number): number {
    const { ops } = this
    const along = ops.sum(ops.map('Mul', raw.decoder, weights.decoder), 1, true)
    const decoder = ops.map('Sub', raw.decoder, ops.map('Mul', along, weights.decoder))
    const gradients: Gradients = { ...raw, decoder }
    // Adam would copy a parameter that is still being read.
    for (const weight of Object.values(weights) as Tensor[]) ops.release(weight)
    const rowSquares = [gradients.encoder, decoder].map((part) =>
      total(ops.readFloats(ops.sum(ops.map('Square', part), 1, false))),
    )
    const biasSquares = [gradients.encoderBias, gradients.decoderBias].map((part) =>
      total(ops.readFloats(part).map((value) => value * value)),
    )
    const norm = Math.sqrt(total([...rowSquares, ...biasSquares]))
    const factor = this.clip.factor(norm)
    this.taken++
    const correction = Math.sqrt(1 - adam.beta2 ** this.taken)
    const factors = [
      adam.beta1 ** this.taken,
      adam.beta2 ** this.taken,
      learningRate,
      adam.beta1,
      adam.beta2,
      adam.epsilon * correction,
    ].map((value) => ops.scalar(value))
    for (const name of ['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const) {
      const gradient = factor < 1 ? ops.map('Mul', gradients[name], ops.scalar(factor)) : gradients[name]
      ops.applyAdam(this.variables[name], gradient, factors)
    }
    const moved = ops.read(this.variables.decoder.value)
    const lengths = ops.sum(ops.map('Square', moved), 1, true)
    ops.assign(this.variables.decoder.value, ops.map('Mul', moved, ops.map('Rsqrt', lengths)))
    return norm
  }

  private timed<R>(part: keyof StepTimes, work: () => R): R {
    const start = performance.now()
    const result = work()
    this.times[part] += performance.now() - start
    return result
  }
}

interface SparseBatch {
  readonly selection: Selection
  times(dense: Tensor, adjoint: boolean): Tensor
  /** The same positions with other numbers in them. */
  timesWith(numbers: Tensor, dense: Tensor, adjoint: boolean): Tensor
}

/** Sum in double precision, in order. */
function total(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at] as number
  return sum
}
