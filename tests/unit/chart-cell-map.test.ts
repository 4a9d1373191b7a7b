// The map of cells as data: classes of colour, order of drawing, equal scale, names of groups, the cell under the pointer.
import { describe, expect, it } from 'vitest'
import { categoryClasses, levelColours } from '../../src/renderer/charts/category-colours'
import { cellMapOptions, mapFrame } from '../../src/renderer/charts/cell-map-options'
import {
  equalScale,
  groupMedians,
  pointSize,
  pointsByClass,
  rampAboveZero,
  rampOverRange,
} from '../../src/renderer/charts/cell-map-scale'
import { labelWidth, spreadLabels } from '../../src/renderer/charts/label-spread'
import { buildCellGrid, nearestCell } from '../../src/renderer/charts/nearest-cell'
import { layersOf, colourKeyOf, activationPaint, denseValues, genePaint } from '../../src/renderer/features/explore/map-paint'
import { testTheme } from './chart-theme'

const floats = (...numbers: number[]): Float32Array => Float32Array.from(numbers)

describe('the activation ramp', () => {
  it('keeps cells at 0 off and spreads the others over eight rising classes up to the 99.5th percentile', () => {
    const values = Float32Array.from({ length: 1001 }, (_, cell) => cell / 100)
    const ramp = rampAboveZero(values)
    expect(ramp.upper).toBeCloseTo(9.95, 5)
    expect(ramp.clipped).toBe(true)
    expect(ramp.classes[0]).toBe(0)
    expect(ramp.classes[1]).toBe(1)
    expect(ramp.classes[1000]).toBe(8)
    expect([...ramp.classes]).toEqual([...ramp.classes].sort((a, b) => a - b))
    expect(ramp.counts.reduce((sum, cells) => sum + cells)).toBe(1001)
  })

  it('shows a latent that is off in every cell as grey only', () => {
    const ramp = rampAboveZero(new Float32Array(5))
    expect([...ramp.classes]).toEqual([0, 0, 0, 0, 0])
    expect(colourKeyOf(activationPaint(3, new Float32Array(5)), testTheme)).toMatchObject({ ticks: [] })
  })

  it('puts a latent with one strength into the strongest class', () => {
    expect([...rampAboveZero(floats(0, 2, 2)).classes]).toEqual([0, 8, 8])
  })

  it('puts missing numbers of a column into class 0 and keeps zero as a value', () => {
    expect([...rampOverRange(floats(Number.NaN, 0, 8)).classes]).toEqual([0, 1, 8])
  })

  it('runs over the whole range for scaled genes, where values below 0 are not "not found"', () => {
    const paint = genePaint('CD79A', floats(-1, 0, 3))
    expect(paint.kind === 'ramp' && [...paint.ramp.classes]).toEqual([1, 3, 8])
  })
})

describe('the map option', () => {
  const cellCount = 5_000
  const xy = Float32Array.from({ length: 2 * cellCount }, (_, at) => Math.sin(at) * 10)
  const active = Uint32Array.from({ length: 400 }, (_, at) => at * 3)
  const strengths = Float32Array.from({ length: 400 }, (_, at) => at + 1)
  const dense = denseValues(active, strengths, cellCount)
  const option = cellMapOptions(
    {
      xy,
      layers: layersOf(activationPaint(7, dense), xy, testTheme),
      labels: [],
      outline: null,
      width: 500,
      height: 500,
      key: null,
    },
    testTheme,
  )
  const series = Array.isArray(option.series) ? option.series : []

  it('has one series of flat typed data per class, grey off cells first and at the bottom, then rising', () => {
    const classes = series.slice(0, -1)
    expect(classes).toHaveLength(9)
    expect(classes.map((each) => each.itemStyle?.color)).toEqual(testTheme.activation)
    expect(classes.every((each) => each.data instanceof Float32Array)).toBe(true)
    const heights = classes.map((each) => each.z ?? 0)
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    expect(classes[0]?.data).toHaveLength(2 * (cellCount - 400))
    expect(classes.reduce((sum, each) => sum + (each.data instanceof Float32Array ? each.data.length : 0), 0)).toBe(2 * cellCount)
  })

  it('draws many cells as one batch, progressively and without animation or hit testing', () => {
    expect(option.animation).toBe(false)
    expect(series[0]).toMatchObject({ large: true, silent: true, progressive: 100_000, dimensions: ['x', 'y'] })
  })

  it('draws one unit as long on x as on y', () => {
    const frame = mapFrame(500, 500)
    const [width, height] = [500 - frame.left - frame.right, 500 - frame.top - frame.bottom]
    const { xAxis, yAxis } = option as { xAxis: { min: number; max: number }; yAxis: { min: number; max: number } }
    expect((xAxis.max - xAxis.min) / width).toBeCloseTo((yAxis.max - yAxis.min) / height, 10)
  })

  it('holds the colour key only when it stands alone', () => {
    const key = colourKeyOf(activationPaint(7, dense), testTheme)
    const picture = cellMapOptions({ xy, layers: [], labels: [], outline: null, width: 500, height: 500, key }, testTheme)
    const words = JSON.stringify(picture.graphic)
    expect(words).toContain('How strongly F7 is on')
    expect(words).toContain('off')
    expect(words).toContain('≥ 400')
    expect(option.graphic).toEqual([])
  })
})

describe('points and scale', () => {
  it('leaves cells without a place out', () => {
    const points = pointsByClass(floats(1, 2, Number.NaN, 3, 4, 5), Uint8Array.of(0, 0, 1), 2)
    expect(points.map((each) => [...each])).toEqual([
      [1, 2],
      [4, 5],
    ])
  })

  it('widens the shorter direction around its middle', () => {
    expect(equalScale({ left: 0, right: 10, bottom: 0, top: 10 }, 200, 100)).toEqual({ left: -5, right: 15, bottom: 0, top: 10 })
  })

  it('shrinks points from 3.6 to 1.2 px as cells become many', () => {
    expect(pointSize(700)).toBe(3.6)
    expect(pointSize(200_000)).toBeCloseTo(1.2, 10)
    expect(pointSize(5_000_000)).toBeCloseTo(1.2, 10)
    expect(pointSize(20_000)).toBeCloseTo(2.4, 1)
  })

  it('writes the name of a group at the median of its cells and leaves out groups of one or two', () => {
    const xy = floats(0, 0, 1, 1, 9, 2, 5, 5, 6, 6)
    expect(groupMedians(xy, Int32Array.of(0, 0, 0, 1, -1), ['B cell', 'NK cell'])).toEqual([{ name: 'B cell', x: 1, y: 1 }])
  })

  it('moves names apart that would cover each other, and only those', () => {
    const width = labelWidth('CD4+ T cell')
    const [first, second, third] = spreadLabels([
      { x: 100, y: 100, width },
      { x: 110, y: 104, width },
      { x: 400, y: 100, width },
    ])
    expect(first).toBe(0)
    expect(Math.abs(104 + (second ?? 0) - 100)).toBeGreaterThanOrEqual(14)
    expect(third).toBe(0)
  })
})

describe('colours of a column', () => {
  const levels = Array.from({ length: 15 }, (_, code) => `type ${code}`)
  const codes = Int32Array.from({ length: 150 }, (_, cell) => (cell < 20 ? cell % 15 : cell % 12) - (cell === 149 ? 99 : 0))

  it('gives the eleven largest of more than twelve levels a colour and gathers the rest', () => {
    const { shown, classes, hasOther } = categoryClasses(codes, levels, null, 'other', testTheme)
    expect(shown).toHaveLength(12)
    expect(hasOther).toBe(true)
    expect(shown.at(-1)).toMatchObject({ name: 'other', colour: testTheme.other })
    expect(shown.reduce((sum, level) => sum + level.cells, 0)).toBe(150)
    expect(classes[149]).toBe(11)
  })

  it('takes the colours of the file when there is one per level', () => {
    expect(levelColours(['a', 'b'], [1, 1], ['#111111', '#222222'], testTheme)).toEqual(['#111111', '#222222'])
    expect(levelColours(['a', 'b'], [1, 1], ['#111111'], testTheme)).toEqual(testTheme.categories.slice(0, 2))
  })
})

describe('the cell under the pointer', () => {
  const xy = Float32Array.from(
    { length: 20_000 },
    (_, at) => ((Math.abs(Math.sin((at + 1) * 12.9898)) * 43_758.5453) % 1) * 100 - 50,
  )
  const grid = buildCellGrid(xy)

  it('is the nearest one, as a search through all cells finds it', () => {
    for (const [x, y] of [
      [0, 0],
      [31, -12],
      [-49, 48],
      [12.5, 3.25],
    ] as const) {
      const distance = (cell: number): number => ((xy[2 * cell] ?? 0) - x) ** 2 + ((xy[2 * cell + 1] ?? 0) - y) ** 2
      const cells = Array.from({ length: 10_000 }, (_, cell) => cell)
      const nearest = cells.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best))
      expect(distance(nearestCell(grid, x, y, 20) ?? -1)).toBe(distance(nearest))
    }
  })

  it('is none when nothing lies within reach, and cells without a place are never found', () => {
    expect(nearestCell(grid, 500, 500, 5)).toBeNull()
    expect(nearestCell(buildCellGrid(floats(Number.NaN, Number.NaN)), 0, 0, 10)).toBeNull()
    expect(nearestCell(buildCellGrid(new Float32Array()), 0, 0, 10)).toBeNull()
  })
})
