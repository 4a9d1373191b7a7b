// Text tables (CSV, TSV, TXT, also gzipped): an embedding, an expression matrix or metadata, told apart by content.
// Invariant: the file is read once, in pieces; whatever had to be guessed about it is a problem of the review.
import { limits, type Problem } from '@contract'
import { transpose, type Csr } from '../../../base/sparse'
import { stopOf, type Stop } from '../findings'
import type { GeneResolver } from '../gene-resolver'
import { memoryPart } from '../parts'
import { counted, examples, info, warning } from '../problems'
import type { Recognised } from '../recognise'
import { keepColumns, tidyRows } from '../rows'
import type {
  ColumnValues,
  EmbeddingSource,
  Frame,
  FrameColumn,
  OpenSource,
  ReadingAnswers,
  SourceReader,
} from '../source-reader'
import { nameNotes, sizeNotes, valueNotes } from './checks'
import { meaningOf, type Meaning } from './meaning'
import { readTable, type Table } from './table'

export const tableReader: SourceReader = {
  kind: 'table',
  accepts: (file) => file.container === 'text',
  open: async (file, genes, work, answers) => work(await openTable(file, genes, answers)),
}

const names: Readonly<Record<Meaning, string>> = {
  embedding: 'text table of an embedding',
  expression: 'text table of expression',
  'genes-in-rows': 'text table of expression',
  metadata: 'text table of metadata',
}

async function openTable(file: Recognised, genes: GeneResolver, answers: ReadingAnswers): Promise<OpenSource> {
  const read = await readTable(file, answers.header)
  const seen = meaningOf(read, read.idName, genes, answers.rowKind)
  // Cells are in the columns, says the user, and no gene names show it: what the rows then are is judged on the turned table.
  const turnedHere = answers.transposed === true && seen !== 'genes-in-rows'
  const table = turnedHere ? turnedTable(read) : read
  const meaning = turnedHere ? meaningOfTurned(table, genes) : answers.transposed === false ? meaningAsWritten(seen) : seen
  const turned = meaning === 'genes-in-rows'
  const cells = turned ? table.numbers.map((column) => column.name) : (table.ids ?? madeUpCells(table.rows))
  const problems = [...dialectNotes(table, file), ...sizeNotes(table.rows, table.numbers.length + table.texts.length)]
  if (!turned && table.ids) problems.push(...nameNotes(table.ids))
  const stops = [...headerStop(table, file), ...(meaning === 'metadata' ? [] : textStop(table, file))]
  const frame: Frame = {
    rows: cells.length,
    index: cells,
    madeUp: !turned && table.ids === null,
    columns: turned ? [] : cellColumns(table, meaning),
    problems: [],
  }
  const common = {
    kind: `table-${turned ? 'expression' : meaning}`,
    endings: ['.csv', '.tsv', '.txt', '.csv.gz', '.tsv.gz', '.txt.gz', '.tab'],
  }
  const rest = { ...common, description: names[meaning], cells: frame, logRecorded: false, stops, colours: () => null }
  if (meaning === 'metadata' || cells.length === 0) {
    return { ...rest, columns: frame.columns.length, columnsAre: 'column', embeddings: [], expressions: [], problems }
  }
  if (meaning === 'embedding') {
    const embedding = embeddingOf(table, file)
    return { ...rest, columns: embedding.dims, columnsAre: 'dimension', embeddings: [embedding], expressions: [], problems }
  }
  const geneFrame = genesOf(table, turned)
  const matrix = tidyRows(turned ? transpose(table.matrix) : table.matrix).matrix
  if (turned) problems.push(turnedNote(table, cells))
  problems.push(...valueNotes(matrix, cells, geneFrame.index))
  const expression = { key: 'X', rows: matrix.rows, columns: matrix.columns, genes: geneFrame }
  const found = { part: memoryPart('X', matrix, true), error: null }
  return {
    ...rest,
    columns: matrix.columns,
    columnsAre: 'gene',
    embeddings: [],
    expressions: [{ ...expression, found }],
    problems,
  }
}

/** Columns of cells hold numbers only, so what looks like metadata is expression of genes with unknown names. */
function meaningOfTurned(table: Table, genes: GeneResolver): Meaning {
  return meaningOf(table, '', genes, 'cells') === 'embedding' ? 'embedding' : 'expression'
}

const meaningAsWritten = (seen: Meaning): Meaning => (seen === 'genes-in-rows' ? 'expression' : seen)

/** Rows and columns exchanged. */
function turnedTable(table: Table): Table {
  const names = table.ids ?? Array.from({ length: table.rows }, (_, row) => `V${row + 1}`)
  const oddTexts = (row: number): Table['numbers'][number]['oddTexts'] =>
    table.numbers.flatMap((column, at) => column.oddTexts.filter((odd) => odd.row === row).map((odd) => ({ ...odd, row: at })))
  return {
    ...table,
    rows: table.numbers.length,
    ids: table.numbers.map((column) => column.name),
    numbers: names.map((name, row) => ({ name, oddTexts: oddTexts(row) })),
    texts: [],
    matrix: transpose(table.matrix),
  }
}

const madeUpCells = (rows: number): string[] => Array.from({ length: rows }, (_, row) => `cell ${row + 1}`)

function embeddingOf(table: Table, file: Recognised): EmbeddingSource {
  const key =
    file.fileName
      .replace(/\.gz$/i, '')
      .replace(/\.[a-z]{3}$/i, '')
      .slice(0, limits.nameLength) || 'table'
  const part = memoryPart(key, tidyRows(table.matrix).matrix, true)
  return {
    key,
    rows: part.rows,
    dims: part.columns,
    found: { part, error: null },
    leftOut: table.texts.map((column) => column.name),
  }
}

/** Columns that describe cells: all of metadata, the texts beside the numbers of a matrix. */
function cellColumns(table: Table, meaning: Meaning): FrameColumn[] {
  const texts = table.texts.map(({ name, texts: values }) => ({ name, values: textValues(values) }))
  if (meaning !== 'metadata') return uniquelyNamed(texts)
  const numbers = table.numbers.map(({ name }, column) => ({ name, values: numberValues(table, column) }))
  return uniquelyNamed([...numbers, ...texts]).sort((a, b) => table.order.indexOf(a.name) - table.order.indexOf(b.name))
}

const textValues = (texts: readonly string[]): ColumnValues => ({
  kind: 'text',
  texts: texts.map((text) => (/^(?:|na|n\/a|nan|null|none|#n\/a)$/i.test(text.trim()) ? null : text)),
})

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

function uniquelyNamed(columns: readonly FrameColumn[]): FrameColumn[] {
  const taken = new Set<string>()
  return columns.map(({ name, values }) => {
    const short = name.slice(0, limits.nameLength)
    let unique = short
    for (let number = 1; taken.has(unique); number++) unique = `${short}-${number}`
    taken.add(unique)
    return { name: unique, values }
  })
}

function genesOf(table: Table, turned: boolean): Frame {
  const index = turned ? [...(table.ids ?? [])] : table.numbers.map((column) => column.name)
  const columns = turned ? uniquelyNamed(table.texts.map(({ name, texts }) => ({ name, values: textValues(texts) }))) : []
  return { rows: index.length, index, madeUp: false, columns, problems: [] }
}

function turnedNote(table: Table, cells: readonly string[]): Problem {
  const corner = `first row ${examples(table.ids?.slice(0, 1) ?? [])}, first column ${examples(cells.slice(0, 1))}`
  const message = `Rows are genes in this table (${corner}); it was turned, so that rows are cells.`
  return info('ROWS_ARE_GENES', message, 'Check that the names on the left of the preview are cells.')
}

function dialectNotes({ encoding, dialect, file, numbers }: Table, { fileName }: Recognised): Problem[] {
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

function headerStop({ dialect }: Table, { fileName }: Recognised): Stop[] {
  return dialect.doubt === null ? [] : [stopOf('TABLE_HEADER', { file: fileName, why: dialect.doubt }, 'header')]
}

/** Text among the numbers of a matrix: its cells can be left out, but it is never passed over. */
function textStop({ numbers }: Table, { fileName }: Recognised): Stop[] {
  const odd = numbers.flatMap((column) => column.oddTexts)
  const [first] = odd.toSorted((a, b) => a.line - b.line)
  if (!first) return []
  const shown = examples([`"${first.text}" in line ${first.line}, column ${first.column}`])
  return [stopOf('TEXT_IN_NUMBERS', { file: fileName, count: odd.length, first: shown }, 'dropMissing')]
}
