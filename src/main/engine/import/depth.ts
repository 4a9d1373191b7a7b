// How deeply each row was sequenced: total counts and detected features, from counts wherever the file holds them.
// Invariant: only from a matrix of counts; the key of that matrix is recorded with the numbers.
import type { Csr } from '../../base/sparse'
import type { Expression } from './expressions'

export interface Depth {
  /** Key of the counts. */
  readonly from: string
  /** Per row. */
  readonly total: Float32Array
  readonly detected: Uint32Array
}

/** The matrix of counts beside or instead of the one used: X, raw/X or a layer, never another kind of features. */
export function countsOf(found: readonly Expression[], used: Expression | null): Expression | null {
  const isCounts = (each: Expression | null): each is Expression =>
    each !== null && each.part !== null && each.info.verdict === 'counts' && each.source.featureType === used?.source.featureType
  if (isCounts(used)) return used
  return found.find(isCounts) ?? null
}

/** Sum and number of the stored values of each row; missing numbers count as nothing. */
export function depthOf(matrix: Csr, from: string): Depth {
  const total = new Float32Array(matrix.rows)
  const detected = new Uint32Array(matrix.rows)
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0
    const end = matrix.indptr[row + 1] as number
    for (let at = matrix.indptr[row] as number; at < end; at++) {
      const value = matrix.values[at] as number
      if (!Number.isFinite(value)) continue
      sum += value
      if (value !== 0) detected[row] = (detected[row] as number) + 1
    }
    total[row] = sum
  }
  return { from, total, detected }
}
