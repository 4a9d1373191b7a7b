// Correlation of sparse lists with what something else explains of both taken out: a dense list (sequencing depth), or groups of cells
// (batches), from each of which its own mean is taken.

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

/**
 * Pearson of what is left of two lists once each group's own mean is taken from its entries: the partial correlation given a
 * category, that of the residuals of two regressions on it. Entries without a group (code −1) take no part. Fixes one list, then
 * each other one costs O(stored values + groups); null where nothing varies within the groups.
 * @param codes group of each entry
 */
export function createWithinPearson(
  codes: Int32Array,
  groups: number,
): (fixed: SparseList) => (list: SparseList) => number | null {
  const sizes = new Float64Array(groups)
  for (const code of codes) if (code >= 0) sizes[code] = (sizes[code] as number) + 1
  /** Takes group means out of a sum of products, given the sums of both lists per group. */
  const within = (products: number, one: Float64Array, other: Float64Array): number =>
    one.reduce(
      (left, sum, group) => (sum === 0 ? left : left - (sum * (other[group] as number)) / (sizes[group] as number)),
      products,
    )
  const add = ({ indices, values }: SparseList, take: (at: number, group: number, value: number) => void): void => {
    for (let place = 0; place < indices.length; place++) {
      const at = indices[place] as number
      const group = codes[at] as number
      if (group >= 0) take(at, group, values[place] as number)
    }
  }
  const describe = (list: SparseList, also: (at: number, value: number) => void): { sums: Float64Array; spread: number } => {
    const sums = new Float64Array(groups)
    let squares = 0
    add(list, (at, group, value) => {
      sums[group] = (sums[group] as number) + value
      squares += value * value
      also(at, value)
    })
    const spread = within(squares, sums, sums)
    // What rounding leaves of a list that does not vary within groups is no variance.
    return { sums, spread: spread > squares * 1e-12 ? spread : 0 }
  }
  return (fixed) => {
    const whole = new Float64Array(codes.length)
    const first = describe(fixed, (at, value) => (whole[at] = value))
    return (list) => {
      let products = 0
      const second = describe(list, (at, value) => (products += value * (whole[at] as number)))
      const spread = first.spread * second.spread
      return spread > 0 ? Math.max(-1, Math.min(1, within(products, first.sums, second.sums) / Math.sqrt(spread))) : null
    }
  }
}
