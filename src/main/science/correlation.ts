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
