// Learning-rate curve and gradient clipping. Both depend only on the step number and past gradients, never on the clock.

/** Factor on the learning rate at `step` (1-based): linear from 0 in the first `warmUp` share, linear to 0 in the last `decay` share. */
export function rateFactor(step: number, steps: number, warmUp: number, decay: number): number {
  const rising = Math.ceil(steps * warmUp)
  const falling = Math.ceil(steps * decay)
  const up = rising > 0 ? step / rising : 1
  const down = falling > 0 ? (steps - step + 1) / falling : 1
  return Math.min(1, up, down)
}

const windowLength = 101
const normsNeeded = 20
const tolerance = 5

/** Clips to five times the running median of the gradient norm, so that the limit does not depend on the scale of the input. */
export class RelativeClip {
  private norms: number[] = []
  private next = 0

  /** Factor (≤ 1) to multiply a gradient of this norm with. */
  factor(norm: number): number {
    const limit = this.limit()
    this.norms[this.next] = norm
    this.next = (this.next + 1) % windowLength
    return norm > limit ? limit / norm : 1
  }

  /** The norm above which the next gradient is clipped. */
  limit(): number {
    return this.norms.length >= normsNeeded ? tolerance * this.median() : Infinity
  }

  /** The norms remembered, and the place of the next one. */
  save(): { readonly norms: Float64Array; readonly next: number } {
    return { norms: Float64Array.from(this.norms), next: this.next }
  }

  restore(saved: { readonly norms: ArrayLike<number>; readonly next: number }): void {
    this.norms = Array.from(saved.norms)
    this.next = saved.next
  }

  private median(): number {
    const sorted = Float64Array.from(this.norms).sort()
    return sorted[sorted.length >> 1] as number
  }
}
