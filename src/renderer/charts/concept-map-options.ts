// Concepts × features as a heat map: one window of it on the screen, all of it in a picture. Pure.
// Series 0 holds every cell of the window, row by row from the top left; a cell without a link has class 0.
import type { ScatterSeriesOption } from 'echarts/charts'
import type { ConceptMap } from '@contract'
import { axisStyle, textStyle, tooltipStyle } from './axes'
import { colourKeyGraphic, colourKeyHeight, type ColourKey } from './colour-key-graphic'
import type { ChartOption } from './echarts'
import type { ChartTheme } from './theme'

/** Lower ends of the classes 1…8: of −log₁₀ q, or of AUROC. */
const qClasses = [1.3, 2, 3, 5, 7.5, 10, 15, 20] as const
const aurocClasses = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95] as const

export type MapMeasure = 'q' | 'auroc'
/** The part of the axes that is drawn. */
export interface MapWindow {
  readonly row: number
  readonly rows: number
  readonly column: number
  readonly columns: number
}
export interface MapText {
  /** What a cell says, in lines. */
  readonly cell: (row: number, column: number) => string
  /** What stands under the column axis of a picture. */
  readonly key: { readonly title: string; readonly off: string; readonly ticks: readonly string[] }
  readonly feature: (latent: number) => string
}
export interface MapDrawing {
  readonly map: ConceptMap
  readonly measure: MapMeasure
  /** Names are genes, set in italics. */
  readonly italic: boolean
  readonly window: MapWindow
  /** Cell with the ring around it, in the whole map; null for none. */
  readonly at: { readonly row: number; readonly column: number } | null
  readonly size: { readonly width: number; readonly height: number }
}

export const [leftOfMap, topOfMap, rightOfMap, bottomOfMap] = [196, 58, 18, 10]
/** The smallest cell that can still be hit and read. */
export const [leastRow, leastColumn] = [20, 20]
const mostCell = 34

/** 0 = no link, 8 = strongest. */
export function classOf(value: number | null, measure: MapMeasure): number {
  if (value === null) return 0
  const [shown, floors] = measure === 'q' ? [value <= 0 ? Infinity : -Math.log10(value), qClasses] : [value, aurocClasses]
  return Math.max(1, floors.findLastIndex((floor) => shown >= floor) + 1)
}

/** From no link to the strongest class. */
export const colourRamp = (theme: ChartTheme, measure: MapMeasure): readonly string[] =>
  measure === 'q' ? theme.evidence : [theme.evidence[0] ?? theme.other, ...theme.expression.slice(1)]

/** How many rows and columns fit, from those there are. */
export function fitting(map: ConceptMap, size: { width: number; height: number }): { rows: number; columns: number } {
  const within = (room: number, least: number, most: number): number => Math.max(1, Math.min(most, Math.floor(room / least)))
  return {
    rows: within(size.height - topOfMap - bottomOfMap, leastRow, map.concepts.length),
    columns: within(size.width - leftOfMap - rightOfMap, leastColumn, map.latents.length),
  }
}

/** Size of a picture of the whole map with its colour key. */
export function wholeSize(map: ConceptMap): { width: number; height: number } {
  return {
    width: leftOfMap + rightOfMap + map.latents.length * leastColumn,
    height: topOfMap + bottomOfMap + map.concepts.length * leastRow + 60,
  }
}

export function conceptMapOptions(drawing: MapDrawing, text: MapText, theme: ChartTheme, asPicture: boolean): ChartOption {
  const { map, measure, italic, window, size } = drawing
  const key = colourKey(measure, text, theme)
  const below = asPicture ? colourKeyHeight(key, size.width) + 8 : bottomOfMap
  const width = Math.min(size.width - leftOfMap - rightOfMap, window.columns * mostCell)
  const height = Math.min(size.height - topOfMap - below, window.rows * mostCell)
  const columns = map.latents.slice(window.column, window.column + window.columns)
  const rows = map.concepts.slice(window.row, window.row + window.rows)
  const style = axisStyle(theme)
  const bare = { ...style, axisLine: { show: false }, axisTick: { show: false } }
  const label = { ...style.axisLabel, hideOverlap: false, interval: 0 }
  const names = { color: theme.text, width: leftOfMap - 14, overflow: 'truncate' as const }
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: leftOfMap, top: topOfMap, width, height },
    tooltip: { ...tooltipStyle(theme), trigger: 'item', formatter: (hit: unknown) => said(hit, window, columns.length, text) },
    xAxis: {
      ...bare,
      type: 'category',
      position: 'top',
      data: columns.map(({ id }) => text.feature(id)),
      axisLabel: { ...label, rotate: 60, margin: 7 },
    },
    yAxis: {
      ...bare,
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLabel: { ...label, ...names, fontStyle: italic ? 'italic' : 'normal' },
    },
    visualMap: {
      ...{ type: 'piecewise', show: false, seriesIndex: 0, dimension: 2 },
      pieces: colourRamp(theme, measure).map((color, value) => ({
        value,
        color,
      })),
    },
    series: [
      {
        id: 'cells',
        type: 'heatmap',
        data: cellsOf(drawing, rows.length, columns.length),
        itemStyle: { borderColor: theme.surface, borderWidth: 1.5 },
        emphasis: { disabled: true },
      },
      ...ring(drawing, { width: width / window.columns, height: height / window.rows }, theme),
    ],
    graphic: asPicture ? colourKeyGraphic(key, size.width, size.height, theme) : [],
  }
}

/** Place and class of every cell of the window. */
function cellsOf({ map, measure, window }: MapDrawing, rows: number, columns: number): number[][] {
  const classes = new Map(map.pairs.map((pair) => [`${pair.concept} ${pair.latent}`, classOf(pair.value, measure)]))
  return Array.from({ length: rows * columns }, (_, at) => {
    const [x, y] = [at % columns, Math.floor(at / columns)]
    return [x, y, classes.get(`${window.row + y} ${window.column + x}`) ?? 0]
  })
}

/** A line of the accent on one of the surface, so that it stands out from every class. */
function ring({ at, window }: MapDrawing, cell: { width: number; height: number }, theme: ChartTheme): ScatterSeriesOption[] {
  const [x, y] = at === null ? [-1, -1] : [at.column - window.column, at.row - window.row]
  const isIn = x >= 0 && x < window.columns && y >= 0 && y < window.rows
  const line = (id: string, borderColor: string, borderWidth: number): ScatterSeriesOption => ({
    ...{ id, type: 'scatter', symbol: 'rect', silent: true, z: 5, data: isIn ? [[x, y]] : [] },
    symbolSize: [cell.width - 1, cell.height - 1],
    itemStyle: { color: 'transparent', borderColor, borderWidth },
  })
  return [line('ring-ground', theme.surface, 5), line('ring', theme.accent, 2)]
}

function said(hit: unknown, window: MapWindow, columns: number, text: MapText): string {
  const index = typeof hit === 'object' && hit !== null && 'dataIndex' in hit ? Number(hit.dataIndex) : -1
  if (index < 0) return ''
  return text.cell(window.row + Math.floor(index / columns), window.column + (index % columns))
}

const colourKey = (measure: MapMeasure, { key }: MapText, theme: ChartTheme): ColourKey => ({
  kind: 'ramp',
  title: key.title,
  off: { name: key.off, colour: theme.evidence[0] ?? theme.other },
  colours: colourRamp(theme, measure).slice(1),
  ticks: key.ticks,
})
