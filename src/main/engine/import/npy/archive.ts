// Several NumPy arrays in one archive (.npz): tables are representations, lists beside them name or describe the cells.
// Invariant: every array is judged like a file of its own; one that cannot be read costs only itself.
import { closeSync, openSync } from 'node:fs'
import { limits, type Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { numberColumn, truthColumn } from '../anndata/column'
import { info } from '../problems'
import type { Recognised } from '../recognise'
import type { ColumnValues, EmbeddingSource, Frame, FrameColumn, OpenSource, SourceReader } from '../source-reader'
import { Archive } from '../zip/archive'
import { largestHeader, readHeader } from './header'
import { arrayNumbers, arrayTexts } from './numbers'
import { arrayPart, namelessCells, type ByteReader } from './reader'

export const npzReader: SourceReader = {
  kind: 'npz',
  accepts: (file) => file.container === 'npz',
  async open(file, _genes, work) {
    const handle = openSync(file.path, 'r')
    try {
      return await work(openArchive(file, new Archive(handle, file.bytes, file.fileName)))
    } finally {
      closeSync(handle)
    }
  },
}

interface List {
  readonly name: string
  readonly values: ColumnValues
  readonly length: number
}

const cellNames = /^(?:cells?|cell_?ids?|cell_?names?|barcodes?|obs_?names?|index|ids?|names)$/i

function openArchive(file: Recognised, archive: Archive): OpenSource {
  const embeddings: EmbeddingSource[] = []
  const lists: List[] = []
  const problems: Problem[] = []
  for (const member of archive.members()) {
    if (!member.name.endsWith('.npy')) continue
    // A name is only a label: whatever folders it speaks of are left out.
    const name = (member.name.slice(0, -4).split(/[\\/]/).at(-1) ?? '').slice(0, limits.nameLength) || 'array'
    try {
      const bytes = archive.open(member)
      const list = listOf(name, bytes, member.size, file.fileName)
      if (list) lists.push(list)
      else embeddings.push(embeddingOf(name, bytes, member.size, problems))
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      embeddings.push({ key: name, rows: 0, dims: 0, found: { part: null, error: thrown.error }, leftOut: [] })
    }
  }
  const rows = embeddings.find((each) => each.found.part !== null)?.rows
  if (rows === undefined) {
    const [first] = embeddings
    if (first?.found.error) throw new Refusal(first.found.error)
    return refuse('ARRAY_UNFIT', { file: file.fileName, why: 'no array in it is a table of numbers' })
  }
  return {
    kind: 'npz',
    description: 'NumPy archive',
    endings: ['.npz'],
    columns: embeddings.find((each) => each.found.part !== null)?.dims ?? 0,
    columnsAre: 'dimension',
    cells: cellsOf(rows, lists, problems),
    embeddings,
    expressions: [],
    logRecorded: false,
    problems,
    stops: [],
    colours: () => null,
  }
}

function embeddingOf(key: string, bytes: ByteReader, size: number, problems: Problem[]): EmbeddingSource {
  const found = arrayPart(key, bytes, size, `array ${key}`)
  problems.push(...found.problems)
  return { key, rows: found.part.rows, dims: found.part.columns, found: { part: found.part, error: null }, leftOut: [] }
}

/** An array with one axis as a column; null for every other array. */
function listOf(name: string, bytes: ByteReader, size: number, fileName: string): List | null {
  const header = readHeader(bytes(0, Math.min(size, largestHeader)), fileName)
  const [length] = header.shape
  if (header.shape.length !== 1 || length === undefined || length > limits.rows) return null
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

/** Lists as long as the table describe its rows; one of different texts called like ids names them. */
function cellsOf(rows: number, lists: readonly List[], problems: Problem[]): Frame {
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
