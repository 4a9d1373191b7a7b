// Sparse matrices as SciPy saves them (.npz with data, indices, indptr, shape, format): cells × genes, without names unless lists
// of names lie beside them. Invariant: checked like the sparse matrices of every other format before a value is used.
import { limits, type Problem } from '@contract'
import { refuse } from '../../../base/refusal'
import type { Csr } from '../../../base/sparse'
import { sparsePart } from '../anndata/sparse'
import type { Attribute, DataArray, DataTree } from '../data-tree'
import type { Numbers } from '../hdf5/decode'
import { memoryPart } from '../parts'
import { counted } from '../problems'
import type { Recognised } from '../recognise'
import { tidyRows } from '../rows'
import type { Frame, MatrixPart, OpenSource } from '../source-reader'
import type { Archive, Member } from '../zip/archive'
import { cellsOf, labelOf, listOf, type List } from './collection'
import { largestHeader, readHeader, type ArrayHeader } from './header'
import { arrayNumbers, arrayTexts } from './numbers'
import type { ByteReader } from './reader'

const compressed = ['data.npy', 'indices.npy', 'indptr.npy', 'shape.npy']
const listed = ['data.npy', 'row.npy', 'col.npy', 'shape.npy']
const geneNames = /^(?:genes?|gene_?(?:ids?|names?|symbols?)|var_?names?|features?|columns?)$/i

/** Does the archive hold the parts of one sparse matrix? */
export function isSparseArchive(members: readonly Member[]): boolean {
  const names = new Set(members.map((member) => member.name))
  return [compressed, listed].some((parts) => parts.every((name) => names.has(name)))
}

/** The matrix as expression. Refuses with FILE_DAMAGED, or ARRAY_UNFIT for the rare layouts. */
export function sparseSource(file: Recognised, archive: Archive, members: readonly Member[]): OpenSource {
  const open = (member: Member): NpyArray => new NpyArray(archive, member, file.fileName)
  const stated = members.find((member) => member.name === 'format.npy')
  const format = formatOf(stated ? open(stated).texts()[0] : undefined, members, file.fileName)
  const arrays = new Map(members.map((member) => [member.name.slice(0, -4), open(member)]))
  const part =
    format === 'coo' ? fromLists(arrays, file.fileName) : sparsePart(treeOf(arrays, format, file.fileName), 'X', 'X', [0, 0])
  const lists: List[] = []
  for (const member of members.filter(({ name }) => ![...compressed, ...listed, 'format.npy'].includes(name))) {
    const list = listOf(labelOf(member.name.slice(0, -4)), archive.open(member), member.size, file.fileName)
    if (list) lists.push(list)
  }
  const problems: Problem[] = []
  const named = lists.find(
    ({ name, length, values }) => geneNames.test(name) && length === part.columns && values.kind === 'text',
  )
  const rest = lists.filter((list) => list !== named)
  return {
    kind: 'npz',
    description: `sparse matrix of SciPy (${format})`,
    endings: ['.npz'],
    columns: part.columns,
    columnsAre: 'gene',
    cells: cellsOf(part.rows, rest, problems),
    embeddings: [],
    expressions: [
      { key: 'X', rows: part.rows, columns: part.columns, found: { part, error: null }, genes: genesOf(part.columns, named) },
    ],
    logRecorded: false,
    problems,
    stops: [],
    colours: () => null,
  }
}

function genesOf(columns: number, named: List | undefined): Frame {
  if (columns > limits.genes)
    refuse('PART_UNREADABLE', { part: 'X', why: `it has ${columns} columns; the limit is ${limits.genes}` })
  const texts = named?.values.kind === 'text' ? named.values.texts.map((text) => text ?? '') : null
  const index = texts ?? Array.from({ length: columns }, (_, column) => String(column))
  return { rows: columns, index, madeUp: texts === null, columns: [], problems: [] }
}

function formatOf(stated: string | undefined, members: readonly Member[], file: string): 'csr' | 'csc' | 'coo' {
  const stored = stated ?? (members.some((member) => member.name === 'indptr.npy') ? 'csr' : 'coo')
  if (stored === 'csr' || stored === 'csc' || stored === 'coo') return stored
  const next = 'Save it by rows: scipy.sparse.save_npz(path, matrix.tocsr()).'
  return refuse('ARRAY_UNFIT', { file, why: `it is a sparse matrix in the layout ${stored.slice(0, 20)}`, next })
}

/** One array of the archive as any array; lists and the shape are all that a sparse matrix needs. */
class NpyArray implements DataArray {
  readonly chunkRows = 1
  readonly fields = null
  readonly path: string
  private readonly bytes: ByteReader
  private readonly header: ArrayHeader

  constructor(
    archive: Archive,
    member: Member,
    private readonly fileName: string,
  ) {
    this.path = labelOf(member.name.slice(0, -4))
    this.bytes = archive.open(member)
    this.header = readHeader(this.bytes(0, Math.min(member.size, largestHeader)), fileName)
    const wanted = this.header.shape.reduce((product, size) => product * size, 1) * this.header.type.size
    if (this.header.shape.length > 1 || !(wanted <= member.size - this.header.start))
      refuse('FILE_DAMAGED', { file: fileName, why: `the array ${this.path} is not the list that its matrix needs` })
  }

  get shape(): readonly number[] {
    return this.header.shape
  }

  get rows(): number {
    return this.shape[0] ?? 0
  }

  get valueBytes(): number {
    return this.header.type.size
  }

  get truth(): boolean {
    return this.header.type.kind === 'b'
  }

  get isText(): boolean {
    return this.header.type.kind === 'U' || this.header.type.kind === 'S'
  }

  get isNumber(): boolean {
    return !this.isText
  }

  numbers(start = 0, stop = this.rows): Numbers {
    const { type, start: origin } = this.header
    if (this.isText) refuse('FILE_DAMAGED', { file: this.fileName, why: `the array ${this.path} holds no numbers` })
    return arrayNumbers(this.bytes(origin + start * type.size, (stop - start) * type.size), type, this.path)
  }

  texts(): string[] {
    const { type, start } = this.header
    return this.isText ? arrayTexts(this.bytes(start, Math.max(1, this.rows) * type.size), type) : []
  }
}

/** The lists as the tree that the reader of sparse matrices expects. */
function treeOf(arrays: ReadonlyMap<string, NpyArray>, format: string, fileName: string): DataTree {
  const shape = Array.from(arrays.get('shape')?.numbers() ?? [])
  const attributes: Readonly<Record<string, Attribute>> = { 'encoding-type': `${format}_matrix`, shape }
  const at = (path: string): NpyArray | undefined => arrays.get(path.replace(/^X\//, ''))
  const tree: DataTree = {
    fileName,
    container: 'zarr',
    below: () => tree,
    kind: (path) => (path === 'X' ? 'group' : at(path) ? 'dataset' : 'absent'),
    has: (path) => path === 'X' || at(path) !== undefined,
    keys: () => [...arrays.keys()],
    attribute: (_, name) => attributes[name],
    text: (_, name) => (typeof attributes[name] === 'string' ? attributes[name] : null),
    array: (path) => at(path) ?? refuse('FILE_DAMAGED', { file: fileName, why: `${path} is missing` }),
    labelsOf: () => null,
  }
  return tree
}

/** Row, column and value of every entry, in any order. */
function fromLists(arrays: ReadonlyMap<string, NpyArray>, file: string): MatrixPart {
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file, why })
  const list = (name: string): Numbers => arrays.get(name)?.numbers() ?? damaged(`${name} is missing`)
  const [rows, columns, data] = [list('row'), list('col'), list('data')]
  const [height, width] = Array.from(list('shape'))
  if (height === undefined || width === undefined || height < 0 || width < 0 || height > limits.rows || width > limits.genes)
    return damaged('the shape of the matrix is impossible')
  if (rows.length !== data.length || columns.length !== data.length)
    damaged(`${counted(data.length)} values but ${counted(rows.length)} rows and ${counted(columns.length)} columns`)
  const indptr = new Float64Array(height + 1)
  for (let at = 0; at < data.length; at++) {
    const [row, column] = [rows[at] as number, columns[at] as number]
    if (!(row >= 0 && row < height && column >= 0 && column < width)) damaged(`an entry lies in row ${row} and column ${column}`)
    indptr[row + 1] = (indptr[row + 1] as number) + 1
  }
  for (let row = 0; row < height; row++) indptr[row + 1] = (indptr[row + 1] as number) + (indptr[row] as number)
  const next = indptr.slice()
  const matrix: Csr = {
    rows: height,
    columns: width,
    indptr,
    indices: new Uint32Array(data.length),
    values: new Float32Array(data.length),
  }
  for (let at = 0; at < data.length; at++) {
    const to = next[rows[at] as number] as number
    next[rows[at] as number] = to + 1
    matrix.indices[to] = columns[at] as number
    matrix.values[to] = data[at] as number
  }
  return memoryPart('X', tidyRows(matrix).matrix, false)
}
