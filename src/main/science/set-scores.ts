// Scores of gene sets on a ranking of all genes: the running-sum score of preranked GSEA, and camera with a fixed correlation.
import { logTwoSidedT, tailOf } from './distributions'
import type { Tail } from './hypergeometric'
import { rank } from './ranks'

export interface RunningScore {
  /** The largest deviation of the running sum from 0 (ES). */
  readonly score: number
  /** Place in the ranking at which it is reached. */
  readonly peak: number
}

/**
 * Enrichment score of Subramanian et al. (2005): up by |score|^weight ÷ its sum at members, down by 1 ÷ others elsewhere.
 * @param descending scores from the highest to the lowest (equal scores: the caller orders them, by gene id)
 * @param members 1 at the places of the set
 * @returns null when no or every gene is a member, or all member weights are 0
 */
export function runningScore(descending: ArrayLike<number>, members: ArrayLike<number>, weight = 1): RunningScore | null {
  let total = 0
  let size = 0
  for (let place = 0; place < descending.length; place++) {
    if (members[place] !== 1) continue
    size++
    total += Math.abs(descending[place] as number) ** weight
  }
  if (size === 0 || size === descending.length || !(total > 0)) return null
  const miss = 1 / (descending.length - size)
  let sum = 0
  let score = 0
  let peak = 0
  for (let place = 0; place < descending.length; place++) {
    sum += members[place] === 1 ? Math.abs(descending[place] as number) ** weight / total : -miss
    if (Math.abs(sum) > Math.abs(score)) {
      score = sum
      peak = place
    }
  }
  return { score, peak }
}

export interface Camera {
  readonly direction: 'Up' | 'Down'
  readonly twoSided: Tail
}

interface CameraSet {
  readonly genes: number
  readonly size: number
  readonly correlation: number
}

/**
 * Preranked camera (Wu & Smyth 2012, limma cameraPR): members against all others, with the variance of the set's mean inflated
 * for genes that correlate. Null for an empty or complete set.
 * @param members places in `scores`, each once
 * @param useRanks Wilcoxon version; the default is the t version
 */
export function camera(
  scores: ArrayLike<number>,
  members: ArrayLike<number>,
  correlation = 0.01,
  useRanks = false,
): Camera | null {
  const set = { genes: scores.length, size: members.length, correlation }
  if (set.size === 0 || set.size >= set.genes || set.genes < 3) return null
  return useRanks ? cameraByRanks(scores, members, set) : cameraByMeans(scores, members, set)
}

function sumOver(values: ArrayLike<number>, members: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < members.length; at++) sum += values[members[at] as number] as number
  return sum
}

function cameraByMeans(scores: ArrayLike<number>, members: ArrayLike<number>, { genes, size, correlation }: CameraSet): Camera {
  let sum = 0
  for (let gene = 0; gene < genes; gene++) sum += scores[gene] as number
  const mean = sum / genes
  let squares = 0
  for (let gene = 0; gene < genes; gene++) squares += ((scores[gene] as number) - mean) ** 2
  const others = genes - size
  const delta = (genes / others) * (sumOver(scores, members) / size - mean)
  const pooled = (squares - (delta * delta * size * others) / genes) / (genes - 2)
  const inflation = 1 + (size - 1) * correlation
  const t = delta / Math.sqrt(pooled * (inflation / size + 1 / others))
  return { direction: t > 0 ? 'Up' : 'Down', twoSided: tailOf(logTwoSidedT(t, genes - 2)) }
}

/** Wilcoxon with the variance of Barry, Nobel & Wright (2008) for correlated members. */
function cameraByRanks(scores: ArrayLike<number>, members: ArrayLike<number>, { genes, size, correlation }: CameraSet): Camera {
  const { ranks, ties } = rank(scores)
  const others = genes - size
  const u = size * others + (size * (size + 1)) / 2 - sumOver(ranks, members)
  const pairs = size * others
  const correlated =
    Math.asin(1) * pairs +
    Math.asin(0.5) * pairs * (others - 1) +
    Math.asin(correlation / 2) * pairs * (size - 1) * (others - 1) +
    Math.asin((correlation + 1) / 2) * pairs * (size - 1)
  const independent = correlation === 0 || size === 1
  const variance = independent ? (pairs * (genes + 1)) / 12 : correlated / 2 / Math.PI
  const deviation = Math.sqrt(variance * (1 - ties / (genes * (genes + 1) * (genes - 1))))
  const away = u - pairs / 2
  // A low U means high ranks. The smaller tail, doubled, with continuity correction; at most 1.
  const z = (Math.abs(away) - 0.5) / deviation
  return {
    direction: away < 0 ? 'Up' : 'Down',
    twoSided: z <= 0 ? { p: 1, log10p: 0 } : tailOf(logTwoSidedT(z, Infinity)),
  }
}
