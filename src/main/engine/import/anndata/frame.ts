// The tables `obs` and `var` of an AnnData file: groups (0.7 and later) or compound datasets (before 0.7).
// Invariant: a column that cannot be read costs only itself; its problem says which and why.
import { limits, type Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import type { DataTree, RecordField } from '../data-tree'
import { warning } from '../problems'
import type { ColumnValues, Frame, FrameColumn } from '../source-reader'
import { boundedCodes, numberColumn, readColumn, textsOf, truthColumn } from './column'

const usualIndexNames = ['_index', 'index', 'cell_id', 'CellID', 'barcode', 'barcodes', 'gene_id', 'names']

/** The table at `path`. `expected` rows are made up when the table has no names at all. */
export function readFrame(tree: DataTree, path: string, expected: number | null): Frame {
  return tree.kind(path) === 'dataset' ? compoundFrame(tree, path) : groupFrame(tree, path, expected)
}

/** The column that holds the names of the rows, or null. */
export function indexOf(tree: DataTree, path: string): string | null {
  const named = tree.text(path, '_index')
  const members = tree.keys(path)
  if (named !== null && members.includes(named)) return named
  return usualIndexNames.find((name) => members.includes(name)) ?? null
}

function groupFrame(tree: DataTree, path: string, expected: number | null): Frame {
  const indexName = indexOf(tree, path)
  const problems: Problem[] = []
  const order = tree.attribute(path, 'column-order')
  const listed = Array.isArray(order) && order.every((name) => typeof name === 'string') ? (order as string[]) : null
  const members = (listed ?? tree.keys(path)).filter((name) => name !== indexName && name !== '__categories')
  let index: string[] | null = null
  if (indexName !== null)
    index = textsOf(readColumn(tree, `${path}/${indexName}`, `${path}/${indexName}`)).map((name) => name ?? '')
  const columns: FrameColumn[] = []
  if (members.length > limits.columns) problems.push(tooMany(path, members.length))
  for (const name of members.slice(0, limits.columns)) {
    const rows = index?.length ?? columns[0]?.values ?? null
    const column = readOrSkip(tree, path, name, problems)
    if (column === null) continue
    const length = lengthOf(column)
    const wanted = typeof rows === 'number' ? rows : rows === null ? (expected ?? length) : lengthOf(rows)
    if (length === wanted) columns.push({ name, values: column })
    else problems.push(skipped(name, `it has ${length} values, the table has ${wanted} rows`))
  }
  const rows = index?.length ?? (columns[0] ? lengthOf(columns[0].values) : expected)
  if (rows === null) refuse('FILE_DAMAGED', { file: tree.fileName, why: `the table ${path} has neither names nor columns` })
  return { rows, index: index ?? madeUpNames(tree, path, rows), madeUp: index === null, columns, problems }
}

function readOrSkip(tree: DataTree, path: string, name: string, problems: Problem[]): ColumnValues | null {
  if (name === '' || name.length > limits.nameLength) {
    problems.push(skipped(name.slice(0, 40), 'its name is empty or too long'))
    return null
  }
  try {
    return readColumn(tree, `${path}/${name}`, name)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    problems.push({
      level: 'warning',
      code: 'COLUMN_SKIPPED',
      message: thrown.error.message.replace(/^Part (.*) of the file cannot be read: /, 'Column $1 cannot be read: '),
      remedy: 'Everything else can be imported; this column is skipped.',
    })
    return null
  }
}

const skipped = (name: string, why: string): Problem =>
  warning('COLUMN_SKIPPED', `Column ${name} cannot be read: ${why}.`, 'Everything else can be imported; this column is skipped.')

const tooMany = (path: string, found: number): Problem =>
  warning(
    'COLUMNS_LEFT_OUT',
    `The table ${path} has ${found} columns; the first ${limits.columns} are read.`,
    'Remove columns that are not needed.',
  )

export function lengthOf(values: ColumnValues): number {
  if (values.kind === 'category') return values.codes.length
  return values.kind === 'number' ? values.values.length : values.texts.length
}

/** Names for rows without any. The number may be a mere claim of the file, so it is checked before anything is reserved. */
function madeUpNames(tree: DataTree, path: string, rows: number): string[] {
  if (!Number.isSafeInteger(rows) || rows < 0)
    refuse('FILE_DAMAGED', { file: tree.fileName, why: `the size of the table ${path} is impossible` })
  if (rows > limits.rows) refuse('PART_UNREADABLE', { part: path, why: `it has ${rows} rows; the limit is ${limits.rows}` })
  return Array.from({ length: rows }, (_, row) => String(row))
}

/** Before anndata 0.7: one record per row, the first field being the name, labels of categories in `uns`. */
function compoundFrame(tree: DataTree, path: string): Frame {
  const array = tree.array(path)
  const { fields } = array
  if (!fields) return refuse('FILE_DAMAGED', { file: tree.fileName, why: `${path} is not a table` })
  const problems: Problem[] = []
  const columns: FrameColumn[] = []
  const indexName =
    fields.find((field) => usualIndexNames.includes(field.name))?.name ??
    fields.find((field) => field.kind === 'text')?.name ??
    null
  let index: string[] | null = null
  for (const field of fields.slice(0, limits.columns)) {
    if (field.kind === 'text') {
      const texts = field.texts()
      if (field.name === indexName) index = texts
      else columns.push({ name: field.name, values: { kind: 'text', texts } })
    } else if (field.kind === 'several') {
      problems.push(skipped(field.name, 'it holds several values per row'))
    } else if (field.name === indexName) {
      index = Array.from(field.numbers(), String)
    } else {
      columns.push({ name: field.name, values: compoundColumn(tree, path, field) })
    }
  }
  return { rows: array.rows, index: index ?? madeUpNames(tree, path, array.rows), madeUp: index === null, columns, problems }
}

function compoundColumn(tree: DataTree, path: string, field: RecordField): ColumnValues {
  const numbers = field.numbers()
  if (field.kind === 'truth') return truthColumn(numbers)
  const labels = `uns/${field.name}_categories`
  // Labels of `var` and `obs` share one place; only integers can be codes.
  if (field.kind === 'whole' && tree.kind(labels) === 'dataset' && path !== 'var') {
    const array = tree.array(labels)
    const levels = array.isText ? array.texts() : Array.from(array.numbers(), String)
    let largest = -1
    for (let row = 0; row < numbers.length; row++) largest = Math.max(largest, numbers[row] as number)
    if (largest < levels.length) return { kind: 'category', levels, codes: boundedCodes(numbers, levels.length) }
  }
  return numberColumn(numbers)
}
