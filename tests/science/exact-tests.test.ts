// Fisher's and the binomial test against scipy and exact rationals, and the corrections against statsmodels.
import { describe, expect, it } from 'vitest'
import { binomialTwoSided, binomialUpperTail, fisherTwoSided } from '../../src/main/science/exact-tests'
import { benjaminiYekutieli, bonferroni, holm, sidak } from '../../src/main/science/multiple-testing'
import { shared } from '../shared-folder'
import { golden, relativeError } from './golden'

interface ExactTests {
  hypergeometric: { N: number; K: number; n: number; k: number; scipy_fisher_two_sided: number }[]
  binomial: {
    n: number
    k: number
    p0: [number, number]
    p_upper: number
    log10_p_upper: number
    scipy_binomtest_two_sided: number
  }[]
}
const cases = shared ? golden<ExactTests>('enrichment/exact-tests.json') : { hypergeometric: [], binomial: [] }

describe.skipIf(!shared)('two-sided tests equal those of scipy (needs ../shared)', () => {
  it.each(cases.hypergeometric.map((one) => [`N=${one.N} K=${one.K} n=${one.n} k=${one.k}`, one] as const))(
    'Fisher %s',
    (_, one) => {
      const p = fisherTwoSided(one.k, one.K, one.n, one.N)
      // scipy itself is off by 7e-11 at N = 1,000,000.
      if (one.scipy_fisher_two_sided > 0) expect(relativeError(p, one.scipy_fisher_two_sided)).toBeLessThanOrEqual(1e-9)
      else expect(p).toBeLessThan(1e-300)
    },
  )

  it.each(cases.binomial.map((one) => [`n=${one.n} k=${one.k} p=${one.p0.join('/')}`, one] as const))('binomial %s', (_, one) => {
    const chance = one.p0[0] / one.p0[1]
    const { p, log10p } = binomialUpperTail(one.k, one.n, chance)
    expect(relativeError(p, one.p_upper)).toBeLessThanOrEqual(1e-9)
    expect(Math.abs(log10p - one.log10_p_upper)).toBeLessThanOrEqual(1e-9)
    expect(relativeError(binomialTwoSided(one.k, one.n, chance), one.scipy_binomtest_two_sided)).toBeLessThanOrEqual(1e-9)
  })
})

describe('two-sided tests', () => {
  it('sum every outcome that is no likelier than the one seen', () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
    for (const [termSize, studySize, backgroundSize] of [
      [9, 10, 16],
      [10, 10, 20],
      // Two outcomes are equally likely peaks.
      [9, 5, 18],
      [3, 12, 60],
      [30, 25, 50],
    ] as const) {
      const point = (k: number): number =>
        (choose(termSize, k) * choose(backgroundSize - termSize, studySize - k)) / choose(backgroundSize, studySize)
      const least = Math.max(0, studySize + termSize - backgroundSize)
      for (let seen = least; seen <= Math.min(termSize, studySize); seen++) {
        let sum = 0
        for (let k = least; k <= Math.min(termSize, studySize); k++) if (point(k) <= point(seen) * (1 + 1e-9)) sum += point(k)
        expect(relativeError(fisherTwoSided(seen, termSize, studySize, backgroundSize), Math.min(1, sum))).toBeLessThan(1e-11)
      }
    }
  })

  it('are 1 where a margin of the table is empty', () => {
    expect([fisherTwoSided(0, 0, 5, 10), fisherTwoSided(0, 5, 0, 10), fisherTwoSided(5, 10, 5, 10)]).toEqual([1, 1, 1])
    expect([binomialTwoSided(0, 5, 0), binomialTwoSided(1, 5, 0), binomialTwoSided(5, 5, 1)]).toEqual([1, 0, 1])
  })

  it('reproduce the binomial p of the published links (56 of 13,431 genes)', () => {
    for (const [size, hits, p] of [
      [22, 4, 2.46999e-6],
      [26, 3, 1.86222e-4],
      [25, 2, 4.99097e-3],
      [80, 5, 2.22401e-5],
      [317, 5, 1.03185e-2],
    ] as const)
      expect(relativeError(binomialTwoSided(hits, 56, size / 13_431), p)).toBeLessThan(3e-6)
  })
})

type Corrections = Record<'p' | 'BY' | 'bonferroni' | 'holm' | 'sidak', number[]>
const sets = shared ? golden<{ sets: Record<string, Corrections> }>('enrichment/multiple-testing.json').sets : {}

describe.skipIf(!shared)('corrections equal those of statsmodels (needs ../shared)', () => {
  it.each(Object.entries(sets))('%s', (_, set) => {
    const ours = { BY: benjaminiYekutieli(set.p), bonferroni: bonferroni(set.p), holm: holm(set.p), sidak: sidak(set.p) }
    for (const method of ['BY', 'bonferroni', 'holm', 'sidak'] as const) {
      expect(ours[method].length).toBe(set[method].length)
      ours[method].forEach((value, at) => expect(Math.abs(value - (set[method][at] as number))).toBeLessThanOrEqual(1e-12))
    }
  })
})
