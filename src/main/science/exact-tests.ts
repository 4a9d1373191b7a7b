// Two-sided exact tests as scipy defines them (the sum of all outcomes no likelier than the one seen), and the binomial tail.
// Needed to reproduce other tools; the default test is the one-sided one of hypergeometric.ts.
import { logPoint, type Tail } from './hypergeometric'
import { logBinomial } from './saddle-point'

/** A distribution over least … most with one peak. `ratio(x)` is P(x + 1) ÷ P(x). */
interface Peaked {
  readonly least: number
  readonly most: number
  readonly mode: number
  logPoint(x: number): number
  ratio(x: number): number
}

/** Outcomes count as equally likely when the logarithms differ by less. */
const hypergeometricTie = 1e-9
/** scipy.stats.binomtest allows this relative difference. */
const binomialTie = Math.log1p(1e-7)

/** Sum of the probabilities from `from` outwards (`step` 1 up, −1 down), relative to the first one. */
function outwards({ least, most, ratio }: Peaked, from: number, step: 1 | -1): number {
  let term = 1
  let sum = 1
  for (let x = from; step === 1 ? x < most : x > least; x += step) {
    term *= step === 1 ? ratio(x) : 1 / ratio(x - 1)
    sum += term
    if (term <= sum * 1e-18) break
  }
  return sum
}

/** The innermost outcome of the flank in direction `step` that is no likelier than `limit`; null when there is none. */
function otherFlank({ least, most, mode, logPoint: log }: Peaked, step: 1 | -1, limit: number): number | null {
  let near = mode
  let far = step === 1 ? most : least
  if (log(far) > limit) return null
  // Two peaks of equal height: the one seen and this one.
  if (log(near) <= limit) return near
  while (Math.abs(far - near) > 1) {
    const middle = (near + far) >> 1
    if (log(middle) <= limit) far = middle
    else near = middle
  }
  return far
}

function twoSided(shape: Peaked, seen: number, tie: number): number {
  if (seen === shape.mode) return 1
  const step = seen > shape.mode ? 1 : -1
  const log = shape.logPoint(seen)
  const own = Math.exp(log + Math.log(outwards(shape, seen, step)))
  const back = step === 1 ? -1 : 1
  const other = otherFlank(shape, back, log + tie)
  const theirs = other === null ? 0 : Math.exp(shape.logPoint(other) + Math.log(outwards(shape, other, back)))
  return Math.min(1, own + theirs)
}

/**
 * Fisher's exact test, two-sided, of the table of `overlap` shared genes, as scipy.stats.fisher_exact computes it (≥ 1.9).
 * A margin of 0 gives 1.
 */
export function fisherTwoSided(overlap: number, termSize: number, studySize: number, backgroundSize: number): number {
  if (termSize === 0 || studySize === 0 || termSize === backgroundSize || studySize === backgroundSize) return 1
  const outside = backgroundSize - termSize - studySize
  const shape: Peaked = {
    least: Math.max(0, -outside),
    most: Math.min(studySize, termSize),
    mode: Math.floor(((studySize + 1) * (termSize + 1)) / (backgroundSize + 2)),
    logPoint: (x) => logPoint(x, termSize, studySize, backgroundSize),
    ratio: (x) => ((termSize - x) * (studySize - x)) / ((x + 1) * (outside + x + 1)),
  }
  return twoSided(shape, overlap, hypergeometricTie)
}

function binomialShape(trials: number, chance: number): Peaked {
  const odds = chance / (1 - chance)
  return {
    least: 0,
    most: trials,
    mode: Math.min(trials, Math.floor((trials + 1) * chance)),
    logPoint: (x) => logBinomial(x, trials, chance, 1 - chance),
    ratio: (x) => ((trials - x) / (x + 1)) * odds,
  }
}

/** P(X ≥ successes) of a binomial with `trials` and 0 < `chance` < 1. */
export function binomialUpperTail(successes: number, trials: number, chance: number): Tail {
  if (successes <= 0) return { p: 1, log10p: 0 }
  if (successes > trials) return { p: 0, log10p: -Infinity }
  const shape = binomialShape(trials, chance)
  if (successes > trials * chance) {
    const log = shape.logPoint(successes) + Math.log(outwards(shape, successes, 1))
    return { p: Math.min(1, Math.exp(log)), log10p: Math.min(0, log / Math.LN10) }
  }
  const below = Math.exp(shape.logPoint(successes - 1) + Math.log(outwards(shape, successes - 1, -1)))
  return { p: Math.max(0, 1 - below), log10p: Math.log1p(-below) / Math.LN10 }
}

/** Binomial test, two-sided, as scipy.stats.binomtest. A chance of 0 or 1 gives 1 or 0 by whether the outcome is possible. */
export function binomialTwoSided(successes: number, trials: number, chance: number): number {
  if (chance <= 0) return successes === 0 ? 1 : 0
  if (chance >= 1) return successes === trials ? 1 : 0
  return twoSided(binomialShape(trials, chance), successes, binomialTie)
}
