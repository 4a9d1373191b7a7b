// Dense matrix products behind one small interface, so that encoding and the controls run on either backend.
import type { EncodedRows } from './fast-encoder'
import type { Inference } from './inference'
import type { Model } from './model'

export interface HeldMatrix {
  readonly rows: number
  readonly columns: number
}

export interface DenseMath {
  /** Hands a row-major matrix to the backend. The values must not change until `release`. */
  hold(values: Float32Array, rows: number, columns: number): HeldMatrix
  /** op(a) · op(b), row-major. */
  multiply(a: HeldMatrix, b: HeldMatrix, transposeA: boolean, transposeB: boolean): Float32Array
  release(matrix: HeldMatrix): void
  /** A faster way to encode chunks of `rows` rows with this model, where there is one; good until the next call. */
  encoder?(model: Model, inference: Inference, rows: number): RowEncoder | null
}

/** Encodes the first `count` rows of a chunk; null when the plain way has to be taken. */
export type RowEncoder = (rows: Float32Array, count: number) => EncodedRows | null

/** Products in plain JavaScript: the slow mode, and what the native products are tested against. */
export function plainMath(): DenseMath {
  const held = new Map<HeldMatrix, Float32Array>()
  return {
    hold: (values, rows, columns) => {
      const matrix = { rows, columns }
      held.set(matrix, values)
      return matrix
    },
    multiply: (a, b, transposeA, transposeB) => {
      const left = oriented(held.get(a), a, transposeA)
      const right = oriented(held.get(b), b, !transposeB)
      return rowsTimesRows(left.values, right.values, left.rows, right.rows, left.columns)
    },
    release: (matrix) => void held.delete(matrix),
  }
}

/** The matrix itself or its transpose, in rows. */
function oriented(
  values: Float32Array | undefined,
  shape: HeldMatrix,
  transposed: boolean,
): { values: Float32Array; rows: number; columns: number } {
  if (!values) throw new Error('this matrix was released')
  if (!transposed) return { values, rows: shape.rows, columns: shape.columns }
  const turned = new Float32Array(values.length)
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++)
      turned[column * shape.rows + row] = values[row * shape.columns + column] as number
  }
  return { values: turned, rows: shape.columns, columns: shape.rows }
}

/** All dot products of the rows of two matrices: [m, n]. */
function rowsTimesRows(a: Float32Array, b: Float32Array, m: number, n: number, depth: number): Float32Array {
  const product = new Float32Array(m * n)
  for (let row = 0; row < m; row++) {
    for (let other = 0; other < n; other++) {
      let sum = 0
      const left = row * depth
      const right = other * depth
      for (let at = 0; at < depth; at++) sum += (a[left + at] as number) * (b[right + at] as number)
      product[row * n + other] = sum
    }
  }
  return product
}
