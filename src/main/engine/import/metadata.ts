// From a column as stored to a column as shown: category, number or text.
// Invariant: integers that name clusters become categories; text with more than `mostLevels` values never does.
import { limits, type MetadataInfo, type Problem } from '@contract'
import type { ImportedColumn } from './imported-data'
import { counted, info, warning } from './problems'
import type { ColumnValues, FrameColumn, OpenSource } from './source-reader'

export const mostLevels = 1000
const mostNumberedGroups = 50
const namesOfGroups = /cluster|leiden|louvain|batch|donor|patient|sample|lane|plate|group|class|type|ident|replicate|label/i

/** All columns of the cells; `roles` are the columns the user gave a role, which makes them categories. */
export function importedColumns(source: OpenSource, roles: readonly string[], problems: Problem[]): ImportedColumn[] {
  return source.cells.columns.flatMap((column) => {
    if (isTooLong(column.values)) {
      problems.push(
        warning(
          'TEXT_TOO_LONG',
          `${column.name} holds longer texts than a label of a cell can be and is left out.`,
          'Nothing needs to be done, unless you need this column: then shorten its texts.',
        ),
      )
      return []
    }
    const shown = typed(column, roles.includes(column.name))
    if (shown.kind === 'category') return { ...shown, colours: source.colours(column.name, shown.levels.length)?.slice() ?? null }
    if (shown.kind === 'text' && column.values.kind === 'category') {
      problems.push(
        info(
          'TOO_MANY_LEVELS',
          `${column.name} has ${counted(column.values.levels.length)} different values; kept as text, not as colour.`,
          'Nothing needs to be done.',
        ),
      )
    }
    return shown
  })
}

/** Characters of a column together; a text that rows share in the file counts for each of them, because it is stored for each. */
const mostCharacters = 250_000_000

/** Whether a text is beyond every label, or all together are too much for a project. */
function isTooLong(values: ColumnValues): boolean {
  if (values.kind === 'number') return false
  if (values.kind === 'category') {
    if (values.levels.some((level) => level.length > limits.textLength)) return true
    if (values.levels.length <= mostLevels) return false
    return sum(values.codes, (code) => values.levels[code]?.length ?? 0) > mostCharacters
  }
  return (
    values.texts.some((text) => (text?.length ?? 0) > limits.textLength) ||
    sum(values.texts, (text) => text?.length ?? 0) > mostCharacters
  )
}

function sum<T>(list: Iterable<T>, of: (each: T) => number): number {
  let total = 0
  for (const each of list) total += of(each)
  return total
}

function typed({ name, values }: FrameColumn, wanted: boolean): ImportedColumn {
  switch (values.kind) {
    case 'category':
      return values.levels.length > mostLevels
        ? textColumn(name, labelled(values))
        : categoryColumn(name, [...values.levels], values.codes)
    case 'number':
      return wanted || namesGroups(name, values)
        ? fromTexts(name, numberTexts(values.values), true)
        : numberColumn(name, values.values)
    case 'text':
      return fromTexts(name, values.texts, wanted)
  }
}

const blank = { role: null, levels: [], colours: null, codes: null, numbers: null, texts: null }
const textColumn = (name: string, texts: string[]): ImportedColumn => ({ ...blank, name, kind: 'text', texts })
const numberColumn = (name: string, values: Float64Array): ImportedColumn => ({
  ...blank,
  name,
  kind: 'number',
  numbers: Float32Array.from(values),
})
const categoryColumn = (name: string, levels: string[], codes: Int32Array): ImportedColumn => ({
  ...blank,
  name,
  kind: 'category',
  levels,
  codes,
})

const labelled = (values: Extract<ColumnValues, { kind: 'category' }>): string[] =>
  Array.from(values.codes, (code) => values.levels[code] ?? '')
const numberTexts = (values: Float64Array): (string | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : String(value)))

/** Whole numbers that name groups: few of them, and either called so or running 0…n or 1…n without a gap. */
function namesGroups(name: string, values: Extract<ColumnValues, { kind: 'number' }>): boolean {
  if (!values.whole) return false
  const different = new Set<number>()
  for (const value of values.values) {
    if (Number.isNaN(value)) continue
    different.add(value)
    if (different.size > mostNumberedGroups) return false
  }
  if (different.size < 2 || different.size * 4 > values.values.length) return false
  const [smallest, largest] = [Math.min(...different), Math.max(...different)]
  return namesOfGroups.test(name) || ((smallest === 0 || smallest === 1) && largest - smallest + 1 === different.size)
}

/** Text with few values becomes a category (levels in natural order), text that names every cell stays text. */
function fromTexts(name: string, texts: readonly (string | null)[], wanted: boolean): ImportedColumn {
  const different = new Set<string>()
  for (const text of texts) if (text !== null && text !== '') different.add(text)
  const identifies = different.size > 20 && different.size > texts.length / 2
  if (different.size > mostLevels || (identifies && !wanted) || different.size === 0)
    return textColumn(
      name,
      texts.map((text) => text ?? ''),
    )
  const levels = [...different].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1))
  const codeOf = new Map(levels.map((level, code) => [level, code]))
  return categoryColumn(
    name,
    levels,
    Int32Array.from(texts, (text) => codeOf.get(text ?? '') ?? -1),
  )
}

/** One value as the preview shows it. */
export function shownValue(column: ImportedColumn, cell: number): string {
  if (column.codes) return column.levels[column.codes[cell] ?? -1] ?? '–'
  if (column.numbers) {
    const value = column.numbers[cell] ?? NaN
    return Number.isNaN(value) ? '–' : String(Number(value.toPrecision(6)))
  }
  return column.texts?.[cell] || '–'
}

const shownColours = 12

/** The line of a column in the review. */
export function metadataInfo(column: ImportedColumn): MetadataInfo {
  const shown: string[] = []
  if (column.kind === 'category') shown.push(...column.levels.slice(0, 3))
  const rows = column.numbers?.length ?? column.texts?.length ?? 0
  for (let cell = 0; column.kind !== 'category' && cell < rows && shown.length < 3; cell++) {
    const value = shownValue(column, cell)
    if (value !== '–' && !shown.includes(value)) shown.push(value)
  }
  const levels = column.kind === 'category' ? column.levels.length : column.texts ? new Set(column.texts).size : 0
  const colours = column.colours ? { colours: column.colours.slice(0, shownColours) } : {}
  return { name: column.name, kind: column.kind, levels, examples: shown, role: column.role, ...colours }
}

/** The same column for a choice of cells. */
export function keepCells(column: ImportedColumn, cells: Uint32Array): ImportedColumn {
  return {
    ...column,
    codes: column.codes && Int32Array.from(cells, (cell) => column.codes?.[cell] ?? -1),
    numbers: column.numbers && Float32Array.from(cells, (cell) => column.numbers?.[cell] ?? NaN),
    texts: column.texts && Array.from(cells, (cell) => column.texts?.[cell] ?? ''),
  }
}
