// In how many cells the features of a run are on: a histogram over the log of the share of cells. Pure.
// The classes are the engine's: entry 0 = never on, entries 1…16 = quarter decades from 0.01 % to 100 %.
import { axisStyle, countAxisStyle, textStyle, tooltipStyle } from './axes'
import type { ChartTable } from './chart-table'
import type { ChartOption } from './echarts'
import { formatCount, formatShare } from './number-format'
import type { ChartTheme } from './theme'

export interface DensityChartText {
  readonly share: string
  readonly never: string
  readonly features: string
  /** What the paler bars are. */
  readonly rare: string
  readonly dense: string
}
export interface DensityColumns {
  readonly share: string
  readonly features: string
}

/** Empty places that keep "never" and its label apart from the scale. */
const gap = 2

/** Lower end of a class of density, as a share: class 1 holds everything up to 10⁻⁴·10^¼. */
export const densityFloor = (place: number): number => 10 ** (-4 + (place - 1) / 4)
const densityName = (place: number): string =>
  `${formatShare(densityFloor(place), 2)}–${formatShare(Math.min(1, densityFloor(place + 1)), 2)}`

type Kind = 'never' | 'rare' | 'usual' | 'dense'
/** Of a class as a whole: rare where all of it lies below `rareShare`. */
function kindOf(place: number, rareShare: number): Kind {
  if (place === 0) return 'never'
  if (densityFloor(place) >= 0.5) return 'dense'
  return densityFloor(place + 1) <= rareShare ? 'rare' : 'usual'
}

/** Features in classes that are rare as a whole. */
export const rareCount = (counts: readonly number[], rareShare: number): number =>
  counts.reduce((sum, count, place) => sum + (kindOf(place, rareShare) === 'rare' ? count : 0), 0)

/** How many features are on in which share of cells: "never" apart and grey, rare ones paler, over half in amber. */
export function densityOptions(
  counts: readonly number[],
  text: DensityChartText,
  theme: ChartTheme,
  rareShare: number,
): ChartOption {
  const decades: Readonly<Record<number, string>> = { 1: '0.01%', 5: '0.1%', 9: '1%', 13: '10%' }
  const places = counts.map((_, place) => place)
  const colours = coloursOf(theme)
  const kind = (place: number): Kind => kindOf(place, rareShare)
  const meaning: Readonly<Record<Kind, string>> = { never: '', rare: text.rare, usual: '', dense: text.dense }
  return {
    animation: false,
    textStyle: textStyle(theme),
    grid: { left: 44, top: 26, right: 14, bottom: 38 },
    tooltip: {
      ...tooltipStyle(theme),
      trigger: 'item',
      formatter: (hit: unknown) => {
        const index = typeof hit === 'object' && hit !== null && 'dataIndex' in hit ? Number(hit.dataIndex) : 0
        const place = placeOf(index)
        const lines = [place === 0 ? text.never : densityName(place), `${formatCount(counts[place] ?? 0)} ${text.features}`]
        return [...lines, meaning[kind(place)]].filter(Boolean).join('\n')
      },
    },
    xAxis: {
      ...axisStyle(theme),
      type: 'category',
      data: [text.never, ...Array.from({ length: gap }, () => ''), ...places.slice(1).map((place) => decades[place] ?? '')],
      axisTick: { show: false },
      axisLabel: { ...axisStyle(theme).axisLabel, interval: 0, hideOverlap: false },
      name: text.share,
      nameLocation: 'middle',
      nameGap: 22,
    },
    yAxis: { ...countAxisStyle(theme), type: 'value', min: 0, minInterval: 1, splitNumber: 4 },
    graphic: [rareKey(rareCount(counts, rareShare) > 0 ? text.rare : '', colours.rare, theme)],
    series: [{ id: 'density', type: 'bar', barCategoryGap: '10%', data: bars(counts, kind, theme) }],
  }
}

/** Which class the bar at a place of the axis shows. */
const placeOf = (index: number): number => (index === 0 ? 0 : Math.max(1, index - gap))

function coloursOf(theme: ChartTheme): Readonly<Record<Kind, string>> {
  const evidence = theme.evidence[5] ?? theme.text
  return { never: theme.other, rare: theme.evidence[3] ?? evidence, usual: evidence, dense: theme.warn }
}

/** The bars from left to right; "never" and those of dense features carry their numbers. */
function bars(counts: readonly number[], kind: (place: number) => Kind, theme: ChartTheme) {
  const values = [counts[0] ?? 0, ...Array.from({ length: gap }, () => null), ...counts.slice(1)]
  const colours = coloursOf(theme)
  const label = { position: 'top' as const, color: theme.text2, fontSize: 11, fontFamily: theme.font }
  return values.map((count, index) => {
    const is = kind(placeOf(index))
    const isNumbered = index === 0 || (count !== null && count > 0 && is === 'dense')
    return { value: count ?? '-', itemStyle: { color: colours[is] }, label: { ...label, show: isNumbered } }
  })
}

/** A square of the colour and its meaning, at the right end above the bars; without words invisible, because charts keep what they drew. */
function rareKey(words: string, colour: string, theme: ChartTheme) {
  const style = { fontFamily: theme.font, fontSize: 11 }
  return {
    type: 'group' as const,
    id: 'rare-key',
    right: 14,
    top: 4,
    silent: true,
    children: [
      {
        type: 'rect' as const,
        shape: { x: 0, y: 2, width: 9, height: 9 },
        style: { fill: words === '' ? 'transparent' : colour },
      },
      { type: 'text' as const, x: 14, y: 1, style: { ...style, text: words, fill: theme.text2 } },
    ],
  }
}

/** The table twin of the density histogram. */
export function densityTable(counts: readonly number[], never: string, titles: DensityColumns): ChartTable {
  return {
    columns: [
      { key: 'share', title: titles.share },
      { key: 'features', title: titles.features, format: formatCount },
    ],
    rows: counts.map((count, place) => [place === 0 ? never : densityName(place), count]),
  }
}
