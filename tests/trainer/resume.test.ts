// A run that is paused, killed or starved of disk at any step ends in the same bytes as one that never stopped.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MetricPoint, TrainSettings } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import type { FromTrainer, TrainerOutcome, TrainerSpec } from '../../src/main/base/trainer-protocol'
import type { Backend } from '../../src/main/trainer/backend'
import { Batches } from '../../src/main/trainer/batches'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../../src/main/trainer/checkpoint-file'
import { Checkpoints } from '../../src/main/trainer/checkpoints'
import { rowsInFile, rowsInMemory, type Rows } from '../../src/main/trainer/rows'
import { Paused, type Wish } from '../../src/main/trainer/run'
import { train } from '../../src/main/trainer/train'
import { temporaryFolder } from '../temporary-folder'
import { hasNative, loadNative, needsNative } from './native-library'
import { fingerprint, plantedRows, writeScratch } from './toy-data'

const { rows } = plantedRows(300, 12, 20, 3)
const plain: Backend = {
  info: { name: 'cpu', native: false, version: '1', threads: 1, problem: null },
  binding: null,
}
const native = (): Backend => ({ ...plain, info: { ...plain.info, native: true, name: 'tensorflow' }, binding: loadNative() })

interface Session {
  readonly outcome: TrainerOutcome | null
  readonly messages: readonly FromTrainer[]
  readonly step: number
}

/** Trains until the end or until `wish` says otherwise, which is asked once per step. */
async function session(spec: TrainerSpec, backend: Backend, wish: (asked: number) => Wish = () => 'go'): Promise<Session> {
  const messages: FromTrainer[] = []
  let asked = 0
  const host = {
    post: (message: FromTrainer) => void messages.push(message),
    log: () => {},
    takeCheckpointRequest: () => false,
    wish: () => wish(asked++),
  }
  try {
    return { outcome: await train(spec, backend, host), messages, step: spec.settings.steps }
  } catch (thrown) {
    if (thrown instanceof Paused) return { outcome: null, messages, step: thrown.step }
    throw thrown
  }
}

function specFor(settings: Partial<TrainSettings> = {}, everySeconds = 1e6): TrainerSpec {
  const spec = writeScratch(temporaryFolder(), rows, 12, { steps: 90, deadAfter: 300, ...settings })
  return { ...spec, checkpoints: { folder: temporaryFolder(), everySeconds } }
}

const comparable = (outcome: TrainerOutcome | null): unknown =>
  outcome && { ...outcome, seconds: 0, stepsPerSecond: 0, backend: null }

/** Runs to the end with pauses at random steps, and compares with a run without. */
async function expectSameAfterPauses(backend: Backend, settings: Partial<TrainSettings>, seed: number): Promise<void> {
  const whole = specFor(settings)
  const expected = await session(whole, backend)
  const cut = specFor(settings)
  const random = seededRandom(seed)
  let done: Session | null = null
  for (let sessions = 0; !done?.outcome; sessions++) {
    expect(sessions).toBeLessThan(100)
    const until = random.below(40)
    done = await session(cut, backend, (asked) => (asked >= until ? 'pause' : 'go'))
    if (sessions === 0) expect(done.outcome).toBeNull()
  }
  expect(fingerprint(cut.scratch)).toBe(fingerprint(whole.scratch))
  expect(comparable(done.outcome)).toEqual(comparable(expected.outcome))
}

describe('a run that was paused', () => {
  it.each(['topk', 'batchtopk', 'matryoshka'] as const)('ends in the same bytes in plain JavaScript (%s)', async (arch) => {
    await expectSameAfterPauses(plain, { arch, steps: 60, latents: 24 }, 3)
  })

  it.skipIf(!hasNative).each(['topk', 'batchtopk', 'matryoshka'] as const)(
    `ends in the same bytes on TensorFlow (%s)${needsNative}`,
    async (arch) => {
      await expectSameAfterPauses(native(), { arch }, 4)
    },
  )

  it('says from which step it goes on, and measures later points only', async () => {
    const spec = specFor()
    const first = await session(spec, plain, (asked) => (asked >= 30 ? 'pause' : 'go'))
    expect(first.step).toBe(30)
    const second = await session(spec, plain)
    expect(second.messages.find((message) => message.t === 'resumed')).toEqual({ t: 'resumed', step: 30 })
    const points = second.messages.flatMap((message): MetricPoint[] =>
      message.t === 'progress' && message.point ? [message.point] : [],
    )
    expect(points.length).toBeGreaterThan(0)
    expect(points.every(({ step }) => step > 30)).toBe(true)
  })

  it('may be paused while it is measured, and has nothing to learn again then', async () => {
    const spec = specFor()
    const first = await session(spec, plain, (asked) => (asked >= 95 ? 'pause' : 'go'))
    expect([first.outcome, first.step]).toEqual([null, 90])
    const second = await session(spec, plain)
    expect(second.messages.filter((message) => message.t === 'progress' && message.phase === 'training')).toEqual([])
    const whole = specFor()
    await session(whole, plain)
    expect(fingerprint(spec.scratch)).toBe(fingerprint(whole.scratch))
  })
})

describe('a run that is stopped and kept', () => {
  it('is measured as it is, and says where it was stopped', async () => {
    const spec = specFor()
    const { outcome } = await session(spec, plain, (asked) => (asked >= 40 ? 'finish' : 'go'))
    expect(outcome?.stoppedAt).toBe(40)
    expect(outcome?.metrics.l0.train).toBeCloseTo(4, 6)
    expect(existsSync(join(spec.scratch, 'decoder.f32'))).toBe(true)
  })

  it('from a pause gives the same model as from the running training', async () => {
    const running = specFor()
    await session(running, plain, (asked) => (asked >= 40 ? 'finish' : 'go'))
    const paused = specFor()
    await session(paused, plain, (asked) => (asked >= 40 ? 'pause' : 'go'))
    const { outcome } = await session({ ...paused, finish: true }, plain)
    expect(outcome?.stoppedAt).toBe(40)
    expect(fingerprint(paused.scratch)).toBe(fingerprint(running.scratch))
  })

  it('stays stopped when it is interrupted while it is measured', async () => {
    const spec = specFor()
    await session(spec, plain, (asked) => (asked > 45 ? 'pause' : asked >= 40 ? 'finish' : 'go'))
    const { outcome } = await session(spec, plain)
    expect(outcome?.stoppedAt).toBe(40)
  })

  it('is refused before anything was learnt', async () => {
    await expect(session({ ...specFor(), finish: true }, plain)).rejects.toThrow('RUN_NOT_RESUMABLE')
  })
})

describe('rows that are read from their file', () => {
  it('give the same bytes as rows in memory', async () => {
    const held = specFor({ arch: 'batchtopk' })
    await session(held, plain)
    const streamed = specFor({ arch: 'batchtopk' })
    await session({ ...streamed, streamRows: true }, plain)
    expect(fingerprint(streamed.scratch)).toBe(fingerprint(held.scratch))
  })

  it('come in the same order when blocks of them are shuffled within windows, each once per pass', () => {
    const [count, dims, blockRows] = [30_011, 3, 9]
    const values = Float32Array.from({ length: count * dims }, (_, at) => Math.floor(at / dims))
    const path = join(temporaryFolder(), 'rows.f32')
    writeFileSync(path, values)
    const all = Uint32Array.from({ length: count }, (_, row) => row)
    const train = all.filter((row) => row % 4 !== 1)
    const make = (source: Rows): Batches => new Batches(train, 5, source, blockRows)
    const [held, streamed] = [make(rowsInMemory(values, dims)), make(rowsInFile(path, dims))]
    const seen: number[] = []
    for (let at = 0; at < Math.floor(train.length / 1000); at++) {
      const batch = held.take(1000)
      expect(streamed.take(1000)).toEqual(batch)
      for (let row = 0; row < batch.length; row += dims) seen.push(batch[row] as number)
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.every((row) => row % 4 !== 1)).toBe(true)
    const late = make(rowsInFile(path, dims))
    late.moveTo(held.position)
    expect(late.take(2000)).toEqual(held.take(2000))
  })
})

const numbers = (step: number): Checkpoint => ({
  ...{ format: 1 as const, identity: 'a', step, stopped: false, numbers: { seen: step / 3, tiny: 5e-324 } },
  arrays: {
    weights: Float32Array.of(1.5, -0, 3e-42),
    counts: Float64Array.of(1e300),
    places: Uint32Array.of(4e9),
    odd: Int32Array.of(-1),
  },
})

describe('the checkpoint file', () => {
  it('gives back every number to the bit', () => {
    const path = join(temporaryFolder(), 'c')
    writeCheckpoint(path, `${path}.part`, numbers(7))
    expect(readCheckpoint(path)).toEqual(numbers(7))
    expect(existsSync(`${path}.part`)).toBe(false)
  })

  it('is not taken when any byte is wrong or missing', () => {
    const path = join(temporaryFolder(), 'c')
    writeCheckpoint(path, `${path}.part`, numbers(7))
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at += 5) {
      const bent = Buffer.from(whole)
      bent[at] = (bent[at] as number) ^ 1
      writeFileSync(path, bent)
      expect(readCheckpoint(path), `byte ${at}`).toBeNull()
      writeFileSync(path, whole.subarray(0, at))
      expect(readCheckpoint(path), `cut at ${at}`).toBeNull()
    }
  })
})

describe('the checkpoints of a run', () => {
  it('are the two newest by number, not by name', () => {
    const folder = temporaryFolder()
    const checkpoints = new Checkpoints(folder, 0, () => 0)
    for (const step of [900, 9000, 10_000]) checkpoints.write(numbers(step))
    expect(readdirSync(folder).sort()).toEqual(['10000.checkpoint', '9000.checkpoint'])
    expect(checkpoints.newest('a')?.step).toBe(10_000)
  })

  it('fall back on the one before when the newest is damaged, and on nothing for other settings', () => {
    const folder = temporaryFolder()
    const checkpoints = new Checkpoints(folder, 0, () => 0)
    checkpoints.write(numbers(1))
    checkpoints.write(numbers(2))
    writeFileSync(join(folder, '2.checkpoint'), 'half')
    expect(checkpoints.newest('a')?.step).toBe(1)
    expect(checkpoints.newest('b')).toBeNull()
  })

  it('take at most a fiftieth of the time', () => {
    let now = 0
    const slow = new Checkpoints(temporaryFolder(), 1, () => (now += 500))
    slow.write(numbers(1))
    const [took, wrote] = [0.5, now]
    now = wrote + 1e3 * 50 * took - 1001
    expect(slow.due).toBe(false)
    now = wrote + 1e3 * 50 * took
    expect(slow.due).toBe(true)
  })

  it('that cannot be written lose nothing: training goes on, and the one before stays', async () => {
    const spec = specFor({}, 0)
    const folder = spec.checkpoints?.folder as string
    const { outcome, messages } = await session(spec, plain, (asked) => {
      // A folder of the name of the next file stands for a disk that takes no more.
      if (asked === 20) for (let step = 21; step <= 90; step++) mkdirSync(join(folder, `${step}.checkpoint`))
      return 'go'
    })
    expect(outcome?.stoppedAt).toBeNull()
    const refused = messages.filter((message) => message.t === 'checkpoint' && message.problem !== null)
    expect(refused.length).toBeGreaterThan(0)
    const whole = specFor()
    await session(whole, plain)
    expect(fingerprint(spec.scratch)).toBe(fingerprint(whole.scratch))
  })
})
