// Text tables (CSV, TSV, TXT, also gzipped): an embedding, an expression matrix or metadata, told apart by content.
// Invariant: whatever had to be guessed about the file is a problem of the review.
import type { Problem } from '@contract'
import type { Csr } from '../../../base/sparse'
import { stopOf, type Stop } from '../findings'
import { memoryPart } from '../parts'
import { counted, examples, info, warning } from '../problems'
import type { Recognised } from '../recognise'
import { keepColumns, tidyRows } from '../rows'
import type { ColumnValues, SourceReader } from '../source-reader'
import { keyFromName, tableSource, textValues, type TableContent, type TableKind } from './content'
import { readTable, type Table } from './table'

export const tableReader: SourceReader = {
  kind: 'table',
  accepts: (file) => file.container === 'text',
  open: async (file, genes, work, answers) => {
    const table = await readTable(file, answers.header)
    const kind = kindOf(table, file)
    return work(await tableSource(contentOf(table, kind.key), kind, genes, answers))
  },
}

function kindOf(table: Table, file: Recognised): TableKind {
  return {
    kind: 'table',
    name: 'text table',
    endings: ['.csv', '.tsv', '.txt', '.csv.gz', '.tsv.gz', '.txt.gz', '.tab'],
    key: keyFromName(file.fileName, /\.[a-z]{3}$/i),
    problems: dialectNotes(table, file),
    stops: headerStop(table, file),
    matrixStops: textStop(table, file),
  }
}

/** The table as any table; all of it is in memory. */
export function contentOf(table: Table, key: string): TableContent {
  const { matrix } = tidyRows(table.matrix)
  return {
    rows: table.rows,
    ids: table.ids,
    idName: table.idName,
    numbers: table.numbers.map((column) => column.name),
    part: memoryPart(key, matrix, true),
    look: matrix,
    others: table.texts.map(({ name, texts }) => ({ name, values: textValues(texts) })),
    lists: [],
    order: table.order,
    numberColumn: (column) => Promise.resolve(numberValues(table, column)),
  }
}

/** A column of metadata with words among its numbers is text as a whole, so that no word is lost. */
function numberValues(table: Table, column: number): ColumnValues {
  const values = columnOf(table.matrix, column)
  const odd = table.numbers[column]?.oddTexts ?? []
  if (odd.length === 0) {
    return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
  }
  const texts: (string | null)[] = Array.from(values, (value) => (Number.isNaN(value) ? null : String(value)))
  for (const { row, text } of odd) texts[row] = text
  return { kind: 'text', texts }
}

/** Values as written in a text file, to seven digits; infinite ones count as missing in metadata. */
function columnOf(matrix: Csr, column: number): Float64Array {
  const one = keepColumns(matrix, [column])
  const values = new Float64Array(matrix.rows)
  for (let row = 0; row < matrix.rows; row++) {
    const at = one.indptr[row] as number
    if (at === one.indptr[row + 1]) continue
    const value = one.values[at] as number
    values[row] = Number.isFinite(value) ? Number(value.toPrecision(7)) : NaN
  }
  return values
}

/** What had to be guessed about how the table is written. */
export function dialectNotes({ encoding, dialect, file, numbers }: Table, { fileName }: Recognised): Problem[] {
  const problems: Problem[] = []
  if (encoding === 'windows-1252') {
    const message = `The encoding of ${file.fileName} is not stated and was guessed to be Western European (Latin-1).`
    problems.push(info('ENCODING_GUESSED', message, 'Check letters such as ü and é; save the table as UTF-8 to be certain.'))
  }
  if (dialect.style.groups !== '') {
    const message = `Numbers are written with separators of thousands: 1${dialect.style.groups}234 is read as 1234.`
    problems.push(info('THOUSANDS_SEPARATORS', message, 'If they are decimals, write the table with decimal points.'))
  }
  if (dialect.style.decimalComma) {
    problems.push(
      info('DECIMAL_COMMA', 'Numbers are written with a decimal comma: 0,5 is read as 0.5.', 'Nothing needs to be done.'),
    )
  }
  if (dialect.nameless && dialect.doubt === null) {
    const message = `The first line of ${fileName} holds values; the ${counted(numbers.length)} columns are called V1, V2 ….`
    problems.push(warning('NO_HEADER', message, 'Nothing needs to be done if the file has no line of names.'))
  }
  return problems
}

export function headerStop({ dialect }: Table, { fileName }: Recognised): Stop[] {
  return dialect.doubt === null ? [] : [stopOf('TABLE_HEADER', { file: fileName, why: dialect.doubt }, 'header')]
}

/** Text among the numbers of a matrix: its cells can be left out, but it is never passed over. */
export function textStop({ numbers }: Table, { fileName }: Recognised): Stop[] {
  const odd = numbers.flatMap((column) => column.oddTexts)
  const [first] = odd.toSorted((a, b) => a.line - b.line)
  if (!first) return []
  const shown = examples([`"${first.text}" in line ${first.line}, column ${first.column}`])
  return [stopOf('TEXT_IN_NUMBERS', { file: fileName, count: odd.length, first: shown }, 'dropMissing')]
}
