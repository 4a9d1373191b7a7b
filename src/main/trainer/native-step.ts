// The training step on TensorFlow's raw operations with hand-derived gradients: only the active activations take part
// in decoding and in the gradients. One level only: it does not know nested losses. Reductions whose result is used are
// per row or done here in a fixed order.
import type { TensorFlowBinding } from './backend'
import type { Model } from './model'
import { NativeParameters, total, type Weights } from './native-parameters'
import { keepLargest, type Selection } from './select'
import { TensorOps, type Tensor } from './tensor-ops'
import {
  auxiliaryRows,
  auxWeight,
  multiTopK,
  type StepReport,
  type StepSettings,
  type StepState,
  type TrainingStep,
} from './training-step'

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
  private readonly parameters: NativeParameters
  /** The smallest activation of the last step, of k and of multi-TopK's latents. */
  private readonly lastSmallest = new Map<number, number>()

  constructor(
    binding: TensorFlowBinding,
    start: Model,
    private readonly settings: StepSettings,
  ) {
    this.ops = new TensorOps(binding)
    this.latents = start.latents
    this.dims = start.dims
    this.parameters = new NativeParameters(this.ops, start, settings)
  }

  learn(values: Float32Array, learningRate: number, dead: Int32Array): StepReport {
    return this.ops.scope(() => {
      const count = values.length / this.dims
      const weights = this.parameters.weights()
      const rows = this.ops.floats(values, [count, this.dims])
      const pre = this.timed('encode', () =>
        this.ops.addBias(this.ops.matMul(rows, weights.encoder, false, true), weights.encoderBias),
      )
      const batch = { count, rows, pre }
      const { k } = this.settings
      const selection = this.timed('select', () => this.select(batch, k))
      const main = this.explain(batch, weights, selection, 1)
      const { error } = main
      let { gradients } = main
      let { reconstruction } = main
      if (this.settings.multiTopK) {
        const wide = this.explain(batch, weights, this.select(batch, multiTopK.times * k), multiTopK.weight)
        gradients = this.sumOf(gradients, wide.gradients)
        reconstruction += wide.reconstruction
      }
      const revive = dead.length > 0 && this.settings.auxCoefficient > 0 && this.settings.auxK > 0
      let auxiliary = 0
      if (revive)
        ({ gradients, auxiliary } = this.timed('auxiliary', () => this.addAuxiliary(batch, weights, error, dead, gradients)))
      const gradientNorm = this.timed('update', () => this.parameters.update(weights, gradients, learningRate))
      const { columns: fired, smallest } = selection
      return { loss: reconstruction + auxiliary, reconstruction, fired, smallest, gradientNorm }
    })
  }

  model(): Model {
    return this.parameters.model()
  }

  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    return this.parameters.restart(dead, directions)
  }

  save(): StepState {
    return this.parameters.save(this.lastSmallest.get(this.settings.k) ?? 0, null)
  }

  restore(state: StepState): void {
    this.lastSmallest.set(this.settings.k, this.parameters.restore(state, null))
  }

  dispose(): void {
    this.parameters.dispose()
  }

  /** Reconstruction from a selection: residual, its part of the loss and the gradients, both times `weight`. */
  private explain(
    batch: Batch,
    weights: Weights,
    selection: Selection,
    weight: number,
  ): { readonly error: Tensor; readonly gradients: Weights; readonly reconstruction: number } {
    const share = weight / (batch.count * this.settings.variance)
    const sparse = this.sparse(selection, batch.count)
    const error = this.timed('decode', () => {
      const decoded = this.ops.addBias(sparse.times(weights.decoder, false), weights.decoderBias)
      return this.ops.map('Sub', decoded, batch.rows)
    })
    const squares = total(this.ops.readFloats(this.ops.sum(this.ops.map('Square', error), 1, false)))
    const gradients = this.timed('gradients', () => this.gradients(batch, weights, sparse, error, 2 * share))
    return { error, gradients, reconstruction: share * squares }
  }

  private sumOf(a: Weights, b: Weights): Weights {
    const add = (name: keyof Weights): Tensor => this.ops.map('AddV2', a[name] as Tensor, b[name] as Tensor)
    return {
      ...{ encoder: add('encoder'), decoder: add('decoder') },
      ...{ encoderBias: add('encoderBias'), decoderBias: add('decoderBias') },
    }
  }

  private select(batch: Batch, wanted: number): Selection {
    const k = Math.min(wanted, this.latents)
    return this.settings.rule === 'topk' ? this.selectTopK(batch, k) : this.selectBatchTopK(batch, k)
  }

  private selectTopK({ count, pre }: Batch, k: number): Selection {
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
  private selectBatchTopK({ count, pre }: Batch, k: number): Selection {
    const wanted = k * count
    const flat = this.ops.reshape(pre, [count * this.latents])
    const last = this.lastSmallest.get(k) ?? 0
    let candidates = this.ops.above(flat, last * candidateShare)
    if (candidates.values.length < wanted && last > 0) candidates = this.ops.above(flat, 0)
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
    if (kept.length === 0) smallest = 0
    this.lastSmallest.set(k, smallest)
    return { rows, columns, values, smallest }
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

  private gradients({ rows }: Batch, weights: Weights, sparse: SparseBatch, error: Tensor, scale: number): Weights {
    const slope = this.ops.map('Mul', error, this.ops.scalar(scale))
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
    gradients: Weights,
  ): { gradients: Weights; auxiliary: number } {
    const { ops } = this
    const at = ops.ints(dead, [dead.length])
    const part = auxiliaryRows(this.parameters.taken, batch.count)
    const count = part.to - part.from
    const rowsOf = (tensor: Tensor): Tensor =>
      ops.gather(
        tensor,
        ops.ints(
          Int32Array.from({ length: count }, (_, row) => part.from + row),
          [count],
        ),
        0,
      )
    const [shown, residual] = [rowsOf(batch.rows), rowsOf(error)]
    const decoder = ops.gather(weights.decoder, at, 0)
    const pre = ops.gather(rowsOf(batch.pre), at, 1)
    const mask = this.auxMask(pre, count, dead.length)
    const strengths = mask === null ? pre : ops.map('Mul', pre, mask)
    const weight = auxWeight(this.settings.auxCoefficient, this.spread(residual, count))
    const off = ops.map('AddV2', ops.matMul(strengths, decoder, false, false), residual)
    const auxiliary = weight * total(ops.readFloats(ops.sum(ops.map('Square', off), 1, false)))
    const slope = ops.map('Mul', off, ops.scalar(2 * weight))
    const allSlopes = ops.matMul(slope, decoder, false, true)
    const slopes = mask === null ? allSlopes : ops.map('Mul', allSlopes, mask)
    const places = ops.ints(dead, [dead.length, 1])
    return {
      auxiliary,
      gradients: {
        decoder: ops.addRows(gradients.decoder, places, ops.matMul(strengths, slope, true, false)),
        encoder: ops.addRows(gradients.encoder, places, ops.matMul(slopes, shown, true, false)),
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
