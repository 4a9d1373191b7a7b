// Work that takes longer than an answer may: import, training, linking. One at a time per project; progress at most
// ten times a second; a cancelled job ends with the error CANCELLED and leaves nothing behind.
import { appError, type AppError, type EventName } from '@contract'
import { Refusal, errorValue, refuse } from '../../base/refusal'

export type JobKind = 'import' | 'train' | 'link' | 'map'

export interface JobContext {
  readonly id: string
  progress(step: number, of: number, phase: string, secondsLeft?: number | null): void
  cancelled(): boolean
  /** Lets other requests be answered, then throws CANCELLED if the user asked for it. */
  breathe(): Promise<void>
  onCancel(listener: () => void): void
}

const names: Record<JobKind, string> = { import: 'An import', train: 'Training', link: 'Linking', map: 'The map' }
const progressEveryMs = 100

export class Jobs {
  private running: { id: string; kind: JobKind; cancelled: boolean; listeners: (() => void)[] } | null = null
  private count = 0

  constructor(
    private readonly emit: (name: EventName, payload: unknown) => void,
    private readonly report: (bug: unknown, ref: string) => void,
  ) {}

  /** Refuses with BUSY while another job of this project runs. */
  assertIdle(): void {
    if (this.running) refuse('BUSY', { what: names[this.running.kind] })
  }

  /** Starts a job and answers its id at once; the end is told by an event. */
  start(kind: JobKind, work: (context: JobContext) => Promise<unknown>): string {
    this.assertIdle()
    const job = { id: `${kind}-${++this.count}`, kind, cancelled: false, listeners: [] as (() => void)[] }
    this.running = job
    void this.finish(job, work)
    return job.id
  }

  cancel(id: string): void {
    if (this.running?.id !== id) return
    this.running.cancelled = true
    for (const listener of this.running.listeners) listener()
  }

  cancelAll(): void {
    if (this.running) this.cancel(this.running.id)
  }

  private async finish(job: NonNullable<Jobs['running']>, work: (context: JobContext) => Promise<unknown>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    let outcome: { result: unknown } | { error: AppError }
    try {
      outcome = { result: await work(this.contextOf(job)) }
    } catch (thrown) {
      outcome = { error: errorValue(thrown, this.report) }
    }
    this.running = null
    if ('result' in outcome) {
      this.emit('project.changed', {})
      this.emit('job.done', { job: job.id, kind: job.kind, result: outcome.result })
    } else {
      this.emit('project.changed', {})
      this.emit('job.failed', { job: job.id, kind: job.kind, error: outcome.error })
    }
  }

  private contextOf(job: NonNullable<Jobs['running']>): JobContext {
    let lastTold = 0
    let phaseStart = Date.now()
    let lastPhase = ''
    return {
      id: job.id,
      cancelled: () => job.cancelled,
      onCancel: (listener) => void job.listeners.push(listener),
      breathe: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        if (job.cancelled) throw new Refusal(appError('CANCELLED'))
      },
      progress: (step, of, phase, secondsLeft) => {
        const now = Date.now()
        if (phase !== lastPhase) phaseStart = now
        if (phase === lastPhase && step < of && now - lastTold < progressEveryMs) return
        lastTold = now
        lastPhase = phase
        const share = of > 0 ? step / of : 0
        const guess = share >= 0.02 ? ((now - phaseStart) / 1000) * (1 / share - 1) : null
        this.emit('job.progress', {
          job: job.id,
          kind: job.kind,
          step,
          of,
          phase,
          secondsLeft: secondsLeft === undefined ? guess : secondsLeft,
        })
      },
    }
  }
}
