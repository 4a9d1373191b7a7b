// The colours and type of charts, read from the CSS variables of the page: no colour literal lives in code.
// Invariant: ramps have 9 entries (0 = off), categories 12; a change of theme yields a new object.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

export interface ChartTheme {
  readonly font: string
  readonly text: string
  readonly text2: string
  readonly text3: string
  readonly surface: string
  readonly surfaceOver: string
  readonly line: string
  readonly lineSoft: string
  readonly axis: string
  readonly accent: string
  readonly warn: string
  readonly good: string
  readonly bad: string
  readonly categories: readonly string[]
  /** Levels beyond the twelve, and cells without a value. */
  readonly other: string
  readonly activation: readonly string[]
  readonly expression: readonly string[]
  readonly evidence: readonly string[]
  /** True under forced colours: charts then add patterns. */
  readonly patterns: boolean
}

const indices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

/** Reads the theme in force at an element. */
export function readChartTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element)
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const ramp = (name: string): readonly string[] => indices(9).map((step) => read(`${name}-${step}`))
  return {
    font: read('font-ui'),
    text: read('text'),
    text2: read('text-2'),
    text3: read('text-3'),
    surface: read('surface'),
    surfaceOver: read('surface-over'),
    line: read('line'),
    lineSoft: read('line-soft'),
    axis: read('line-axis'),
    accent: read('accent'),
    warn: read('warn'),
    good: read('good'),
    bad: read('bad'),
    categories: indices(12).map((category) => read(`cat-${category}`)),
    other: read('cat-12'),
    activation: ramp('act'),
    expression: ramp('exp'),
    evidence: ramp('evi'),
    patterns: matchMedia('(forced-colors: active)').matches,
  }
}

/** The light palette, whatever the window shows: pictures are made for paper. */
export function readPictureTheme(): ChartTheme {
  const probe = document.createElement('span')
  probe.dataset.theme = 'light'
  probe.hidden = true
  document.body.append(probe)
  const theme = readChartTheme(probe)
  probe.remove()
  return theme
}

/** The theme of the window, replaced whenever the user or the system changes it. */
export function useChartTheme(): Readonly<ShallowRef<ChartTheme>> {
  const root = document.documentElement
  const theme = shallowRef(readChartTheme(root))
  const reread = (): void => {
    theme.value = readChartTheme(root)
  }
  const observer = new MutationObserver(reread)
  observer.observe(root, { attributes: true, attributeFilter: ['data-theme'] })
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) => matchMedia(query))
  for (const query of queries) query.addEventListener('change', reread)
  onScopeDispose(() => {
    observer.disconnect()
    for (const query of queries) query.removeEventListener('change', reread)
  })
  return theme
}
