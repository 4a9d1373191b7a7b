// Sparse matrices (csr and csc) with the checks that must come before the first value is used.
// Invariant: pointers are checked against the lengths of the datasets, and every index against the shape, before use.
import { refuse } from '../../../base/refusal'
import { transpose, type Csr } from '../../../base/sparse'
import type { DataArray, DataTree } from '../data-tree'
import { blockPart, matricesOf, turnedBlocks } from '../parts'
import { isTidy, keepPlaced, stackRows, tidyRows } from '../rows'
import { blockValues, type MatrixPart, type RowBlock, type Tick } from '../source-reader'

/** Entries read at once when a single storage chunk is larger than a block. */
const largestSlice = 16_000_000
/** Entries of an incomplete row that are expected at most. */
const roomForRest = 65_536
/** Positions may repeat and are then added up, but not without end. */
const mostRepeated = 8

interface SparseLayout {
  readonly key: string
  readonly rows: number
  readonly columns: number
  readonly byRow: boolean
  readonly indptr: Float64Array
  readonly indices: DataArray
  readonly data: DataArray
  damaged(why: string): never
}

/** True for a group that holds a sparse matrix of any generation. */
export function isSparse(tree: DataTree, path: string): boolean {
  if (tree.kind(path) !== 'group') return false
  return ['data', 'indices', 'indptr'].every((name) => tree.has(`${path}/${name}`))
}

/** Rows and columns as the group's attributes say, or null. */
export function sparseShape(tree: DataTree, path: string): readonly [number, number] | null {
  const value = tree.attribute(path, 'shape') ?? tree.attribute(path, 'h5sparse_shape')
  if (!Array.isArray(value) || value.length !== 2) return null
  const [rows, columns] = value as [unknown, unknown]
  return typeof rows === 'number' && typeof columns === 'number' ? [rows, columns] : null
}

/** The sparse matrix at `path`; `fallback` is its shape when the file does not say. */
export function sparsePart(tree: DataTree, path: string, key: string, fallback: readonly [number, number]): MatrixPart {
  const layout = checkedLayout(tree, path, key, fallback)
  const { rows, columns, data } = layout
  return blockPart({
    key,
    rows,
    columns,
    dense: false,
    stored: data.rows,
    sample: (wanted) => (layout.byRow ? sampleRows(layout, wanted) : sampleAcross(layout, wanted)),
    async *blocks(tick, scratch) {
      if (layout.byRow) yield* majorBlocks(layout, tick)
      else yield* turnedBlocks(matricesOf(majorBlocks(layout, tick)), rows, scratch)
    },
  })
}

function checkedLayout(tree: DataTree, path: string, key: string, fallback: readonly [number, number]): SparseLayout {
  const damaged = (why: string): never =>
    refuse('FILE_DAMAGED', { file: tree.fileName, why: `matrix ${key} was damaged when it was written (${why})` })
  const format = tree.text(path, 'encoding-type') ?? tree.text(path, 'h5sparse_format') ?? 'csr_matrix'
  const byRow = !format.startsWith('csc')
  const [rows, columns] = sparseShape(tree, path) ?? fallback
  const [data, indices, pointers] = [tree.array(`${path}/data`), tree.array(`${path}/indices`), tree.array(`${path}/indptr`)]
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(columns) || rows < 0 || columns < 0) damaged('its shape is impossible')
  const [majors, minors] = byRow ? [rows, columns] : [columns, rows]
  if (pointers.rows !== majors + 1) damaged(`${pointers.rows} pointers for ${majors} ${byRow ? 'rows' : 'columns'}`)
  if (data.rows !== indices.rows) damaged(`${data.rows} values but ${indices.rows} positions`)
  const indptr = Float64Array.from(pointers.numbers())
  if (indptr[0] !== 0) damaged('its first pointer is not 0')
  for (let major = 0; major < majors; major++) {
    const end = indptr[major + 1] as number
    if (!(end >= (indptr[major] as number))) damaged(`the pointers decrease at ${byRow ? 'row' : 'column'} ${major + 1}`)
    if (end > data.rows) damaged(`the pointer of ${byRow ? 'row' : 'column'} ${major + 1} lies beyond the data`)
    if (end - (indptr[major] as number) > mostRepeated * Math.max(1, minors))
      damaged(`${byRow ? 'row' : 'column'} ${major + 1} has more values than the matrix has ${byRow ? 'columns' : 'rows'}`)
  }
  if (indptr[majors] !== data.rows) damaged(`the pointers end at ${indptr[majors]}, the data at ${data.rows}`)
  return { key, rows, columns, byRow, indptr, indices, data, damaged }
}

interface Entries {
  readonly positions: Uint32Array
  readonly values: Float32Array
}

const noEntries: Entries = { positions: new Uint32Array(0), values: new Float32Array(0) }

/** The entries in `rest`, then the stored entries [start, stop), in `space` where they fit. `tidied` checks their positions. */
function entriesAfter(rest: Entries, layout: SparseLayout, start: number, stop: number, space = noEntries): Entries {
  const { indices, data } = layout
  const waiting = rest.positions.length
  const count = waiting + stop - start
  const fits = space.positions.length >= count
  const positions = fits ? space.positions.subarray(0, count) : new Uint32Array(count)
  const values = fits ? space.values.subarray(0, count) : new Float32Array(count)
  positions.set(rest.positions)
  values.set(rest.values)
  if (indices.copy && indices.storesAs?.('i32')) {
    indices.copy(start, stop, positions, waiting)
  } else {
    const bound = minorsOf(layout)
    const wide = indices.numbers(start, stop)
    for (let at = 0; at < wide.length; at++) {
      const position = wide[at] as number
      if (!(position >= 0 && position < bound)) outside(layout, position, bound)
      positions[waiting + at] = position
    }
  }
  if (data.copy && data.storesAs?.('f32')) data.copy(start, stop, values, waiting)
  else values.set(data.numbers(start, stop), waiting)
  return { positions, values }
}

const minorsOf = ({ byRow, rows, columns }: SparseLayout): number => (byRow ? columns : rows)

/** Stored rows (columns of csc) in order, with every position checked: one look at each is enough where they ascend. */
function tidied(layout: SparseLayout, matrix: Csr): Csr {
  if (isTidy(matrix)) return matrix
  const bound = minorsOf(layout)
  // A negative number is above every bound when it is read as one without a sign.
  for (const position of matrix.indices) if (position >= bound) outside(layout, position | 0, bound)
  return tidyRows(matrix).matrix
}

function outside(layout: SparseLayout, position: number, bound: number): never {
  const [what, there] = layout.byRow ? ['column', 'columns'] : ['row', 'rows']
  return layout.damaged(`${what} number ${position}, but there are only ${bound} ${there}`)
}

/** Whole storage chunks where possible, so that every chunk is unpacked once. */
function entriesPerSlice(layout: SparseLayout): number {
  const chunk = Math.max(layout.data.chunkRows, layout.indices.chunkRows)
  return chunk <= blockValues ? Math.floor(blockValues / chunk) * chunk : Math.min(chunk, largestSlice)
}

/** The stored rows (columns of csc) in order. A slice seldom ends with a row: its last, incomplete one waits for the next. */
async function* majorBlocks(layout: SparseLayout, tick: Tick): AsyncGenerator<RowBlock> {
  const { indptr } = layout
  const stored = layout.data.rows
  const majors = indptr.length - 1
  const columns = minorsOf(layout)
  const step = entriesPerSlice(layout)
  // What is left of one slice is copied into the next one's memory: two take turns.
  const spaces = [noEntries, noEntries]
  let rest = noEntries
  let start = 0
  for (let read = 0; read < stored || start < majors; read += step) {
    const stop = Math.min(stored, read + step)
    if ((spaces[0] as Entries).positions.length < rest.positions.length + stop - read) {
      const size = rest.positions.length + step + roomForRest
      spaces[0] = { positions: new Uint32Array(size), values: new Float32Array(size) }
    }
    const { positions, values } = entriesAfter(rest, layout, read, stop, spaces[0])
    spaces.reverse()
    let end = start
    while (end < majors && (indptr[end + 1] as number) <= stop) end++
    const first = indptr[start] as number
    const count = (indptr[end] as number) - first
    if (end > start) {
      const pointers = indptr.slice(start, end + 1).map((pointer) => pointer - first)
      const [indices, kept] = [positions.subarray(0, count), values.subarray(0, count)]
      yield { start, matrix: tidied(layout, { rows: end - start, columns, indptr: pointers, indices, values: kept }) }
    }
    rest = { positions: positions.subarray(count), values: values.subarray(count) }
    start = end
    await tick(stop - read)
  }
}

/** Only the entries of the wanted rows are read. */
function sampleRows(layout: SparseLayout, wanted: Uint32Array): Promise<Csr> {
  const indptr = new Float64Array(wanted.length + 1)
  wanted.forEach((row, to) => {
    indptr[to + 1] = (indptr[to] as number) + (layout.indptr[row + 1] as number) - (layout.indptr[row] as number)
  })
  const stored = indptr[wanted.length] as number
  const indices = new Uint32Array(stored)
  const values = new Float32Array(stored)
  let to = 0
  let at = 0
  while (at < wanted.length) {
    let after = at + 1
    while (after < wanted.length && wanted[after] === (wanted[after - 1] as number) + 1) after++
    const [start, stop] = [
      layout.indptr[wanted[at] as number] as number,
      layout.indptr[(wanted[after - 1] as number) + 1] as number,
    ]
    if (stop > start) {
      const slice = entriesAfter(noEntries, layout, start, stop)
      indices.set(slice.positions, to)
      values.set(slice.values, to)
    }
    to += stop - start
    at = after
  }
  return Promise.resolve(tidied(layout, { rows: wanted.length, columns: layout.columns, indptr, indices, values }))
}

/** Stored by column: everything is passed through once, and only entries of the wanted rows are kept. */
async function sampleAcross(layout: SparseLayout, wanted: Uint32Array): Promise<Csr> {
  const place = new Int32Array(layout.rows).fill(-1)
  wanted.forEach((row, to) => (place[row] = to))
  const kept: Csr[] = []
  for await (const { matrix } of majorBlocks(layout, () => new Promise(setImmediate))) {
    kept.push(keepPlaced(matrix, place, wanted.length))
  }
  return transpose(stackRows(kept, wanted.length))
}
