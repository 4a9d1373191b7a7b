// The upper tail against exact rational arithmetic, down to 1e-442.
import { describe, expect, it } from 'vitest'
import { TailTable, upperTail } from '../../src/main/science/hypergeometric'
import { shared } from '../shared-folder'
import { golden, relativeError } from './golden'

interface ExactCase {
  N: number
  K: number
  n: number
  k: number
  p_upper: number
  log10_p_upper: number
}

/** The definition, by exact binomial coefficients. */
function exactTail(overlap: number, termSize: number, studySize: number, backgroundSize: number): number {
  const choose = (n: number, k: number): bigint => {
    let result = 1n
    for (let at = 0; at < k; at++) result = (result * BigInt(n - at)) / BigInt(at + 1)
    return k < 0 || k > n ? 0n : result
  }
  let sum = 0n
  for (let x = overlap; x <= Math.min(termSize, studySize); x++) {
    sum += choose(termSize, x) * choose(backgroundSize - termSize, studySize - x)
  }
  return Number((sum * 10n ** 40n) / choose(backgroundSize, studySize)) / 1e40
}

describe.skipIf(!shared)('the hypergeometric upper tail equals exact values (needs ../shared)', () => {
  const cases = shared ? golden<{ hypergeometric: ExactCase[] }>('enrichment/exact-tests.json').hypergeometric : []
  it.each(cases.map((one) => [`N=${one.N} K=${one.K} n=${one.n} k=${one.k}`, one] as const))('%s', (_, one) => {
    const { p, log10p } = upperTail(one.k, one.K, one.n, one.N)
    expect(Math.abs(log10p - one.log10_p_upper)).toBeLessThanOrEqual(1e-9)
    if (one.log10_p_upper > -300) expect(relativeError(p, one.p_upper)).toBeLessThanOrEqual(1e-9)
  })
})

describe('the hypergeometric upper tail', () => {
  it('equals the definition in every cell of a whole table', () => {
    for (const [termSize, studySize, backgroundSize] of [
      [9, 10, 16],
      [30, 12, 60],
      [5, 40, 100],
      [50, 50, 100],
    ] as const) {
      for (let overlap = 0; overlap <= Math.min(termSize, studySize); overlap++) {
        const exact = exactTail(overlap, termSize, studySize, backgroundSize)
        expect(relativeError(upperTail(overlap, termSize, studySize, backgroundSize).p, exact)).toBeLessThan(1e-11)
      }
    }
  })

  it('is 1 when the overlap cannot be smaller and 0 when it cannot be that large', () => {
    expect(upperTail(0, 20, 10, 100).p).toBe(1)
    expect(upperTail(5, 95, 10, 100).p).toBe(1)
    expect(upperTail(11, 20, 10, 100)).toEqual({ p: 0, log10p: -Infinity })
    expect(upperTail(10, 100, 10, 100).p).toBe(1)
  })

  it('is the same through the table that remembers', () => {
    const table = new TailTable(100, 18_000, Uint32Array.of(500, 10, 69, 10))
    for (const [overlap, termSize] of [
      [0, 10],
      [3, 10],
      [100, 500],
      [7, 69],
    ] as const) {
      const { p } = upperTail(overlap, termSize, 100, 18_000)
      expect([table.p(overlap, termSize), table.p(overlap, termSize), table.pOfCell(table.cell(overlap, termSize))]).toEqual([
        p,
        p,
        p,
      ])
    }
  })
})
