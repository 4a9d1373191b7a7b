// ReLU and JumpReLU in the fast step: what is on is listed by bounds, and pays. Gives way when more is on than the lists
// have room for: then the dense step is faster anyway.
import type { KernelMemory, KernelShape } from './kernel-memory'
import type { KernelThreads } from './kernel-threads'
import { kernelWidth, penaltyShare, sparsityLoss } from './penalised-gradients'
import { SparsityControl } from './sparsity-control'
import { rateOf, type PenalisedSettings } from './training-step'

/** Share of all activations there is room for: above it, dense products are faster (measured at 512 × 4,096: 90 against 128 ms). */
export const denseFrom = 0.1

export class FastPenalty {
  readonly control: SparsityControl
  private readonly paysLength: boolean
  private active = 0
  private loss = 0

  constructor(
    private readonly memory: KernelMemory,
    private readonly threads: KernelThreads,
    private readonly shape: KernelShape,
    private readonly settings: PenalisedSettings,
  ) {
    this.control = new SparsityControl(settings)
    const { rule, form } = settings
    this.paysLength = rule === 'relu' && form === 'norm-weighted'
    memory.set({
      jumps: rule === 'jumprelu' ? 1 : 0,
      keepsUnitRows: rule === 'relu' && form !== 'unit-norm' ? 0 : 1,
      decoderLengths: this.paysLength ? memory.address('decoderLengths') : 0,
    })
    memory.setFloats({
      slack: rule === 'jumprelu' ? kernelWidth(settings) / 2 : 0,
      thresholdRate: rateOf('thresholds', 1, settings),
    })
  }

  /** Lists what is on, or returns false, with nothing changed, when there is no room for it. Call after encoding. */
  open(): boolean {
    const { memory, threads, shape } = this
    threads.run('count', shape.rows)
    if (threads.kernel.placeRows(memory.work) > shape.capacity) return false
    this.active = threads.run('fill', shape.rows)
    const { rule, k } = this.settings
    const weight = this.control.weight()
    if (rule === 'jumprelu') {
      const { loss, slope } = sparsityLoss(this.active, shape.rows, k, weight)
      this.loss = loss
      memory.setFloats({ push: slope })
    } else memory.setFloats({ price: weight * penaltyShare(this.settings, shape.rows, shape.latents) })
    return true
  }

  /** Between sorting and the latents' update: the gradients of the thresholds. Returns the loss beyond the reconstruction. */
  charge(): number {
    const { memory, threads, shape, settings } = this
    if (settings.rule === 'jumprelu') threads.run('jump', shape.latents)
    else this.loss = threads.kernel.sumPrices(memory.work)
    this.control.note(this.active / shape.rows)
    return this.loss
  }

  /** To be called after the parameters were replaced. */
  refresh(): void {
    if (this.paysLength) this.threads.kernel.measureRows(this.memory.work)
  }
}
