// Encoding through the kernel: TensorFlow multiplies a chunk of rows with the encoder, the kernel lists what is on. The same
// bytes as the plain way in encode.ts, on any number of threads.
import type { TensorFlowBinding } from './backend'
import type { Inference } from './inference'
import { activationOf } from './inference'
import { kernelBytes } from './kernel/kernel.wasm'
import { fitsMemory, KernelMemory, type KernelShape } from './kernel-memory'
import { KernelThreads, kernelThreads } from './kernel-threads'
import type { Model } from './model'
import { TensorOps } from './tensor-ops'

/** What is on in a chunk: CSR, columns ascending. */
export interface EncodedRows {
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Room for activations, as a share of all; a fuller chunk is encoded the plain way. */
const mostDensity = 0.1

export class FastEncoder {
  private readonly ops: TensorOps
  private readonly memory: KernelMemory
  private readonly kernel: KernelThreads

  /** Throws a CompileError or RangeError where the kernel cannot run. */
  private constructor(
    binding: TensorFlowBinding,
    readonly shape: KernelShape,
  ) {
    this.ops = new TensorOps(binding)
    this.memory = new KernelMemory(shape)
    this.kernel = new KernelThreads(new WebAssembly.Module(kernelBytes), this.memory, shape.threads)
  }

  /** An encoder for models of this size in chunks of `rows`, or null where this machine or this size cannot have it. */
  static make(binding: TensorFlowBinding, model: Model, inference: Inference, rows: number): FastEncoder | null {
    const { latents, dims } = model
    const k = inference.kind === 'topk' ? Math.min(inference.k, latents) : 1
    const rule = inference.kind === 'topk' ? 'topk' : 'bounds'
    const capacity = rule === 'topk' ? rows * k : rows * Math.ceil(mostDensity * latents)
    const threads = kernelThreads()
    const shape: KernelShape = { rows, latents, dims, k, rule, capacity, prefixes: [latents], threads, revives: false }
    if (!fitsMemory(shape)) return null
    try {
      return new FastEncoder(binding, shape)
    } catch (thrown) {
      if (thrown instanceof WebAssembly.CompileError || thrown instanceof RangeError) return null
      throw thrown
    }
  }

  suits({ latents, dims }: Model, inference: Inference, rows: number): boolean {
    const { shape } = this
    const sameRule =
      inference.kind === 'topk' ? shape.rule === 'topk' && shape.k === Math.min(inference.k, latents) : shape.rule === 'bounds'
    return sameRule && shape.latents === latents && shape.dims === dims && shape.rows === rows
  }

  dispose(): void {
    this.kernel.dispose()
  }

  /** Sets the weights for the chunks that follow. */
  use(model: Model, inference: Inference): void {
    const { memory } = this
    memory.floats('encoder', model.encoder.length).set(model.encoder)
    memory.floats('encoderBias', model.latents).set(model.encoderBias)
    if (inference.kind === 'topk') return
    const thresholds = memory.floats('thresholds', model.latents)
    if (inference.kind === 'thresholds') thresholds.set(inference.thresholds)
    else thresholds.fill(inference.kind === 'threshold' ? inference.threshold : 0)
  }

  /** Encodes the first `count` of `rows` (as many as the shape has, × dims); null when more is on than there is room for. */
  encode(rows: Float32Array, count: number, inference: Inference): EncodedRows | null {
    const { memory, kernel, shape } = this
    const { latents, dims } = shape
    memory.floats('input', rows.length).set(rows)
    this.ops.scope(() => {
      const input = this.ops.floats(memory.floats('input', rows.length), [shape.rows, dims])
      const encoder = this.ops.floats(memory.floats('encoder', latents * dims), [latents, dims])
      const target = this.ops.floats(memory.floats('pre', shape.rows * latents), [1, shape.rows, latents])
      this.ops.writeInto(target, this.ops.matMul(input, encoder, false, true))
    })
    if (shape.rule === 'topk') {
      kernel.run('select', shape.rows)
      kernel.run('order', shape.rows)
    } else {
      kernel.run('count', shape.rows)
      if (kernel.kernel.placeRows(memory.work) > shape.capacity) return null
      kernel.run('fill', shape.rows)
    }
    return this.collect(count, inference)
  }

  private collect(count: number, inference: Inference): EncodedRows {
    const { memory, shape } = this
    const starts = memory.ints('starts', count)
    const ends = memory.ints('ends', count)
    const columns = memory.ints('columns', shape.capacity)
    const strengths = memory.floats('values', shape.capacity)
    const indptr = new Uint32Array(count + 1)
    for (let row = 0; row < count; row++)
      indptr[row + 1] = (indptr[row] as number) + (ends[row] as number) - (starts[row] as number)
    const indices = new Uint32Array(indptr[count] as number)
    const values = new Float32Array(indices.length)
    if (inference.kind !== 'gates') {
      for (let row = 0; row < count; row++) {
        indices.set(columns.subarray(starts[row], ends[row]), indptr[row])
        values.set(strengths.subarray(starts[row], ends[row]), indptr[row])
      }
      return { indptr, indices, values }
    }
    let found = 0
    for (let row = 0; row < count; row++) {
      for (let at = starts[row] as number; at < (ends[row] as number); at++) {
        const latent = columns[at] as number
        const value = activationOf(strengths[at] as number, latent, inference)
        if (!(value > 0)) continue
        indices[found] = latent
        values[found++] = value
      }
      indptr[row + 1] = found
    }
    return { indptr, indices: indices.slice(0, found), values: values.slice(0, found) }
  }
}
