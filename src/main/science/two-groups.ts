// Two groups of numbers compared: Mann–Whitney, Welch's t, Cohen's d. What is not defined is null, never 0.
import { logNormalTail, logTwoSidedT, tailOf } from './distributions'
import type { Tail } from './hypergeometric'
import { rank } from './ranks'

export interface MannWhitney {
  /** Pairs in which the member of the first group is greater, ties half. */
  readonly u: number
  /** u ÷ all pairs; null when a group is empty. */
  readonly auroc: number | null
  /** Two-sided normal approximation with tie and continuity correction. */
  readonly twoSided: Tail
  /** Without the continuity correction; null when all numbers are equal. */
  readonly twoSidedPlain: Tail | null
  /** First group greater, with continuity correction. */
  readonly greater: Tail
}

const certain: Tail = { p: 1, log10p: 0 }
const twice = (z: number): Tail => tailOf(Math.min(0, Math.LN2 + logNormalTail(z)))

/** Mann & Whitney (1947) with tie correction, as scipy.stats.mannwhitneyu(method='asymptotic'). */
export function mannWhitney(first: ArrayLike<number>, second: ArrayLike<number>): MannWhitney {
  const [n, m] = [first.length, second.length]
  if (n === 0 || m === 0) return { u: 0, auroc: null, twoSided: certain, twoSidedPlain: null, greater: certain }
  const { ranks, ties } = rank([...Array.from(first), ...Array.from(second)])
  let sum = 0
  for (let at = 0; at < n; at++) sum += ranks[at] as number
  const u = sum - (n * (n + 1)) / 2
  const all = n + m
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))))
  const away = u - (n * m) / 2
  const auroc = u / (n * m)
  if (!(deviation > 0)) return { u, auroc, twoSided: certain, twoSidedPlain: null, greater: certain }
  return {
    u,
    auroc,
    twoSided: twice((Math.abs(away) - 0.5) / deviation),
    twoSidedPlain: twice(Math.abs(away) / deviation),
    greater: tailOf(logNormalTail((away - 0.5) / deviation)),
  }
}

const largestExact = 30

/** Exact two-sided p of U for small groups without ties; null for more than 30 numbers or with ties. */
export function mannWhitneyExact(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  const [n, m] = [first.length, second.length]
  const { ranks, ties } = rank([...Array.from(first), ...Array.from(second)])
  if (ties > 0 || n + m > largestExact || n === 0 || m === 0) return null
  let sum = 0
  for (let at = 0; at < n; at++) sum += ranks[at] as number
  const u = sum - (n * (n + 1)) / 2
  // ways[k][s]: choices of k of the ranks seen so far that sum to s.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array((n * (2 * (n + m) - n + 1)) / 2 + 1))
  ;(ways[0] as Float64Array)[0] = 1
  for (let one = 1; one <= n + m; one++)
    for (let k = Math.min(n, one); k >= 1; k--) {
      const into = ways[k] as Float64Array
      const from = ways[k - 1] as Float64Array
      for (let s = into.length - 1; s >= one; s--) into[s] = (into[s] as number) + (from[s - one] as number)
    }
  const counts = (ways[n] as Float64Array).subarray((n * (n + 1)) / 2)
  const edge = Math.max(u, n * m - u)
  const total = counts.reduce((all, count) => all + count, 0)
  const above = counts.reduce((all, count, at) => (at >= edge ? all + count : all), 0)
  return Math.min(1, (2 * above) / total)
}

interface Moments {
  readonly mean: number
  /** With n − 1; NaN for fewer than two numbers. */
  readonly variance: number
}

function moments(values: ArrayLike<number>): Moments {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at] as number
  const mean = sum / values.length
  let squares = 0
  for (let at = 0; at < values.length; at++) squares += ((values[at] as number) - mean) ** 2
  return { mean, variance: values.length < 2 ? NaN : squares / (values.length - 1) }
}

export interface Welch {
  readonly t: number
  readonly freedom: number
  readonly twoSided: Tail
}

/** Welch (1947): t test for unequal variances. Null for fewer than two numbers in a group or without any variance. */
export function welch(first: ArrayLike<number>, second: ArrayLike<number>): Welch | null {
  const [a, b] = [moments(first), moments(second)]
  const [shareA, shareB] = [a.variance / first.length, b.variance / second.length]
  const error = shareA + shareB
  if (!(error > 0)) return null
  const t = (a.mean - b.mean) / Math.sqrt(error)
  const freedom = (error * error) / ((shareA * shareA) / (first.length - 1) + (shareB * shareB) / (second.length - 1))
  return { t, freedom, twoSided: tailOf(logTwoSidedT(t, freedom)) }
}

/** Difference of means in pooled standard deviations (Cohen 1988). Null without any variance. */
export function cohensD(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  const [a, b] = [moments(first), moments(second)]
  const pooled = ((first.length - 1) * a.variance + (second.length - 1) * b.variance) / (first.length + second.length - 2)
  return pooled > 0 ? (a.mean - b.mean) / Math.sqrt(pooled) : null
}
