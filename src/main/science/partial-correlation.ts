// Correlation of sparse lists with what a third, dense one (sequencing depth) explains of both taken out.

/** One list of the same cells: those other than 0. */
export interface SparseList {
  readonly indices: ArrayLike<number>
  readonly values: ArrayLike<number>
}

/** Pearson of sparse lists with one fixed dense list, each in O(stored values). Null where either is constant. */
export function createSparsePearson(fixed: Float64Array): (list: SparseList) => number | null {
  const count = fixed.length
  const mean = fixed.reduce((sum, value) => sum + value, 0) / count
  const centred = fixed.map((value) => value - mean)
  const squaresFixed = centred.reduce((sum, value) => sum + value * value, 0)
  return ({ indices, values }) => {
    let [sum, squares, products] = [0, 0, 0]
    for (let at = 0; at < indices.length; at++) {
      const value = values[at] as number
      sum += value
      squares += value * value
      products += value * (centred[indices[at] as number] as number)
    }
    squares -= (sum * sum) / count
    return squares > 0 && squaresFixed > 0 ? products / Math.sqrt(squares * squaresFixed) : null
  }
}

/** First-order partial correlation of x and y given z, from the three correlations. Null where z explains one of them fully. */
export function partialCorrelation(xy: number, xz: number, yz: number): number | null {
  const left = (1 - xz * xz) * (1 - yz * yz)
  return left > 1e-12 ? Math.max(-1, Math.min(1, (xy - xz * yz) / Math.sqrt(left))) : null
}
