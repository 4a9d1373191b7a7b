// AuxK of the fast step: the four products over the dead latents are TensorFlow's, on compact copies in the shared
// memory; the kernel chooses, compares and masks in between.
import type { KernelMemory, KernelShape, Part } from './kernel-memory'
import type { KernelThreads } from './kernel-threads'
import type { TensorOps, Tensor } from './tensor-ops'
import { auxiliaryRows, auxWeight, type StepSettings } from './training-step'

/** A residual whose variance is below this share of its squares does not vary, as far as 32-bit floats can tell. */
const leastSpread = 1e-12

export class FastAuxiliary {
  constructor(
    private readonly ops: TensorOps,
    private readonly memory: KernelMemory,
    private readonly threads: KernelThreads,
    private readonly shape: KernelShape,
    private readonly settings: StepSettings,
  ) {}

  /**
   * Leaves AuxK's gradients where the kernel adds them to the others, and returns its part of the loss. `squares` is
   * Σ‖x − x̂‖² of the batch, `step` counts from 0. Without dead latents, or without variance in the residual, AuxK rests.
   */
  revive(dead: Int32Array, squares: number, step: number): number {
    const { memory, threads, shape, settings } = this
    memory.rest()
    if (dead.length === 0 || !shape.revives) return 0
    const slopeScale = Math.fround(2 / (shape.rows * shape.prefixes.length * settings.variance))
    const { from, to } = auxiliaryRows(step, shape.rows)
    memory.set({ auxFrom: from, auxRows: to - from })
    threads.kernel.sumResiduals(memory.work)
    const spread = threads.run('spread', to - from) / (slopeScale * slopeScale)
    const weight = spread > leastSpread * squares ? auxWeight(settings.auxCoefficient, spread) : 0
    if (weight === 0) return 0
    memory.wake(dead, settings.auxK)
    memory.setFloats({ auxScale: 2 * weight })
    return weight * this.ops.scope(() => this.gradients(dead.length, from, to - from))
  }

  /** Returns Σ‖e − ê‖². */
  private gradients(dead: number, from: number, rows: number): number {
    const { ops, memory, threads } = this
    const { dims } = this.shape
    threads.run('gather', dead)
    threads.run('choose', rows)
    const tensor = (part: Part, height: number, width: number): Tensor =>
      ops.floats(memory.floats(part, height * width), [height, width])
    const decoder = tensor('auxDecoder', dead, dims)
    const strengths = tensor('auxStrengths', rows, dead)
    const off = tensor('auxOff', rows, dims)
    const slopes = tensor('auxSlopes', rows, dead)
    this.product('auxOff', rows, dims, () => ops.matMul(strengths, decoder, false, false))
    const squares = threads.run('compare', rows)
    this.product('auxSlopes', rows, dead, () => ops.matMul(off, decoder, false, true))
    threads.run('mask', dead)
    this.product('auxDecoderGradient', dead, dims, () => ops.matMul(strengths, off, true, false))
    const shown = memory.floats('input', (from + rows) * dims).subarray(from * dims)
    this.product('auxEncoderGradient', dead, dims, () => ops.matMul(slopes, ops.floats(shown, [rows, dims]), true, false))
    return squares
  }

  private product(part: Part, height: number, width: number, multiply: () => Tensor): void {
    const { ops, memory } = this
    ops.scope(() => ops.writeInto(ops.floats(memory.floats(part, height * width), [1, height, width]), multiply()))
  }
}
