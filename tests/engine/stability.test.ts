// Repeats, searches, applications and continued trainings, the whole way through the engine with a trainer in plain
// JavaScript.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ApplyReport, ControlsReport, SearchReport, SeedsReport, TrainRequest, TrainSettings } from '@contract'
import { lanesFor } from '../../src/main/engine/analysis/repeats'
import { handlers } from '../../src/main/engine/handlers'
import { listLatents } from '../../src/main/engine/handlers/latent-list'
import { plantedRows } from '../trainer/toy-data'
import { expectRefusal, workingEngine, type WorkingEngine } from './in-process-trainer'

const dims = 12
const { rows } = plantedRows(700, dims, 16, 2)
const types = Int32Array.from({ length: 700 }, (_, row) => row % 2)
const settings: TrainRequest = { arch: 'topk', latents: 24, k: 3, steps: 400, batch: 64, learningRate: 3e-3, seed: 4 }

async function trainedEngine(): Promise<WorkingEngine> {
  const working = await workingEngine(rows, dims, types)
  await working.job('run.start', settings)
  return working
}

/** A NumPy file of 32-bit floats. */
function writeNpy(path: string, values: Float32Array, columns: number): string {
  const shape = `(${values.length / columns}, ${columns})`
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`
  const header = Buffer.from(text.padEnd(117) + '\n', 'latin1')
  const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([header.length, 0]), header])
  writeFileSync(path, Buffer.concat([head, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]))
  return path
}

describe('repeats of a run', () => {
  it('fill the stability of its latents, are reused, and stay out of the way', async () => {
    const working = await trainedEngine()
    const { engine, project } = working
    const report = (await working.job('seeds.start', { run: null, seeds: 2, consensus: false })) as SeedsReport
    expect(report).toMatchObject({ run: 1, repeats: [2], same: 0.7, gap: 0, consensus: null })
    expect(report.returning.map(({ latents }) => latents).reduce((sum, count) => sum + count)).toBe(report.compared)
    expect(report.agreement).toBeGreaterThan(report.chance.mean + 0.2)
    expect(project.runs.get(2)).toMatchObject({ state: 'done', source: { kind: 'repeat', of: 1 } })
    expect(project.runs.get(2)?.settings).toMatchObject({ seed: 5, splitSeed: 4 })
    const listed = listLatents(engine, 1, 'BP').filter((row) => row.activeCells > 0)
    expect(listed.every((row) => row.stability !== null && row.stability <= 1.000001)).toBe(true)
    expect(listed.filter((row) => (row.stability ?? 0) >= 0.7)).toHaveLength(report.reproducible)
    expect(listLatents(engine, 2, 'BP')[0]?.stability).toBeNull()
    expect(await handlers['seeds.read']({ run: 1 }, engine)).toEqual(report)
    const { partner, cosine, correlation } = await handlers['seeds.matches']({ run: 1, other: 2 }, engine)
    const used = partner.filter((other) => other >= 0)
    expect(new Set(used).size).toBe(used.length)
    const best = cosine.indexOf(Math.max(...cosine))
    expect(correlation[best]).toBeGreaterThan(0.8)
    const [match] = await handlers['seeds.latent']({ run: 1, latent: best }, engine)
    expect(match).toMatchObject({ run: 2, latent: partner[best] })

    const more = (await working.job('seeds.start', { run: null, seeds: 3, consensus: true })) as SeedsReport
    expect(more.repeats).toEqual([2, 3])
    expect(more.consensus).toMatchObject({ run: 4, seeds: 2 })
    expect(project.runs.get(4)).toMatchObject({ state: 'done', source: { kind: 'consensus', of: 1 } })
    expect(project.runs.get(4)?.settings.latents).toBe(more.consensus?.latents)
    expect(project.runs.get(4)?.metrics?.explainedVariance.heldOut).toBeGreaterThan(0.3)
    await expectRefusal(() => working.job('seeds.start', { run: 4, seeds: 2, consensus: false }), 'RUN_NOT_REPEATABLE')
    project.close()
  }, 60_000)
})

describe('a thorough run', () => {
  it('is repeated as soon as it is trained, without being asked for again', async () => {
    const { engine, project, job } = await workingEngine(rows, dims)
    const started = await handlers['run.start'](settings, engine)
    expect(started).toMatchObject({ run: 1 })
    const report = (await job('seeds.start', { run: 1, seeds: 2, consensus: false })) as SeedsReport
    expect(report).toMatchObject({ run: 1, repeats: [2] })
    await expectRefusal(() => job('seeds.start', { run: 9, seeds: 2, consensus: false }), 'RUN_NOT_FOUND')
    project.close()
  })
})

describe('a repeat that was stopped', () => {
  it.each(['cancel', 'pause'] as const)('by %s goes on from its checkpoint when the repeats are asked for again', async (how) => {
    const { engine, project, job } = await workingEngine(rows, dims)
    await job('run.start', settings)
    const asked = { run: 1, seeds: 2, consensus: false }
    const stopped = job('seeds.start', asked)
    while (!engine.trainers.has(2) || project.runs.history(2).length === 0) await new Promise((done) => setTimeout(done, 5))
    if (how === 'pause') await handlers['run.pause']({ run: 2 }, engine)
    else engine.jobs.cancel(engine.jobs.list()[0]?.job ?? '')
    await expectRefusal(() => stopped, 'CANCELLED')
    const { state, resumeStep } = project.runs.get(2) ?? {}
    expect(state).toBe(how === 'pause' ? 'paused' : 'cancelled')
    expect(resumeStep).toBeGreaterThan(0)
    expect(resumeStep).toBeLessThan(settings.steps ?? 0)
    const report = (await job('seeds.start', asked)) as SeedsReport
    expect(report.repeats).toEqual([2])
    // What a repeat that never stopped is: the same settings in a run of its own.
    await job('run.start', { ...settings, seed: 5, splitSeed: 4 })
    expect(project.runs.weights(3)).toEqual(project.runs.weights(2))
    project.close()
  })
})

describe('two repeats of a small model', () => {
  it('are trained side by side, come to rest together, and become what each is alone', async () => {
    process.env['TF_NUM_INTRAOP_THREADS'] = '2'
    onTestFinished(() => void delete process.env['TF_NUM_INTRAOP_THREADS'])
    const { engine, project, job } = await workingEngine(rows, dims)
    const told: { step: number; of: number; phase: string }[] = []
    const emit = engine.emit.bind(engine)
    engine.emit = (name, payload) => {
      if (name === 'job.progress') told.push(payload as never)
      emit(name, payload)
    }
    await job('run.start', settings)
    const asked = { run: 1, seeds: 3, consensus: false }
    const stopped = job('seeds.start', asked)
    const areGoing = (): boolean => [2, 3].every((run) => engine.trainers.has(run) && project.runs.history(run).length > 0)
    while (!areGoing()) await new Promise((done) => setTimeout(done, 5))
    await handlers['run.pause']({ run: 3 }, engine)
    await expectRefusal(() => stopped, 'CANCELLED')
    expect([2, 3].map((run) => project.runs.get(run)?.state)).toEqual(['paused', 'paused'])
    expect(engine.trainers.size).toBe(0)

    told.length = 0
    const report = (await job('seeds.start', asked)) as SeedsReport
    expect(report.repeats).toEqual([2, 3])
    expect(project.runs.list()).toHaveLength(3)
    expect(told.some(({ phase }) => phase === 'training seeds 2 and 3 of 3')).toBe(true)
    const shares = told.filter(({ phase }) => phase.startsWith('training')).map(({ step, of }) => step / of)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThanOrEqual(1)
    await job('run.start', { ...settings, seed: 6, splitSeed: 4 })
    expect(project.runs.weights(4)).toEqual(project.runs.weights(3))
    project.close()
  }, 60_000)

  it('are a matter of size, threads and memory', () => {
    const sized = (latents: number) => ({ latents, batch: 256 }) as TrainSettings
    expect(lanesFor(sized(256), 50, 2, 8, true)).toEqual({ count: 2, threads: 4 })
    expect(lanesFor(sized(4096), 512, 2, 8, true)).toEqual({ count: 1 })
    expect(lanesFor(sized(256), 50, 1, 8, true)).toEqual({ count: 1 })
    expect(lanesFor(sized(256), 50, 2, 1, true)).toEqual({ count: 1 })
    expect(lanesFor(sized(256), 50, 2, 8, false)).toEqual({ count: 1 })
  })
})

describe('a search', () => {
  it('for k tries every value with two seeds, stores no runs and keeps its report', async () => {
    const { engine, project, job } = await workingEngine(rows, dims)
    const { k: _k, ...fixed } = settings
    const report = (await job('search.start', { what: 'k', values: [2, 6], settings: { ...fixed, steps: 150 } })) as SearchReport
    expect(report.trials.map(({ k, latents }) => [k, latents])).toEqual([
      [2, 24],
      [6, 24],
    ])
    expect(report.trials.map(({ agreement }) => agreement > 0 && agreement <= 1)).toEqual([true, true])
    expect([2, 6]).toContain(report.advised)
    expect(report.settings.k).toBe(report.advised)
    expect(project.runs.list()).toEqual([])
    expect(await handlers['search.read']({ what: 'k' }, engine)).toEqual(report)
    expect(await handlers['search.read']({ what: 'size' }, engine)).toBeNull()
    project.close()
  }, 60_000)

  it('for the size compares numbers of latents, and refuses a single value', async () => {
    const { project, job } = await workingEngine(rows, dims)
    const report = (await job('search.start', {
      what: 'size',
      values: [8, 16],
      settings: { arch: 'topk', k: 3, steps: 100 },
    })) as SearchReport
    expect(report.trials.map(({ latents }) => latents)).toEqual([8, 16])
    await expectRefusal(() => job('search.start', { what: 'size', values: [8], settings: {} }), 'SETTING_OUT_OF_RANGE')
    project.close()
  }, 60_000)
})

describe('a model', () => {
  it('applied to the same cells is in range and gives the same activations; moved cells are out of range', async () => {
    const working = await trainedEngine()
    const { folder, project, job, grant } = working
    const out = join(folder, 'new.csv')
    const apply = (path: string, to: string | null): Promise<ApplyReport> =>
      job('apply.start', {
        run: null,
        file: grant(path, 'data'),
        representation: null,
        out: to === null ? null : grant(to, 'export'),
      }) as Promise<ApplyReport>
    working.reader.crashes = true
    await expectRefusal(() => apply(writeNpy(join(folder, 'crash.npy'), rows, dims), null), 'FILE_LIBRARY_FAILED', /crash\.npy/)
    working.reader.crashes = false
    const same = await apply(writeNpy(join(folder, 'same.npy'), rows, dims), out)
    expect(same).toMatchObject({ verdict: 'in-range', rows: 700, remedy: '' })
    const lines = readFileSync(out, 'utf8').trim().split('\n').slice(1)
    const stored = project.runs.activations(1)
    expect(lines).toHaveLength(stored.indices.length)
    expect(lines.map((line) => Number(line.split(',')[2]))).toEqual(Array.from(stored.values))

    const moved = await apply(
      writeNpy(
        join(folder, 'moved.npy'),
        rows.map((value) => value + 1),
        dims,
      ),
      null,
    )
    expect(moved).toMatchObject({ verdict: 'out-of-range', written: [] })
    const doubled = await apply(
      writeNpy(
        join(folder, 'doubled.npy'),
        rows.map((value) => 2 * value - 3),
        dims,
      ),
      null,
    )
    expect(doubled.verdict).toBe('out-of-range')
    expect((await handlers['apply.list']({ run: 1 }, working.engine)).map(({ verdict }) => verdict)).toEqual([
      'out-of-range',
      'out-of-range',
      'in-range',
    ])
    await expectRefusal(() => apply(writeNpy(join(folder, 'narrow.npy'), rows, 10), null), 'MODEL_UNFIT', /12 dimensions/)
    project.close()
  }, 60_000)

  it('can be trained on: more steps start from where it was, on the same cells', async () => {
    const { project, job } = await trainedEngine()
    await job('run.start', { from: 1, steps: 1, learningRate: 1e-6 })
    const [before, after] = [project.runs.get(1), project.runs.get(2)]
    expect(after).toMatchObject({ source: { kind: 'continued', of: 1 }, settings: { latents: 24, k: 3, arch: 'topk' } })
    const explained = (run: typeof before): number => run?.metrics?.explainedVariance.heldOut ?? 0
    expect(explained(after)).toBeCloseTo(explained(before), 4)
    expect(explained(after)).toBeGreaterThan(after?.controls?.untrained.explainedVariance.heldOut ?? 1)
    await expectRefusal(() => job('run.start', { from: 1, latents: 32 }), 'SETTING_OUT_OF_RANGE', /run 1/)
    project.close()
  }, 60_000)

  it.each([
    ['batchtopk', 'zscore'],
    ['relu', 'none'],
    ['jumprelu', 'whiten'],
    ['gated', 'scale'],
  ] as const)('of the kind %s prepared by %s is trained on, applied and averaged like any other', async (arch, normalise) => {
    const { folder, project, job, grant } = await workingEngine(rows, dims, types)
    await job('run.start', { ...settings, arch, normalise })
    await job('run.start', { from: 1, steps: 1, learningRate: 1e-7 })
    const explained = (run: number): number => project.runs.get(run)?.metrics?.explainedVariance.heldOut ?? -1
    expect(explained(2)).toBeCloseTo(explained(1), 3)
    const file = grant(writeNpy(join(folder, 'same.npy'), rows, dims), 'data')
    const applied = (await job('apply.start', { run: 1, file, representation: null, out: null })) as ApplyReport
    expect(applied.verdict).toBe('in-range')
    const { consensus } = (await job('seeds.start', { run: 1, seeds: 2, consensus: true })) as SeedsReport
    expect(explained(consensus?.run ?? 0)).toBeGreaterThan(0)
    project.close()
  })

  it('keeps the details of its measurement, more controls, and is judged in words', async () => {
    const { engine, project, job } = await trainedEngine()
    const details = project.runs.get(1)?.metrics?.details
    expect(details?.probe).toMatchObject({ column: 'type', classes: 2, chance: 0.5 })
    expect(details?.neighbours?.kept.train).toBeGreaterThan(0.2)
    const { controls } = (await job('controls.start', { run: null, wanted: ['ica', 'nmf'] })) as ControlsReport
    expect(controls.ica?.components).toBe(12)
    expect(controls.nmf?.parts).toBe(3)
    expect(project.runs.get(1)?.controls).toEqual(controls)
    const judged = await handlers['run.judge']({ run: 1 }, engine)
    expect(judged.length).toBeGreaterThan(0)
    expect(judged.every(({ message }) => message.endsWith('.'))).toBe(true)
    project.close()
  }, 60_000)
})
