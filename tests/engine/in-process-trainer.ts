// An engine whose trainer and reader run in the same process, in plain JavaScript: jobs go the whole way without starting anything.
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import type { EngineMethod, EngineParams } from '@contract'
import { appError } from '@contract'
import { Refusal, settle } from '../../src/main/base/refusal'
import type { FromEngine } from '../../src/main/base/host-protocol'
import type { FromTrainer, ToTrainer } from '../../src/main/base/trainer-protocol'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { createProject, type Project } from '../../src/main/engine/project/project'
import { performTask } from '../../src/main/engine/reader/perform'
import type { ReaderTask } from '../../src/main/engine/reader/tasks'
import type { Backend } from '../../src/main/trainer/backend'
import { Paused, type TrainerHost, type Wish } from '../../src/main/trainer/run'
import { train } from '../../src/main/trainer/train'
import { doWork } from '../../src/main/trainer/work'
import { temporaryFolder } from '../temporary-folder'
import { smallImport, store } from './imported-data'

const backend: Backend = { info: { name: 'cpu', native: false, version: '1', threads: 1, problem: null }, binding: null }

export interface WorkingEngine {
  readonly engine: Engine
  readonly project: Project
  readonly folder: string
  /** Starts a job and answers its result; throws its error as a Refusal. */
  job<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<unknown>
  /** Whether the reader's process is pretended to crash. */
  readonly reader: { crashes: boolean }
  /** A token for a path. */
  grant(path: string, purpose: 'data' | 'export'): string
}

/** A project with these rows and cell types, and an engine that can train on them. */
export async function workingEngine(
  rows: Float32Array,
  dims: number,
  types: Int32Array | null = null,
  mapThread?: string,
): Promise<WorkingEngine> {
  const folder = temporaryFolder()
  const reader = { crashes: false }
  const wishes = new Map<number, Wish>()
  const ends = new Map<string, { result: unknown } | { error: unknown }>()
  const resources = resolve(import.meta.dirname, '../../resources')
  const engine: Engine = new Engine({ resources, cache: folder, ...(mapThread ? { mapThread } : {}) }, '1.2.3', send)
  const project = createProject(join(folder, 'p.latiscope'), 'P', '1.2.3', engine.resumeStep)
  engine.useProject(project)
  const count = rows.length / dims
  const cellIds = Array.from({ length: count }, (_, cell) => `c${cell}`)
  const typed = types && {
    name: 'type',
    kind: 'category' as const,
    role: 'cell-type' as const,
    levels: Array.from(new Set(types), (each) => `t${each}`).sort(),
    colours: null,
    codes: types,
    numbers: null,
    texts: null,
  }
  const representation = { key: 'obsm/X_pca', dims, values: rows }
  const columns = typed ? [typed] : []
  await store(project, { ...smallImport(), cellIds, representation, expression: null, columns, map: null })

  function send(message: FromEngine): void {
    if (message.t === 'event' && (message.name === 'job.done' || message.name === 'job.failed')) {
      const payload = message.payload as { job: string; result?: unknown; error?: unknown }
      ends.set(payload.job, message.name === 'job.done' ? { result: payload.result } : { error: payload.error })
    }
    if (message.t === 'reader-post' && message.message.t === 'task') void read(message.reader, message.message.task as ReaderTask)
    if (message.t === 'trainer-start') void run(message.run, message.first)
    if (message.t === 'trainer-post' && (message.message.t === 'pause' || message.message.t === 'cancel'))
      wishes.set(message.run, message.message.t)
  }

  async function read(number: number, task: ReaderTask): Promise<void> {
    if (reader.crashes) return engine.readers.gone(number, 'SIGABRT')
    const hooks = { progress: () => undefined, cancelled: () => false }
    const around = {
      catalogue: () => engine.ontology.catalogue,
      proteinsOf: () => new Map<string, string>(),
      hooks,
      sorterThread: null,
    }
    await new Promise((done) => setImmediate(done))
    const result = await settle(
      () => performTask(task, around),
      (bug) => engine.reportBug(bug, 'reader'),
    )
    engine.readers.hear(number, result.ok ? { t: 'done', value: result.value } : { t: 'failed', error: result.error })
  }

  async function run(number: number, first: ToTrainer): Promise<void> {
    wishes.delete(number)
    const host: TrainerHost = {
      post: (message) => engine.trainers.get(number)?.hear(message),
      wish: () => wishes.get(number) ?? 'go',
      takeCheckpointRequest: () => false,
      log: () => {},
    }
    const task = async (): Promise<FromTrainer> => {
      if (first.t === 'train') return { t: 'done', outcome: await train(first.spec, backend, host) }
      if (first.t === 'work') return { t: 'worked', outcome: await doWork(first.work, backend, host) }
      throw new Error(`this trainer does not know ${first.t}`)
    }
    await new Promise((done) => setImmediate(done))
    let end: FromTrainer
    try {
      end = await task()
    } catch (thrown) {
      if (thrown instanceof Paused) end = { t: 'paused', step: thrown.step }
      else
        end = { t: 'failed', error: thrown instanceof Refusal ? thrown.error : appError('INTERNAL', { where: String(thrown) }) }
    }
    engine.trainers.get(number)?.hear(end)
  }

  return {
    engine,
    project,
    folder,
    reader,
    async job(method, params) {
      const started = (await handlers[method](params as never, engine)) as { job: string }
      while (!ends.has(started.job)) await new Promise((done) => setTimeout(done, 5))
      const end = ends.get(started.job)
      if (end && 'error' in end) throw new Refusal(end.error as Refusal['error'])
      return end?.result
    },
    grant(path, purpose) {
      const token = createHash('md5').update(`${purpose} ${path}`).digest('hex')
      engine.grant({ token, path, purpose })
      return token
    },
  }
}

export async function expectRefusal(work: () => unknown, code: string, words: RegExp = /./): Promise<void> {
  let thrown: unknown = null
  try {
    await work()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Refusal)
  expect((thrown as Refusal).error.code).toBe(code)
  expect((thrown as Refusal).error.message).toMatch(words)
}
