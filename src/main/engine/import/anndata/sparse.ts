// Sparse matrices (csr and csc) with the checks that must come before the first value is used.
// Invariant: pointers are checked against the lengths of the datasets, and every index against the shape, before use.
import { refuse } from '../../../base/refusal'
import { transpose, type Csr } from '../../../base/sparse'
import { sliceBytes, type DataArray, type DataTree } from '../data-tree'
import { tidyRows } from '../rows'
import type { MatrixPart, Tick } from '../source-reader'

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
  return {
    key,
    rows,
    columns,
    dense: false,
    stored: data.rows,
    sample: (wanted) => (layout.byRow ? sampleRows(layout, wanted) : sampleAcross(layout, wanted)),
    readSparse: async (tick) => (await readWhole(layout, tick)).matrix,
    async readDense(tick) {
      const { matrix } = await readWhole(layout, tick)
      const out = new Float32Array(rows * columns)
      for (let row = 0; row < rows; row++) {
        const end = matrix.indptr[row + 1] as number
        for (let at = matrix.indptr[row] as number; at < end; at++)
          out[row * columns + (matrix.indices[at] as number)] = matrix.values[at] as number
      }
      return out
    },
  }
}

function checkedLayout(tree: DataTree, path: string, key: string, fallback: readonly [number, number]): SparseLayout {
  const damaged = (why: string): never =>
    refuse('FILE_DAMAGED', { file: tree.fileName, why: `matrix ${key} was damaged when it was written (${why})` })
  const format = tree.text(path, 'encoding-type') ?? tree.text(path, 'h5sparse_format') ?? 'csr_matrix'
  const byRow = !format.startsWith('csc')
  const [rows, columns] = sparseShape(tree, path) ?? fallback
  const [data, indices, pointers] = [tree.array(`${path}/data`), tree.array(`${path}/indices`), tree.array(`${path}/indptr`)]
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(columns) || rows < 0 || columns < 0) damaged('its shape is impossible')
  const majors = byRow ? rows : columns
  if (pointers.rows !== majors + 1) damaged(`${pointers.rows} pointers for ${majors} ${byRow ? 'rows' : 'columns'}`)
  if (data.rows !== indices.rows) damaged(`${data.rows} values but ${indices.rows} positions`)
  const indptr = Float64Array.from(pointers.numbers())
  if (indptr[0] !== 0) damaged('its first pointer is not 0')
  for (let major = 0; major < majors; major++) {
    const end = indptr[major + 1] as number
    if (!(end >= (indptr[major] as number))) damaged(`the pointers decrease at ${byRow ? 'row' : 'column'} ${major + 1}`)
    if (end > data.rows) damaged(`the pointer of ${byRow ? 'row' : 'column'} ${major + 1} lies beyond the data`)
  }
  if (indptr[majors] !== data.rows) damaged(`the pointers end at ${indptr[majors]}, the data at ${data.rows}`)
  return { key, rows, columns, byRow, indptr, indices, data, damaged }
}

/** Values and checked positions of the stored entries [start, stop). */
function entries(layout: SparseLayout, start: number, stop: number): { positions: ArrayLike<number>; values: ArrayLike<number> } {
  const positions = layout.indices.numbers(start, stop)
  const bound = layout.byRow ? layout.columns : layout.rows
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at] as number
    if (!(position >= 0 && position < bound)) {
      const [what, there] = layout.byRow ? ['column', 'columns'] : ['row', 'rows']
      layout.damaged(`${what} number ${position}, but there are only ${bound} ${there}`)
    }
  }
  return { positions, values: layout.data.numbers(start, stop) }
}

function entriesPerSlice(layout: SparseLayout): number {
  const chunk = Math.max(layout.data.chunkRows, layout.indices.chunkRows)
  const fitting = sliceBytes / 8
  return chunk <= fitting ? Math.floor(fitting / chunk) * chunk : fitting
}

async function readWhole(layout: SparseLayout, tick: Tick): Promise<{ matrix: Csr; repeated: number }> {
  const stored = layout.data.rows
  const indices = new Uint32Array(stored)
  const values = new Float32Array(stored)
  const step = entriesPerSlice(layout)
  for (let start = 0; start < stored; start += step) {
    const stop = Math.min(stored, start + step)
    const slice = entries(layout, start, stop)
    indices.set(slice.positions, start)
    values.set(slice.values, start)
    await tick(stop - start)
  }
  const [rows, columns] = layout.byRow ? [layout.rows, layout.columns] : [layout.columns, layout.rows]
  const asStored: Csr = { rows, columns, indptr: layout.indptr, indices, values }
  return tidyRows(layout.byRow ? asStored : transpose(asStored))
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
      const slice = entries(layout, start, stop)
      indices.set(slice.positions, to)
      values.set(slice.values, to)
    }
    to += stop - start
    at = after
  }
  return Promise.resolve(tidyRows({ rows: wanted.length, columns: layout.columns, indptr, indices, values }).matrix)
}

/** Stored by column: everything is passed through once, and only entries of the wanted rows are kept. */
async function sampleAcross(layout: SparseLayout, wanted: Uint32Array): Promise<Csr> {
  const place = new Int32Array(layout.rows).fill(-1)
  wanted.forEach((row, to) => (place[row] = to))
  const kept: { column: number; row: number; value: number }[] = []
  let column = 0
  const step = entriesPerSlice(layout)
  for (let start = 0; start < layout.data.rows; start += step) {
    const slice = entries(layout, start, Math.min(layout.data.rows, start + step))
    for (let inside = 0; inside < slice.positions.length; inside++) {
      while ((layout.indptr[column + 1] as number) <= start + inside) column++
      const row = place[slice.positions[inside] as number] as number
      if (row >= 0) kept.push({ column, row, value: slice.values[inside] as number })
    }
    await new Promise(setImmediate)
  }
  const indptr = new Float64Array(layout.columns + 1)
  for (const entry of kept) indptr[entry.column + 1] = (indptr[entry.column + 1] as number) + 1
  for (let each = 0; each < layout.columns; each++) indptr[each + 1] = (indptr[each + 1] as number) + (indptr[each] as number)
  const byColumn: Csr = {
    rows: layout.columns,
    columns: wanted.length,
    indptr,
    indices: Uint32Array.from(kept, (entry) => entry.row),
    values: Float32Array.from(kept, (entry) => entry.value),
  }
  return tidyRows(transpose(byColumn)).matrix
}
