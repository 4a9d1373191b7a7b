// How strongly a penalised model pays for its activations: a weight that grows over the warm-up and, where the user asked
// for a mean number of active latents instead of a weight, is adjusted until that number is met. Follows the past batches
// alone, never the clock.
import type { PenalisedSettings } from './training-step'

/** Of the logarithm of the weight, per step: this share of a run, and the logarithm of the excess. */
const swingsPerRun = 48
/** Answer to the present excess, before the adjusted weight has caught up. */
const promptness = 0.5
/** How much of the mean the last batch is. */
const novelty = 0.05

export class SparsityControl {
  private logWeight = 0
  private level = 0
  private batches = 0

  constructor(private readonly settings: PenalisedSettings) {}

  /** Weight of the sparsity term in the next step. */
  weight(): number {
    const { l1, warmUpSteps } = this.settings
    const share = warmUpSteps > 0 ? Math.min(1, (this.batches + 1) / warmUpSteps) : 1
    if (l1 !== null) return share * l1
    return share * Math.exp(this.logWeight + promptness * this.excess())
  }

  /** Takes note of the mean number of active latents of a batch. */
  note(active: number): void {
    this.batches++
    this.level = this.batches === 1 ? active : (1 - novelty) * this.level + novelty * active
    if (this.batches > this.settings.warmUpSteps) this.logWeight += (swingsPerRun / this.settings.steps) * this.excess()
  }

  /** Logarithm of how many times too many latents are on, between −1 and 1. */
  private excess(): number {
    if (this.batches === 0) return 0
    return Math.max(-1, Math.min(1, Math.log((this.level + 0.1) / (this.settings.k + 0.1))))
  }

  save(): Record<string, number> {
    return { controlWeight: this.logWeight, controlLevel: this.level, controlBatches: this.batches }
  }

  restore(read: (name: string) => number): void {
    this.logWeight = read('controlWeight')
    this.level = read('controlLevel')
    this.batches = read('controlBatches')
  }
}
