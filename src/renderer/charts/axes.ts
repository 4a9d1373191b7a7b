// Axis, tooltip and text styles shared by every chart, so that all of them look like one hand drew them.
import type { ChartTheme } from './theme'

/** Thin axis line, short ticks, 11 px labels in the secondary text colour. */
export function axisStyle(theme: ChartTheme) {
  return {
    axisLine: { show: true, lineStyle: { color: theme.axis, width: 1 } },
    axisTick: { show: true, length: 3, lineStyle: { color: theme.axis } },
    axisLabel: { color: theme.text2, fontSize: 11, fontFamily: theme.font, margin: 6, hideOverlap: true },
    splitLine: { show: false },
    nameTextStyle: { color: theme.text2, fontSize: 11, fontFamily: theme.font },
  }
}

/** A value axis with hairlines instead of an axis line. */
export function countAxisStyle(theme: ChartTheme) {
  return {
    ...axisStyle(theme),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: theme.lineSoft, width: 1 } },
  }
}

/** Tooltips are drawn on the canvas: the window's content policy allows no injected style. */
export function tooltipStyle(theme: ChartTheme) {
  return {
    renderMode: 'richText' as const,
    confine: true,
    backgroundColor: theme.surfaceOver,
    borderColor: theme.line,
    borderWidth: 1,
    padding: [6, 9],
    textStyle: { color: theme.text, fontSize: 11, fontFamily: theme.font, lineHeight: 16 },
  }
}

export function textStyle(theme: ChartTheme) {
  return { fontFamily: theme.font, fontSize: 11, color: theme.text2 }
}
