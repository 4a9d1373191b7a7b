// Work that takes longer than an answer may: import, training, linking. One runs at a time, the others wait their turn;
// progress at most ten times a second; a cancelled job ends with the error CANCELLED.
import { appError, type AppError, type EventName, type JobInfo, type JobKind } from '@contract'
import { Refusal, errorValue, refuse } from '../../base/refusal'

/** Why a job has to end before it is done: the user's wish, or the project is being closed. */
export type Stop = 'cancel' | 'pause' | 'close'

export interface JobContext {
  readonly id: string
  progress(step: number, of: number, phase: string, secondsLeft?: number | null): void
  cancelled(): boolean
  stopped(): Stop | null
  /** Lets other requests be answered, then throws CANCELLED if the job has to stop. */
  breathe(): Promise<void>
  onStop(listener: (how: Stop) => void): void
}

export interface JobPlan {
  readonly kind: JobKind
  /** The run it works on. */
  readonly run: number | null
  work(context: JobContext): Promise<unknown>
  /** It was taken out of the queue before its turn came. */
  dropped?(how: Stop): void
}

interface Job extends JobPlan {
  readonly id: string
  stop: Stop | null
  readonly listeners: ((how: Stop) => void)[]
  readonly ended: Promise<void>
  end(): void
}

const names: Record<JobKind, string> = {
  import: 'An import',
  train: 'Training',
  link: 'Linking',
  associate: 'Comparing features with genes',
  seeds: 'Training with other seeds',
  search: 'A search over settings',
  apply: 'Applying a model',
  model: 'Bringing in a model',
  controls: 'Computing controls',
  map: 'The map',
}
const progressEveryMs = 100

export class Jobs {
  private running: Job | null = null
  private waiting: Job[] = []
  private count = 0

  constructor(
    private readonly emit: (name: EventName, payload: unknown) => void,
    private readonly report: (bug: unknown, ref: string) => void,
  ) {}

  /** Refuses with BUSY while a job of this project runs. */
  assertIdle(): void {
    if (this.running) refuse('BUSY', { what: names[this.running.kind] })
  }

  /** Takes a job on and answers its id at once; it begins when those before it have ended, and its end is told by an event. */
  start(plan: JobPlan): string {
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const job: Job = { ...plan, id: `${plan.kind}-${++this.count}`, stop: null, listeners: [], ended, end }
    this.waiting.push(job)
    if (this.running) this.tellQueue()
    else this.next()
    return job.id
  }

  /** The running job first, then those that wait. */
  list(): JobInfo[] {
    const info = (job: Job, state: JobInfo['state']): JobInfo => ({ job: job.id, kind: job.kind, run: job.run, state })
    return [...(this.running ? [info(this.running, 'running')] : []), ...this.waiting.map((job) => info(job, 'queued'))]
  }

  /** The job that works on a run or is going to. */
  ofRun(run: number): JobInfo | null {
    return this.list().find((job) => job.run === run) ?? null
  }

  cancel(id: string): void {
    this.stop(id, 'cancel')
  }

  /** Lets a running job end early, or takes a waiting one out of the queue. */
  stop(id: string, how: Stop): void {
    const waiting = this.waiting.find((job) => job.id === id)
    if (waiting) {
      this.waiting = this.waiting.filter((job) => job !== waiting)
      waiting.dropped?.(how)
      this.tellEnd(waiting, { error: appError('CANCELLED') })
    } else if (this.running?.id === id && this.running.stop === null) {
      this.running.stop = how
      for (const listener of this.running.listeners) listener(how)
    }
  }

  /** Ends everything because the project is about to be closed; resolves when nothing runs, or after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    for (const job of [...this.waiting]) this.stop(job.id, 'close')
    const { running } = this
    if (!running) return
    this.stop(running.id, 'close')
    await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, limitMs).unref())])
  }

  private next(): void {
    this.running = this.waiting.shift() ?? null
    this.tellQueue()
    if (this.running) void this.finish(this.running)
  }

  private async finish(job: Job): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    let outcome: { result: unknown } | { error: AppError }
    try {
      outcome = { result: await job.work(this.contextOf(job)) }
    } catch (thrown) {
      outcome = { error: errorValue(thrown, this.report) }
    }
    this.running = null
    this.tellEnd(job, outcome)
    job.end()
    if (!this.running) this.next()
  }

  private tellQueue(): void {
    this.emit('job.queue', { jobs: this.list() })
  }

  private tellEnd({ id, kind }: Job, outcome: { result: unknown } | { error: AppError }): void {
    this.emit('project.changed', {})
    if ('result' in outcome) this.emit('job.done', { job: id, kind, result: outcome.result })
    else this.emit('job.failed', { job: id, kind, error: outcome.error })
    this.tellQueue()
  }

  private contextOf(job: Job): JobContext {
    let lastTold = 0
    let phaseStart = Date.now()
    let lastPhase = ''
    return {
      id: job.id,
      cancelled: () => job.stop !== null,
      stopped: () => job.stop,
      onStop: (listener) => void job.listeners.push(listener),
      breathe: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        if (job.stop !== null) throw new Refusal(appError('CANCELLED'))
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
