// Activation by group and the histogram: what is counted, in which order it stands, what the table twin says.
import { describe, expect, it } from 'vitest'
import { activationByGroupOptions, niceEnd } from '../../src/renderer/charts/activation-by-group-options'
import { cellText, sortedRows, tableAsTsv } from '../../src/renderer/charts/chart-table'
import { activationByGroup, dotsPerGroup } from '../../src/renderer/charts/group-activation'
import { histogramOptions, valueHistogram } from '../../src/renderer/charts/histogram-options'
import { testTheme } from './chart-theme'

const levels = ['B cell', 'NK cell', 'empty', 'Dendritic']
/** 100 B cells, 50 NK cells, no "empty", 10 dendritic cells, 5 cells without a group. */
const codes = Int32Array.from([...Array(100).fill(0), ...Array(50).fill(1), ...Array(10).fill(3), ...Array(5).fill(-1)])
/** On in the first 21 B cells (0.1 … 2.1) and in 25 NK cells (all 1). */
const activation = {
  cells: Uint32Array.from([
    ...Array.from({ length: 21 }, (_, at) => at),
    ...Array.from({ length: 25 }, (_, at) => 100 + at),
    160,
  ]),
  values: Float32Array.from([...Array.from({ length: 21 }, (_, at) => (at + 1) / 10), ...Array(25).fill(1), 9]),
}
const groups = activationByGroup(activation, codes, levels)
const text = { axis: 'activation', on: (share: string) => `${share} on`, tooltip: (group: object) => JSON.stringify(group) }

describe('activation by group', () => {
  it('puts the group with the largest share of cells on first and leaves out groups without cells', () => {
    expect(groups.map((group) => [group.name, group.on, group.cells])).toEqual([
      ['NK cell', 25, 50],
      ['B cell', 21, 100],
      ['Dendritic', 0, 10],
    ])
  })

  it('takes 5, 25, 50, 75 and 95 % of the cells that are on, not of all cells', () => {
    expect(groups[1]?.box?.map((value) => Number(value.toFixed(1)))).toEqual([0.2, 0.6, 1.1, 1.6, 2])
    expect(groups[1]?.median).toBeCloseTo(1.1, 5)
  })

  it('draws no box where fewer than eight cells are on', () => {
    expect(groups[2]).toMatchObject({ box: null, median: null })
    const seven = { cells: Uint32Array.from([0, 1, 2, 3, 4, 5, 6]), values: new Float32Array(7).fill(1) }
    expect(activationByGroup(seven, codes, levels)[0]).toMatchObject({ on: 7, box: null, median: 1 })
  })

  it('shows at most ninety dots per group', () => {
    const many = { cells: Uint32Array.from({ length: 100 }, (_, cell) => cell), values: new Float32Array(100).fill(2) }
    const dots = activationByGroup(many, codes, levels)[0]?.dots.length ?? 0
    expect(dots).toBeGreaterThan(dotsPerGroup / 3)
    expect(dots).toBeLessThanOrEqual(dotsPerGroup)
  })

  it('writes the share that is on at the end of each row, the first group on top', () => {
    const option = activationByGroupOptions(groups, ['red', 'blue', 'grey', 'green'], text, testTheme)
    const series = Array.isArray(option.series) ? option.series : []
    const shares = series.find((each) => each.id === 'shares')?.data as { name: string }[]
    expect(shares.map((each) => each.name)).toEqual(['0% on', '21% on', '50% on'])
    const boxes = series.find((each) => each.id === 'boxes')?.data as { itemStyle: { borderColor: string } }[]
    expect(boxes.map((box) => box.itemStyle.borderColor)).toEqual(['green', 'red', 'blue'])
  })

  it('draws the same picture each time', () => {
    const draw = (): string => JSON.stringify(activationByGroupOptions(groups, [], text, testTheme))
    expect(draw()).toBe(draw())
  })
})

describe('the histogram', () => {
  it('counts every value above 0 once and never the cells that are off', () => {
    const histogram = valueHistogram(Float32Array.from([0, 0, 0, 0.1, 1, 2, 2]))
    expect(histogram.counts).toHaveLength(14)
    expect(histogram.counts.reduce((sum, cells) => sum + cells)).toBe(4)
    expect(histogram).toMatchObject({ upper: 2, on: 4 })
    expect(histogram.counts.at(-1)).toBe(2)
  })

  it('has at most forty bars however many cells there are', () => {
    const values = Float32Array.from({ length: 50_000 }, (_, cell) => (cell % 977) + 1)
    expect(valueHistogram(values).counts).toHaveLength(40)
  })

  it('colours its bars as the map colours the cells', () => {
    const histogram = valueHistogram(Float32Array.from({ length: 200 }, (_, cell) => (cell + 1) / 100))
    const option = histogramOptions(histogram, 1, { axis: 'x', tooltip: () => '' }, testTheme)
    const series = Array.isArray(option.series) ? option.series : []
    const bars = series[0]?.data as { itemStyle: { color: string } }[]
    expect(bars[0]?.itemStyle.color).toBe('act-1')
    expect(bars.at(-1)?.itemStyle.color).toBe('act-8')
  })
})

describe('the table twin', () => {
  const table = {
    columns: [
      { key: 'group', title: 'Group' },
      { key: 'share', title: 'On in', format: (value: number) => `${value * 100}%` },
    ],
    rows: [
      ['type 10', 0.5],
      ['type 9', null],
      ['type 2', 0.75],
    ],
  }

  it('sorts numbers by size and words with their numbers, missing values last', () => {
    expect(sortedRows(table, { column: 1, descending: true }).map((row) => row[0])).toEqual(['type 2', 'type 10', 'type 9'])
    expect(sortedRows(table, { column: 1, descending: false }).map((row) => row[0])).toEqual(['type 10', 'type 2', 'type 9'])
    expect(sortedRows(table, { column: 0, descending: false }).map((row) => row[0])).toEqual(['type 2', 'type 9', 'type 10'])
  })

  it('reads as on the screen and copies numbers in full', () => {
    expect(cellText(table.columns[1], 0.5)).toBe('50%')
    expect(cellText(table.columns[1], null)).toBe('—')
    expect(tableAsTsv(table)).toBe('Group\tOn in\ntype 10\t0.5\ntype 9\t\ntype 2\t0.75')
  })
})

describe('the end of an axis', () => {
  it('is a round number that holds the largest value', () => {
    expect([0.93, 1, 2.1, 2.88, 61, 0].map(niceEnd)).toEqual([1, 1, 2.5, 3, 80, 1])
  })
})
