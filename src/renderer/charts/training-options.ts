// The two charts of a training run over its steps. Pure: points in, option out; every line is labelled where it ends.
import type { MetricPoint, RunControls } from '@contract'
import { niceEnd } from './activation-by-group-options'
import { axisStyle, countAxisStyle, textStyle, tooltipStyle } from './axes'
import type { ChartTable } from './chart-table'
import type { ChartOption } from './echarts'
import { formatCount, formatShare } from './number-format'
import type { ChartTheme } from './theme'

export interface TrainingChartText {
  readonly step: string
  readonly heldOut: string
  readonly training: string
  readonly pca: (axes: number) => string
  readonly untrained: string
  readonly onPerCell: string
  readonly dead: string
}
export interface TrainingCurve {
  readonly points: readonly MetricPoint[]
  readonly steps: number
  readonly controls: RunControls | null
}

const mostPoints = 600

/** At most 600 points: in each stretch the lowest and the highest value, so that no spike is lost. */
export function thinned(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  if (pairs.length <= mostPoints) return [...pairs]
  const stretch = Math.ceil(pairs.length / (mostPoints / 2))
  const kept: (readonly [number, number])[] = []
  for (let start = 0; start < pairs.length; start += stretch) {
    const part = pairs.slice(start, start + stretch)
    const low = part.reduce((best, pair) => (pair[1] < best[1] ? pair : best))
    const high = part.reduce((best, pair) => (pair[1] > best[1] ? pair : best))
    kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]))
  }
  return kept
}

const stepAxis = (steps: number, name: string, theme: ChartTheme) => ({
  ...axisStyle(theme),
  type: 'value' as const,
  min: 0,
  max: steps,
  splitNumber: 3,
  name,
  nameLocation: 'middle' as const,
  nameGap: 22,
  axisLabel: { ...axisStyle(theme).axisLabel, formatter: (step: number) => formatCount(step) },
})

const hasTwo = (value: unknown): value is readonly [number, number] => Array.isArray(value) && value.length >= 2
function tooltipLines(hits: unknown, step: string, write: (value: number) => string): string {
  const list: readonly unknown[] = Array.isArray(hits) ? hits : [hits]
  const lines = list.flatMap((hit) => {
    if (typeof hit !== 'object' || hit === null || !('value' in hit) || !('seriesName' in hit) || !hasTwo(hit.value)) return []
    return [{ at: hit.value[0], line: `${String(hit.seriesName)} ${write(hit.value[1])}` }]
  })
  const first = lines[0]
  return first ? [`${step} ${formatCount(first.at)}`, ...lines.map(({ line }) => line)].join('\n') : ''
}

/** Explained variance over steps: held-out solid, training dashed, controls as grey lines once known. */
export function explainedOptions(
  { points, steps, controls }: TrainingCurve,
  text: TrainingChartText,
  theme: ChartTheme,
): ChartOption {
  const colour = theme.categories[0] ?? theme.text
  const heldOut = points.flatMap((point) =>
    point.explainedHeldOut === null ? [] : [[point.step, point.explainedHeldOut] as const],
  )
  const train = points.map((point) => [point.step, point.explainedTrain] as const)
  const lowest = Math.min(0, ...train.map(([, value]) => value), ...heldOut.map(([, value]) => value))
  const label = (name: string, bold: boolean, above: boolean) => ({
    show: true,
    formatter: (hit: { value: unknown }) => `${name} ${formatShare(hasTwo(hit.value) ? Number(hit.value[1]) : null)}`,
    color: colour,
    fontSize: 11,
    fontFamily: theme.font,
    fontWeight: bold ? (650 as const) : (400 as const),
    offset: [0, above ? -8 : 8],
  })
  const control = (name: string, value: number | null) =>
    value === null
      ? []
      : [
          {
            yAxis: value,
            name,
            label: {
              formatter: name,
              position: 'end' as const,
              color: theme.text2,
              fontSize: 11,
              fontFamily: theme.font,
              distance: 4,
            },
          },
        ]
  const of = (pair: { readonly train: number; readonly heldOut: number | null }): number => pair.heldOut ?? pair.train
  const trainAbove = (train.at(-1)?.[1] ?? 0) >= (heldOut.at(-1)?.[1] ?? 0)
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: 46, top: 12, right: 112, bottom: 38 },
    tooltip: {
      ...tooltipStyle(theme),
      trigger: 'axis',
      formatter: (hits: unknown) => tooltipLines(hits, text.step, (value) => formatShare(value)),
    },
    xAxis: stepAxis(steps, text.step, theme),
    yAxis: {
      ...countAxisStyle(theme),
      type: 'value',
      // A model worse than the average cell falls below 0; a quarter below is as far as it is drawn.
      min: lowest < 0 ? -0.25 : 0,
      max: 1,
      interval: 0.25,
      axisLabel: { ...axisStyle(theme).axisLabel, formatter: (share: number) => formatShare(share, 0) },
    },
    series: [
      {
        id: 'held-out',
        name: text.heldOut,
        type: 'line',
        data: thinned(heldOut).map((pair) => [...pair]),
        showSymbol: false,
        lineStyle: { color: colour, width: 2 },
        itemStyle: { color: colour },
        endLabel: label(text.heldOut, true, !trainAbove),
      },
      {
        id: 'train',
        name: text.training,
        type: 'line',
        data: thinned(train).map((pair) => [...pair]),
        showSymbol: false,
        lineStyle: { color: colour, width: 1.25, type: 'dashed' },
        itemStyle: { color: colour },
        endLabel: label(text.training, false, trainAbove),
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: theme.axis, width: 1, type: 'solid' },
          data: controls
            ? [
                ...control(text.pca(controls.pca.axes), of(controls.pca.explainedVariance)),
                ...control(text.untrained, of(controls.untrained.explainedVariance)),
              ]
            : [],
        },
      },
    ],
  }
}

/** Two stacked small lines: features on per cell, dead features. */
export function sparsityOptions(
  { points, steps }: TrainingCurve,
  k: number,
  text: TrainingChartText,
  theme: ChartTheme,
): ChartOption {
  const line = (
    id: string,
    name: string,
    grid: number,
    colour: string,
    pairs: (readonly [number, number])[],
    write: (value: number) => string,
  ) => ({
    id,
    name,
    type: 'line' as const,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data: thinned(pairs).map((pair) => [...pair]),
    showSymbol: false,
    lineStyle: { color: colour, width: 1.75 },
    itemStyle: { color: colour },
    // The name stands above the end of the line, inside the frame.
    endLabel: {
      show: true,
      formatter: (hit: { value: unknown }) => `${name} ${hasTwo(hit.value) ? write(Number(hit.value[1])) : ''}`,
      color: colour,
      fontSize: 11,
      fontWeight: 600 as const,
      fontFamily: theme.font,
      align: 'right' as const,
      offset: [-6, -10],
    },
  })
  const l0 = points.map((point) => [point.step, point.l0] as const)
  const dead = points.map((point) => [point.step, point.dead] as const)
  // Room above the highest value for the name of the line; two equal steps to a round end.
  const axis = (gridIndex: number, values: readonly (readonly [number, number])[], least: number) => {
    const max = niceEnd(Math.max(least, ...values.map(([, value]) => value)) * 1.15)
    return { ...countAxisStyle(theme), type: 'value' as const, gridIndex, min: 0, max, interval: max / 2 }
  }
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: [
      { left: 44, top: 16, right: 18, height: '34%' },
      { left: 44, top: '53%', right: 18, bottom: 38 },
    ],
    tooltip: {
      ...tooltipStyle(theme),
      trigger: 'axis',
      formatter: (hits: unknown) =>
        tooltipLines(hits, text.step, (value) => (Number.isInteger(value) ? formatCount(value) : value.toFixed(1))),
    },
    xAxis: [
      { ...stepAxis(steps, '', theme), gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } },
      { ...stepAxis(steps, text.step, theme), gridIndex: 1 },
    ],
    yAxis: [axis(0, l0, 1.5 * k), axis(1, dead, 5)],
    series: [
      line('l0', text.onPerCell, 0, theme.categories[7] ?? theme.text, l0, (value) => value.toFixed(1)),
      line('dead', text.dead, 1, theme.categories[2] ?? theme.text, dead, formatCount),
    ],
  }
}

export interface TrainingColumns {
  readonly step: string
  readonly train: string
  readonly heldOut: string
  readonly l0: string
  readonly dead: string
}

/** The table twin of the two curves. */
export function curveTable(points: readonly MetricPoint[], titles: TrainingColumns): ChartTable {
  return {
    columns: [
      { key: 'step', title: titles.step, format: formatCount },
      { key: 'heldOut', title: titles.heldOut, format: (share) => formatShare(share) },
      { key: 'train', title: titles.train, format: (share) => formatShare(share) },
      { key: 'l0', title: titles.l0, format: (value) => value.toFixed(1) },
      { key: 'dead', title: titles.dead, format: formatCount },
    ],
    rows: points.map((point) => [point.step, point.explainedHeldOut, point.explainedTrain, point.l0, point.dead]),
  }
}
