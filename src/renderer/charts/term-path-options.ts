// The path of a term through its ontology as a picture: an indented list with its lines, as the page shows it. Pure.
import type { GraphicComponentOption } from 'echarts/components'
import type { TermPath } from '@contract'
import type { ChartTable } from './chart-table'
import type { ChartOption } from './echarts'
import type { ChartTheme } from './theme'

export type PathPlace = 'above' | 'term' | 'other' | 'below'
/** One line of the list. */
export interface PathLine {
  readonly place: PathPlace
  readonly depth: number
  readonly id: string
  readonly name: string
  readonly relation: TermPath['path'][number]['relation']
  readonly latents: number | null
}
export interface PathText {
  readonly title: string
  readonly alsoUnder: (name: string) => string
  readonly features: (latents: number | null) => string
  readonly columns: Readonly<Record<'place' | 'id' | 'name' | 'relation' | 'features', string>>
  readonly places: Readonly<Record<PathPlace, string>>
}

/** Root first; then the term, its other parents, its children. */
export function pathLines({ path, others, children }: TermPath): PathLine[] {
  const depth = path.length - 1
  return [
    ...path.map((term, at) => ({ ...term, place: at === depth ? ('term' as const) : ('above' as const), depth: at })),
    ...others.map((term) => ({ ...term, place: 'other' as const, depth })),
    ...children.map((term) => ({ ...term, place: 'below' as const, depth: depth + 1 })),
  ]
}

const [lineHeight, indent, margin, headHeight, width] = [22, 18, 14, 30, 560]

export const pathSize = (lines: readonly PathLine[]): { width: number; height: number } => ({
  width: Math.max(width, 300 + margin + indent * Math.max(0, ...lines.map(({ depth }) => depth))),
  height: headHeight + lines.length * lineHeight + margin,
})

export function termPathOptions(lines: readonly PathLine[], text: PathText, theme: ChartTheme): ChartOption {
  const size = pathSize(lines)
  const words = (
    value: string,
    x: number,
    y: number,
    style: { fill: string; weight?: number; right?: boolean },
  ): GraphicComponentOption => ({
    type: 'text',
    silent: true,
    style: {
      ...{ text: value, x, y, fill: style.fill, verticalAlign: 'middle', align: style.right ? 'right' : 'left' },
      font: `${style.weight ?? 400} 11px ${theme.font}`,
    },
  })
  const elements = lines.flatMap(({ place, depth, name, relation, latents }, at): GraphicComponentOption[] => {
    const [x, y] = [margin + depth * indent, headHeight + (at + 0.5) * lineHeight]
    const rails = Array.from({ length: depth }, (_, level): GraphicComponentOption => {
      const rail = margin + level * indent + 4
      return {
        type: 'line',
        silent: true,
        shape: { x1: rail, x2: rail, y1: y - lineHeight / 2, y2: y + lineHeight / 2 },
        style: { stroke: theme.line, lineWidth: 1 },
      }
    })
    const shown = place === 'other' ? text.alsoUnder(name) : name
    const note = [relation, text.features(latents)].filter((part) => part !== null && part !== '').join(' · ')
    return [
      ...rails,
      words(shown, x + 8, y, { fill: place === 'other' ? theme.text2 : theme.text, weight: place === 'term' ? 700 : 400 }),
      words(note, size.width - margin, y, { fill: theme.text2, right: true }),
    ]
  })
  return {
    animation: false,
    graphic: [words(text.title, margin, headHeight / 2, { fill: theme.text, weight: 700 }), ...elements],
    series: [],
  }
}

export const pathTable = (lines: readonly PathLine[], { columns, places }: PathText): ChartTable => ({
  columns: (['place', 'id', 'name', 'relation', 'features'] as const).map((key) => ({ key, title: columns[key] })),
  rows: lines.map(({ place, id, name, relation, latents }) => [places[place], id, name, relation, latents]),
})
