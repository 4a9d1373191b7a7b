// The rules about what returns, which settings to take, how a run is judged and whether new rows are like the old ones.
import { describe, expect, it } from 'vitest'
import { compareRows, stability, type TrainingFacts } from '../../src/main/science/drift'
import { recurrence, sparseCorrelation } from '../../src/main/science/recurrence'
import { judgeRepeats, judgeRun, type JudgedRun } from '../../src/main/science/run-judgement'
import { chooseK, chooseSize, kGrid, sizeGrid, type Trial } from '../../src/main/science/settings-search'
import { adviseSettings, heldOutTarget, supportedLatents } from '../../src/main/science/training-advice'
import { seededRandom } from '../../src/main/base/random'

describe('what returns between seeds', () => {
  const chance = Float32Array.of(0.3, 0.4, 0.3, 0.35)
  const others = [
    { cosine: Float32Array.of(0.95, 0.8, 0.69, 0.1), chance },
    { cosine: Float32Array.of(0.9, 0.5, 0.71, 0.2), chance },
  ]

  it('is counted at a cosine of 0.7, in every seed and in some', () => {
    const found = recurrence(others, 4)
    expect(found.reproducible).toBe(1)
    expect(found.returning).toEqual([
      { seeds: 1, latents: 1 },
      { seeds: 2, latents: 2 },
      { seeds: 3, latents: 1 },
    ])
    expect(found.agreement).toBeCloseTo(4.85 / 8, 6)
    expect(found.chance).toMatchObject({ same: 0 })
    expect(found.chance.mean).toBeCloseTo(0.3375, 6)
    expect(found.histogram.trained.reduce((sum, count) => sum + count)).toBe(8)
  })

  it('correlates activations as Pearson does, zeros included', () => {
    const a = { indices: Uint32Array.of(0, 2, 5), values: Float32Array.of(1, 2, 3) }
    const b = { indices: Uint32Array.of(2, 3, 5), values: Float32Array.of(4, 1, 5) }
    // Dense: (1,0,2,0,0,3) and (0,0,4,1,0,5).
    const x: number[] = [1, 0, 2, 0, 0, 3]
    const y: number[] = [0, 0, 4, 1, 0, 5]
    const [mx, my] = [1, 10 / 6]
    const product = x.reduce((sum, value, at) => sum + (value - mx) * ((y[at] ?? 0) - my), 0)
    const lengths = Math.sqrt(
      x.reduce((sum, value) => sum + (value - mx) ** 2, 0) * y.reduce((sum, value) => sum + (value - my) ** 2, 0),
    )
    expect(sparseCorrelation(a, b, 6)).toBeCloseTo(product / lengths, 12)
    expect(sparseCorrelation(a, { indices: new Uint32Array(0), values: new Float32Array(0) }, 6)).toBeNull()
  })
})

const trial = (k: number, latents: number, agreement: number, reproducible: number, heldOut: number, firings = 150): Trial => ({
  k,
  latents,
  agreement,
  reproducible,
  chance: 0.36,
  firingsPerLatent: firings,
  explainedVariance: { train: heldOut + 0.02, heldOut },
})

describe('the search for settings', () => {
  it('takes the k whose features agree between seeds, not the one that explains most', () => {
    // Measured on planted data with 6 true features per row.
    const choice = chooseK([
      trial(4, 512, 0.73, 250, 0.68),
      trial(8, 512, 0.71, 257, 0.83),
      trial(12, 512, 0.67, 240, 0.85),
      trial(24, 512, 0.44, 30, 0.83),
    ])
    expect(choice.advised).toBe(4)
    expect(choice.message).toContain('12 explain more of held-out cells, but agree less (0.67)')
    expect(choice.remedy).toBe('Train with 4 per cell.')
  })

  it('takes the smallest size that brings nearly all that return, among those the cells support', () => {
    const choice = chooseSize([
      trial(8, 128, 0.79, 93, 0.7, 625),
      trial(8, 512, 0.71, 261, 0.83, 156),
      trial(8, 1024, 0.6, 266, 0.84, 90),
      trial(8, 2048, 0.52, 300, 0.6, 39),
    ])
    expect(choice.advised).toBe(512)
    expect(choice.remedy).toBe('Train with 512 features.')
  })

  it('says when nothing returns more than by chance, and when cells are too few for any size', () => {
    expect(chooseK([trial(4, 64, 0.4, 0, 0.3), trial(8, 64, 0.38, 0, 0.4)]).remedy).toContain(
      'more cells or another representation',
    )
    const few = chooseSize([trial(4, 32, 0.6, 20, 0.5, 60), trial(4, 64, 0.6, 30, 0.5, 30)])
    expect([few.advised, few.remedy.includes('only 60 cells per feature')]).toEqual([32, true])
  })

  it('tries k up to half the dimensions and sizes around the recommended one', () => {
    expect(kGrid(50, 256)).toEqual([4, 8, 16])
    expect(kGrid(6, 16)).toEqual([1, 2, 4])
    expect(sizeGrid(512, 8, 65_536)).toEqual([128, 256, 512, 1024])
    expect(sizeGrid(32, 8, 65_536)).toEqual([16, 32, 64])
  })
})

const fine: JudgedRun = {
  latents: 512,
  k: 8,
  trainingRows: 10_000,
  dead: 2,
  explained: { train: 0.86, heldOut: 0.83 },
  controls: [{ name: 'PCA', explained: { train: 0.4, heldOut: 0.39 } }],
  untrained: { train: 0.1, heldOut: 0.1 },
  course: [],
  training: { steps: 4000, batch: 256 },
  seconds: 60,
  repeats: null,
}
const kinds = (run: Partial<JudgedRun>): string[] => judgeRun({ ...fine, ...run }).map(({ kind }) => kind)

describe('the judgement of a run', () => {
  it('is good with the gain over the control, and asks for a second seed', () => {
    const [judged] = judgeRun(fine)
    expect(judged).toMatchObject({ kind: 'good', level: 'good' })
    expect(judged?.message).toBe('Explains 83 % of the differences between held-out cells, 44.0 points more than PCA.')
    expect(judged?.remedy).toContain('second seed')
    const repeated = judgeRun({ ...fine, repeats: { seeds: 3, reproducible: 257, compared: 512 } })
    expect(repeated[0]?.message).toBe('257 features come back in 3 of 3 seeds.')
  })

  it('says every fault with its remedy, worst first', () => {
    const faults = kinds({ explained: { train: 0.99, heldOut: 0.3 }, trainingRows: 700, dead: 200 })
    expect(faults).toEqual(['too-wide', 'no-gain', 'many-dead', 'too-few-firings', 'not-repeated'])
    expect(kinds({ explained: { train: 0.08, heldOut: 0.08 } })[0]).toBe('no-gain')
    expect(kinds({ explained: { train: 0.86, heldOut: null } })).toContain('no-held-out')
  })

  it('names the controls that do as well', () => {
    const controls = [...fine.controls, { name: 'ICA', explained: { train: 0.9, heldOut: 0.88 } }]
    expect(judgeRun({ ...fine, controls })[0]?.message).toBe(
      'No better than ICA. The representation may not contain sparse features.',
    )
  })

  it('says first that a run of a few steps is too short, and does not blame the representation', () => {
    const short = { explained: { train: 0.2, heldOut: 0.2 }, training: { steps: 5, batch: 256 } }
    for (const untrained of [fine.untrained, { train: 0.3, heldOut: 0.3 }]) {
      const judged = judgeRun({ ...fine, ...short, untrained })
      expect(judged[0]).toMatchObject({
        kind: 'unfinished',
        level: 'bad',
        message: 'Trained for too few steps: 5 steps show it 1280 of 10000 cells.',
        remedy: 'Train for at least 391 steps.',
      })
      expect(judged.map(({ message }) => message).join(' ')).not.toMatch(/representation|No better/)
    }
    const whole = { ...short, training: { steps: 400, batch: 256 } }
    expect(judgeRun({ ...fine, ...whole })[0]?.message).toContain('may not contain sparse features')
    const rising = judgeRun({ ...fine, ...whole, course: [0.05, 0.1, 0.15, 0.2] })
    expect(rising.map(({ message }) => message)).toEqual([
      'Not better than PCA yet.',
      'Still improving when it ended.',
      'Trained with one seed only.',
    ])
    expect(kinds({ ...short, training: null })).toEqual(['no-gain', 'not-repeated'])
  })

  it('warns at few firings per latent with a size that is supported', () => {
    expect(judgeRun({ ...fine, latents: 2048 })[0]).toMatchObject({
      message: '39 cells per feature, 80 needed.',
      remedy: 'Use 512 features or fewer.',
    })
  })

  it('never tells a run of the advised size to be smaller: there more cells are what helps', () => {
    for (const [rows, dims] of [
      [60, 8],
      [500, 50],
      [700, 50],
      [2000, 30],
      [5000, 64],
    ] as const) {
      const { settings, trainingRows } = adviseSettings({ rows, dims, heldOutRows: heldOutTarget(rows, undefined), request: {} })
      for (const heldOut of [0.7, 0.5]) {
        const run = {
          ...fine,
          latents: settings.latents,
          k: settings.k,
          trainingRows,
          dead: 0,
          explained: { train: 0.8, heldOut },
        }
        const judged = judgeRun(run)
        expect(judged[0], `${rows} rows`).toMatchObject({ kind: 'too-wide', level: 'warn' })
        expect(judged.map(({ remedy }) => remedy).join(' ')).toContain('More cells are what helps')
        expect(judged.map(({ remedy }) => remedy).join(' ')).not.toMatch(/Use \d+ features/)
        const twice = judgeRun({ ...run, latents: 4 * settings.latents })
        expect(twice[0]?.remedy).toMatch(new RegExp(`^Use ${supportedLatents(trainingRows, settings.k)} features`))
      }
    }
  })

  it('calls features unstable when hardly any returns', () => {
    expect(judgeRepeats({ ...fine, repeats: { seeds: 2, reproducible: 30, compared: 512 } })).toMatchObject({
      kind: 'unstable',
      remedy: 'Browse the features that come back, or try 64 features or 4 per cell; a search compares them.',
    })
    expect(judgeRepeats({ ...fine, repeats: { seeds: 2, reproducible: 230, compared: 512 } }).kind).toBe('good')
  })

  it('notices a training that was still improving', () => {
    const course = Array.from({ length: 50 }, (_, at) => at / 100)
    expect(kinds({ course })).toContain('unfinished')
    const says = (seconds: number) => judgeRun({ ...fine, course, seconds }).find(({ kind }) => kind === 'unfinished')?.remedy
    expect([2.4, 61, 300].map(says)).toEqual(
      ['2 s', '1 min', '5 min'].map((time) => `Continue for about ${time} (twice as many steps).`),
    )
    expect(kinds({ course: course.map((_, at) => 0.8 - 0.5 * Math.exp(-at / 3)) })).toEqual(['good'])
  })
})

describe('the check of new rows', () => {
  const dims = 5
  const facts = (seed: number, rows: number, shift: number, scale: number): TrainingFacts => {
    const random = seededRandom(seed)
    const centre = new Float64Array(dims)
    const lengths = Float32Array.from({ length: rows }, () => {
      let square = 0
      for (let dim = 0; dim < dims; dim++) {
        const value = shift + scale * random.normal()
        centre[dim] = (centre[dim] as number) + value / rows
        square += value * value
      }
      return Math.sqrt(square)
    })
    const firings = Float64Array.from({ length: 40 }, (_, latent) => Math.round((rows * 8 * (1 + (latent % 5))) / 120))
    return { lengths, centre, explained: 0.8, error: 1, l0: 8, firings, heldOutFirings: firings, rows }
  }
  const training = facts(1, 3000, 0, 1)

  it('calls other rows of the same kind in range, few or many', () => {
    for (const rows of [60, 400, 5000]) expect(compareRows(training, facts(2, rows, 0, 1)).verdict, String(rows)).toBe('in-range')
  })

  it.each([
    ['a shifted mean', facts(3, 500, 2, 1)],
    ['twice the scale', facts(4, 500, 0, 2)],
    ['an error three times as large', { ...facts(5, 500, 0, 1), error: 3 }],
  ])('calls %s out of range, in words', (_, now) => {
    const drift = compareRows(training, now)
    expect(drift.verdict).toBe('out-of-range')
    expect(drift.remedy).toContain('same method')
  })

  it('calls another mixture of cells partly different, not out of range', () => {
    const now = facts(6, 500, 0, 1)
    const firings = now.firings.map((count, latent) => (latent < 5 ? count * 30 : count))
    const drift = compareRows(training, { ...now, firings })
    expect(drift.verdict).toBe('partly')
    expect(drift.checks.find((check) => check.name === 'density')?.level).not.toBe('good')
  })

  it('measures shifts as the population stability index does', () => {
    const expected = 0.1 * Math.log(0.6 / 0.5) - 0.1 * Math.log(0.4 / 0.5)
    expect(stability(Float64Array.of(50, 50), Float64Array.of(60, 40))).toBeCloseTo(expected, 12)
    expect(stability(Float64Array.of(3, 7), Float64Array.of(6, 14))).toBe(0)
  })
})
