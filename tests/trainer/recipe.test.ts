import { describe, expect, it } from 'vitest'
import { lacksAvx } from '../../src/main/trainer/backend'
import { Batches } from '../../src/main/trainer/batches'
import { plainMath } from '../../src/main/trainer/dense-math'
import { DeadLatents } from '../../src/main/trainer/dead-latents'
import { initialModel } from '../../src/main/trainer/model'
import { rowsInMemory } from '../../src/main/trainer/rows'
import { rateFactor, RelativeClip } from '../../src/main/trainer/schedule'
import { measureRows, standardise } from '../../src/main/trainer/standardise'
import { auxWeight } from '../../src/main/trainer/training-step'
import { plantedRows } from './toy-data'

describe('the training recipe', () => {
  it('warms up over the first 5 %, holds, and falls linearly over the last 20 %', () => {
    const factor = (step: number): number => rateFactor(step, 1000, 0.05, 0.2)
    expect([1, 25, 50, 51, 800, 801].map(factor)).toEqual([0.02, 0.5, 1, 1, 1, 1])
    expect(factor(901)).toBeCloseTo(0.5, 12)
    expect(factor(1000)).toBeCloseTo(1 / 200, 12)
    expect(rateFactor(1, 10, 0, 0)).toBe(1)
  })

  it('clips a gradient at five times the running median, whatever the scale', () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const clip = new RelativeClip()
      for (let step = 0; step < 50; step++) expect(clip.factor(scale)).toBe(1)
      expect(clip.factor(4.9 * scale)).toBe(1)
      expect(clip.factor(50 * scale)).toBeCloseTo(0.1, 12)
    }
  })

  it('counts a latent as dead after the set number of rows without firing', () => {
    const dead = new DeadLatents(3, 100)
    dead.update(Int32Array.of(0, 1), 60)
    expect(dead.list()).toHaveLength(0)
    dead.update(Int32Array.of(1), 60)
    expect(Array.from(dead.list())).toEqual([2])
    dead.update(Int32Array.of(2), 40)
    expect(Array.from(dead.list())).toEqual([0])
  })

  it('sees every training row once per pass and never another one', () => {
    const rows = Float32Array.from({ length: 10 }, (_, row) => row)
    const batches = new Batches(Uint32Array.of(1, 3, 5, 7, 9), 4, rowsInMemory(rows, 1))
    const seen = [batches.take(3), batches.take(3), batches.take(4)].flatMap((batch) => [...batch])
    expect(seen.slice(0, 5).sort()).toEqual([1, 3, 5, 7, 9])
    expect(seen.slice(5).sort()).toEqual([1, 3, 5, 7, 9])
    const again = new Batches(Uint32Array.of(1, 3, 5, 7, 9), 4, rowsInMemory(rows, 1))
    expect([...again.take(10)]).toEqual(seen)
  })

  it('starts with unit decoder rows and an encoder that is their copy', () => {
    const model = initialModel(20, 7, 3)
    for (let start = 0; start < 140; start += 7) expect(Math.hypot(...model.decoder.subarray(start, start + 7))).toBeCloseTo(1, 6)
    expect(model.encoder).toEqual(model.decoder)
    expect(model.encoder).not.toBe(model.decoder)
    expect(initialModel(20, 7, 4).decoder).not.toEqual(model.decoder)
  })

  it('centres on the training mean and scales so that the mean length is √dims', () => {
    const { rows } = plantedRows(300, 9, 12, 2)
    const train = Uint32Array.from({ length: 200 }, (_, row) => row)
    const measured = measureRows(rowsInMemory(rows, 9), train, 'scale', plainMath())
    const { mean, scale, variance } = measured
    standardise(rows, measured)
    let lengths = 0
    let squares = 0
    const sums = new Float64Array(9)
    for (const row of train) {
      const one = rows.subarray(row * 9, row * 9 + 9)
      lengths += Math.hypot(...one)
      squares += Math.hypot(...one) ** 2
      one.forEach((value, dim) => (sums[dim] = (sums[dim] as number) + value))
    }
    expect(lengths / 200).toBeCloseTo(3, 5)
    expect(squares / 200).toBeCloseTo(variance, 4)
    for (const sum of sums) expect(sum / 200).toBeCloseTo(0, 5)
    expect(Math.abs((mean[0] as number) - 3)).toBeLessThan(0.5)
    expect(scale).toBeGreaterThan(0)
  })

  it.each(['zscore', 'whiten'] as const)(
    'gives all dimensions the same spread on request, at the same mean length (%s)',
    (normalise) => {
      const { rows } = plantedRows(400, 6, 12, 2)
      for (let at = 0; at < rows.length; at++) rows[at] = at % 6 === 5 ? 7 : (rows[at] as number) * 10 ** (at % 6)
      const train = Uint32Array.from({ length: 400 }, (_, row) => row)
      const measured = measureRows(rowsInMemory(rows, 6), train, normalise, plainMath())
      expect(measured.report.constantDimensions).toBe(1)
      expect(measured.report.dominantDimension?.dim).toBe(4)
      standardise(rows, measured)
      const spread = (dim: number): number => train.reduce((sum, row) => sum + (rows[row * 6 + dim] as number) ** 2 / 400, 0)
      // z-scores equalise the five dimensions that vary; whitening leaves those small that hardly do beside the largest.
      if (normalise === 'zscore') for (const dim of [1, 2, 3, 4]) expect(spread(dim)).toBeCloseTo(spread(0), 3)
      else expect(spread(4) / spread(3)).toBeLessThan(20)
      expect(spread(5)).toBe(0)
      const lengths = train.reduce((sum, row) => sum + Math.hypot(...rows.subarray(row * 6, row * 6 + 6)) / 400, 0)
      expect(lengths).toBeCloseTo(Math.sqrt(6), 5)
    },
  )

  it('leaves rows as they are on request, and says in words what whitening cannot do', () => {
    const { rows } = plantedRows(60, 4, 5, 2)
    const before = rows.slice()
    const train = Uint32Array.from({ length: 60 }, (_, row) => row)
    standardise(rows, measureRows(rowsInMemory(rows, 4), train, 'none', plainMath()))
    expect(rows).toEqual(before)
    const wide = Float32Array.from({ length: 2 * 1025 }, (_, at) => at)
    expect(() => measureRows(rowsInMemory(wide, 1025), Uint32Array.of(0, 1), 'whiten', plainMath())).toThrow(
      /at most 1024 dimensions/,
    )
  })

  it('refuses rows that are all the same, and missing numbers, in words', () => {
    const train = Uint32Array.of(0, 1)
    expect(() => measureRows(rowsInMemory(new Float32Array(6).fill(2), 3), train, 'scale', plainMath())).toThrow(
      /all its rows are the same/,
    )
    expect(() => measureRows(rowsInMemory(Float32Array.of(1, NaN, 2, 3), 2), train, 'scale', plainMath())).toThrow(
      /missing numbers/,
    )
  })

  it('switches AuxK off instead of dividing by nothing', () => {
    expect(auxWeight(1 / 32, 0)).toBe(0)
    expect(auxWeight(1 / 32, 2)).toBe(1 / 64)
  })

  it('recognises a processor without AVX', () => {
    expect(lacksAvx('model name\t: old\nflags\t\t: fpu sse sse4_2 avx512-not-a-word\n')).toBe(true)
    expect(lacksAvx('flags\t\t: fpu sse avx avx2\n')).toBe(false)
    expect(lacksAvx('')).toBe(false)
  })
})
