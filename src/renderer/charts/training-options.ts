// The two charts of a training run over its steps. Pure: points in, option out; every line is labelled where it ends.
import type { MetricPoint, RunControls } from '@contract'
import { niceEnd } from './activation-by-group-options'
import { axisStyle, countAxisStyle, textStyle, tooltipStyle } from './axes'
import type { ChartTable } from './chart-table'
import type { ChartOption } from './echarts'
import { labelWidth, spreadLabels } from './label-spread'
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

const isRound = (value: number): boolean => Number.isInteger(value) && niceEnd(value) === value
/** Stretches that end at the last step where that is possible; else its label is left out. */
function stepInterval(steps: number): number {
  const even = [3, 4, 5, 2].map((stretches) => steps / stretches).find(isRound)
  return even ?? Math.max(1, Math.ceil(niceEnd(steps / 3)))
}
function stepAxis(steps: number, name: string, theme: ChartTheme) {
  const interval = stepInterval(steps)
  return {
    ...axisStyle(theme),
    type: 'value' as const,
    min: 0,
    max: steps,
    interval,
    name,
    nameLocation: 'middle' as const,
    nameGap: 22,
    axisLabel: {
      ...axisStyle(theme).axisLabel,
      showMaxLabel: steps % interval === 0,
      formatter: (step: number) => formatCount(step),
    },
  }
}

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

type Pairs = readonly (readonly [number, number])[]
const lineData = (pairs: Pairs): number[][] => thinned(pairs).map((pair) => [...pair])
const lastOf = (hit: { value: unknown }): number | null => (hasTwo(hit.value) ? hit.value[1] : null)
const highest = (pairs: Pairs): number => Math.max(0, ...pairs.map(([, value]) => value))
const labelText = (theme: ChartTheme) => ({ fontSize: 11, fontFamily: theme.font })

/** Height of the plot in the smallest frame; names kept apart there are apart in any taller one. */
const smallestPlot = 180
/** How far each name of a line moves down, in pixels, so that none is written over another. */
function shiftsOf(names: readonly { readonly name: string; readonly value: number }[], range: number): number[] {
  return spreadLabels(names.map(({ name, value }) => ({ x: 0, y: -(value / range) * smallestPlot, width: labelWidth(name) })))
}

/** A curve named where it ends. */
function explainedLine(
  curve: {
    readonly id: string
    readonly name: string
    readonly pairs: Pairs
    readonly isMain: boolean
    readonly shift: number
  },
  theme: ChartTheme,
) {
  const colour = theme.categories[0] ?? theme.text
  return {
    id: curve.id,
    name: curve.name,
    type: 'line' as const,
    data: lineData(curve.pairs),
    showSymbol: false,
    lineStyle: { color: colour, width: curve.isMain ? 2 : 1.25, type: curve.isMain ? ('solid' as const) : ('dashed' as const) },
    itemStyle: { color: colour },
    endLabel: {
      ...labelText(theme),
      show: true,
      formatter: (hit: { value: unknown }) => `${curve.name} ${formatShare(lastOf(hit))}`,
      color: colour,
      fontWeight: curve.isMain ? 650 : 400,
      offset: [0, curve.shift],
    },
  }
}

/** What PCA and the untrained copy explain, on held-out rows where there are some. */
function controlValues(controls: RunControls | null, text: TrainingChartText) {
  const of = (pair: { readonly train: number; readonly heldOut: number | null }): number => pair.heldOut ?? pair.train
  if (!controls) return []
  return [
    { name: text.pca(controls.pca.axes), value: of(controls.pca.explainedVariance) },
    { name: text.untrained, value: of(controls.untrained.explainedVariance) },
  ]
}

/** Grey lines across the chart, named at their right end. */
function controlLines(values: ReturnType<typeof controlValues>, shifts: readonly number[], theme: ChartTheme) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: theme.axis, width: 1, type: 'solid' as const },
    data: values.map(({ name, value }, at) => ({
      name,
      yAxis: value,
      label: {
        ...labelText(theme),
        formatter: name,
        position: 'end' as const,
        color: theme.text2,
        distance: 7,
        offset: [0, shifts[at] ?? 0],
      },
    })),
  }
}

/** Explained variance over steps: held-out solid, training dashed, controls as grey lines once known. */
export function explainedOptions(
  { points, steps, controls }: TrainingCurve,
  text: TrainingChartText,
  theme: ChartTheme,
): ChartOption {
  const heldOut = points.flatMap((point) =>
    point.explainedHeldOut === null ? [] : [[point.step, point.explainedHeldOut] as const],
  )
  const train = points.map((point) => [point.step, point.explainedTrain] as const)
  const isBelowZero = [...train, ...heldOut].some(([, value]) => value < 0)
  const beside = controlValues(controls, text)
  const [heldOutShift, trainShift, ...besideShifts] = shiftsOf(
    [
      // Without held-out rows the name of that curve takes no room.
      { name: text.heldOut, value: heldOut.at(-1)?.[1] ?? -9 },
      { name: text.training, value: train.at(-1)?.[1] ?? -9 },
      ...beside,
    ],
    isBelowZero ? 1.25 : 1,
  )
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
      min: isBelowZero ? -0.25 : 0,
      max: 1,
      interval: 0.25,
      axisLabel: { ...axisStyle(theme).axisLabel, formatter: (share: number) => `${Math.round(share * 100)}%` },
    },
    series: [
      explainedLine({ id: 'held-out', name: text.heldOut, pairs: heldOut, isMain: true, shift: heldOutShift ?? 0 }, theme),
      {
        ...explainedLine({ id: 'train', name: text.training, pairs: train, isMain: false, shift: trainShift ?? 0 }, theme),
        markLine: controlLines(beside, besideShifts, theme),
      },
    ],
  }
}

interface SmallLine {
  readonly id: string
  readonly name: string
  /** Which of the two stacked frames. */
  readonly frame: number
  readonly colour: string
  readonly pairs: Pairs
  readonly write: (value: number) => string
  readonly steps: number
}

/** A curve with its name above its end, inside the frame. */
function smallLine({ id, name, frame, colour, pairs, write, steps }: SmallLine, theme: ChartTheme) {
  // A short line has no room for its name before its end.
  const isShort = (pairs.at(-1)?.[0] ?? 0) < steps / 2
  return {
    id,
    name,
    type: 'line' as const,
    xAxisIndex: frame,
    yAxisIndex: frame,
    data: lineData(pairs),
    showSymbol: false,
    lineStyle: { color: colour, width: 1.75 },
    itemStyle: { color: colour },
    endLabel: {
      ...labelText(theme),
      show: true,
      formatter: (hit: { value: unknown }) => `${name} ${write(lastOf(hit) ?? 0)}`,
      color: colour,
      fontWeight: 600,
      align: isShort ? ('left' as const) : ('right' as const),
      offset: [isShort ? 0 : -6, -10],
    },
  }
}

/** Two stacked small lines: features on per cell, dead features. */
export function sparsityOptions(
  { points, steps }: TrainingCurve,
  k: number,
  text: TrainingChartText,
  theme: ChartTheme,
): ChartOption {
  const l0 = points.map((point) => [point.step, point.l0] as const)
  const dead = points.map((point) => [point.step, point.dead] as const)
  // Room above the highest value for the name of the line; two equal steps to a round end.
  const axis = (gridIndex: number, top: number) => {
    const max = 2 * niceEnd((top * 1.15) / 2)
    return { ...countAxisStyle(theme), type: 'value' as const, gridIndex, min: 0, max, interval: max / 2 }
  }
  const write = (value: number): string => (Number.isInteger(value) ? formatCount(value) : value.toFixed(1))
  const oneDecimal = (value: number): string => value.toFixed(1)
  const [green, red] = [theme.categories[7] ?? theme.text, theme.categories[2] ?? theme.text]
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: [
      { left: 44, top: 16, right: 26, height: '34%' },
      { left: 44, top: '53%', right: 26, bottom: 38 },
    ],
    tooltip: { ...tooltipStyle(theme), trigger: 'axis', formatter: (hits: unknown) => tooltipLines(hits, text.step, write) },
    xAxis: [
      { ...stepAxis(steps, '', theme), gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } },
      { ...stepAxis(steps, text.step, theme), gridIndex: 1 },
    ],
    yAxis: [axis(0, Math.max(1.5 * k, highest(l0))), axis(1, Math.max(5, highest(dead)))],
    series: [
      smallLine({ id: 'l0', name: text.onPerCell, frame: 0, colour: green, pairs: l0, write: oneDecimal, steps }, theme),
      smallLine({ id: 'dead', name: text.dead, frame: 1, colour: red, pairs: dead, write: formatCount, steps }, theme),
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
