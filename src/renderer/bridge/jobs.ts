// The jobs of the engine as the window sees them: progress, end, failure. One list, newest first.
// A job may end before the answer that names it arrives, so outcomes are kept by id.
import { computed, shallowRef } from 'vue'
import type { AppError, EventPayload, Result } from '@contract'
import { engine, onEvent } from './client'

export type JobKind = EventPayload<'job.progress'>['kind']
export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

export interface Job {
  readonly id: string
  readonly kind: JobKind
  /** The run it works on; null for imports and for jobs started before this window. */
  readonly run: number | null
  readonly step: number
  readonly of: number
  readonly secondsLeft: number | null
  readonly phase: string
  readonly state: JobState
  readonly error: AppError | null
}

const fresh = (id: string, kind: JobKind): Job => ({
  id,
  kind,
  run: null,
  step: 0,
  of: 0,
  secondsLeft: null,
  phase: '',
  state: 'running',
  error: null,
})

export function createJobs() {
  const list = shallowRef<readonly Job[]>([])
  const running = computed(() => list.value.filter((job) => job.state === 'running'))
  const ended = new Map<string, Result<unknown>>()
  const waiting = new Map<string, ((result: Result<unknown>) => void)[]>()

  function update(id: string, kind: JobKind, change: Partial<Job>): void {
    const known = list.value.find((job) => job.id === id)
    const next = { ...(known ?? fresh(id, kind)), ...change }
    list.value = known ? list.value.map((job) => (job.id === id ? next : job)) : [next, ...list.value]
  }

  function end(id: string, result: Result<unknown>): void {
    ended.set(id, result)
    waiting.get(id)?.forEach((resolve) => resolve(result))
    waiting.delete(id)
  }

  function fail(id: string, kind: JobKind, error: AppError): void {
    update(id, kind, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error, secondsLeft: null })
    end(id, { ok: false, error })
  }

  return {
    list,
    running,
    /** Names a job this window has just started, so that it is listed before its first event. */
    track(id: string, kind: JobKind, run: number | null): void {
      update(id, kind, { run })
    },
    /** Resolves with the job's result when it is done, or with its error. */
    outcome(id: string): Promise<Result<unknown>> {
      const known = ended.get(id)
      if (known) return Promise.resolve(known)
      return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]))
    },
    async cancel(id: string): Promise<Result<object>> {
      return engine('job.cancel', { job: id })
    },
    clearFinished(): void {
      list.value = running.value
    },
    clear(): void {
      list.value = []
    },
    /** The engine died: whatever ran is over. */
    abandon(error: AppError): void {
      for (const job of running.value) fail(job.id, job.kind, error)
    },
    listen(failed: (error: AppError) => void): () => void {
      const stops = [
        onEvent('job.progress', ({ job, kind, step, of, secondsLeft, phase }) => {
          if (!ended.has(job)) update(job, kind, { step, of, secondsLeft, phase })
        }),
        onEvent('job.done', ({ job, kind, result }) => {
          update(job, kind, { state: 'done', secondsLeft: null })
          end(job, { ok: true, value: result })
        }),
        onEvent('job.failed', ({ job, kind, error }) => {
          fail(job, kind, error)
          if (error.code !== 'CANCELLED') failed(error)
        }),
      ]
      return () => stops.forEach((stop) => stop())
    },
  }
}
