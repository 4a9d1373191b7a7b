// A theme with recognisable colours for tests of chart options.
import type { ChartTheme } from '../../src/renderer/charts/theme'

const ramp = (name: string, length: number): string[] => Array.from({ length }, (_, step) => `${name}-${step}`)

export const testTheme: ChartTheme = {
  font: 'Inter',
  text: 'text',
  text2: 'text-2',
  text3: 'text-3',
  surface: 'surface',
  surfaceOver: 'surface-over',
  line: 'line',
  lineSoft: 'line-soft',
  axis: 'line-axis',
  accent: 'accent',
  warn: 'warn',
  good: 'good',
  bad: 'bad',
  categories: ramp('cat', 12),
  other: 'cat-12',
  activation: ramp('act', 9),
  expression: ramp('exp', 9),
  evidence: ramp('evi', 9),
  patterns: false,
}
