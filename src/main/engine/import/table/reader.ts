// Text tables (CSV, TSV, TXT, also gzipped): an embedding, an expression matrix or metadata, told apart by content.
// Invariant: whatever had to be guessed about the file is a problem of the review.
import type { Problem } from '@contract'
import { stopOf, type Stop } from '../findings'
import { counted, examples, info, warning } from '../problems'
import type { Recognised } from '../recognise'
import { turnedRows, type KeptRows } from '../row-keeper'
import { keepColumns } from '../rows'
import type { ColumnValues, SourceReader } from '../source-reader'
import { withSpill } from '../spill'
import { keyFromName, spreadRows, tableSource, textValues, type TableContent, type TableKind } from './content'
import { readTable, type Table } from './table'

export const tableReader: SourceReader = {
  kind: 'table',
  accepts: (file) => file.container === 'text',
  open: (file, genes, work, answers) =>
    withSpill(async (spill) => {
      const table = await readTable(file, spill, answers.header)
      const kind = kindOf(table, file)
      return work(await tableSource(await contentOf(table, kind.key), kind, genes, answers))
    }),
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

/** The table as any table. */
export async function contentOf(table: Table, key: string): Promise<TableContent> {
  const { matrix, spill } = table
  const part = matrix.part(key, true)
  const column = columnsOf(table)
  return {
    rows: table.rows,
    ids: table.ids,
    idName: table.idName,
    numbers: table.numbers.map((each) => each.name),
    part,
    look: matrix.whole ?? (await part.sample(spreadRows(part.rows))),
    others: table.texts.map(({ name, texts }) => ({ name, values: textValues(texts) })),
    lists: [],
    order: table.order,
    numberColumn: async (at) => numberValues(await column(at), table.numbers[at]?.oddTexts ?? []),
    ...(matrix.whole === null
      ? { large: { scratch: spill.scratch, turned: async () => (await turnedRows(matrix, spill.scratch)).part(key, true) } }
      : {}),
  }
}

/** A column of metadata with words among its numbers is text as a whole, so that no word is lost. */
function numberValues(values: Float64Array, odd: Table['numbers'][number]['oddTexts']): ColumnValues {
  if (odd.length === 0) {
    return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
  }
  const texts: (string | null)[] = Array.from(values, (value) => (Number.isNaN(value) ? null : String(value)))
  for (const { row, text } of odd) texts[row] = text
  return { kind: 'text', texts }
}

/** Reads single columns; a matrix on the disk is turned once for all of them. */
function columnsOf({ matrix, spill }: Table): (column: number) => Promise<Float64Array> {
  let turned: Promise<KeptRows> | null = null
  return async (column) => {
    const { whole, rows } = matrix
    if (whole) {
      const one = keepColumns(whole, [column])
      const filled = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => one.indptr[row] !== one.indptr[row + 1])
      return withZeros(rows, filled, one.values)
    }
    turned ??= turnedRows(matrix, spill.scratch)
    const { indices, values } = await (await turned).part('', true).sample(Uint32Array.of(column))
    return withZeros(rows, indices, values)
  }
}

/** Values as written in a text file, to seven digits; infinite ones count as missing in metadata. */
function withZeros(rows: number, places: Uint32Array, values: Float32Array): Float64Array {
  const all = new Float64Array(rows)
  places.forEach((row, at) => {
    const value = values[at] as number
    all[row] = Number.isFinite(value) ? Number(value.toPrecision(7)) : NaN
  })
  return all
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
