// The colour key drawn into a picture of a map: on the screen it is part of the page, in a file it must not be missing.
// Pure; pixels from the lower left corner.
import type { GraphicComponentOption } from 'echarts/components'
import type { ChartTheme } from './theme'

export type ColourKey =
  | {
      readonly kind: 'ramp'
      readonly title: string
      readonly off: { readonly name: string; readonly colour: string }
      readonly colours: readonly string[]
      readonly ticks: readonly string[]
    }
  | {
      readonly kind: 'category'
      readonly title: string
      readonly levels: readonly { readonly name: string; readonly colour: string }[]
    }

const [left, bottom] = [12, 10]
const [lineHeight, stepWidth, barHeight] = [15, 16, 9]
const columnWidth = 150

/** How much room the key takes above the lower edge of the picture. */
export function colourKeyHeight(key: ColourKey, width: number): number {
  const lines = key.kind === 'ramp' ? 2 : Math.ceil(key.levels.length / columnsIn(width))
  return bottom + (lines + 1) * lineHeight
}

const columnsIn = (width: number): number => Math.max(1, Math.floor((width - 2 * left) / columnWidth))

/** Graphic elements of an option for a picture of the given size. */
export function colourKeyGraphic(key: ColourKey, width: number, height: number, theme: ChartTheme): GraphicComponentOption[] {
  const top = height - colourKeyHeight(key, width)
  const words = (
    text: string,
    x: number,
    y: number,
    align: 'left' | 'center' | 'right' = 'left',
    weight = 400,
  ): GraphicComponentOption => ({
    type: 'text',
    silent: true,
    style: { text, x, y, align, verticalAlign: 'middle', fill: theme.text, font: `${weight} 11px ${theme.font}` },
  })
  const box = (colour: string, x: number, y: number, boxWidth: number): GraphicComponentOption => ({
    type: 'rect',
    silent: true,
    shape: { x, y: y - barHeight / 2, width: boxWidth, height: barHeight },
    style: { fill: colour },
  })
  const title = words(key.title, left, top + lineHeight / 2, 'left', 600)
  if (key.kind === 'category') {
    const columns = columnsIn(width)
    const levels = key.levels.flatMap((level, at) => {
      const x = left + (at % columns) * columnWidth
      const y = top + lineHeight * (1.5 + Math.floor(at / columns))
      return [box(level.colour, x, y, barHeight), words(level.name, x + barHeight + 5, y)]
    })
    return [title, ...levels]
  }
  const barLeft = left + Math.max(24, key.off.name.length * 6 + 8)
  const barWidth = stepWidth * key.colours.length
  const [barY, ticksY] = [top + lineHeight * 1.5, top + lineHeight * 2.5]
  const bar =
    key.ticks.length === 0 ? [] : key.colours.map((colour, step) => box(colour, barLeft + step * stepWidth, barY, stepWidth))
  const ticks = key.ticks.map((tick, at) => {
    const share = key.ticks.length < 2 ? 0 : at / (key.ticks.length - 1)
    return words(tick, barLeft + share * barWidth, ticksY, share === 0 ? 'left' : share === 1 ? 'right' : 'center')
  })
  return [title, box(key.off.colour, left, barY, 18), ...bar, words(key.off.name, left, ticksY), ...ticks]
}
