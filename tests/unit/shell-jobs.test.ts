// Which jobs run, and what closing the window does while they do.
import { describe, expect, it } from 'vitest'
import { Closing } from '../../src/main/shell/closing'
import type { CloseAnswer } from '../../src/main/shell/dialogs'
import { JobBook, type RunningJobs } from '../../src/main/shell/jobs'

const progress = (job: string, step: number): unknown => ({ job, kind: 'train', step, of: 10, secondsLeft: null, phase: '' })

describe('the running jobs', () => {
  function book(): { jobs: JobBook; told: RunningJobs[] } {
    const told: RunningJobs[] = []
    return { jobs: new JobBook((jobs) => told.push(jobs)), told }
  }

  it('begin with the answer to their start and end with their last event', () => {
    const { jobs, told } = book()
    jobs.started('train-1')
    jobs.hear('job.progress', progress('train-1', 5))
    expect(jobs.now).toEqual({ ids: ['train-1'], share: 0.5 })
    jobs.hear('job.done', { job: 'train-1', kind: 'train', result: null })
    expect(told.map(({ ids, share }) => [ids.length, share])).toEqual([
      [1, null],
      [1, 0.5],
      [0, null],
    ])
  })

  it('show the one furthest behind', () => {
    const { jobs } = book()
    jobs.hear('job.progress', progress('train-1', 8))
    jobs.hear('job.progress', progress('link-2', 2))
    expect(jobs.now.share).toBe(0.2)
  })

  it('stay ended when the end was faster than the answer to the start', () => {
    const { jobs } = book()
    jobs.hear('job.failed', { job: 'import-1', kind: 'import' })
    jobs.started('import-1')
    jobs.hear('job.progress', progress('import-1', 1))
    expect(jobs.now.ids).toEqual([])
  })

  it('are none after the engine was started again, which counts from one', () => {
    const { jobs } = book()
    jobs.hear('job.done', { job: 'train-1' })
    jobs.started('train-2')
    jobs.hear('engine.restarted', { reopened: true })
    expect(jobs.now.ids).toEqual([])
    jobs.started('train-1')
    expect(jobs.now.ids).toEqual(['train-1'])
  })
})

describe('closing the window', () => {
  function closing(running: string[], answer: CloseAnswer): { closing: Closing; did: string[] } {
    const did: string[] = []
    return {
      did,
      closing: new Closing({
        runningJobs: () => running,
        ask: (count) => {
          did.push(`ask ${count}`)
          return Promise.resolve(answer)
        },
        cancelJob: (job) => {
          did.push(`cancel ${job}`)
          return Promise.resolve()
        },
        hideWindow: () => did.push('hide'),
        quit: () => did.push('quit'),
      }),
    }
  }
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

  it('is allowed when nothing runs', () => {
    const { closing: close, did } = closing([], 'cancel')
    expect(close.mayClose()).toBe(true)
    expect(did).toEqual([])
  })

  it('does nothing on Cancel, and asks again the next time', async () => {
    const { closing: close, did } = closing(['train-1'], 'cancel')
    expect(close.mayClose()).toBe(false)
    expect(close.mayClose()).toBe(false)
    await settled()
    expect(close.mayClose()).toBe(false)
    await settled()
    expect(did).toEqual(['ask 1', 'ask 1'])
  })

  it('cancels the jobs and ends on Stop', async () => {
    const { closing: close, did } = closing(['train-1', 'link-2'], 'stop')
    expect(close.mayClose()).toBe(false)
    await settled()
    expect(did).toEqual(['ask 2', 'cancel train-1', 'cancel link-2', 'quit'])
    expect(close.mayClose()).toBe(true)
  })

  it('hides on Keep running and ends by itself after the last job', async () => {
    const running = ['train-1']
    const { closing: close, did } = closing(running, 'keep')
    close.mayClose()
    await settled()
    expect(did).toEqual(['ask 1', 'hide'])
    running.length = 0
    close.jobsChanged()
    expect(did).toEqual(['ask 1', 'hide', 'quit'])
  })

  it('stays after the job when the window was brought back meanwhile', async () => {
    const running = ['train-1']
    const { closing: close, did } = closing(running, 'keep')
    close.mayClose()
    await settled()
    close.windowShown()
    running.length = 0
    close.jobsChanged()
    expect(did).toEqual(['ask 1', 'hide'])
  })
})
