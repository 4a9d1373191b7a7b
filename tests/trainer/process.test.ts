// The trainer as the host sees it: a forked process, its messages and its files.
import { beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { forkNode } from '../../src/main/base/child-process-port'
import type { BackendInfo, FromTrainer, ToTrainer, TrainerOutcome, TrainerSpec } from '../../src/main/base/trainer-protocol'
import { bundle } from '../../tools/bench/bundle.mjs'
import { temporaryFolder } from '../temporary-folder'
import { hasNative, needsNative, resources } from './native-library'
import { fingerprint, plantedRows, readFloats, writeScratch } from './toy-data'

let entry = ''
beforeAll(async () => {
  entry = await bundle('src/main/trainer/entry.ts', 'trainer-test')
})

interface Conversation {
  readonly messages: FromTrainer[]
  readonly code: number | null
  readonly signal: string | null
}

/** Forks a trainer, says `first`, answers each message with what `reply` returns, and waits for the end. */
function converse(
  first: ToTrainer,
  environment: Record<string, string>,
  reply: (message: FromTrainer) => ToTrainer | 'kill' | null = () => null,
): Promise<Conversation> {
  return new Promise((resolve) => {
    const trainer = forkNode(process.execPath, entry, environment)
    const messages: FromTrainer[] = []
    trainer.onMessage((raw) => {
      const message = raw as FromTrainer
      messages.push(message)
      const answer = reply(message)
      if (answer === 'kill') trainer.kill()
      else if (answer) trainer.post(answer)
    })
    trainer.onExit((code, signal) => resolve({ messages, code, signal }))
    trainer.post(first)
  })
}

const native = { LATISCOPE_RESOURCES: resources }
const withoutLibrary = { LATISCOPE_RESOURCES: join(resources, 'absent') }
const outcomeOf = ({ messages }: Conversation): TrainerOutcome => {
  const last = messages.at(-1)
  if (last?.t !== 'done') throw new Error(`not done: ${JSON.stringify(last)}`)
  return last.outcome
}
const errorCodeOf = ({ messages }: Conversation): string | null => {
  const last = messages.at(-1)
  return last?.t === 'failed' ? last.error.code : null
}
const train = (spec: TrainerSpec, environment: Record<string, string> = native): Promise<Conversation> =>
  converse({ t: 'train', spec }, environment)

const { rows } = plantedRows(600, 12, 20, 3)

describe('the trainer process without TensorFlow', () => {
  it('trains in plain JavaScript and says why', async () => {
    const folder = temporaryFolder()
    const conversation = await train(writeScratch(folder, rows, 12), withoutLibrary)
    const { backend, metrics } = outcomeOf(conversation)
    expect(backend).toMatchObject({ name: 'cpu', native: false, problem: { code: 'BACKEND_MISSING' } })
    expect(backend.version).toMatch(/, plain step$/)
    expect(metrics.l0.train).toBe(4)
    expect(conversation.messages[0]).toMatchObject({ t: 'started', backend: { native: false } })
  })
})

describe.skipIf(!hasNative)(`the trainer process${needsNative}`, () => {
  it('answers a probe with the native backend and stays for more', async () => {
    const seen: BackendInfo[] = []
    const { signal } = await converse({ t: 'probe' }, native, (message) => {
      if (message.t === 'probed') seen.push(message.backend)
      return seen.length < 2 ? { t: 'probe' } : 'kill'
    })
    expect(signal).toBe('SIGKILL')
    expect(seen).toHaveLength(2)
    expect(seen[0]).toMatchObject({ name: 'tensorflow', native: true, problem: null })
    expect(seen[0]?.version).toMatch(/^2\.\d+\.\d+/)
    expect(seen[0]?.threads).toBeGreaterThanOrEqual(1)
  })

  it('trains, writes every promised file in the promised size, and ends by itself', async () => {
    const folder = temporaryFolder()
    const conversation = await train(writeScratch(folder, rows, 12))
    const { metrics, controls, backend, scale, threshold } = outcomeOf(conversation)
    expect(conversation.code).toBe(0)
    expect(backend.native).toBe(true)
    expect(backend.version).toMatch(/^2\.\d+\.\d+, fast step on \d+ threads?$/)
    expect(metrics.l0.train).toBe(4)
    expect(metrics.explainedVariance.heldOut).toBeGreaterThan(controls.untrained.explainedVariance.heldOut ?? Infinity)
    expect(controls.pca.axes).toBe(4)
    expect(scale).toBeGreaterThan(0)
    expect(threshold).toBeGreaterThan(0)
    const decoder = readFloats(folder, 'decoder.f32')
    for (let start = 0; start < decoder.length; start += 12)
      expect(Math.hypot(...decoder.subarray(start, start + 12))).toBeCloseTo(1, 5)
    expect(decoder).toHaveLength(32 * 12)
    expect(readFloats(folder, 'encoder.f32')).toHaveLength(32 * 12)
    expect(readFloats(folder, 'encoder-bias.f32')).toHaveLength(32)
    expect(readFloats(folder, 'decoder-bias.f32')).toHaveLength(12)
    expect(readFloats(folder, 'mean.f32')).toHaveLength(12)
    checkActivations(folder, 600, 32, threshold)
    const points = conversation.messages.flatMap((message) => (message.t === 'progress' && message.point ? [message.point] : []))
    expect(points.at(-1)).toMatchObject({ step: 200 })
    expect(points.at(-1)?.explainedHeldOut).toBeCloseTo(metrics.explainedVariance.heldOut ?? 0, 1)
  })

  async function printOf(arch: 'topk' | 'batchtopk' | 'matryoshka', seed: number, threads: string): Promise<string> {
    const folder = temporaryFolder()
    const spec = writeScratch(folder, rows, 12, { arch, seed })
    const { backend } = outcomeOf(await train(spec, { ...native, TF_NUM_INTRAOP_THREADS: threads }))
    expect(backend.version).toContain(`fast step on ${threads} thread`)
    return fingerprint(folder)
  }

  it('gives identical bytes for the same seed, on a rerun and with one thread, and other bytes for another seed (batchtopk)', async () => {
    const print = await printOf('batchtopk', 1, '2')
    expect(await printOf('batchtopk', 1, '2')).toBe(print)
    expect(await printOf('batchtopk', 1, '1')).toBe(print)
    expect(await printOf('batchtopk', 2, '2')).not.toBe(print)
  })

  it.each(['topk', 'matryoshka'] as const)(
    'gives identical bytes for the same seed, on a rerun with one thread (%s)',
    async (arch) => {
      expect(await printOf(arch, 1, '1')).toBe(await printOf(arch, 1, '2'))
    },
  )

  it.each(['relu', 'jumprelu', 'gated'] as const)(
    'trains %s to the wanted number of active latents, beats the untrained copy, and gives identical bytes with one thread',
    async (arch) => {
      const prints: string[] = []
      for (const threads of ['2', '1']) {
        const folder = temporaryFolder()
        const spec = writeScratch(folder, rows, 12, { arch, steps: 1000, learningRate: 3e-3 })
        const { metrics, controls } = outcomeOf(await train(spec, { ...native, TF_NUM_INTRAOP_THREADS: threads }))
        // JumpReLU's thresholds are set for exactly 4 on the 480 training rows.
        expect(Math.abs(metrics.l0.train - 4)).toBeLessThan(arch === 'jumprelu' ? 0.01 : 0.4)
        expect(metrics.explainedVariance.heldOut).toBeGreaterThan(controls.untrained.explainedVariance.heldOut ?? Infinity)
        prints.push(fingerprint(folder))
      }
      expect(prints[1]).toBe(prints[0])
    },
  )

  it('recovers at least 90 % of 32 planted directions from 4,000 rows', async () => {
    const folder = temporaryFolder()
    const planted = plantedRows(4000, 24, 32, 3)
    outcomeOf(
      await train(writeScratch(folder, planted.rows, 24, { latents: 64, k: 4, batch: 256, steps: 3000, deadAfter: 12_800 })),
    )
    const decoder = readFloats(folder, 'decoder.f32')
    let recovered = 0
    for (let feature = 0; feature < 32; feature++) {
      let best = 0
      for (let latent = 0; latent < 64; latent++) {
        let cosine = 0
        for (let dim = 0; dim < 24; dim++)
          cosine += (decoder[latent * 24 + dim] as number) * (planted.truth[feature * 24 + dim] as number)
        best = Math.max(best, cosine)
      }
      if (best > 0.9) recovered++
    }
    expect(recovered).toBeGreaterThanOrEqual(29)
  })

  it('hears a cancellation within 200 ms and leaves cleanly', async () => {
    let asked = 0
    let heard = 0
    const conversation = await converse(
      { t: 'train', spec: writeScratch(temporaryFolder(), rows, 12, { steps: 1_000_000 }) },
      native,
      (message) => {
        if (message.t === 'failed') heard = performance.now()
        if (message.t !== 'progress' || asked > 0) return null
        asked = performance.now()
        return { t: 'cancel' }
      },
    )
    expect(errorCodeOf(conversation)).toBe('CANCELLED')
    expect(conversation.code).toBe(0)
    expect(heard - asked).toBeLessThan(200)
  })

  it('says at most ten things a second', async () => {
    const started = performance.now()
    const { messages } = await train(writeScratch(temporaryFolder(), rows, 12, { steps: 2000 }))
    const seconds = (performance.now() - started) / 1e3
    expect(messages.filter((message) => message.t === 'progress').length).toBeLessThanOrEqual(10 * seconds + 2)
  })

  it('refuses more active than existing latents, as an error value', async () => {
    expect(errorCodeOf(await train(writeScratch(temporaryFolder(), rows, 12, { k: 33 })))).toBe('SETTING_OUT_OF_RANGE')
  })

  it('reports numbers that grow without bound as a diverged training, with a clean exit', async () => {
    const conversation = await train(writeScratch(temporaryFolder(), rows, 12, { learningRate: 1e38 }))
    expect(errorCodeOf(conversation)).toBe('TRAINING_DIVERGED')
    expect(conversation.code).toBe(0)
  })

  it('calls missing files a bug of ours, not a crash', async () => {
    const spec = { ...writeScratch(temporaryFolder(), rows, 12), scratch: join(temporaryFolder(), 'gone') }
    expect(errorCodeOf(await train(spec))).toBe('INTERNAL')
  })
})

/** The stored matrix is proper CSR, and above the threshold throughout. */
function checkActivations(folder: string, count: number, latents: number, threshold: number): void {
  const indptr = new Float64Array(readFloats(folder, 'activation-indptr.f64').buffer)
  const indices = new Uint32Array(readFloats(folder, 'activation-indices.u32').buffer)
  const values = readFloats(folder, 'activation-values.f32')
  expect(indptr).toHaveLength(count + 1)
  expect(indptr[count]).toBe(indices.length)
  expect(values).toHaveLength(indices.length)
  expect(Math.min(...values)).toBeGreaterThan(threshold)
  for (let row = 0; row < count; row++) {
    const mine = indices.subarray(indptr[row], indptr[row + 1])
    expect([...mine]).toEqual([...new Set(mine)].sort((a, b) => a - b))
    for (const latent of mine) expect(latent).toBeLessThan(latents)
  }
}
