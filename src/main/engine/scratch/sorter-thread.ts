// Sorts the runs of a turned matrix in a thread of its own, so that reading goes on meanwhile.
import { Worker } from 'node:worker_threads'
import type { CollectedRun } from './run-collector'
import type { Turned, Work } from './run-sorter'
import type { FromSorter, SorterSpec, ToSorter } from './sorter-thread-entry'

export class SorterThread {
  /** False when no thread can be started here; then nothing was done yet. */
  readonly ready: Promise<boolean>
  private readonly worker: Worker
  private waiting: { done(turned: Turned | null): void; failed(error: unknown): void; work: Work } | null = null
  private failure: unknown = null

  /** @param entry path of the built sorter-thread-entry.ts */
  constructor(entry: string, spec: SorterSpec) {
    this.worker = new Worker(entry, { workerData: spec, stdin: false })
    this.worker.unref()
    this.ready = new Promise((resolve) => {
      this.worker.once('message', () => resolve(true))
      this.worker.once('exit', () => resolve(false))
    })
    this.worker.on('message', (message: FromSorter) => this.hear(message))
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(new Error('the sorting thread ended')))
  }

  async add(run: CollectedRun): Promise<void> {
    await this.ask({ t: 'run', run }, () => undefined)
  }

  async end(work: Work): Promise<Turned> {
    const turned = await this.ask({ t: 'end' }, work)
    await this.worker.terminate()
    if (!turned) throw new Error('the sorting thread gave no result')
    return turned
  }

  private ask(message: ToSorter, work: Work): Promise<Turned | null> {
    if (this.failure !== null) return Promise.reject(this.failure as Error)
    return new Promise((done, failed) => {
      this.waiting = { done, failed, work }
      this.worker.postMessage(message)
    })
  }

  private hear(message: FromSorter): void {
    const { waiting } = this
    if (!waiting) return
    if (message.t === 'progress') {
      // Stopping by an error is the caller's way to cancel.
      Promise.resolve(waiting.work(message.values, message.pages)).catch((error: unknown) => {
        void this.worker.terminate()
        this.fail(error)
      })
      return
    }
    this.waiting = null
    if (message.t === 'failed') waiting.failed(errorOf(message))
    else waiting.done(message.t === 'turned' ? message.turned : null)
  }

  private fail(error: unknown): void {
    this.failure ??= error
    const { waiting } = this
    this.waiting = null
    waiting?.failed(this.failure)
  }
}

/** The code tells a full disk from a mistake. */
const errorOf = ({ message, code }: Extract<FromSorter, { t: 'failed' }>): Error =>
  Object.assign(new Error(message), code === null ? {} : { code })
