// Which jobs are running, as far as the shell can see from the events that pass through it. Pure bookkeeping.
// Invariant: a job that ended never counts as running again, even when its start is reported after its end.
import type { EventName } from '@contract'

export interface RunningJobs {
  readonly ids: readonly string[]
  /** 0…1 of the job furthest behind; null when unknown or nothing runs. */
  readonly share: number | null
}

export class JobBook {
  private readonly running = new Map<string, number | null>()
  private readonly ended = new Set<string>()

  constructor(private readonly onChange: (jobs: RunningJobs) => void) {}

  get now(): RunningJobs {
    const shares = [...this.running.values()].filter((share) => share !== null)
    return { ids: [...this.running.keys()], share: shares.length > 0 ? Math.min(...shares) : null }
  }

  started(job: string): void {
    if (this.ended.has(job) || this.running.has(job)) return
    this.running.set(job, null)
    this.onChange(this.now)
  }

  /** Follows one event on its way to the window. */
  hear(name: EventName, payload: unknown): void {
    const { job, step, of } = (payload ?? {}) as { job?: string; step?: number; of?: number }
    if (name === 'engine.restarted') {
      // Jobs live in the engine: a new one starts with none, and it counts them from the beginning again.
      this.running.clear()
      this.ended.clear()
    } else if (job === undefined) {
      return
    } else if (name === 'job.progress' && !this.ended.has(job)) {
      this.running.set(job, step !== undefined && of !== undefined && of > 0 ? Math.min(1, step / of) : null)
    } else if (name === 'job.done' || name === 'job.failed') {
      this.running.delete(job)
      this.ended.add(job)
    } else return
    this.onChange(this.now)
  }
}
