// Building blocks for compressed rows: from dense blocks, from unsorted or repeated columns, from a choice of rows.
// Invariant of every result: columns ascend within a row, no stored zeros; missing numbers stay NaN.
import type { Csr } from '../../base/sparse'

/** Rows of a dense row-major block, from place `from` of it on; zeros are not stored. */
export function sparseFromDense(values: ArrayLike<number>, rows: number, columns: number, from = 0): Csr {
  const end = from + rows * columns
  let stored = 0
  for (let at = from; at < end; at++) if (values[at] !== 0) stored++
  const indptr = new Float64Array(rows + 1)
  const indices = new Uint32Array(stored)
  const kept = new Float32Array(stored)
  let to = 0
  for (let row = 0; row < rows; row++) {
    const start = from + row * columns
    for (let column = 0; column < columns; column++) {
      const value = values[start + column] as number
      if (value === 0) continue
      indices[to] = column
      kept[to++] = value
    }
    indptr[row + 1] = to
  }
  return { rows, columns, indptr, indices, values: kept }
}

/** Several blocks of rows under each other. */
export function stackRows(blocks: readonly Csr[], columns: number): Csr {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  const stored = blocks.reduce((sum, block) => sum + block.indices.length, 0)
  const indptr = new Float64Array(rows + 1)
  const indices = new Uint32Array(stored)
  const values = new Float32Array(stored)
  let row = 0
  let at = 0
  for (const block of blocks) {
    indices.set(block.indices, at)
    values.set(block.values, at)
    for (let inside = 1; inside <= block.rows; inside++) indptr[row + inside] = at + (block.indptr[inside] as number)
    row += block.rows
    at += block.indices.length
  }
  return { rows, columns, indptr, indices, values }
}

/** Rows [start, stop) of a matrix; its arrays are shared, not copied. */
export function sliceRows(matrix: Csr, start: number, stop: number): Csr {
  const from = matrix.indptr[start] as number
  const to = matrix.indptr[stop] as number
  const indptr = matrix.indptr.slice(start, stop + 1)
  for (let row = 0; row < indptr.length; row++) indptr[row] = (indptr[row] as number) - from
  const { columns, indices, values } = matrix
  return { rows: stop - start, columns, indptr, indices: indices.subarray(from, to), values: values.subarray(from, to) }
}

/** The same matrix with only the rows named, in that order. */
export function keepRows(matrix: Csr, rows: Uint32Array): Csr {
  const indptr = new Float64Array(rows.length + 1)
  for (let to = 0; to < rows.length; to++) {
    const row = rows[to] as number
    indptr[to + 1] = (indptr[to] as number) + (matrix.indptr[row + 1] as number) - (matrix.indptr[row] as number)
  }
  const stored = indptr[rows.length] as number
  const indices = new Uint32Array(stored)
  const values = new Float32Array(stored)
  for (let to = 0; to < rows.length; to++) {
    const row = rows[to] as number
    const [start, end] = [matrix.indptr[row] as number, matrix.indptr[row + 1] as number]
    indices.set(matrix.indices.subarray(start, end), indptr[to] as number)
    values.set(matrix.values.subarray(start, end), indptr[to] as number)
  }
  return { rows: rows.length, columns: matrix.columns, indptr, indices, values }
}

/** The same matrix with only the columns named, which ascend. */
export function keepColumns(matrix: Csr, columns: readonly number[] | Uint32Array): Csr {
  const placeOf = new Int32Array(matrix.columns).fill(-1)
  columns.forEach((column, to) => (placeOf[column] = to))
  return keepPlaced(matrix, placeOf, columns.length)
}

/** The same matrix with each column moved to its place; those with −1 are left out. Places ascend where columns do. */
export function keepPlaced({ rows, indptr, indices, values }: Csr, placeOf: Int32Array, columns: number): Csr {
  const ends = new Float64Array(rows + 1)
  let count = 0
  for (let at = 0; at < indices.length; at++) if ((placeOf[indices[at] as number] as number) >= 0) count++
  const keptIndices = new Uint32Array(count)
  const keptValues = new Float32Array(count)
  let to = 0
  for (let row = 0; row < rows; row++) {
    const end = indptr[row + 1] as number
    for (let at = indptr[row] as number; at < end; at++) {
      const column = placeOf[indices[at] as number] as number
      if (column < 0) continue
      keptIndices[to] = column
      keptValues[to++] = values[at] as number
    }
    ends[row + 1] = to
  }
  return { rows, columns, indptr: ends, indices: keptIndices, values: keptValues }
}

/** Sorts the columns of each row, adds up repeated ones and drops zeros. Says how many were repeated. */
export function tidyRows(matrix: Csr): { matrix: Csr; repeated: number } {
  if (isTidy(matrix)) return { matrix, repeated: 0 }
  const { rows, columns, indptr, indices, values } = matrix
  const outIndices = new Uint32Array(indices.length)
  const outValues = new Float32Array(indices.length)
  const outIndptr = new Float64Array(rows + 1)
  let to = 0
  let repeated = 0
  for (let row = 0; row < rows; row++) {
    const start = indptr[row] as number
    const order = sortedPlaces(indices, start, indptr[row + 1] as number)
    const first = to
    for (const place of order) {
      const at = start + (place % placesOfRow)
      const column = indices[at] as number
      if (to > first && outIndices[to - 1] === column) {
        outValues[to - 1] = (outValues[to - 1] as number) + (values[at] as number)
        repeated++
      } else if (values[at] !== 0) {
        outIndices[to] = column
        outValues[to++] = values[at] as number
      }
    }
    outIndptr[row + 1] = to
  }
  return {
    matrix: { rows, columns, indptr: outIndptr, indices: outIndices.slice(0, to), values: outValues.slice(0, to) },
    repeated,
  }
}

/** More than any row has values; a column number beside it stays exact. */
const placesOfRow = 2 ** 26

/** Column and place in one number each, sorted: much faster than comparing objects. */
function sortedPlaces(indices: Uint32Array, start: number, end: number): Float64Array {
  const keys = new Float64Array(end - start)
  for (let place = 0; place < keys.length; place++) keys[place] = (indices[start + place] as number) * placesOfRow + place
  return keys.sort()
}

/** Whether the columns of each row ascend within the matrix and no zeros are stored. */
export function isTidy({ rows, columns, indptr, indices, values }: Csr): boolean {
  for (let row = 0; row < rows; row++) {
    const end = indptr[row + 1] as number
    let last = -1
    for (let at = indptr[row] as number; at < end; at++) {
      const column = indices[at] as number
      if (column <= last || values[at] === 0) return false
      last = column
    }
    if (last >= columns) return false
  }
  return true
}

/** Splits ascending row numbers into runs of neighbours, for reading. */
export function runsOf(rows: Uint32Array): readonly (readonly [start: number, stop: number])[] {
  const runs: [number, number][] = []
  for (const row of rows) {
    const last = runs.at(-1)
    if (last?.[1] === row) last[1] = row + 1
    else runs.push([row, row + 1])
  }
  return runs
}
