// The map of cells as a chart option: one scatter series per colour class, flat typed data, equal scale, no axes.
// Pure. Grey "off" cells come first, then the classes in rising order, so high values lie on top.
import type { LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { ChartOption } from './echarts'
import { textStyle } from './axes'
import { colourKeyGraphic, type ColourKey } from './colour-key-graphic'
import { labelWidth, spreadLabels } from './label-spread'
import { equalScale, extentOf, pointSize, type Extent, type GroupPlace } from './cell-map-scale'
import type { ChartTheme } from './theme'

export interface MapLayer {
  /** Flat x,y pairs of the cells of this class. */
  readonly points: Float32Array
  readonly colour: string
  /** Off or other: drawn smaller and fainter, below everything else. */
  readonly quiet: boolean
}

export interface CellMapView {
  readonly xy: Float32Array
  readonly layers: readonly MapLayer[]
  readonly labels: readonly GroupPlace[]
  /** A closed line around chosen cells, in units of the map; null when there is none. */
  readonly outline: readonly (readonly [x: number, y: number])[] | null
  /** Size of the frame in pixels. */
  readonly width: number
  readonly height: number
  /** Drawn into the chart when it stands alone, as in a picture. */
  readonly key: ColourKey | null
}

const padding = { left: 44, top: 18, right: 22, bottom: 56 } as const
/** Above this number of cells points are drawn as one batch without hit testing. */
const largeFrom = 2_000
const progressiveCells = 100_000

/** Room for tools at the left and the colour bar below is kept free unless the frame is tiny. */
export function mapFrame(width: number, height: number): { left: number; top: number; right: number; bottom: number } {
  return width < 260 || height < 200 ? { left: 8, top: 8, right: 8, bottom: 8 } : padding
}

export function cellMapOptions(view: CellMapView, theme: ChartTheme): ChartOption {
  const cells = view.xy.length / 2
  const frame = mapFrame(view.width, view.height)
  const scale = equalScale(extentOf(view.xy), view.width - frame.left - frame.right, view.height - frame.top - frame.bottom)
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: frame,
    xAxis: { type: 'value', min: scale.left, max: scale.right, show: false },
    yAxis: { type: 'value', min: scale.bottom, max: scale.top, show: false },
    graphic: view.key === null ? [] : colourKeyGraphic(view.key, view.width, view.height, theme),
    dataZoom: [
      { id: 'map-x', type: 'inside', xAxisIndex: 0, filterMode: 'none', minSpan: 1 },
      { id: 'map-y', type: 'inside', yAxisIndex: 0, filterMode: 'none', minSpan: 1 },
    ],
    series: [
      ...view.layers.map((layer, order) => layerSeries(layer, order, cells)),
      ...outlineSeries(view, theme),
      labelSeries(view, scale, theme),
    ],
  }
}

function layerSeries(layer: MapLayer, order: number, cells: number): ScatterSeriesOption {
  const size = pointSize(cells)
  return {
    id: `class-${order}`,
    type: 'scatter',
    // A typed array carries no names of its own, so the two dimensions are named here.
    dimensions: ['x', 'y'],
    data: layer.points,
    symbolSize: layer.quiet ? size * 0.85 : size,
    itemStyle: { color: layer.colour, opacity: layer.quiet ? 0.75 : 0.95 },
    large: cells > largeFrom,
    largeThreshold: largeFrom,
    progressive: progressiveCells,
    progressiveThreshold: progressiveCells,
    silent: true,
    clip: true,
    z: 2 + order,
  }
}

function outlineSeries({ outline }: CellMapView, theme: ChartTheme): LineSeriesOption[] {
  const first = outline?.[0]
  if (outline === null || first === undefined) return []
  const line: LineSeriesOption = {
    id: 'outline',
    type: 'line',
    data: [...outline, first].map(([x, y]) => [x, y]),
    showSymbol: false,
    silent: true,
    clip: true,
    lineStyle: { color: theme.text, width: 1.5, type: 'dashed' },
    z: 30,
  }
  return [line]
}

function labelSeries(view: CellMapView, scale: Extent, theme: ChartTheme): ScatterSeriesOption {
  const frame = mapFrame(view.width, view.height)
  // One unit is as long on x as on y, so one factor turns both into pixels.
  const pixels = (view.width - frame.left - frame.right) / (scale.right - scale.left)
  const shifts = spreadLabels(view.labels.map(({ name, x, y }) => ({ x: x * pixels, y: -y * pixels, width: labelWidth(name) })))
  return {
    id: 'labels',
    type: 'scatter',
    data: view.labels.map((label, at) => ({
      name: label.name,
      value: [label.x, label.y],
      label: { offset: [0, shifts[at] ?? 0] },
    })),
    symbolSize: 1,
    itemStyle: { color: 'transparent' },
    silent: true,
    label: {
      show: true,
      formatter: '{b}',
      position: 'inside',
      color: theme.text,
      fontSize: 11,
      fontWeight: 500,
      fontFamily: theme.font,
      textBorderColor: theme.surface,
      textBorderWidth: 3,
    },
    z: 40,
  }
}
