// From the colouring chosen to what the map draws and the colour bar says. Pure apart from the theme handed in.
import type { MapLayer } from '../../charts/cell-map-options'
import { pointsByClass, rampAboveZero, rampOverRange, type Ramp } from '../../charts/cell-map-scale'
import { categoryClasses, type CategoryClasses } from '../../charts/category-colours'
import { formatValue } from '../../charts/number-format'
import type { ChartTable } from '../../charts/chart-table'
import type { ColourKey } from '../../charts/colour-key-graphic'
import type { ChartTheme } from '../../charts/theme'
import { exploreText } from '../../text/explore'
import type { CellColumn } from './map-store'

export type RampName = 'activation' | 'expression' | 'evidence'
export type Paint =
  | {
      readonly kind: 'ramp'
      readonly name: RampName
      readonly title: string
      readonly offName: string
      readonly values: Float32Array
      readonly ramp: Ramp
    }
  | { readonly kind: 'category'; readonly title: string; readonly column: CellColumn; readonly codes: Int32Array }

/** Values of the cells that are on, spread over all cells; the rest is 0. */
export function denseValues(cells: Uint32Array, values: Float32Array, cellCount: number): Float32Array {
  const dense = new Float32Array(cellCount)
  for (let at = 0; at < cells.length; at++) dense[cells[at] ?? cellCount] = values[at] ?? 0
  return dense
}

export function activationPaint(latent: number, dense: Float32Array): Paint {
  const text = exploreText.map
  return {
    kind: 'ramp',
    name: 'activation',
    title: text.titleLatent(latent),
    offName: text.off,
    values: dense,
    ramp: rampAboveZero(dense),
  }
}

/** Scaled expression has values below 0: then the ramp runs over the whole range instead of from 0. */
export function genePaint(symbol: string, values: Float32Array): Paint {
  const text = exploreText.map
  const isScaled = values.some((value) => value < 0)
  return {
    kind: 'ramp',
    name: 'expression',
    title: text.titleGene(symbol),
    offName: isScaled ? text.missing : text.notDetected,
    values,
    ramp: isScaled ? rampOverRange(values) : rampAboveZero(values),
  }
}

export function columnPaint(column: CellColumn): Paint | null {
  const title = column.info.name
  if (column.codes !== null) return { kind: 'category', title, column, codes: column.codes }
  if (column.numbers === null) return null
  const ramp = rampOverRange(column.numbers)
  return { kind: 'ramp', name: 'evidence', title, offName: exploreText.map.missing, values: column.numbers, ramp }
}

const classesOf = (paint: Extract<Paint, { kind: 'category' }>, theme: ChartTheme): CategoryClasses =>
  categoryClasses(paint.codes, paint.column.info.levels, paint.column.info.colours, exploreText.map.other, theme)

/** All cells in grey, while nothing is chosen or on its way. */
export const plainLayers = (xy: Float32Array, theme: ChartTheme): MapLayer[] => [
  { points: xy, colour: theme.activation[0] ?? theme.other, quiet: true },
]

/** Layers in drawing order: grey ones first, then rising values; levels of a column in the order of the file. */
export function layersOf(paint: Paint, xy: Float32Array, theme: ChartTheme): MapLayer[] {
  if (paint.kind === 'ramp') {
    const palette = theme[paint.name]
    const points = pointsByClass(xy, paint.ramp.classes, palette.length)
    return points.map((each, step) => ({
      points: each,
      colour: (step === 0 ? theme.activation[0] : palette[step]) ?? theme.other,
      quiet: step === 0,
    }))
  }
  const { classes, shown, hasOther } = classesOf(paint, theme)
  const points = pointsByClass(xy, classes, shown.length)
  const layers = shown.map((level, at) => ({
    points: points[at] ?? new Float32Array(),
    colour: level.colour,
    quiet: hasOther && at === shown.length - 1,
  }))
  return [...layers.filter((layer) => layer.quiet), ...layers.filter((layer) => !layer.quiet)]
}

export function colourKeyOf(paint: Paint, theme: ChartTheme): ColourKey {
  if (paint.kind === 'category') return { kind: 'category', title: paint.title, levels: classesOf(paint, theme).shown }
  const { lower, upper, clipped, counts } = paint.ramp
  const isEmpty = counts.slice(1).every((count) => count === 0)
  const middle = formatValue(Number(((lower + upper) / 2).toPrecision(2)))
  const end = formatValue(Number(upper.toPrecision(2)))
  return {
    kind: 'ramp',
    title: paint.title,
    off: { name: paint.offName, colour: theme.activation[0] ?? theme.other },
    colours: theme[paint.name].slice(1),
    ticks: isEmpty ? [] : [formatValue(Number(lower.toPrecision(2))), middle, clipped ? exploreText.map.atLeast(end) : end],
  }
}

/** The map as a table: cells per class of colour. */
export function paintTable(paint: Paint, theme: ChartTheme): ChartTable {
  const columns = [
    { key: 'class', title: exploreText.map.tableGroup },
    { key: 'cells', title: exploreText.map.tableCells },
  ]
  if (paint.kind === 'category') return { columns, rows: classesOf(paint, theme).shown.map((level) => [level.name, level.cells]) }
  const { lower, upper, counts, clipped } = paint.ramp
  const width = (upper - lower) / (counts.length - 1)
  const rows = counts.map((cells, step) => {
    if (step === 0) return [paint.offName, cells]
    const to = formatValue(lower + step * width)
    const from = formatValue(lower + (step - 1) * width)
    return [step === counts.length - 1 && clipped ? exploreText.map.atLeast(from) : `${from} – ${to}`, cells]
  })
  return { columns, rows }
}
