// Several arrays in one file (.npz, PyTorch, safetensors): tables are representations, lists beside them name or describe the cells.
// Invariant: every array is judged like a file of its own; one that cannot be read costs only itself.
import { limits, type Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { numberColumn, truthColumn } from '../anndata/column'
import { info } from '../problems'
import type { ColumnValues, EmbeddingSource, Frame, FrameColumn, OpenSource } from '../source-reader'
import { largestHeader, readHeader } from './header'
import { arrayNumbers, arrayTexts } from './numbers'
import { namelessCells, type ByteReader } from './reader'

export interface List {
  readonly name: string
  readonly values: ColumnValues
  readonly length: number
}

export interface Collection {
  readonly embeddings: readonly EmbeddingSource[]
  readonly lists: readonly List[]
  readonly problems: readonly Problem[]
}

const cellNames = /^(?:cells?|cell_?ids?|cell_?names?|barcodes?|obs_?names?|index|ids?|names)$/i

/** The name of a member as a label: whatever folders it speaks of are left out. */
export const labelOf = (name: string): string => (name.split(/[\\/]/).at(-1) ?? '').slice(0, limits.nameLength) || 'array'

/** An array that cannot be read, listed with the reason. */
export const unreadable = (key: string, { error }: Refusal): EmbeddingSource => ({
  key,
  rows: 0,
  dims: 0,
  found: { part: null, error },
  leftOut: [],
})

/** The source; the first readable table decides how many cells there are. Refuses with ARRAY_UNFIT when none is a table. */
export function collectionSource(
  { embeddings, lists, problems }: Collection,
  about: Pick<OpenSource, 'kind' | 'description' | 'endings'>,
  fileName: string,
): OpenSource {
  const first = embeddings.find((each) => each.found.part !== null)
  if (first === undefined) {
    const [failed] = embeddings
    if (failed?.found.error) throw new Refusal(failed.found.error)
    return refuse('ARRAY_UNFIT', { file: fileName, why: 'no array in it is a table of numbers' })
  }
  const noted = [...problems]
  return {
    ...about,
    columns: first.dims,
    columnsAre: 'dimension',
    cells: cellsOf(first.rows, lists, noted),
    embeddings,
    expressions: [],
    logRecorded: false,
    problems: noted,
    stops: [],
    colours: () => null,
  }
}

/** Lists as long as the table describe its rows; one of different texts called like ids names them. */
export function cellsOf(rows: number, lists: readonly List[], problems: Problem[]): Frame {
  const fitting = lists.filter((list) => list.length === rows)
  const ids = fitting.find(({ name, values }) => cellNames.test(name) && values.kind === 'text')
  const columns: FrameColumn[] = fitting.flatMap(({ name, values }) => (name === ids?.name ? [] : [{ name, values }]))
  const other = lists.filter((list) => list.length !== rows).map((list) => list.name)
  if (other.length > 0) {
    const message = `Lists of another length than the ${rows} rows are not used: ${other.slice(0, 5).join(', ')}.`
    problems.push(info('LISTS_LEFT_OUT', message, 'Nothing needs to be done.'))
  }
  if (ids?.values.kind !== 'text') return { ...namelessCells(rows), columns }
  problems.push(info('NAMES_FROM_LIST', `The array ${ids.name} names the cells.`, 'Nothing needs to be done.'))
  return { rows, index: ids.values.texts.map((text) => text ?? ''), madeUp: false, columns, problems: [] }
}

/** An array with one axis as a column; null for every other array. */
export function listOf(name: string, bytes: ByteReader, size: number, fileName: string): List | null {
  const header = readHeader(bytes(0, Math.min(size, largestHeader)), fileName)
  const [length] = header.shape
  // Text without any letters is stored as no bytes at all; a list of it says nothing.
  if (header.shape.length !== 1 || length === undefined || length > limits.rows || header.type.size === 0) return null
  const wanted = length * header.type.size
  const stored = bytes(header.start, wanted)
  if (wanted > size - header.start || stored.length < wanted) return null
  return {
    name,
    length,
    values: valuesOf(
      stored,
      header.type.kind,
      () => arrayNumbers(stored, header.type, name),
      () => arrayTexts(stored, header.type),
    ),
  }
}

function valuesOf(stored: Uint8Array, kind: string, numbers: () => ArrayLike<number>, texts: () => string[]): ColumnValues {
  if (kind === 'U' || kind === 'S') return { kind: 'text', texts: texts() }
  return kind === 'b' ? truthColumn(stored) : numberColumn(numbers())
}
