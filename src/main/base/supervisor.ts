// Runs the engine, its readers and the trainers for a host (shell or command line) and keeps them honest: every call is answered,
// a dead engine is started again (at most 3 times in 5 minutes) with its project, no helper outlives the host.
import {
  appError,
  engineMethods,
  type AppError,
  type EngineMethod,
  type EngineParams,
  type EngineResult,
  type EventName,
  type Result,
} from '@contract'
import type { HelperProcess } from './child-process-port'
import type { EngineVersions, FromEngine, Grant, ToEngine } from './host-protocol'
import type { FromReader, ToReader } from './reader-protocol'
import type { FromTrainer, ToTrainer } from './trainer-protocol'

export interface SupervisorOptions {
  forkEngine(): HelperProcess
  forkTrainer(): HelperProcess
  /** A process that looks into the user's files. */
  forkReader(): HelperProcess
  onEvent(name: EventName, payload: unknown): void
  log(line: string): void
}

interface PendingCall {
  settle(result: Result<unknown>): void
  readonly timer: NodeJS.Timeout
}

const readyTimeoutMs = 20_000
const restartWindowMs = 5 * 60_000
const restartsAllowed = 3
/** For the checkpoint of the largest model on a slow disk. */
const checkpointTimeoutMs = 20_000

export class Supervisor {
  private engine: HelperProcess | null = null
  private ready: Promise<EngineVersions> | null = null
  private readonly pending = new Map<number, PendingCall>()
  private readonly grants = new Map<string, Grant>()
  private readonly trainers = new Map<number, HelperProcess>()
  private readonly readers = new Map<number, HelperProcess>()
  /** A reader that was started before the engine asked for it. */
  private spareReader: HelperProcess | null = null
  private restarts: number[] = []
  private openProject: string | null = null
  private lastId = 0
  private stopping = false

  constructor(private readonly options: SupervisorOptions) {}

  /** Starts the engine if needed; resolves with its versions when it answers. */
  start(): Promise<EngineVersions> {
    this.ready ??= this.launch()
    return this.ready
  }

  get enginePid(): number | undefined {
    return this.engine?.pid
  }

  get readerPids(): number[] {
    return [...this.readers.values()].flatMap((reader) => reader.pid ?? [])
  }

  get trainerPids(): number[] {
    return [...this.trainers.values()].flatMap((trainer) => trainer.pid ?? [])
  }

  /** Lets the engine use a path the user chose. Kept, so that a restarted engine knows it too. */
  grant(grant: Grant): void {
    this.grants.set(grant.token, grant)
    this.tell({ t: 'grant', grant })
  }

  pathOf(token: string): string | null {
    return this.grants.get(token)?.path ?? null
  }

  async call<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<Result<EngineResult<M>>> {
    try {
      await this.start()
    } catch {
      return { ok: false, error: appError('ENGINE_GONE') }
    }
    const result = (await this.ask(method, params)) as Result<EngineResult<M>>
    if (result.ok && (method === 'project.open' || method === 'project.create'))
      this.openProject = (params as { file: string }).file
    if (result.ok && method === 'project.close') this.openProject = null
    return result
  }

  /**
   * Asks the engine to close the project and end, which lets trainings keep a checkpoint; kills what has not ended after
   * the time limit (`graceMs`; longer while something is trained).
   */
  async stop(graceMs = this.trainers.size > 0 ? checkpointTimeoutMs : 5_000): Promise<void> {
    this.stopping = true
    this.endReaders()
    const engine = this.engine
    if (!engine) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        engine.kill()
        resolve()
      }, graceMs)
      engine.onExit(() => {
        clearTimeout(timer)
        resolve()
      })
      this.tell({ t: 'stop' })
    })
  }

  private ask(method: EngineMethod, params: unknown): Promise<Result<unknown>> {
    const id = ++this.lastId
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.pending.delete(id)
        resolve({ ok: false, error: appError('TIMEOUT', { what: method }) })
      }, engineMethods[method].timeoutMs)
      this.pending.set(id, { settle: resolve, timer })
      this.tell({ t: 'call', id, method, params })
    })
  }

  private tell(message: ToEngine): void {
    this.engine?.post(message)
  }

  private launch(): Promise<EngineVersions> {
    const engine = this.options.forkEngine()
    this.engine = engine
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        engine.kill()
        reject(new Error('the engine did not start in time'))
      }, readyTimeoutMs)
      engine.onMessage((raw) => {
        const message = raw as FromEngine
        if (message.t === 'ready') {
          clearTimeout(timer)
          for (const grant of this.grants.values()) this.tell({ t: 'grant', grant })
          resolve(message.versions)
        } else this.hear(message)
      })
      engine.onExit((code, signal) => {
        clearTimeout(timer)
        reject(new Error('the engine ended'))
        if (this.engine === engine) void this.engineEnded(code, signal)
      })
    })
  }

  private hear(message: Exclude<FromEngine, { t: 'ready' }>): void {
    switch (message.t) {
      case 'reply': {
        const call = this.pending.get(message.id)
        if (!call) return
        clearTimeout(call.timer)
        this.pending.delete(message.id)
        call.settle(message.result)
        return
      }
      case 'event':
        this.options.onEvent(message.name, message.payload)
        return
      case 'trainer-start':
        this.startTrainer(message.run, message.first)
        return
      case 'trainer-post':
        this.trainers.get(message.run)?.post(message.message)
        return
      case 'trainer-kill':
        this.trainers.get(message.run)?.kill()
        return
      case 'reader-start':
        this.startReader(message.reader)
        return
      case 'reader-post':
        this.readers.get(message.reader)?.post(message.message)
        return
      case 'reader-kill':
        this.readers.get(message.reader)?.kill()
        return
      case 'bug':
        this.options.log(`engine bug ${message.ref}: ${message.stack}`)
    }
  }

  private startTrainer(run: number, first: ToTrainer): void {
    const trainer = this.options.forkTrainer()
    this.trainers.set(run, trainer)
    // A trainer whose engine died may still be keeping its checkpoint while another one has taken its run.
    const isCurrent = (): boolean => this.trainers.get(run) === trainer
    trainer.onMessage((message) => {
      if (isCurrent()) this.tell({ t: 'trainer', run, message: message as FromTrainer })
    })
    trainer.onExit((code, signal) => {
      this.options.log(`trainer of run ${run} ended: code ${code}, signal ${signal}`)
      if (!isCurrent()) return
      this.trainers.delete(run)
      this.tell({ t: 'trainer-exit', run, why: signal ?? `code ${code}` })
    })
    trainer.post(first)
  }

  /** Asks every trainer to keep a checkpoint now: the computer is about to sleep, or the session to end. */
  keepCheckpoints(): void {
    for (const trainer of this.trainers.values()) trainer.post({ t: 'checkpoint' } satisfies ToTrainer)
  }

  /** Lets go of the trainers: each may still keep a checkpoint, and is ended when that takes too long. */
  private abandonTrainers(): void {
    for (const trainer of this.trainers.values()) {
      trainer.post({ t: 'pause' } satisfies ToTrainer)
      const timer = setTimeout(() => trainer.kill(), checkpointTimeoutMs)
      timer.unref()
      trainer.onExit(() => clearTimeout(timer))
    }
    this.trainers.clear()
  }

  /** For a host that knows that a file will be looked into: the reader starts beside the engine instead of after it. */
  prepareReader(): void {
    const child = this.options.forkReader()
    child.onExit(() => {
      if (this.spareReader === child) this.spareReader = null
    })
    child.post({ t: 'prepare' } satisfies ToReader)
    this.spareReader = child
  }

  private startReader(reader: number): void {
    const child = this.spareReader ?? this.options.forkReader()
    this.spareReader = null
    this.readers.set(reader, child)
    child.onMessage((message) => this.tell({ t: 'reader', reader, message: message as FromReader }))
    child.onExit((code, signal) => {
      if (this.readers.get(reader) !== child) return
      this.readers.delete(reader)
      this.tell({ t: 'reader-exit', reader, why: signal ?? `code ${code}` })
    })
  }

  /** A reader keeps nothing, so that it can end at any moment. */
  private endReaders(): void {
    for (const reader of this.readers.values()) reader.kill()
    this.readers.clear()
    this.spareReader?.kill()
  }

  private async engineEnded(code: number | null, signal: string | null): Promise<void> {
    this.engine = null
    this.ready = null
    for (const call of this.pending.values()) {
      clearTimeout(call.timer)
      call.settle({ ok: false, error: appError('ENGINE_GONE') })
    }
    this.pending.clear()
    this.endReaders()
    if (this.stopping) {
      for (const trainer of this.trainers.values()) trainer.kill()
      return
    }
    this.abandonTrainers()
    this.options.log(`engine ended: code ${code}, signal ${signal}`)
    const now = Date.now()
    this.restarts = [...this.restarts.filter((at) => now - at < restartWindowMs), now]
    const error: AppError = appError('ENGINE_GONE')
    if (this.restarts.length > restartsAllowed) {
      this.options.onEvent('engine.restarted', { reopened: false, error })
      return
    }
    try {
      await this.start()
      const reopened = this.openProject !== null && (await this.ask('project.open', { file: this.openProject })).ok
      this.options.onEvent('engine.restarted', { reopened, error })
    } catch {
      this.options.onEvent('engine.restarted', { reopened: false, error })
    }
  }
}
