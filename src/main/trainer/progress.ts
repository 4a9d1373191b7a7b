// Progress messages: at most ten a second; the time left is measured, and null until there is something to measure.
import type { MetricPoint } from '@contract'
import type { FromTrainer } from '../base/trainer-protocol'

const messageEveryMs = 100
const measurableAfterMs = 500

export class Progress {
  private phase: 'training' | 'measuring' = 'training'
  private startedAt: number
  private lastSent = -Infinity

  constructor(
    private readonly post: (message: FromTrainer) => void,
    private readonly now: () => number,
  ) {
    this.startedAt = now()
  }

  begin(phase: 'training' | 'measuring'): void {
    this.phase = phase
    this.startedAt = this.now()
  }

  /** True when a message may be sent now. */
  get due(): boolean {
    return this.now() - this.lastSent >= messageEveryMs
  }

  /** `afterwards`: seconds that will follow this phase, as far as known. */
  tell(step: number, of: number, point: MetricPoint | null, afterwards = 0): void {
    const now = this.now()
    const elapsed = now - this.startedAt
    const secondsLeft = elapsed >= measurableAfterMs && step > 0 ? (elapsed / step) * (of - step) * 1e-3 + afterwards : null
    this.lastSent = now
    this.post({ t: 'progress', step, of, secondsLeft, phase: this.phase, point })
  }
}
