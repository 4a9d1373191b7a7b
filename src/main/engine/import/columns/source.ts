// A file of columns (Parquet, Arrow) as a table: which column names the rows, which are numbers, which describe them.
// Invariant: a column that cannot be used is named, never passed over silently.
import { limits, type Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import type { GeneResolver } from '../gene-resolver'
import { memoryPart } from '../parts'
import { info, warning } from '../problems'
import type { Recognised } from '../recognise'
import { rowsToLookAt } from '../sampling'
import { sparseFromDense } from '../rows'
import type { EmbeddingSource, Found, FrameColumn, MatrixPart, OpenSource, ReadingAnswers } from '../source-reader'
import { keyFromName, tableSource, type TableContent } from '../table/content'
import { idNames } from '../table/dialect'
import type { ColumnFile } from './column-file'
import { columnsPart } from './part'
import { pandasIndex } from './pandas'
import { numberValues, textsOf, truthValues } from './values'

export interface ColumnKind {
  readonly kind: string
  readonly name: string
  readonly endings: readonly string[]
}

/** The source; refuses with PART_UNREADABLE when it has too many rows or columns. */
export async function columnSource(
  columnFile: ColumnFile,
  kind: ColumnKind,
  file: Recognised,
  genes: GeneResolver,
  answers: ReadingAnswers,
): Promise<OpenSource> {
  const { rows, columns } = columnFile
  if (rows > limits.rows) refuse('PART_UNREADABLE', { part: 'the rows', why: `there are ${rows}; the limit is ${limits.rows}` })
  if (columns.length > limits.genes)
    refuse('PART_UNREADABLE', { part: 'the columns', why: `there are ${columns.length}; the limit is ${limits.genes}` })
  const problems: Problem[] = [...columnFile.problems]
  const content = await contentOf(columnFile, keyFromName(file.fileName, /\.[a-z0-9]+$/i), problems)
  return tableSource(content, { ...kind, key: content.part.key, problems, stops: [], matrixStops: [] }, genes, answers)
}

async function contentOf(file: ColumnFile, key: string, problems: Problem[]): Promise<TableContent> {
  const names = await rowNames(file, problems)
  const rest = [...file.columns.keys()].filter((at) => !names.used.includes(at))
  const numbers = rest.filter((at) => file.columns[at]?.kind === 'number')
  const others: FrameColumn[] = []
  const described = rest.filter((at) => ['text', 'truth'].includes(file.columns[at]?.kind ?? ''))
  for (const at of described.slice(0, limits.columns)) {
    const [values] = await file.read([at], 0, file.rows)
    const name = nameOf(file, at)
    const truth = file.columns[at]?.kind === 'truth'
    others.push({ name, values: truth ? truthValues(values ?? []) : { kind: 'text', texts: textsOf(values ?? []) } })
  }
  for (const { name, why } of file.columns.filter((column) => column.kind === 'unfit')) {
    problems.push(
      warning(
        'COLUMN_SKIPPED',
        `Column ${name} cannot be read: ${why}.`,
        'Everything else can be imported; this column is skipped.',
      ),
    )
  }
  const part = columnsPart(key, file, numbers)
  const lists: EmbeddingSource[] = []
  for (const at of rest.filter((each) => file.columns[each]?.kind === 'list')) lists.push(await listAt(file, at))
  return {
    rows: file.rows,
    ids: names.ids,
    idName: names.name,
    numbers: numbers.map((at) => nameOf(file, at)),
    part,
    look: await part.sample(rowsToLookAt(part)),
    others,
    lists,
    order: file.columns.map((column) => column.name),
    numberColumn: async (column) => numberValues((await file.read([numbers[column] as number], 0, file.rows))[0] ?? []),
  }
}

const nameOf = (file: ColumnFile, at: number): string => file.columns[at]?.name ?? ''

interface RowNames {
  readonly ids: readonly string[] | null
  readonly name: string
  readonly used: readonly number[]
}

/** The index that pandas recorded, else a column called like ids, else a first column of texts that never repeat. */
async function rowNames(file: ColumnFile, problems: Problem[]): Promise<RowNames> {
  const index = pandasIndex(file.pandas)
  const at = index === null ? -1 : file.columns.findIndex((column) => index.includes(column.name))
  const used = (index ?? []).map((name) => file.columns.findIndex((column) => column.name === name)).filter((place) => place >= 0)
  if (at >= 0) {
    const ids = await textsAt(file, at)
    // Row numbers that pandas stored are no names.
    if (file.columns[at]?.kind === 'number' && ids.every((id, row) => Number(id) === row)) return { ids: null, name: '', used }
    return { ids, name: shownName(nameOf(file, at)), used: used.slice(0, 1) }
  }
  const isText = (place: number): boolean => file.columns[place]?.kind === 'text'
  for (const pattern of idNames) {
    const place = file.columns.findIndex((column, each) => isText(each) && pattern.test(column.name))
    if (place >= 0) return { ids: await textsAt(file, place), name: nameOf(file, place), used: [place] }
  }
  if (isText(0)) {
    const ids = await textsAt(file, 0)
    if (new Set(ids).size === ids.length) {
      const message = `The first column, ${nameOf(file, 0)}, has a different text in every row and is taken for the names of the cells.`
      problems.push(info('NAMES_FROM_COLUMN', message, 'Nothing needs to be done.'))
      return { ids, name: nameOf(file, 0), used: [0] }
    }
  }
  return { ids: null, name: '', used: [] }
}

/** pandas calls an index without a name so. */
const shownName = (name: string): string => (/^__index_level_\d+__$/.test(name) ? '' : name)

async function textsAt(file: ColumnFile, at: number): Promise<string[]> {
  const [values] = await file.read([at], 0, file.rows)
  return textsOf(values ?? []).map((text) => text ?? '')
}

/** A column of lists, all of the same length, as a representation of its own. */
async function listAt(file: ColumnFile, at: number): Promise<EmbeddingSource> {
  const key = nameOf(file, at)
  const found = await listPart(file, at, key)
  return { key, rows: file.rows, dims: found.part?.columns ?? 0, found, leftOut: [] }
}

async function listPart(file: ColumnFile, at: number, key: string): Promise<Found<MatrixPart>> {
  try {
    const [lists] = await file.read([at], 0, file.rows)
    const width = lengthOf(lists?.[0])
    const out = new Float32Array(file.rows * width)
    for (let row = 0; row < file.rows; row++) {
      const list = lists?.[row]
      if (lengthOf(list) !== width) {
        const why = `its lists have different lengths (${width} in row 1, ${lengthOf(list)} in row ${row + 1})`
        refuse('PART_UNREADABLE', { part: key, why, next: 'Choose another part, or write lists of one length.' })
      }
      out.set(
        Array.from(list as ArrayLike<unknown>, (value) => (value === null || value === undefined ? NaN : Number(value))),
        row * width,
      )
    }
    return { part: memoryPart(key, sparseFromDense(out, file.rows, width), true), error: null }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { part: null, error: thrown.error }
  }
}

const lengthOf = (list: unknown): number =>
  typeof list === 'object' && list !== null && 'length' in list ? Number(list.length) : 0
