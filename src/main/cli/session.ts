// The command line as a host: starts the engine and the trainer with plain Node, grants the paths it was given,
// waits for jobs and turns Ctrl+C into a cancel.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { appError, type AppError, type EngineMethod, type EngineParams, type EngineResult, type EventPayload } from '@contract'
import { forkNode } from '../base/child-process-port'
import { cacheFolder, libraryFolder } from '../base/folders'
import type { EngineVersions, Grant } from '../base/host-protocol'
import { Refusal } from '../base/refusal'
import { Supervisor } from '../base/supervisor'
import type { BackendInfo, FromTrainer } from '../base/trainer-protocol'

export type Progress = EventPayload<'job.progress'>

export class Session {
  readonly resources = process.env['LATISCOPE_RESOURCES'] ?? resolve(import.meta.dirname, '../../resources')
  private readonly environment = {
    LATISCOPE_RESOURCES: this.resources,
    LATISCOPE_CACHE: cacheFolder(),
    LATISCOPE_LIBRARY: libraryFolder(),
  }
  private readonly supervisor: Supervisor
  private readonly waiting = new Map<string, { done(result: unknown): void; failed(error: AppError): void }>()
  private readonly ended = new Map<string, { result: unknown } | { error: AppError }>()
  private job: string | null = null
  private cancelRequested = false

  constructor(onProgress: (progress: Progress) => void) {
    mkdirSync(this.environment.LATISCOPE_CACHE, { recursive: true })
    this.supervisor = new Supervisor({
      forkEngine: () => this.fork('engine.js'),
      forkTrainer: () => this.fork('trainer.js'),
      forkReader: () => this.fork('reader.js'),
      log: (line) => process.stderr.write(`${line}\n`),
      onEvent: (name, payload) => {
        if (name === 'job.progress') onProgress(payload as Progress)
        if (name === 'job.done')
          this.settle((payload as EventPayload<'job.done'>).job, { result: (payload as EventPayload<'job.done'>).result })
        if (name === 'job.failed')
          this.settle((payload as EventPayload<'job.failed'>).job, { error: (payload as EventPayload<'job.failed'>).error })
        if (name === 'engine.restarted')
          for (const job of this.waiting.keys()) this.settle(job, { error: (payload as EventPayload<'engine.restarted'>).error })
      },
    })
    const cancel = (): void => this.cancel()
    process.on('SIGINT', cancel)
    process.on('SIGTERM', cancel)
  }

  versions(): Promise<EngineVersions> {
    return this.supervisor.start()
  }

  /** Grants a path given on the command line and answers its token. */
  grant(path: string, purpose: Grant['purpose']): string {
    const token = randomBytes(16).toString('hex')
    this.supervisor.grant({ token, path: resolve(path), purpose })
    return token
  }

  async call<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>> {
    if (this.cancelRequested) throw new Refusal(appError('CANCELLED'))
    const result = await this.supervisor.call(method, params)
    if (!result.ok) throw new Refusal(result.error)
    return result.value
  }

  /** For verbs that look into a file: what that needs is started while the engine starts. */
  prepareReader(): void {
    void this.supervisor.start().catch(() => undefined)
    this.supervisor.prepareReader()
  }

  open(path: string): Promise<EngineResult<'project.open'>> {
    return this.call('project.open', { file: this.grant(path, 'project') })
  }

  create(path: string): Promise<EngineResult<'project.create'>> {
    return this.call('project.create', { file: this.grant(path, 'project'), name: basename(path).replace(/\.latiscope$/, '') })
  }

  /** Waits for the end of a job and answers its result. */
  async finish(started: { job: string }): Promise<unknown> {
    this.job = started.job
    if (this.cancelRequested) void this.supervisor.call('job.cancel', { job: started.job })
    const early = this.ended.get(started.job)
    const outcome =
      early ??
      (await new Promise<{ result: unknown } | { error: AppError }>((resolveJob) =>
        this.waiting.set(started.job, { done: (result) => resolveJob({ result }), failed: (error) => resolveJob({ error }) }),
      ))
    this.job = null
    if ('error' in outcome) throw new Refusal(outcome.error)
    return outcome.result
  }

  /** Starts a trainer only to ask what it would train with. */
  probeBackend(): Promise<BackendInfo> {
    const trainer = this.fork('trainer.js')
    return new Promise((resolveProbe, reject) => {
      trainer.onMessage((raw) => {
        const message = raw as FromTrainer
        if (message.t === 'probed') resolveProbe(message.backend)
        if (message.t === 'failed') reject(new Refusal(message.error))
        trainer.kill()
      })
      trainer.onExit((code, signal) => reject(new Refusal(appError('TRAINER_GONE', { why: signal ?? `code ${code}` }))))
      trainer.post({ t: 'probe' })
    })
  }

  end(): Promise<void> {
    return this.supervisor.stop()
  }

  private fork(entry: string): ReturnType<typeof forkNode> {
    return forkNode(process.execPath, join(import.meta.dirname, entry), this.environment)
  }

  private settle(job: string, outcome: { result: unknown } | { error: AppError }): void {
    this.ended.set(job, outcome)
    const waiter = this.waiting.get(job)
    if (!waiter) return
    if ('error' in outcome) waiter.failed(outcome.error)
    else waiter.done(outcome.result)
  }

  private cancel(): void {
    this.cancelRequested = true
    if (this.job !== null) void this.supervisor.call('job.cancel', { job: this.job })
  }
}
