// How strongly a latent is on in each group of cells: boxes at 5, 25, 50, 75 and 95 % of the cells that are on.
// Pure; dots are spread by the golden ratio, so that a picture is the same each time.
import type { BoxplotSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { ChartOption } from './echarts'
import { axisStyle, textStyle, tooltipStyle } from './axes'
import type { GroupActivation } from './group-activation'
import { formatCount, formatShare, formatValue } from './number-format'
import type { ChartTheme } from './theme'

export interface GroupChartText {
  readonly axis: string
  readonly on: (share: string) => string
  readonly tooltip: (group: { name: string; cells: string; on: string; median: string }) => string
}

const nameWidth = 106

/** `colours` by code of the level. The first group stands on top. */
export function activationByGroupOptions(
  groups: readonly GroupActivation[],
  colours: readonly string[],
  text: GroupChartText,
  theme: ChartTheme,
): ChartOption {
  // A category axis counts from below.
  const rows = [...groups].reverse()
  const end = niceEnd(Math.max(0, ...groups.flatMap((group) => [group.box?.[4] ?? 0, ...group.dots])))
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: nameWidth + 12, top: 6, right: 62, bottom: 38 },
    tooltip: { ...tooltipStyle(theme), trigger: 'item', formatter: (hit: unknown) => groupTooltip(rows, hit, text) },
    xAxis: {
      ...axisStyle(theme),
      type: 'value',
      min: 0,
      max: end,
      name: text.axis,
      nameLocation: 'middle',
      nameGap: 22,
      splitNumber: 3,
      splitLine: { show: true, lineStyle: { color: theme.lineSoft, width: 1 } },
    },
    yAxis: [groupAxis(rows, theme), { type: 'value', min: -0.5, max: rows.length - 0.5, show: false }],
    series: [dotSeries(rows, theme), boxSeries(rows, colours, theme), shareSeries(rows, end, text, theme)],
  }
}

function groupAxis(rows: readonly GroupActivation[], theme: ChartTheme) {
  return {
    type: 'category' as const,
    data: rows.map((group) => group.name),
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: theme.text,
      fontSize: 11,
      fontFamily: theme.font,
      margin: 6,
      interval: 0,
      width: nameWidth,
      overflow: 'truncate' as const,
    },
  }
}

function dotSeries(rows: readonly GroupActivation[], theme: ChartTheme): ScatterSeriesOption {
  return {
    id: 'dots',
    type: 'scatter',
    yAxisIndex: 1,
    dimensions: ['x', 'y'],
    data: spreadDots(rows),
    symbolSize: 2.2,
    itemStyle: { color: theme.other, opacity: 0.8 },
    silent: true,
  }
}

function boxSeries(rows: readonly GroupActivation[], colours: readonly string[], theme: ChartTheme): BoxplotSeriesOption {
  return {
    id: 'boxes',
    type: 'boxplot',
    boxWidth: [7, 9],
    itemStyle: { borderWidth: 1.3 },
    data: rows.map((group) => ({
      name: group.name,
      value: group.box === null ? ['-', '-', '-', '-', '-'] : [...group.box],
      itemStyle: { color: theme.surface, borderColor: colours[group.code] ?? theme.other },
    })),
  }
}

/** The share of cells that are on, written at the right end of each row. */
function shareSeries(
  rows: readonly GroupActivation[],
  end: number,
  text: GroupChartText,
  theme: ChartTheme,
): ScatterSeriesOption {
  return {
    id: 'shares',
    type: 'scatter',
    symbolSize: 1,
    itemStyle: { color: 'transparent' },
    silent: true,
    data: rows.map((group, row) => ({ name: text.on(formatShare(group.on / group.cells, 0)), value: [end, row] })),
    label: {
      show: true,
      formatter: '{b}',
      position: 'right',
      distance: 6,
      color: theme.text2,
      fontSize: 11,
      fontFamily: theme.font,
    },
  }
}

function groupTooltip(rows: readonly GroupActivation[], hit: unknown, text: GroupChartText): string {
  const index = typeof hit === 'object' && hit !== null && 'dataIndex' in hit ? Number(hit.dataIndex) : -1
  const group = rows[index]
  if (group === undefined) return ''
  return text.tooltip({
    name: group.name,
    cells: formatCount(group.cells),
    on: `${formatCount(group.on)} (${formatShare(group.on / group.cells)})`,
    median: formatValue(group.median),
  })
}

/** Flat x,y pairs; y is the row plus a repeatable offset within ±0.28. */
function spreadDots(rows: readonly GroupActivation[]): Float32Array {
  const points = new Float32Array(2 * rows.reduce((sum, group) => sum + group.dots.length, 0))
  let at = 0
  rows.forEach((group, row) => {
    group.dots.forEach((value, dot) => {
      // The golden ratio spreads successive dots evenly without a random source.
      points[at++] = value
      points[at++] = row + (((dot * 0.618034) % 1) - 0.5) * 0.56
    })
  })
  return points
}

/** The end of an axis that holds `largest`: 1, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten. */
export function niceEnd(largest: number): number {
  if (!(largest > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(largest))
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((multiple) => multiple * power >= largest * 0.999999) ?? 10
  return step * power
}
