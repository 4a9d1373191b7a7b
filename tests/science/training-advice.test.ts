import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { TrainSettings, type TrainRequest } from '@contract'
import { adviseSettings, heldOutTarget } from '../../src/main/science/training-advice'

const advise = (rows: number, dims: number, request: TrainRequest = {}): ReturnType<typeof adviseSettings> =>
  adviseSettings({ rows, dims, heldOutRows: heldOutTarget(rows, request.heldOut), request })
const warnings = (advice: ReturnType<typeof adviseSettings>): string[] =>
  advice.reasons.filter(({ why }) => why.startsWith('Warning')).map(({ why }) => why)

describe('advice on training', () => {
  it('sets aside one held-out set of 20 %, at least 100 rows, never more than half', () => {
    expect([700, 10_000, 300, 120].map((rows) => heldOutTarget(rows, undefined))).toEqual([140, 2000, 100, 60])
    expect(heldOutTarget(700, 0.1)).toBe(70)
    expect(heldOutTarget(700, 0)).toBe(0)
  })

  it('advises the sizes of the rules for 500 to 200,000 training rows', () => {
    const sizes = [625, 2500, 12_500, 62_500, 250_000].map((rows) => advise(rows, 64).settings)
    expect(sizes.map(({ latents }) => latents)).toEqual([32, 128, 512, 2048, 4096])
    expect(sizes.map(({ batch }) => batch)).toEqual([128, 256, 512, 1024, 2048])
    expect(sizes.map(({ arch }) => arch)).toEqual(['topk', 'batchtopk', 'batchtopk', 'batchtopk', 'batchtopk'])
  })

  it('takes k from the dimensions, between 4 and 32', () => {
    expect([10, 50, 128, 1024].map((dims) => advise(50_000, dims).settings.k)).toEqual([4, 6, 16, 32])
  })

  it('always gives rate × steps of at least 3 and ten passes over large data', () => {
    for (const rows of [600, 5000, 60_000, 400_000, 3_000_000]) {
      const { settings, trainingRows } = advise(rows, 512)
      expect(settings.steps * settings.learningRate).toBeGreaterThanOrEqual(3)
      expect(settings.steps).toBeGreaterThanOrEqual(3000)
      if (trainingRows >= 100_000) expect((settings.steps * settings.batch) / trainingRows).toBeGreaterThanOrEqual(10)
    }
    expect(advise(1000, 50, { learningRate: 1e-4 }).settings.steps).toBe(30_000)
  })

  it('trains TopK on few cells for 10,000 steps, which more features need to return, and leaves other choices their pace', () => {
    expect(advise(700, 50).settings).toMatchObject({ arch: 'topk', steps: 10_000 })
    expect(advise(700, 50, { arch: 'batchtopk', latents: 64, k: 8 }).settings.steps).toBe(3000)
    expect(advise(12_500, 64, { arch: 'topk' }).settings.steps).toBe(3000)
  })

  it('keeps every setting the user chose, and the rest follows from it', () => {
    const request: TrainRequest = {
      arch: 'batchtopk',
      latents: 64,
      k: 8,
      seed: 5,
      batch: 200,
      steps: 10,
      learningRate: 0.01,
      heldOut: 0.3,
      heldOutBy: 'donor',
    }
    const { settings, reasons } = advise(700, 50, request)
    expect(settings).toMatchObject(request)
    expect(settings.deadAfter).toBe(10_000)
    expect(reasons.find(({ setting }) => setting === 'latents')?.why).toBe('As you chose.')
    expect(advise(700, 50, { latents: 2 }).settings.k).toBe(2)
    expect(advise(700, 50, { k: 40 }).settings.latents).toBeGreaterThanOrEqual(40)
  })

  it('warns below 80 firings per feature with a size that would do, and not above', () => {
    const supported = advise(700, 50, { latents: 56, k: 8 })
    expect(supported.firingsPerLatent).toBe(80)
    expect(warnings(supported)).toEqual([])
    const [warning] = warnings(advise(700, 50, { latents: 512, k: 8 }))
    expect(warning).toContain('only 8.8 cells')
    expect(warning).toContain('32 features')
    expect(warning).toContain('noise')
    expect(warnings(advise(150, 50))).toHaveLength(1)
  })

  it('trains as scFeatureLens does when its form is asked for, and says so', () => {
    const { settings, reasons } = advise(5000, 50, { arch: 'relu', l1Form: 'scfeaturelens' })
    expect(settings).toMatchObject({
      normalise: 'none',
      l1: 1e-3,
      l1WarmUp: 0,
      batch: 128,
      learningRate: 1e-4,
      warmUp: 0,
      decay: 0,
    })
    expect(reasons.find(({ setting }) => setting === 'normalise')?.why).toContain('scFeatureLens')
    expect(advise(5000, 50, { arch: 'relu', l1Form: 'scfeaturelens', learningRate: 1e-3 }).settings.learningRate).toBe(1e-3)
    expect(advise(5000, 50, { arch: 'relu' }).settings).toMatchObject({ normalise: 'scale', l1: null, l1Form: 'norm-weighted' })
  })

  it('gives a reason for every setting and values the contract accepts, for tiny and huge data alike', () => {
    for (const [rows, dims] of [
      [3, 2],
      [120, 2],
      [700, 50],
      [5_000_000, 65_536],
    ] as const) {
      const { settings, reasons } = advise(rows, dims)
      expect(v.safeParse(TrainSettings, settings).success).toBe(true)
      const named = new Set(reasons.map(({ setting }) => setting))
      for (const name of Object.keys(settings)) if (name !== 'heldOutBy') expect(named).toContain(name)
    }
  })
})
