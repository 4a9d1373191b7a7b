// How numbers are written: what a reader sees for shares, q values, scores, differences and activations.
import { describe, expect, it } from 'vitest'
import {
  foldOf,
  formatDifference,
  formatFold,
  formatQ,
  formatScore,
  formatShare,
  formatValue,
} from '../../src/renderer/charts/number-format'

describe('numbers on the screen', () => {
  it.each([
    [8.0e-15, '8.0×10⁻¹⁵'],
    [9.97e-5, '1.0×10⁻⁴'],
    [0.0016, '0.0016'],
    [0.015, '0.015'],
    [0.5, '0.50'],
    [1, '1'],
    [0, '<10⁻³⁰⁰'],
    [null, '—'],
  ])('a q of %s is written %s', (q, written) => expect(formatQ(q)).toBe(written))

  it.each([
    [0.0512, 1, '5.1%'],
    [0.00001, 1, '<0.1%'],
    [0.9999, 1, '>99.9%'],
    [0.94, 0, '94%'],
    [0, 1, '0%'],
    [1, 0, '100%'],
    [Number.NaN, 1, '—'],
    [-0.2304, 1, '−23.0%'],
  ])('a share of %s with %s digits is written %s', (share, digits, written) => expect(formatShare(share, digits)).toBe(written))

  it('scores have two decimals and differences a sign; scaled values have no difference', () => {
    expect(formatScore(0.974)).toBe('0.97')
    expect(formatScore(null)).toBe('—')
    expect([3.94, -0.44, 0.01, null].map(formatDifference)).toEqual(['+3.9', '−0.4', '0.0', '—'])
  })

  it('activations keep three significant digits', () => {
    expect([0, 2.8765, 0.0123456, 12345.6, -1.5, 0.00001].map(formatValue)).toEqual([
      '0',
      '2.88',
      '0.0123',
      '12,346',
      '−1.5',
      '1.0×10⁻⁵',
    ])
  })

  it('fold is found over expected: (k/n) / (K/N)', () => {
    const fold = foldOf({ overlap: 12, studySize: 100, termSize: 31, backgroundSize: 12_874 })
    expect(fold).toBeCloseTo(12 / 100 / (31 / 12_874), 10)
    expect(formatFold(fold)).toBe('50×')
    expect(formatFold(foldOf({ overlap: 0, studySize: 0, termSize: 0, backgroundSize: 0 }))).toBe('—')
  })
})
