// Benjamini–Hochberg against statsmodels, and its counted form against the plain one.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { benjaminiHochberg, benjaminiHochbergCounted } from '../../src/main/science/multiple-testing'
import { shared } from '../shared-folder'
import { golden } from './golden'

const sets = shared
  ? golden<{ sets: Record<string, { p: number[]; BH: number[] }> }>('enrichment/multiple-testing.json').sets
  : {}

describe.skipIf(!shared)('q values equal those of statsmodels (needs ../shared)', () => {
  it.each(Object.entries(sets))('%s', (_, { p, BH }) => {
    benjaminiHochberg(p).forEach((q, at) => expect(Math.abs(q - (BH[at] as number))).toBeLessThanOrEqual(1e-12))
  })
})

describe('q values', () => {
  const random = seededRandom(5)
  const p = Array.from({ length: 2000 }, () => Math.ceil(random.uniform() ** 3 * 200) / 200)
  const whole = benjaminiHochberg(p)

  it('below 0.1 are exact when only the p values up to 0.1 and the number of tests are known', () => {
    const small = p.map((value, at) => ({ value, at })).filter((one) => one.value <= 0.1)
    const part = benjaminiHochberg(
      small.map((one) => one.value),
      p.length,
    )
    const compared = small.filter((_, place) => (part[place] as number) <= 0.1)
    for (const one of compared) expect(part[small.indexOf(one)]).toBeCloseTo(whole[one.at] as number, 14)
    expect(compared.length).toBeGreaterThan(100)
  })

  it('are the same from distinct p values with counts', () => {
    const distinct = [...new Set(p)]
    const counts = distinct.map((value) => p.filter((one) => one === value).length)
    const counted = benjaminiHochbergCounted(distinct, counts, p.length)
    distinct.forEach((value, at) => expect(counted[at]).toBeCloseTo(whole[p.indexOf(value)] as number, 14))
  })

  it('do not change when p values of 1 are only counted', () => {
    const padded = benjaminiHochberg([0.001, 0.02, 0.04, ...new Array<number>(97).fill(1)])
    expect(Array.from(benjaminiHochberg([0.001, 0.02, 0.04], 100))).toEqual(Array.from(padded.slice(0, 3)))
    expect(Array.from(benjaminiHochbergCounted([0.04, 0.001, 0.02], [1, 1, 1], 100))).toEqual([padded[2], padded[0], padded[1]])
  })
})
