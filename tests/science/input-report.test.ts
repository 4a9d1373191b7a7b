import { describe, expect, it } from 'vitest'
import { inputReport } from '../../src/main/science/input-report'

describe('what stands out in the rows', () => {
  it('is nothing in even rows', () => {
    const report = inputReport(Float64Array.of(1, 1.2, 0.9, 1.1), Float64Array.of(1, 2, 1))
    expect(report).toEqual({
      extremeRows: 0,
      longestRow: 1.2 / 1.1,
      dominantDimension: null,
      constantDimensions: 0,
      warnings: [],
    })
  })

  it('are rows more than five times as long as the middle one, counted and named', () => {
    const report = inputReport(Float64Array.of(1, 1, 1, 1, 5, 5.1, 20), Float64Array.of(1, 1, 1))
    expect(report.extremeRows).toBe(2)
    expect(report.longestRow).toBe(20)
    expect(report.warnings).toEqual([expect.stringMatching(/^2 training cells .*up to 20 times/)])
  })

  it('is a dimension with more than half of the variance, and dimensions that never vary', () => {
    const report = inputReport(Float64Array.of(1, 1), Float64Array.of(1, 0, 8, 0, 1))
    expect(report.dominantDimension).toEqual({ dim: 2, share: 0.8 })
    expect(report.constantDimensions).toBe(2)
    expect(report.warnings).toEqual([
      expect.stringMatching(/^Dimension 3 holds 80 %/),
      expect.stringMatching(/^2 of 5 dimensions/),
    ])
  })

  it('does not call one of two dimensions dominant', () => {
    expect(inputReport(Float64Array.of(1), Float64Array.of(9, 1)).warnings).toEqual([])
  })
})
