import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'

describe('seeded random numbers', () => {
  it('repeat for the same seed and differ for another seed or stream', () => {
    const draw = (seed: number, stream = 0) =>
      Array.from({ length: 5 }, () => 0).map(
        (
          (r) => () =>
            r.uniform()
        )(seededRandom(seed, stream)),
      )
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(1)).not.toEqual(draw(1, 1))
  })

  it('have the mean and spread of their distributions', () => {
    const random = seededRandom(3)
    const uniform = Array.from({ length: 20_000 }, () => random.uniform())
    const normal = Array.from({ length: 20_000 }, () => random.normal())
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(uniform)).toBeCloseTo(0.5, 1)
    expect(Math.abs(mean(normal))).toBeLessThan(0.03)
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1)
  })

  it('sample different members in order, all of them when asked for too many', () => {
    const items = Uint32Array.from({ length: 100 }, (_, at) => at)
    const sample = seededRandom(1).sample(items, 10)
    expect(new Set(sample).size).toBe(10)
    expect([...sample]).toEqual([...sample].sort((a, b) => a - b))
    expect(seededRandom(1).sample(items, 1000)).toEqual(items)
  })
})
