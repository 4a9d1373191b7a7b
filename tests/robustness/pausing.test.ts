// Pause, go on, stop and keep, queue and close, with the engine and the trainers as the program runs them.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { EngineMethod, EngineParams, EngineResult, EventName, JobInfo, Run, RunState, TrainRequest } from '@contract'
import { forkNode } from '../../src/main/base/child-process-port'
import { Supervisor } from '../../src/main/base/supervisor'
import { cliAnswer, hasNative, sampleFile } from '../run-cli'
import { runPrint } from '../run-print'

const built = resolve(import.meta.dirname, '../../out/main')
const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
const cache = join(folder, 'cache')
const project = join(folder, 'p.latiscope')
const settings = { arch: 'batchtopk', latents: 64, k: 8, steps: 3000 } as const
const endless = { ...settings, warmUp: 0, steps: 1_000_000 }

let supervisor: Supervisor
let events: { name: EventName; payload: unknown }[] = []

async function ask<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>> {
  const answer = await supervisor.call(method, params)
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return answer.value
}
function token(path: string): string {
  const made = randomBytes(16).toString('hex')
  supervisor.grant({ token: made, path, purpose: 'project' })
  return made
}
const open = (): Promise<unknown> => ask('project.open', { file: token(project) })
const runOf = async (id: number | null): Promise<Run> => (await ask('run.list', {})).find((run) => run.id === id) as Run
async function reaches(run: number | null, state: RunState): Promise<Run> {
  await vi.waitFor(async () => expect((await runOf(run)).state).toBe(state), { timeout: 60_000, interval: 50 })
  return runOf(run)
}
/** These runs ended in the same bytes. */
async function expectPrints(...runs: number[]): Promise<void> {
  await ask('project.close', {})
  expect(new Set(runs.map((run) => runPrint(project, run))).size).toBe(1)
  await open()
}
/** Until the run has taken this many steps, as its progress tells. */
async function untilStep(job: string, step: number): Promise<void> {
  const has = (): boolean =>
    events.some(({ name, payload }) => {
      const told = payload as { job: string; step: number }
      return name === 'job.progress' && told.job === job && told.step >= step
    })
  await vi.waitFor(() => expect(has()).toBe(true), { timeout: 60_000, interval: 20 })
}
async function begun(request: TrainRequest): Promise<{ job: string; run: number }> {
  const { job, run } = await ask('run.start', request)
  await untilStep(job, 200)
  return { job, run: run as number }
}

describe.skipIf(!hasNative)('a training in the program (needs the native TensorFlow)', () => {
  beforeAll(async () => {
    await cliAnswer('new', project)
    await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
    const environment = { LATISCOPE_RESOURCES: resolve(built, '../../resources'), LATISCOPE_CACHE: cache }
    const fork = (entry: string) => () => forkNode(process.execPath, join(built, entry), environment)
    supervisor = new Supervisor({
      forkEngine: fork('engine.js'),
      forkTrainer: fork('trainer.js'),
      forkReader: fork('reader.js'),
      onEvent: (name, payload) => void events.push({ name, payload }),
      log: () => {},
    })
    await open()
    const { run } = await ask('run.start', settings)
    await reaches(run, 'done')
  })
  afterAll(async () => {
    await supervisor.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('pauses within two seconds, stays paused over a restart, and goes on to the same bytes', async () => {
    const { run } = await begun(settings)
    const asked = performance.now()
    await ask('run.pause', { run })
    const paused = await reaches(run, 'paused')
    expect(performance.now() - asked).toBeLessThan(2000)
    expect(paused.resumeStep).toBeGreaterThanOrEqual(200)
    await vi.waitFor(() => expect(supervisor.trainerPids).toEqual([]))
    await ask('project.close', {})
    await open()
    expect(await runOf(run)).toMatchObject({ state: 'paused', resumeStep: paused.resumeStep, error: null })
    await ask('run.resume', { run })
    expect(await reaches(run, 'done')).toMatchObject({ resumeStep: null, stoppedAt: null })
    await expectPrints(1, run)
    expect(readdirSync(join(cache, 'checkpoints'))).toEqual([])
    expect(readdirSync(join(cache, 'scratch'))).toEqual([])
  })

  it('is kept as it is when it is stopped, while it runs or while it is paused', async () => {
    const { run } = await begun(endless)
    await ask('run.stop', { run })
    const stopped = await reaches(run, 'done')
    expect(stopped.stoppedAt).toBeGreaterThanOrEqual(200)
    expect(stopped.metrics?.explainedVariance.train).toBeGreaterThan(0.4)
    const other = await begun(endless)
    await ask('run.pause', { run: other.run })
    const { resumeStep } = await reaches(other.run, 'paused')
    await ask('run.stop', { run: other.run })
    expect((await reaches(other.run, 'done')).stoppedAt).toBe(resumeStep)
  })

  it('is interrupted with a checkpoint when the project is closed, and so is what waits behind it', async () => {
    events = []
    const { run } = await begun(settings)
    const waiting = await ask('run.start', settings)
    expect((await ask('job.list', {})).map(({ run: of, state }): [number | null, JobInfo['state']] => [of, state])).toEqual([
      [run, 'running'],
      [waiting.run, 'queued'],
    ])
    expect((await runOf(waiting.run)).state).toBe('queued')
    await ask('project.close', {})
    await open()
    expect(await runOf(run)).toMatchObject({ state: 'interrupted', error: expect.stringContaining('closed') as string })
    expect((await runOf(run)).resumeStep).toBeGreaterThanOrEqual(200)
    expect(await runOf(waiting.run)).toMatchObject({ state: 'interrupted', resumeStep: 0 })
    await ask('run.resume', { run })
    await ask('run.resume', { run: waiting.run as number })
    await reaches(run, 'done')
    await reaches(waiting.run, 'done')
    await expectPrints(1, run, waiting.run as number)
  })

  it('leaves nothing when it is discarded, and only at rest', async () => {
    const { run } = await begun(endless)
    await expect(ask('run.discard', { run })).rejects.toThrow('RUN_NOT_RESUMABLE')
    await ask('run.pause', { run })
    await reaches(run, 'paused')
    await ask('run.discard', { run })
    expect(await runOf(run)).toBeUndefined()
    expect(readdirSync(join(cache, 'checkpoints'))).toEqual([])
    expect(await ask('project.summary', {})).toMatchObject({ runs: expect.not.arrayContaining([{ id: run }]) as unknown })
  })

  it('survives the death of the engine: the trainer keeps a checkpoint, and the run goes on from it', async () => {
    const { run } = await begun(settings)
    process.kill(supervisor.enginePid as number, 'SIGKILL')
    await vi.waitFor(() => expect(events.at(-1)?.name).toBe('engine.restarted'), { timeout: 20_000 })
    await vi.waitFor(async () => expect((await runOf(run)).resumeStep).toBeGreaterThanOrEqual(200), { timeout: 10_000 })
    expect((await runOf(run)).state).toBe('interrupted')
    await ask('run.resume', { run })
    await reaches(run, 'done')
    await expectPrints(1, run)
  })

  it('is refused, with what would help, when memory cannot suffice', async () => {
    const huge = { latents: 65_536, k: 64, batch: 65_536 }
    await expect(ask('run.start', huge)).rejects.toThrow('NOT_ENOUGH_MEMORY')
    await expect(ask('run.estimate', huge)).rejects.toThrow('NOT_ENOUGH_MEMORY')
  })
})
