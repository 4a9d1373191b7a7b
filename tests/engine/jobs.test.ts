// One queue: jobs run one after another in their order, and those that wait can be seen and taken out.
import { describe, expect, it, vi } from 'vitest'
import type { EventName, JobInfo } from '@contract'
import { Jobs, type JobContext, type JobPlan, type Stop } from '../../src/main/engine/jobs/jobs'

interface Work {
  readonly plan: JobPlan
  readonly context: Promise<JobContext>
  end(result: unknown): void
}

function work(run: number): Work & { dropped: Stop[] } {
  let begun = (_context: JobContext): void => {}
  let end = (_result: unknown): void => {}
  const context = new Promise<JobContext>((resolve) => (begun = resolve))
  const result = new Promise((resolve) => (end = resolve))
  const dropped: Stop[] = []
  const plan: JobPlan = {
    kind: 'train',
    run,
    work: (given) => {
      begun(given)
      return result
    },
    dropped: (how) => void dropped.push(how),
  }
  return { plan, context, end: (value) => end(value), dropped }
}

function queue() {
  const events: { name: EventName; payload: unknown }[] = []
  const jobs = new Jobs(
    (name, payload) => events.push({ name, payload }),
    () => {},
  )
  const ends = (): unknown[] =>
    events.flatMap(({ name, payload }) =>
      name === 'job.done' || name === 'job.failed' ? [(payload as { job: string }).job] : [],
    )
  return { jobs, events, ends }
}

const states = (jobs: Jobs): [number | null, JobInfo['state']][] => jobs.list().map(({ run, state }) => [run, state])

describe('the queue', () => {
  it('runs jobs in their order, one at a time, and tells who waits', async () => {
    const { jobs, events, ends } = queue()
    const [first, second, third] = [work(1), work(2), work(3)]
    for (const { plan } of [first, second, third]) jobs.start(plan)
    expect(states(jobs)).toEqual([
      [1, 'running'],
      [2, 'queued'],
      [3, 'queued'],
    ])
    expect(events.at(-1)).toEqual({ name: 'job.queue', payload: { jobs: jobs.list() } })
    first.end('one')
    await second.context
    expect(states(jobs)).toEqual([
      [2, 'running'],
      [3, 'queued'],
    ])
    second.end('two')
    await third.context
    third.end('three')
    await vi.waitFor(() => expect(ends()).toEqual(['train-1', 'train-2', 'train-3']))
    expect(jobs.list()).toEqual([])
    expect(events.at(-1)).toEqual({ name: 'job.queue', payload: { jobs: [] } })
  })

  it('lets a waiting job be taken out, which never begins', async () => {
    const { jobs, events } = queue()
    const [first, second, third] = [work(1), work(2), work(3)]
    const ids = [first, second, third].map(({ plan }) => jobs.start(plan))
    jobs.cancel(ids[1] as string)
    expect(second.dropped).toEqual(['cancel'])
    expect(events.find(({ name }) => name === 'job.failed')).toMatchObject({
      payload: { job: ids[1], error: { code: 'CANCELLED' } },
    })
    first.end(1)
    await third.context
    expect(states(jobs)).toEqual([[3, 'running']])
    third.end(3)
  })

  it('goes on with the next job after a failure', async () => {
    const { jobs, events } = queue()
    jobs.start({ kind: 'link', run: 1, work: () => Promise.reject(new Error('broken')) })
    const next = work(2)
    jobs.start(next.plan)
    await next.context
    expect(events.find(({ name }) => name === 'job.failed')).toMatchObject({ payload: { error: { code: 'INTERNAL' } } })
    next.end(null)
  })

  it('on closing drops who waits, lets the running job end, and gives up waiting after the time limit', async () => {
    const { jobs } = queue()
    const [first, second] = [work(1), work(2)]
    jobs.start(first.plan)
    jobs.start(second.plan)
    const context = await first.context
    const asked: Stop[] = []
    context.onStop((how) => asked.push(how))
    const closing = jobs.close(60_000)
    expect([asked, second.dropped, context.stopped()]).toEqual([['close'], ['close'], 'close'])
    first.end(null)
    await closing
    expect(jobs.list()).toEqual([])
    const stubborn = work(3)
    jobs.start(stubborn.plan)
    await stubborn.context
    await jobs.close(5)
    expect(states(jobs)).toEqual([[3, 'running']])
    stubborn.end(null)
  })
})
