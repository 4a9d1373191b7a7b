// A source with only some of its cells, chosen by the values of their columns.
// Invariant: everything that has one row per cell is cut alike; parts with another number of rows stay as they are.
import type { CellFilter, Problem } from '@contract'
import { refuse } from '../../../base/refusal'
import { reorderedColumn, reorderedPart } from '../join/reorder'
import { counted, info } from '../problems'
import type { ColumnValues, Found, Frame, MatrixPart, OpenSource } from '../source-reader'

/** Only these cells, which ascend. */
export function onlyRows(source: OpenSource, kept: Uint32Array): OpenSource {
  const { rows } = source.cells
  const signed = Int32Array.from(kept)
  const cut = <T extends { readonly rows: number; readonly found: Found<MatrixPart> }>(each: T): T =>
    each.rows !== rows || each.found.part === null
      ? each
      : { ...each, rows: kept.length, found: { part: reorderedPart(each.found.part, kept), error: null } }
  return {
    ...source,
    cells: {
      ...source.cells,
      rows: kept.length,
      index: Array.from(kept, (cell) => source.cells.index[cell] ?? ''),
      columns: source.cells.columns.map(({ name, values }) => ({ name, values: reorderedColumn(values, signed) })),
    },
    embeddings: source.embeddings.map(cut),
    expressions: source.expressions.map(cut),
  }
}

/**
 * The cells that fit: any of the values asked for with `equal` in one column, all of the columns, none of the values excluded.
 * Refuses with CHOICE_UNKNOWN for columns and values that are not there, SUBSET_EMPTY when no cell is left.
 */
export function subset(source: OpenSource, filters: readonly CellFilter[]): OpenSource {
  if (filters.length === 0) return source
  const tests = [...new Set(filters.map((filter) => filter.column))].map((name) => {
    const values = columnOf(source.cells, name)
    const own = filters.filter((filter) => filter.column === name)
    for (const { value } of own) checkValue(name, values, value, source.cells.rows)
    const wanted = own.filter((filter) => filter.equal).map((filter) => filter.value)
    const excluded = own.filter((filter) => !filter.equal).map((filter) => filter.value)
    return (cell: number): boolean => {
      const text = textAt(values, cell)
      return (wanted.length === 0 || wanted.some((value) => same(text, value))) && !excluded.some((value) => same(text, value))
    }
  })
  const kept = Uint32Array.from({ length: source.cells.rows }, (_, cell) => cell).filter((cell) =>
    tests.every((fits) => fits(cell)),
  )
  const asked = filters.map(({ column, equal, value }) => `${column} ${equal ? '=' : '≠'} ${value === '' ? 'missing' : value}`)
  if (kept.length === 0) refuse('SUBSET_EMPTY', { filter: asked.join(' and ') })
  const message = `Only ${counted(kept.length)} of ${counted(source.cells.rows)} cells are taken: ${asked.join(', ')}.`
  const problem: Problem = info('CELLS_CHOSEN', message, 'Nothing needs to be done.')
  return { ...onlyRows(source, kept), problems: [...source.problems, problem] }
}

const shownValues = 12

function columnOf({ columns }: Frame, name: string): ColumnValues {
  const found = columns.find((column) => column.name === name)
  if (found) return found.values
  return refuse('CHOICE_UNKNOWN', {
    what: 'cell column',
    key: name,
    known: columns.map((column) => column.name).join(', ') || 'none',
  })
}

/** A value that no cell has is a slip of the pen, not a wish for nothing. */
function checkValue(name: string, values: ColumnValues, value: string, rows: number): void {
  const known = new Set<string>()
  for (let cell = 0; cell < rows; cell++) {
    const text = textAt(values, cell)
    if (same(text, value)) return
    if (known.size <= shownValues) known.add(text === '' ? '(missing)' : text)
  }
  const shown = [...known].slice(0, shownValues).join(', ')
  refuse('CHOICE_UNKNOWN', { what: `value in ${name}`, key: value, known: known.size > shownValues ? `${shown} …` : shown })
}

const same = (text: string, value: string): boolean =>
  text === value || (text !== '' && value.trim() !== '' && Number(text) === Number(value))

/** A value as text; '' where it is missing. */
export function textAt(values: ColumnValues, row: number): string {
  switch (values.kind) {
    case 'category':
      return values.levels[values.codes[row] ?? -1] ?? ''
    case 'number': {
      const value = values.values[row] ?? NaN
      return Number.isNaN(value) ? '' : String(value)
    }
    case 'text':
      return values.texts[row] ?? ''
  }
}
