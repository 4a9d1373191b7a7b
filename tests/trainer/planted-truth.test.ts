// What training must find when the truth is known, and what it must say when it cannot.
import { describe, expect, it } from 'vitest'
import { judgeRun } from '../../src/main/science/run-judgement'
import { recurrence } from '../../src/main/science/recurrence'
import { matchRows } from '../../src/main/trainer/one-to-one'
import { nativeMath } from '../../src/main/trainer/native-math'
import { hasNative, loadNative, needsNative } from './native-library'
import { plantedDims, plantedTruth, recovered, trainModel } from './planted-truth'

const dims = plantedDims
const full = { latents: 512, k: 8, batch: 256, steps: 3000, learningRate: 1e-3, auxK: 32, deadAfter: 20_000 }
const go = async (): Promise<void> => {}

describe.skipIf(!hasNative)(`256 planted features in 10,000 training rows${needsNative}`, () => {
  it('are recovered, new rows are explained, and the number of latents that return is near the truth', async () => {
    const { rows, truth } = plantedTruth(12_500, dims, 256, 6, 1)
    const settings = { ...full, arch: 'topk' } as const
    const [first, second] = [await trainModel(rows, settings), await trainModel(rows, { ...settings, seed: 1 })]
    expect(recovered(truth, first.decoder, dims, 0.9)).toBeGreaterThanOrEqual(0.95)
    expect(1 - (first.outcome.metrics.explainedVariance.heldOut ?? 0)).toBeLessThanOrEqual(0.18)
    const { cosine } = await matchRows(nativeMath(loadNative()), first.decoder, second.decoder, dims, go)
    const { reproducible } = recurrence([{ cosine, chance: new Float32Array(512) }], 512)
    expect(reproducible).toBeGreaterThanOrEqual(230)
    expect(reproducible).toBeLessThanOrEqual(310)
  }, 120_000)

  it('have a mean of k on per training row within 2 % after 50, 800 and 5,000 steps', async () => {
    const { rows } = plantedTruth(2500, dims, 256, 6, 2)
    for (const steps of [50, 800, 5000]) {
      const { outcome } = await trainModel(rows, { ...full, arch: 'batchtopk', latents: 128, batch: 64, steps })
      expect(outcome.threshold).toBeGreaterThanOrEqual(0)
      expect(Math.abs(outcome.metrics.l0.train / 8 - 1), `${steps} steps`).toBeLessThanOrEqual(0.02)
    }
  }, 120_000)

  it('are not found in 500 rows, and that is said: learned by heart, too few cells per feature', async () => {
    const { rows, truth } = plantedTruth(625, dims, 256, 6, 3)
    const { outcome, decoder } = await trainModel(rows, { ...full, arch: 'topk', batch: 128, steps: 1500 })
    expect(recovered(truth, decoder, dims, 0.9)).toBeLessThan(0.1)
    const { explainedVariance: explained, dead } = outcome.metrics
    expect(explained.train).toBeGreaterThan(0.95)
    const none = { train: 0, heldOut: 0 }
    const judged = judgeRun({
      latents: 512,
      k: 8,
      trainingRows: 500,
      dead,
      explained,
      controls: [],
      untrained: none,
      course: [],
      training: { steps: 1500, batch: 128 },
      seconds: 10,
      repeats: null,
    })
    expect(judged[0]).toMatchObject({ kind: 'too-wide', level: 'bad', remedy: 'Use 32 features, or more cells.' })
    expect(judged[0]?.message).toContain('Too wide for 500 cells: learns cells by heart')
    expect(judged.find(({ kind }) => kind === 'too-few-firings')?.message).toBe('7.8 cells per feature, 80 needed.')
  }, 120_000)
})
