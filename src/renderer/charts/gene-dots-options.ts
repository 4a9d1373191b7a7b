// The genes a feature shares with a term, best first: one dot each on the scale of AUROC. Pure.
import type { ScatterSeriesOption } from 'echarts/charts'
import { axisStyle, countAxisStyle, textStyle, tooltipStyle } from './axes'
import type { ChartOption } from './echarts'
import type { ChartTheme } from './theme'

export interface GeneDot {
  readonly gene: string
  readonly auroc: number
}

export const geneDotHeight = 17
export const geneDotsMargin = 28
/** Below this a gene tells hardly anything: grey. */
const telling = 0.6

export function geneDotsOptions(genes: readonly GeneDot[], tooltip: (dot: GeneDot) => string, theme: ChartTheme): ChartOption {
  const style = axisStyle(theme)
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: 82, top: 4, right: 20, bottom: 24 },
    tooltip: {
      ...tooltipStyle(theme),
      trigger: 'item',
      formatter: (hit: unknown) => {
        const dot = genes[typeof hit === 'object' && hit !== null && 'dataIndex' in hit ? Number(hit.dataIndex) : -1]
        return dot === undefined ? '' : tooltip(dot)
      },
    },
    xAxis: {
      ...countAxisStyle(theme),
      axisLine: style.axisLine,
      type: 'value',
      min: 0.4,
      max: 1,
      interval: 0.2,
      axisLabel: { ...style.axisLabel, formatter: (value: number) => value.toFixed(1) },
    },
    yAxis: {
      ...style,
      type: 'category',
      inverse: true,
      data: genes.map(({ gene }) => gene),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...style.axisLabel,
        interval: 0,
        hideOverlap: false,
        fontStyle: 'italic',
        color: theme.text,
        width: 74,
        overflow: 'truncate',
      },
    },
    series: [dotSeries(genes, theme)],
  }
}

const dotSeries = (genes: readonly GeneDot[], theme: ChartTheme): ScatterSeriesOption => ({
  id: 'genes',
  type: 'scatter',
  symbolSize: 8,
  data: genes.map(({ auroc }, at) => ({
    value: [Math.max(0.4, auroc), at],
    itemStyle: { color: auroc >= telling ? (theme.expression[6] ?? theme.text) : theme.other },
  })),
  markLine: {
    symbol: 'none',
    silent: true,
    animation: false,
    lineStyle: { color: theme.text3, type: [3, 3] },
    label: { show: false },
    data: [{ xAxis: 0.5 }],
  },
})
