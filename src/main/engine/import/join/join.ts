// One project from several files: names, metadata and expression that lie beside the representation.
// Invariants: joined by cell name; by position only when the user said so and the numbers of rows are equal; the first file
// decides the order; what did not match is counted and shown.
import type { ImportReport, Problem } from '@contract'
import { refuse } from '../../../base/refusal'
import { counted, examples, info, plural, warning } from '../problems'
import type { ExpressionSource, Frame, FrameColumn, OpenSource } from '../source-reader'
import { matchNames, type NameMatch } from './names'
import { reorderedColumn, reorderedPart } from './reorder'
import { onlyRows } from '../combine/subset'

export interface Beside {
  readonly source: OpenSource
  readonly fileName: string
}

export interface Joined {
  readonly source: OpenSource
  readonly matched: ImportReport['matched']
}

export interface Pairing {
  /** For every cell of the first file the row in the other one, or −1. */
  readonly rows: Int32Array
  readonly matched: number
  readonly problems: readonly Problem[]
}

/** The first file with names given by the user. */
export function withIds(source: OpenSource, ids: readonly string[]): OpenSource {
  return { ...source, cells: { ...source.cells, index: ids, madeUp: false } }
}

/** Adds the columns of `other` to the cells; cells without a row there get missing values. */
export function addMetadata(main: Joined, other: Beside, byPosition: boolean): Joined {
  const { source } = main
  const pairing = pair(source.cells, other, byPosition)
  const columns = mergedColumns(source.cells.columns, other.source.cells.columns, pairing.rows, other.fileName)
  // Numbers without names take the names that stand beside them.
  const named = source.cells.madeUp && !other.source.cells.madeUp
  const cells: Frame = {
    ...source.cells,
    index: named ? other.source.cells.index : source.cells.index,
    madeUp: source.cells.madeUp && !named,
    columns,
  }
  return {
    source: {
      ...source,
      cells,
      problems: [...source.problems, ...other.source.problems, ...pairing.problems],
      colours: (column, levels) => source.colours(column, levels) ?? other.source.colours(column, levels),
    },
    matched: matchedRows(pairing, source.cells, other),
  }
}

/** Takes the expression of `other`; cells of the first file without expression are left out, and said so. */
export function addExpression(main: Joined, other: Beside, byPosition: boolean): Joined {
  if (other.source.expressions.length === 0) refuse('JOIN_NO_EXPRESSION', { file: other.fileName })
  const withColumns = addMetadata(main, other, byPosition)
  const { source } = withColumns
  const pairing = pair(main.source.cells, other, byPosition)
  const kept = Uint32Array.from(pairing.rows.keys()).filter((cell) => (pairing.rows[cell] ?? -1) >= 0)
  const partRows = Uint32Array.from(kept, (cell) => pairing.rows[cell] ?? 0)
  const expressions = other.source.expressions.map((each): ExpressionSource => {
    const found = each.found.part === null ? each.found : { part: reorderedPart(each.found.part, partRows), error: null }
    return { ...each, rows: kept.length, found }
  })
  const problems = [...source.problems]
  const left = source.cells.rows - kept.length
  if (left > 0) {
    const lost = source.cells.index.filter((_, cell) => (pairing.rows[cell] ?? -1) < 0)
    const message = `${counted(left)} cells have no expression in ${other.fileName} and are left out (${examples(lost)}).`
    problems.push(warning('CELLS_UNMATCHED', message, 'Check that both files hold the same cells.'))
  }
  const joined: OpenSource = {
    ...(left > 0 ? onlyRows(source, kept) : source),
    expressions,
    columns: expressions[0]?.columns ?? 0,
    columnsAre: 'gene',
    logRecorded: other.source.logRecorded,
    stops: [...source.stops, ...other.source.stops],
    problems,
  }
  return { source: joined, matched: withColumns.matched }
}

/** Which row of the other file each cell is. Refuses with JOIN_ROWS, JOIN_NEEDS_NAMES or JOIN_NO_MATCH. */
export function pair(cells: Frame, { source, fileName }: Beside, byPosition: boolean): Pairing {
  const there = source.cells
  if (byPosition) {
    if (there.rows !== cells.rows) refuse('JOIN_ROWS', { file: fileName, found: there.rows, expected: cells.rows })
    const message = `Row 1 of ${fileName} is cell 1, row 2 is cell 2, and so on for ${counted(cells.rows)} cells, as you said.`
    return {
      rows: Int32Array.from({ length: cells.rows }, (_, row) => row),
      matched: cells.rows,
      problems: [info('JOINED_BY_POSITION', message, 'Check a few cells in the preview.')],
    }
  }
  if (cells.madeUp || there.madeUp) {
    const which = cells.madeUp ? 'the representation' : fileName
    refuse('JOIN_NEEDS_NAMES', { which, file: fileName, here: counted(cells.rows), there: counted(there.rows) })
  }
  const match = matchNames(cells.index, there.index)
  const { rows, matched } = match
  if (matched === 0) {
    refuse('JOIN_NO_MATCH', { file: fileName, here: examples(cells.index, 2), there: examples(there.index, 2) })
  }
  return { rows, matched, problems: joinNotes(cells, there, match, fileName) }
}

function joinNotes(cells: Frame, there: Frame, { rows, matched, repair, repaired, example }: NameMatch, file: string): Problem[] {
  const problems: Problem[] = []
  if (repair !== null) {
    const shown = example ? `; for example ${example[1]} there is ${example[0]} here` : ''
    const message = `${plural(repaired, 'cell name')} of ${file} ${repaired === 1 ? 'matches' : 'match'} with ${repair}${shown}.`
    problems.push(info('NAMES_REPAIRED', message, 'Check a few cells in the preview.'))
  }
  const used = new Set(rows)
  const here = cells.index.filter((_, cell) => (rows[cell] ?? -1) < 0)
  const only = there.index.filter((_, row) => !used.has(row))
  if (here.length + only.length > 0) {
    const parts = [`${counted(matched)} cells are in both files`]
    if (here.length > 0) parts.push(`${counted(here.length)} are missing in ${file} (${examples(here, 2)})`)
    if (only.length > 0) parts.push(`${counted(only.length)} are only in ${file} (${examples(only, 2)})`)
    problems.push(warning('CELLS_PARTLY_MATCHED', `${parts.join('; ')}.`, 'Check that both files hold the same cells.'))
  }
  return problems
}

/** How many rows the two files share. */
export const matchedRows = ({ matched }: Pairing, cells: Frame, { source }: Beside): Joined['matched'] => ({
  both: matched,
  onlyFile: source.cells.rows - matched,
  onlyProject: cells.rows - matched,
})

/** A column of the other file whose name is taken gets the name of its file added. */
function mergedColumns(
  ours: readonly FrameColumn[],
  theirs: readonly FrameColumn[],
  rows: Int32Array,
  fileName: string,
): FrameColumn[] {
  const taken = new Set(ours.map((column) => column.name))
  const added = theirs.map(({ name, values }) => ({
    name: taken.has(name) ? `${name} (${fileName})`.slice(0, 300) : name,
    values: reorderedColumn(values, rows),
  }))
  return [...ours, ...added]
}
