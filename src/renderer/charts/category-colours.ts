// Which colour stands for which level of a cell column: the file's own colours, else twelve in a fixed order and "other".
// Pure. A level keeps its colour in every chart of the page.
import type { ChartTheme } from './theme'

export interface CategoryClasses {
  /** Class of every cell: an index into `shown`; the last one is "other" when `hasOther`. */
  readonly classes: Uint8Array
  readonly shown: readonly { readonly name: string; readonly colour: string; readonly cells: number }[]
  readonly hasOther: boolean
}

export const categoryLimit = 12
const ownColoursLimit = 60

/** The levels that get a colour: all up to twelve, otherwise the eleven with most cells, in the order of the file. */
export function colouredLevels(levels: readonly string[], cells: readonly number[], hasOwnColours: boolean): number[] {
  const codes = levels.map((_, code) => code)
  if (levels.length <= (hasOwnColours ? ownColoursLimit : categoryLimit)) return codes
  const bySize = [...codes].sort((a, b) => (cells[b] ?? 0) - (cells[a] ?? 0) || a - b)
  return bySize.slice(0, categoryLimit - 1).sort((a, b) => a - b)
}

/** The colour of each level by code. */
export function levelColours(
  levels: readonly string[],
  cells: readonly number[],
  fileColours: readonly string[] | null,
  theme: ChartTheme,
): string[] {
  const own = fileColours !== null && fileColours.length === levels.length ? fileColours : null
  const coloured = colouredLevels(levels, cells, own !== null)
  return levels.map((_, code) => {
    const place = coloured.indexOf(code)
    if (place < 0) return theme.other
    return own?.[code] ?? theme.categories[place % categoryLimit] ?? theme.other
  })
}

/** Cells per level. */
export function levelSizes(codes: Int32Array, levelCount: number): number[] {
  const sizes = new Array<number>(levelCount).fill(0)
  for (const code of codes) if (code >= 0 && code < levelCount) sizes[code] = (sizes[code] ?? 0) + 1
  return sizes
}

/** Classes for a map coloured by a column; cells without a value and levels without a colour share "other". */
export function categoryClasses(
  codes: Int32Array,
  levels: readonly string[],
  fileColours: readonly string[] | null,
  otherName: string,
  theme: ChartTheme,
): CategoryClasses {
  const sizes = levelSizes(codes, levels.length)
  const own = fileColours !== null && fileColours.length === levels.length
  const coloured = colouredLevels(levels, sizes, own)
  const colours = levelColours(levels, sizes, fileColours, theme)
  const classOfLevel = new Map(coloured.map((code, place) => [code, place]))
  const classes = new Uint8Array(codes.length)
  let otherCells = 0
  for (let cell = 0; cell < codes.length; cell++) {
    const place = classOfLevel.get(codes[cell] ?? -1)
    if (place === undefined) otherCells++
    classes[cell] = place ?? coloured.length
  }
  const shown = coloured.map((code) => ({
    name: levels[code] ?? '',
    colour: colours[code] ?? theme.other,
    cells: sizes[code] ?? 0,
  }))
  if (otherCells > 0) shown.push({ name: otherName, colour: theme.other, cells: otherCells })
  return { classes, shown, hasOther: otherCells > 0 }
}
