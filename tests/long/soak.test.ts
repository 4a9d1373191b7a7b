// An hour of trainings, one after another, in one engine: paused, resumed, stopped, estimated and linked. Memory stays flat.
// LATISCOPE_SOAK_MINUTES makes it shorter.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { EngineMethod, EngineParams, EngineResult } from '@contract'
import { forkNode } from '../../src/main/base/child-process-port'
import { seededRandom } from '../../src/main/base/random'
import { Supervisor } from '../../src/main/base/supervisor'
import { cliAnswer, hasNative, sampleFile } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const minutes = Number(process.env['LATISCOPE_SOAK_MINUTES'] ?? 60)
const built = resolve(import.meta.dirname, '../../out/main')
const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)

it.skipIf(!hasNative || process.platform !== 'linux')(
  `${minutes} minutes of trainings leave the memory of engine and trainer flat (needs the native TensorFlow, Linux)`,
  async () => {
    const folder = temporaryFolder()
    const project = join(folder, 'p.latiscope')
    await cliAnswer('new', project)
    await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
    const ends = new Map<string, string>()
    const environment = { LATISCOPE_RESOURCES: resolve(built, '../../resources'), LATISCOPE_CACHE: join(folder, 'cache') }
    const fork = (entry: string) => () => forkNode(process.execPath, join(built, entry), environment)
    const supervisor = new Supervisor({
      forkEngine: fork('engine.js'),
      forkTrainer: fork('trainer.js'),
      forkReader: fork('reader.js'),
      onEvent: (name, payload) => {
        if (name === 'job.done') ends.set((payload as { job: string }).job, name)
        if (name === 'job.failed') ends.set((payload as { job: string }).job, JSON.stringify(payload))
      },
      log: () => {},
    })
    const ask = async <M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>> => {
      const answer = await supervisor.call(method, params)
      if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
      return answer.value
    }
    const ended = async (job: string): Promise<void> => {
      await vi.waitFor(() => expect(ends.has(job)).toBe(true), { timeout: 300_000, interval: 50 })
      expect(ends.get(job)).toBe('job.done')
    }
    const token = randomBytes(16).toString('hex')
    supervisor.grant({ token, path: project, purpose: 'project' })
    await ask('project.open', { file: token })
    const random = seededRandom(3)
    const engine: number[] = []
    const trainerPeaks: number[] = []
    let trainerPeak = 0
    const watch = setInterval(() => {
      for (const pid of supervisor.trainerPids) {
        try {
          trainerPeak = Math.max(trainerPeak, residentBytes(pid))
        } catch {
          // It ended in this moment.
        }
      }
    }, 50)
    const until = performance.now() + minutes * 60_000
    for (let round = 0; performance.now() < until; round++) {
      const arch = (['topk', 'batchtopk', 'matryoshka'] as const)[round % 3]
      const started = await ask('run.start', { arch, latents: 128, k: 8, steps: 3000, seed: round })
      if (random.uniform() < 0.5) {
        await new Promise((done) => setTimeout(done, 1500 * random.uniform()))
        await ask('run.pause', { run: started.run as number }).catch(() => {})
      }
      await ended(started.job)
      const run = (await ask('run.list', {})).find((each) => each.id === started.run)
      if (run?.state === 'paused') await ended((await ask('run.resume', { run: run.id })).job)
      await ask('latents.list', { run: started.run as number, aspect: 'BP' })
      if (round % 10 === 0) await ask('run.estimate', { latents: 256 })
      engine.push(residentBytes(supervisor.enginePid as number))
      trainerPeaks.push(trainerPeak)
      trainerPeak = 0
    }
    clearInterval(watch)
    await supervisor.stop()
    const [early, late] = [engine.slice(0, Math.ceil(engine.length / 3)), engine.slice(-Math.ceil(engine.length / 3))]
    process.stderr.write(
      `${engine.length} trainings; engine ${megabytes(early)} → ${megabytes(late)} MB, trainer up to ${megabytes(trainerPeaks)} MB\n`,
    )
    expect(engine.length).toBeGreaterThan(minutes / 4)
    expect(median(late)).toBeLessThan(1.1 * median(early) + 20e6)
    expect(Math.max(...trainerPeaks)).toBeLessThan(1.5 * median(trainerPeaks))
  },
  (minutes + 10) * 60_000,
)

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number
const megabytes = (values: readonly number[]): number => Math.round(median(values) / 1e6)
