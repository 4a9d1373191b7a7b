// Pearson and Spearman correlation of two equally long lists, with two-sided p (t with n − 2 degrees of freedom).
import { logTwoSidedT, tailOf } from './distributions'
import type { Tail } from './hypergeometric'
import { rank } from './ranks'

export interface Correlation {
  readonly r: number
  /** Null for fewer than three pairs. */
  readonly twoSided: Tail | null
}

/** Null when a list is constant or there are fewer than two pairs. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): Correlation | null {
  const count = x.length
  let sumX = 0
  let sumY = 0
  for (let at = 0; at < count; at++) {
    sumX += x[at] as number
    sumY += y[at] as number
  }
  const [meanX, meanY] = [sumX / count, sumY / count]
  let squaresX = 0
  let squaresY = 0
  let products = 0
  for (let at = 0; at < count; at++) {
    const dx = (x[at] as number) - meanX
    const dy = (y[at] as number) - meanY
    squaresX += dx * dx
    squaresY += dy * dy
    products += dx * dy
  }
  if (count < 2 || !(squaresX > 0 && squaresY > 0)) return null
  const r = Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)))
  if (count < 3) return { r, twoSided: null }
  const t = r * Math.sqrt((count - 2) / ((1 - r) * (1 + r)))
  return { r, twoSided: tailOf(logTwoSidedT(t, count - 2)) }
}

/** Pearson of the ranks; ties share the mean rank. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): Correlation | null => pearson(rank(x).ranks, rank(y).ranks)

/**
 * Spearman of one fixed list with many sparse, positive ones: ranks the fixed list once, then each sparse list costs
 * O(n log n) of its own length. Entries where the fixed list is not finite are left out of both.
 * The answer takes ascending positions and their values (> 0; all others are 0); null where a list is constant.
 */
export function createSparseSpearman(fixed: ArrayLike<number>): (positions: Uint32Array, values: Float32Array) => number | null {
  const kept = Uint32Array.from(fixed, (_, at) => at).filter((at) => Number.isFinite(fixed[at]))
  const count = kept.length
  const mean = (count + 1) / 2
  const ranked = rank(Float64Array.from(kept, (at) => fixed[at] as number))
  const squaresFixed = (count ** 3 - count - ranked.ties) / 12
  /** Rank minus mean rank of each entry; NaN = left out. */
  const centred = new Float64Array(fixed.length).fill(NaN)
  kept.forEach((at, place) => (centred[at] = (ranked.ranks[place] as number) - mean))
  return (positions, values) => {
    const used = Array.from(positions.keys()).filter((at) => !Number.isNaN(centred[positions[at] as number] as number))
    const { ranks, ties } = rank(used.map((at) => values[at] as number))
    const zeros = count - used.length
    const squares = (count ** 3 - count - ties - (zeros ** 3 - zeros)) / 12
    if (!(squares > 0 && squaresFixed > 0)) return null
    // Centred ranks sum to 0, so the shared rank of the zeros may be taken off every rank: only entries above 0 remain.
    const zeroRank = (zeros + 1) / 2
    let products = 0
    used.forEach((at, place) => {
      products += (zeros + (ranks[place] as number) - zeroRank) * (centred[positions[at] as number] as number)
    })
    return Math.max(-1, Math.min(1, products / Math.sqrt(squares * squaresFixed)))
  }
}
