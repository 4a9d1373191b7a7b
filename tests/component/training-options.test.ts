// The option builders of the training charts, read as data.
import { describe, expect, it } from 'vitest'
import { densityFloor, densityOptions, densityTable, rareCount } from '../../src/renderer/charts/density-options'
import type { ChartTheme } from '../../src/renderer/charts/theme'
import { curveTable, explainedOptions, sparsityOptions, thinned } from '../../src/renderer/charts/training-options'
import { trainText } from '../../src/renderer/text/train'
import { curve, doneRun } from './example-project'

const nine = Array.from({ length: 9 }, (_, step) => `ramp-${step}`)
const theme: ChartTheme = {
  font: 'Inter',
  text: 'text',
  text2: 'text2',
  text3: 'text3',
  surface: 'surface',
  surfaceOver: 'over',
  line: 'line',
  lineSoft: 'soft',
  axis: 'axis',
  accent: 'accent',
  warn: 'warn',
  good: 'good',
  bad: 'bad',
  categories: Array.from({ length: 12 }, (_, category) => `cat-${category}`),
  other: 'other',
  activation: nine,
  expression: nine,
  evidence: nine,
  patterns: false,
}
const text = { ...trainText.charts, rare: trainText.charts.rare(20) }
/** The parts of an option a test reads; the library's own type is a union of everything it can draw. */
interface DrawnSeries {
  readonly id: string
  readonly data: readonly { readonly value: unknown; readonly itemStyle: { readonly color: string } }[]
  readonly lineStyle: { readonly type: string }
  readonly endLabel: { readonly offset: readonly number[] }
  readonly markLine: {
    readonly data: readonly {
      readonly name: string
      readonly yAxis: number
      readonly label: { readonly offset: readonly number[] }
    }[]
  }
}
const seriesOf = (option: { series?: unknown }): readonly DrawnSeries[] => option.series as readonly DrawnSeries[]

describe('explained variance over steps', () => {
  it('draws held-out solid and training dashed, with no controls before they are known', () => {
    const [heldOut, train] = seriesOf(explainedOptions({ points: curve, steps: 3000, controls: null }, text, theme))
    expect([heldOut?.lineStyle.type, train?.lineStyle.type]).toEqual(['solid', 'dashed'])
    expect(train?.markLine.data).toEqual([])
  })

  it('marks PCA and the untrained copy at their held-out values', () => {
    const train = seriesOf(explainedOptions({ points: curve, steps: 3000, controls: doneRun.controls }, text, theme))[1]
    expect(train?.markLine.data.map(({ name, yAxis }) => [name, yAxis])).toEqual([
      ['PCA, 8 axes', 0.673],
      ['untrained', 0.31],
    ])
  })

  it('keeps the names of lines apart that end side by side', () => {
    const point = { step: 3000, loss: 0.5, explainedTrain: 0.32, explainedHeldOut: 0.312, l0: 8, dead: 0 }
    const [heldOut, train] = seriesOf(explainedOptions({ points: [point], steps: 3000, controls: doneRun.controls }, text, theme))
    // The smallest plot is 180 px high: 0.31 of it is 56 px above its foot.
    const places = [
      180 * 0.312 - (heldOut?.endLabel.offset[1] ?? 0),
      180 * 0.32 - (train?.endLabel.offset[1] ?? 0),
      180 * 0.31 - (train?.markLine.data[1]?.label.offset[1] ?? 0),
    ].sort((a, b) => a - b)
    expect((places[1] ?? 0) - (places[0] ?? 0)).toBeGreaterThanOrEqual(14)
    expect((places[2] ?? 0) - (places[1] ?? 0)).toBeGreaterThanOrEqual(14)
  })

  it('writes the last step under the axis only where it is round', () => {
    const axis = (steps: number) => explainedOptions({ points: curve, steps, controls: null }, text, theme).xAxis
    expect(axis(3000)).toMatchObject({ interval: 1000, axisLabel: { showMaxLabel: true } })
    expect(axis(20_000)).toMatchObject({ interval: 5000, axisLabel: { showMaxLabel: true } })
    expect(axis(31_430)).toMatchObject({ interval: 15_000, axisLabel: { showMaxLabel: false } })
  })

  it('opens the axis below zero only for a model worse than the average cell', () => {
    const bad = [{ step: 1, loss: 2, explainedTrain: -0.1, explainedHeldOut: null, l0: 8, dead: 0 }]
    expect(explainedOptions({ points: curve, steps: 3000, controls: null }, text, theme).yAxis).toMatchObject({ min: 0 })
    expect(explainedOptions({ points: bad, steps: 3000, controls: null }, text, theme).yAxis).toMatchObject({ min: -0.25 })
  })
})

describe('long curves', () => {
  it('are thinned to 600 points that keep the lowest and the highest value', () => {
    const pairs = Array.from(
      { length: 10_000 },
      (_, step) => [step, step === 4321 ? 99 : step === 4322 ? -99 : Math.sin(step)] as const,
    )
    const kept = thinned(pairs)
    expect(kept.length).toBeLessThanOrEqual(600)
    expect(kept).toContainEqual([4321, 99])
    expect(kept).toContainEqual([4322, -99])
    expect(kept.map(([step]) => step)).toEqual([...kept.map(([step]) => step)].sort((a, b) => a - b))
  })
})

describe('on per cell and dead features', () => {
  it('keep room above the line in two equal steps', () => {
    const { yAxis } = sparsityOptions({ points: curve, steps: 3000, controls: null }, 8, text, theme)
    expect(yAxis).toMatchObject([{ max: 16, interval: 8 }, { min: 0 }])
  })
})

describe('the density of features', () => {
  const counts = [3, 1, ...Array.from({ length: 14 }, () => 0), 2]
  it('keeps "never" apart and grey, and over half in the colour of a warning', () => {
    const bars = seriesOf(densityOptions(counts, text, theme, 0))[0]?.data ?? []
    expect(bars.map((bar) => bar.value)).toEqual([3, '-', '-', 1, ...Array.from({ length: 14 }, () => 0), 2])
    expect([bars[0]?.itemStyle.color, bars[3]?.itemStyle.color, bars.at(-1)?.itemStyle.color]).toEqual([
      'other',
      'ramp-5',
      'warn',
    ])
  })

  it('shows rare ones paler and says what paler means, only where there are some', () => {
    // 20 of 10,000 cells: the first five classes end at 0.18 %.
    const rare = densityOptions(counts, text, theme, 20 / 10_000)
    expect(seriesOf(rare)[0]?.data[3]?.itemStyle.color).toBe('ramp-3')
    expect(JSON.stringify(rare.graphic)).toContain('rare: in fewer than 20 cells')
    expect(rareCount(counts, 20 / 10_000)).toBe(1)
    expect(JSON.stringify(densityOptions(counts, text, theme, 0).graphic)).not.toContain('rare: in')
  })

  it('has classes of a quarter decade up to every cell', () => {
    expect(densityFloor(1)).toBeCloseTo(1e-4, 12)
    expect(densityFloor(17)).toBeCloseTo(1, 12)
  })

  it('has a table twin with the same counts', () => {
    expect(densityTable(counts, text.never, text.columns).rows).toHaveLength(17)
    expect(densityTable(counts, text.never, text.columns).rows[0]).toEqual(['never', 3])
    expect(curveTable(curve, text.columns).rows[0]).toEqual([50, 0, 0, 11, 9])
  })
})
