// A table whatever file it came from: names of the rows, columns of numbers, other columns. What it means is decided here for
// text, Parquet, Arrow and Excel alike. Invariant: numbers are reached through a matrix part, so that large ones stay in the file.
import { limits, type Problem } from '@contract'
import { transpose, type Csr } from '../../../base/sparse'
import type { Stop } from '../findings'
import type { GeneResolver } from '../gene-resolver'
import type { Scratch } from '../../scratch/folder'
import { memoryPart } from '../parts'
import { examples, info } from '../problems'
import { keepColumns, tidyRows } from '../rows'
import {
  noAnswers,
  type ColumnValues,
  type EmbeddingSource,
  type Frame,
  type FrameColumn,
  type MatrixPart,
  type OpenSource,
  type ReadingAnswers,
} from '../source-reader'
import { UniqueNames } from '../unique-names'
import { nameNotes, sizeNotes, ValueNotes } from './checks'
import { meaningOf, type Meaning } from './meaning'

export interface TableContent {
  readonly rows: number
  /** Null when the table has no column that names the rows. */
  readonly ids: readonly string[] | null
  /** Name of that column, '' when it has none. */
  readonly idName: string
  /** Names of the columns of numbers. */
  readonly numbers: readonly string[]
  /** Rows × columns of numbers; missing is NaN. */
  readonly part: MatrixPart
  /** All of the matrix where it is small, otherwise some of its rows. */
  readonly look: Csr
  /** The columns that are no numbers. */
  readonly others: readonly FrameColumn[]
  /** Columns whose values are lists of equal length: representations in one column. */
  readonly lists: readonly EmbeddingSource[]
  /** Names of all columns in the order of the file. */
  readonly order: readonly string[]
  /** For numbers that are too many for memory. */
  readonly large?: LargeNumbers
  /** A column of numbers as metadata. */
  numberColumn(column: number): Promise<ColumnValues>
}

export interface LargeNumbers {
  readonly scratch: Scratch
  /** Columns of numbers × rows. */
  turned(): Promise<MatrixPart>
}

/** What such a file is called, and what its reader found out about it. */
export interface TableKind {
  /** 'table', 'parquet' …: stands before the meaning in the kind of the source. */
  readonly kind: string
  /** 'text table', 'Parquet table' … */
  readonly name: string
  readonly endings: readonly string[]
  /** Name of the representation. */
  readonly key: string
  readonly problems: readonly Problem[]
  readonly stops: readonly Stop[]
  /** Stops that matter only when the numbers are used as a matrix. */
  readonly matrixStops: readonly Stop[]
}

const meanings: Readonly<Record<Meaning, string>> = {
  embedding: 'an embedding',
  expression: 'expression',
  'genes-in-rows': 'expression',
  metadata: 'metadata',
}

/** The source that a table is; `genes` tells genes from dimensions and cells. */
export async function tableSource(
  read: TableContent,
  kind: TableKind,
  genes: GeneResolver,
  answers: ReadingAnswers = noAnswers,
): Promise<OpenSource> {
  const { content, meaning } = await understood(read, genes, answers)
  const turned = meaning === 'genes-in-rows'
  const cells = turned ? content.numbers : (content.ids ?? madeUpCells(content.rows))
  const problems = [...kind.problems, ...sizeNotes(content.rows, content.numbers.length + content.others.length)]
  if (!turned && content.ids) problems.push(...nameNotes(content.ids))
  const frame: Frame = {
    rows: cells.length,
    index: cells,
    madeUp: !turned && content.ids === null,
    columns: turned ? [] : await cellColumns(content, meaning),
    problems: [],
  }
  const rest = {
    kind: `${kind.kind}-${turned ? 'expression' : content.lists.length > 0 ? 'embedding' : meaning}`,
    endings: kind.endings,
    description: `${kind.name} of ${meanings[content.lists.length > 0 ? 'embedding' : meaning]}`,
    cells: frame,
    logRecorded: false,
    stops: [...kind.stops, ...(meaning === 'metadata' ? [] : kind.matrixStops)],
    colours: () => null,
  }
  if (meaning === 'metadata' || cells.length === 0) {
    return { ...rest, columns: frame.columns.length, columnsAre: 'column', embeddings: content.lists, expressions: [], problems }
  }
  if (meaning === 'embedding') {
    const { rows, columns } = content.part
    const leftOut = content.others.map((column) => column.name)
    const embedding = { key: kind.key, rows, dims: columns, found: { part: content.part, error: null }, leftOut }
    return { ...rest, columns, columnsAre: 'dimension', embeddings: [embedding], expressions: [], problems }
  }
  const geneFrame = genesOf(content, turned)
  const part = await expressionPart(content, turned)
  if (turned) problems.push(turnedNote(content, cells))
  problems.push(...(await valueProblems(content, turned, part, cells, geneFrame.index)))
  const expression = { key: 'X', rows: part.rows, columns: part.columns, genes: geneFrame, found: { part, error: null } }
  return { ...rest, columns: part.columns, columnsAre: 'gene', embeddings: [], expressions: [expression], problems }
}

/** Of all values, where they are in memory or were put where they are soon passed; a sample would say less than the truth. */
async function valueProblems(
  { look, rows, large }: TableContent,
  turned: boolean,
  part: MatrixPart,
  cells: readonly string[],
  genes: readonly string[],
): Promise<Problem[]> {
  const notes = new ValueNotes(genes.length)
  if (look.rows === rows) notes.add(turned ? tidyRows(transpose(look)).matrix : look)
  else if (large) for await (const { matrix } of part.blocks(breathe, large.scratch)) notes.add(matrix)
  else return []
  return notes.problems(cells, genes)
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The table with its meaning, turned when the user says that its columns are cells where no gene names show it. */
async function understood(
  read: TableContent,
  genes: GeneResolver,
  { transposed, rowKind }: ReadingAnswers,
): Promise<{ content: TableContent; meaning: Meaning }> {
  if (read.lists.length > 0) return { content: read, meaning: 'metadata' }
  const seen = meaningOf(read, genes, rowKind)
  if (transposed === true && seen !== 'genes-in-rows') {
    const content = await turnedContent(read)
    // Columns of cells hold numbers only, so what looks like metadata is expression of genes with unknown names.
    return { content, meaning: meaningOf(content, genes, 'cells') === 'embedding' ? 'embedding' : 'expression' }
  }
  return { content: read, meaning: transposed === false && seen === 'genes-in-rows' ? 'expression' : seen }
}

/** Rows and columns exchanged; the columns that are no numbers describe what are now columns, and are left out. */
async function turnedContent(content: TableContent): Promise<TableContent> {
  const part = await turnedPart(content)
  const numbers = content.ids ?? Array.from({ length: content.rows }, (_, row) => `V${row + 1}`)
  const { large } = content
  const look = await part.sample(large ? spreadRows(part.rows) : Uint32Array.from({ length: part.rows }, (_, row) => row))
  return {
    rows: part.rows,
    ids: content.numbers,
    idName: '',
    numbers,
    part,
    look,
    others: [],
    lists: [],
    order: numbers,
    ...(large ? { large: { ...large, turned: () => Promise.resolve(content.part) } } : {}),
    numberColumn: (column) => Promise.resolve(numbersOfColumn(look, column)),
  }
}

const rowsLookedAt = 200

/** Some rows of a large table, evenly spread: enough to see what it is. */
export const spreadRows = (rows: number): Uint32Array => {
  const count = Math.min(rows, rowsLookedAt)
  return Uint32Array.from({ length: count }, (_, at) => Math.floor((at * rows) / count))
}

function numbersOfColumn(matrix: Csr, column: number): ColumnValues {
  const one = keepColumns(matrix, [column])
  const values = Float64Array.from({ length: matrix.rows }, (_, row) => {
    const at = one.indptr[row] as number
    return at === one.indptr[row + 1] ? 0 : (one.values[at] as number)
  })
  return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
}

/** Cells × genes under the key every expression has. A table that lies the other way round is turned. */
async function expressionPart(content: TableContent, turned: boolean): Promise<MatrixPart> {
  return { ...(turned ? await turnedPart(content) : content.part), key: 'X' }
}

async function turnedPart({ part, look, rows, large }: TableContent): Promise<MatrixPart> {
  if (large) return large.turned()
  const whole = look.rows === rows ? look : await part.sample(Uint32Array.from({ length: rows }, (_, row) => row))
  return memoryPart(part.key, tidyRows(transpose(whole)).matrix, true)
}

const madeUpCells = (rows: number): string[] => Array.from({ length: rows }, (_, row) => `cell ${row + 1}`)

/** Columns that describe cells: all of metadata, the others beside the numbers of a matrix. */
async function cellColumns(content: TableContent, meaning: Meaning): Promise<FrameColumn[]> {
  if (meaning !== 'metadata') return uniquelyNamed(content.others)
  const numbers: FrameColumn[] = []
  for (const [column, name] of content.numbers.slice(0, limits.columns).entries())
    numbers.push({ name, values: await content.numberColumn(column) })
  const place = new Map(content.order.map((name, at) => [name, at]))
  const placeOf = ({ name }: FrameColumn): number => place.get(name) ?? 0
  return uniquelyNamed([...numbers, ...content.others].sort((a, b) => placeOf(a) - placeOf(b)))
}

function uniquelyNamed(columns: readonly FrameColumn[]): FrameColumn[] {
  const unique = new UniqueNames()
  return columns.map(({ name, values }) => ({ name: unique.give(name.slice(0, limits.nameLength)), values }))
}

function genesOf({ ids, numbers, others }: TableContent, turned: boolean): Frame {
  const index = turned ? [...(ids ?? [])] : numbers
  return { rows: index.length, index, madeUp: false, columns: turned ? uniquelyNamed(others) : [], problems: [] }
}

function turnedNote({ ids }: TableContent, cells: readonly string[]): Problem {
  const corner = `first row ${examples(ids?.slice(0, 1) ?? [])}, first column ${examples(cells.slice(0, 1))}`
  const message = `Rows are genes in this table (${corner}); it was turned, so that rows are cells.`
  return info('ROWS_ARE_GENES', message, 'Check that the names on the left of the preview are cells.')
}

/** Words that stand for "missing" in columns of text. */
export const textValues = (texts: readonly string[]): ColumnValues => ({
  kind: 'text',
  texts: texts.map((text) => (/^(?:|na|n\/a|nan|null|none|#n\/a)$/i.test(text.trim()) ? null : text)),
})

/** The name of a representation from the name of its file. */
export const keyFromName = (fileName: string, ending: RegExp): string =>
  fileName.replace(/\.gz$/i, '').replace(ending, '').slice(0, limits.nameLength) || 'table'
