// The fast training step: TensorFlow multiplies the batch with the encoder, the kernel (kernel/) does the rest on the
// active latents only. Weights and moments live in one memory that both read and write in place. Rows and latents are
// split over threads, but each is computed whole by one of them: results do not depend on how many there are.
import type { TensorFlowBinding } from './backend'
import { FastAuxiliary } from './fast-auxiliary'
import { denseFrom, FastPenalty } from './fast-penalty'
import { kernelBytes } from './kernel/kernel.wasm'
import { chunkSize, fitsMemory, KernelMemory, type KernelShape, type Part } from './kernel-memory'
import { KernelThreads } from './kernel-threads'
import { copyOf, mapModel, parametersOf, type Model } from './model'
import { onceEach, startSparse } from './penalised-start'
import { restartLatents } from './restart'
import { RelativeClip } from './schedule'
import { arrayOf, namedArrays, restoreCounters, stateOf } from './step-state'
import { TensorOps } from './tensor-ops'
import { adam, isPenalised, type AnySettings, type StepReport, type StepState, type TrainingStep } from './training-step'

/** Milliseconds per part of a step, for the benchmark. */
export type FastStepTimes = Record<'encode' | 'copy' | 'select' | 'rows' | 'auxiliary' | 'sort' | 'latents', number>

/** BatchTopK looks above these shares of the last step's smallest activation, then above 0. */
const candidateShares = [0.97, 0.8, 0]
/** Room for rounding in an upper limit that is compared with a limit. */
const roundingRoom = 1.001

/** The fast step, or why this machine or this shape cannot have it. `batch`: rows of every batch. */
export function fastStep(
  binding: TensorFlowBinding,
  start: Model,
  settings: AnySettings,
  batch: number,
  threads: number,
): FastStep | { readonly unavailable: string } {
  const shape = shapeOf(start, settings, batch, threads)
  if (shape === null) return { unavailable: 'Gated models are computed densely' }
  if (!fitsMemory(shape)) return { unavailable: 'the model and its batch need more than 4 GB' }
  try {
    return new FastStep(binding, start, settings, shape)
  } catch (thrown) {
    if (thrown instanceof WebAssembly.CompileError) return { unavailable: 'WebAssembly with vectors and threads is missing' }
    if (thrown instanceof RangeError) return { unavailable: 'the memory for it could not be had' }
    throw thrown
  }
}

function shapeOf({ latents, dims }: Model, settings: AnySettings, rows: number, threads: number): KernelShape | null {
  const k = Math.min(settings.k, latents)
  const common = { rows, latents, dims, k, threads }
  if (!isPenalised(settings)) {
    const revives = settings.auxCoefficient > 0 && settings.auxK > 0
    return { ...common, rule: settings.rule, capacity: rows * k, prefixes: settings.prefixes ?? [latents], revives }
  }
  if (settings.rule === 'gated') return null
  const capacity = Math.ceil(denseFrom * latents) * rows
  return { ...common, rule: 'bounds', capacity, prefixes: [latents], revives: false }
}

export class FastStep implements TrainingStep {
  readonly times: FastStepTimes = { encode: 0, copy: 0, select: 0, rows: 0, auxiliary: 0, sort: 0, latents: 0 }
  private readonly ops: TensorOps
  /** Weights, moments and everything the kernel works on. */
  readonly memory: KernelMemory
  private readonly threads: KernelThreads
  private readonly auxiliary: FastAuxiliary | null = null
  private readonly penalty: FastPenalty | null = null
  private readonly clip = new RelativeClip()
  private taken = 0
  private lastSmallest = 0

  /** Throws a CompileError or RangeError where the kernel cannot run. */
  constructor(
    binding: TensorFlowBinding,
    private readonly start: Model,
    private readonly settings: AnySettings,
    private readonly shape: KernelShape,
  ) {
    this.ops = new TensorOps(binding)
    const module = new WebAssembly.Module(kernelBytes)
    this.memory = new KernelMemory(shape)
    this.threads = new KernelThreads(module, this.memory, shape.threads)
    if (!isPenalised(settings)) this.auxiliary = new FastAuxiliary(this.ops, this.memory, this.threads, shape, settings)
    else this.penalty = new FastPenalty(this.memory, this.threads, shape, settings)
    for (const [name, values] of parametersOf(start)) this.memory.floats(name as Part, values.length).set(values)
    this.penalty?.refresh()
    this.memory.setFloats({ slopeScale: 2 / (shape.rows * shape.prefixes.length * settings.variance) })
  }

  learn(rows: Float32Array, learningRate: number, dead: Int32Array): StepReport {
    const report = this.tryToLearn(rows, learningRate, dead)
    if (!report) throw new Error('more latents are on than there is room for')
    return report
  }

  /** As `learn`, but answers null, with nothing changed, when a penalised model has too many latents on. */
  tryToLearn(rows: Float32Array, learningRate: number, dead: Int32Array): StepReport | null {
    const { memory, threads, shape, settings } = this
    const { work } = memory
    if (rows.length !== shape.rows * shape.dims) throw new Error('the batch has another size than the step was made for')
    memory.floats('input', rows.length).set(rows)
    this.encode()
    if (this.taken === 0) startSparse(this.inPlace(''), memory.floats('pre', shape.rows * shape.latents), settings)
    if (!this.timed('select', () => this.select())) return null
    const squares = this.timed('rows', () => threads.run('decode', shape.rows))
    const biasSquares = threads.kernel.sumSlopes(work, Math.ceil(shape.rows / chunkSize))
    const auxiliary = this.timed('auxiliary', () => this.auxiliary?.revive(dead, squares, this.taken) ?? 0)
    this.timed('sort', () => threads.kernel.sortColumns(work))
    const rest = this.penalty?.charge() ?? auxiliary
    const gradientNorm = this.timed('latents', () => this.update(learningRate, biasSquares))
    this.lastSmallest = memory.smallest
    const reconstruction = squares / (shape.rows * shape.prefixes.length * settings.variance)
    return { loss: reconstruction + rest, reconstruction, fired: this.fired(), smallest: memory.smallest, gradientNorm }
  }

  model(): Model {
    return copyOf(this.inPlace(''))
  }

  restart(dead: Int32Array, directions: Float32Array): Int32Array {
    const restarted = restartLatents(this.inPlace(''), [this.inPlace('Mean'), this.inPlace('Square')], dead, directions)
    this.penalty?.refresh()
    return restarted
  }

  save(): StepState {
    const { clip, taken, lastSmallest, penalty } = this
    return stateOf(this.arrays(), { clip, taken, lastSmallest, control: penalty?.control ?? null })
  }

  restore(state: StepState): void {
    for (const [name, live] of Object.entries(this.arrays())) live.set(arrayOf(state, name, live.length))
    ;({ taken: this.taken, lastSmallest: this.lastSmallest } = restoreCounters(state, this.clip, this.penalty?.control))
    this.penalty?.refresh()
  }

  private arrays(): Record<string, Float32Array> {
    return namedArrays({ value: this.inPlace(''), mean: this.inPlace('Mean'), square: this.inPlace('Square') })
  }

  /** The parameters or their moments as they lie in the shared memory. */
  private inPlace(kind: '' | 'Mean' | 'Square'): Model {
    return mapModel(this.start, ({ length }, name) => this.memory.floats(`${name}${kind}` as Part, length))
  }

  dispose(): void {
    this.threads.dispose()
  }

  private encode(): void {
    const { rows, latents, dims } = this.shape
    const { ops, memory } = this
    ops.scope(() => {
      const input = ops.floats(memory.floats('input', rows * dims), [rows, dims])
      const encoder = ops.floats(memory.floats('encoder', latents * dims), [latents, dims])
      const target = ops.floats(memory.floats('pre', rows * latents), [1, rows, latents])
      const pre = this.timed('encode', () => ops.matMul(input, encoder, false, true))
      this.timed('copy', () => ops.writeInto(target, pre))
    })
  }

  /** Lists what is on; false when there is no room for it. */
  private select(): boolean {
    const { memory, threads, shape, penalty } = this
    if (penalty) return penalty.open()
    if (shape.rule === 'topk') {
      threads.run('select', shape.rows)
      return true
    }
    for (const share of candidateShares) {
      const bound = this.lastSmallest * share
      threads.kernel.beginCollecting(memory.work, bound)
      threads.run('collect', shape.rows)
      const found = threads.kernel.finishCollecting(memory.work)
      if (found >= shape.rows * shape.k || bound === 0) break
    }
    return true
  }

  /** Clips, applies Adam and renormalises. Returns the norm of the gradient before clipping. */
  private update(learningRate: number, biasSquares: number): number {
    const { memory, threads } = this
    const { work } = memory
    this.taken++
    memory.setFloats({
      rate: learningRate / (1 - adam.beta1 ** this.taken),
      unbias: 1 / (1 - adam.beta2 ** this.taken),
      clip: 1,
    })
    // One sweep updates while it measures, where clipping is out of the question; else a sweep that only measures goes first.
    const limit = this.clip.limit()
    const certainly = limit === Infinity || this.gradientLimit(biasSquares) < limit
    memory.set({ isUpdate: certainly ? 1 : 0 })
    const norm = Math.sqrt(threads.run('learn', this.shape.latents) + biasSquares)
    const factor = this.clip.factor(norm)
    memory.setFloats({ clip: factor })
    if (!certainly) {
      memory.set({ isUpdate: 1 })
      threads.run('learn', this.shape.latents)
    }
    threads.kernel.updateDecoderBias(work)
    return norm
  }

  /** A number the norm of the gradient does not exceed. */
  private gradientLimit(biasSquares: number): number {
    const { kernel } = this.threads
    const { work } = this.memory
    const aux = this.memory.isRevived ? Math.sqrt(kernel.auxSquares(work)) : 0
    return roundingRoom * (Math.sqrt(kernel.gradientLimit(work) + biasSquares) + aux)
  }

  /** Latents that were on: one entry per activation, or once each where others are listed too. */
  private fired(): Int32Array {
    const { memory } = this
    const { latents } = this.shape
    const starts = memory.ints('columnStarts', latents + 1)
    if (this.penalty) {
      const values = memory.floats('valuesOf', memory.active)
      return onceEach(
        Uint8Array.from({ length: latents }, (_, latent) =>
          values.subarray(starts[latent], starts[latent + 1]).some((value) => value > 0) ? 1 : 0,
        ),
      )
    }
    const fired = new Int32Array(memory.active)
    for (let latent = 0; latent < latents; latent++) fired.fill(latent, starts[latent], starts[latent + 1])
    return fired
  }

  private timed<R>(part: keyof FastStepTimes, work: () => R): R {
    const start = performance.now()
    const result = work()
    this.times[part] += performance.now() - start
    return result
  }
}
