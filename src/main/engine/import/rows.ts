// Building blocks for compressed rows: from dense blocks, from unsorted or repeated columns, from a choice of rows.
// Invariant of every result: columns ascend within a row, no stored zeros; missing numbers stay NaN.
import type { Csr } from '../../base/sparse'

/** Rows of a dense row-major block; zeros are not stored. */
export function sparseFromDense(values: ArrayLike<number>, rows: number, columns: number): Csr {
  let stored = 0
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) stored++
  const indptr = new Float64Array(rows + 1)
  const indices = new Uint32Array(stored)
  const kept = new Float32Array(stored)
  let to = 0
  for (let row = 0; row < rows; row++) {
    const start = row * columns
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
export function keepColumns(matrix: Csr, columns: readonly number[]): Csr {
  const placeOf = new Int32Array(matrix.columns).fill(-1)
  columns.forEach((column, to) => (placeOf[column] = to))
  const indptr = new Float64Array(matrix.rows + 1)
  const kept: number[] = []
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.indptr[row + 1] as number
    for (let at = matrix.indptr[row] as number; at < end; at++)
      if ((placeOf[matrix.indices[at] as number] ?? -1) >= 0) kept.push(at)
    indptr[row + 1] = kept.length
  }
  const indices = Uint32Array.from(kept, (at) => placeOf[matrix.indices[at] as number] ?? 0)
  const values = Float32Array.from(kept, (at) => matrix.values[at] as number)
  return { rows: matrix.rows, columns: columns.length, indptr, indices, values }
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
    const [start, end] = [indptr[row] as number, indptr[row + 1] as number]
    const order = Array.from({ length: end - start }, (_, step) => start + step)
    order.sort((a, b) => (indices[a] as number) - (indices[b] as number))
    const first = to
    for (const at of order) {
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

function isTidy({ rows, indptr, indices, values }: Csr): boolean {
  for (let row = 0; row < rows; row++) {
    const end = indptr[row + 1] as number
    for (let at = indptr[row] as number; at < end; at++) {
      if (values[at] === 0) return false
      if (at > (indptr[row] as number) && (indices[at] as number) <= (indices[at - 1] as number)) return false
    }
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
