// How the values above 0 of a latent are spread: 14 to 40 equal bars in the colours of the activation ramp.
// Pure. Cells at 0 are never a bar: they would hide all others; their number stands in words beside the chart.
import type { ChartOption } from './echarts'
import { axisStyle, countAxisStyle, textStyle, tooltipStyle } from './axes'
import { rampClasses } from './cell-map-scale'
import { formatCount, formatValue } from './number-format'
import type { ChartTheme } from './theme'

export interface ValueHistogram {
  readonly counts: readonly number[]
  /** Upper end of the last bar; every bar is `upper / counts.length` wide. */
  readonly upper: number
  readonly on: number
}

const [fewestBars, mostBars] = [14, 40]

/** Equal bars from 0 to the largest value; the number of bars grows with the square root of the number of values. */
export function valueHistogram(values: Float32Array): ValueHistogram {
  const positive = values.filter((value) => value > 0)
  const bars = Math.min(mostBars, Math.max(fewestBars, Math.round(Math.sqrt(positive.length) / 2)))
  const counts = new Array<number>(bars).fill(0)
  const largest = positive.reduce((most, value) => Math.max(most, value), 0)
  for (const value of positive) {
    const bar = Math.min(bars - 1, Math.floor((value / largest) * bars))
    counts[bar] = (counts[bar] ?? 0) + 1
  }
  return { counts, upper: largest, on: positive.length }
}

export interface HistogramText {
  readonly axis: string
  readonly tooltip: (bar: { from: string; to: string; cells: string }) => string
}

/** `rampUpper` is the value at which the colour bar of the map ends, so that bars and cells share their colours. */
export function histogramOptions(
  histogram: ValueHistogram,
  rampUpper: number,
  text: HistogramText,
  theme: ChartTheme,
): ChartOption {
  const width = histogram.upper / histogram.counts.length
  const labelEvery = Math.ceil(histogram.counts.length / 3)
  const rampAt = (bar: number): number =>
    Math.min(rampClasses, 1 + Math.floor((((bar + 0.5) * width) / (rampUpper || 1)) * rampClasses))
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: 42, top: 8, right: 12, bottom: 38 },
    tooltip: {
      ...tooltipStyle(theme),
      trigger: 'item',
      formatter: (hit: unknown) => {
        const bar = typeof hit === 'object' && hit !== null && 'dataIndex' in hit ? Number(hit.dataIndex) : 0
        return text.tooltip({
          from: formatValue(bar * width),
          to: formatValue((bar + 1) * width),
          cells: formatCount(histogram.counts[bar] ?? 0),
        })
      },
    },
    xAxis: {
      ...axisStyle(theme),
      type: 'category',
      data: histogram.counts.map((_, bar) => formatValue(Number((bar * width).toPrecision(2)))),
      axisTick: { show: false },
      axisLabel: { ...axisStyle(theme).axisLabel, interval: (bar: number) => bar % labelEvery === 0 },
      name: text.axis,
      nameLocation: 'middle',
      nameGap: 22,
    },
    yAxis: {
      ...countAxisStyle(theme),
      type: 'value',
      min: 0,
      splitNumber: 3,
      minInterval: 1,
    },
    series: [
      {
        id: 'bars',
        type: 'bar',
        barCategoryGap: '12%',
        data: histogram.counts.map((count, bar) => ({
          value: count,
          itemStyle: { color: theme.activation[rampAt(bar)] ?? theme.other },
        })),
      },
    ],
  }
}
