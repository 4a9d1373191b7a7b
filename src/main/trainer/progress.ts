// Progress messages: at most ten a second.
import type { MetricPoint } from '@contract'
import type { FromTrainer } from '../base/trainer-protocol'

const messageEveryMs = 100

export class Progress {
  private lastSent = -Infinity

  /** @param now milliseconds on a clock that only moves forward */
  constructor(
    private readonly post: (message: FromTrainer) => void,
    private readonly now: () => number,
  ) {}

  /** True when a message may be sent now. */
  get due(): boolean {
    return this.now() - this.lastSent >= messageEveryMs
  }

  /** `secondsLeft`: for the whole run, null while nobody knows. */
  tell(
    phase: 'training' | 'measuring',
    step: number,
    of: number,
    secondsLeft: number | null,
    point: MetricPoint | null = null,
  ): void {
    this.lastSent = this.now()
    this.post({ t: 'progress', step, of, secondsLeft, phase, point })
  }
}
