// Tails of the normal and the Student t distribution, with log10 where p itself underflows. Relative error under 1e-11.
// Methods: erfc by its power series and its continued fraction (Abramowitz & Stegun 7.1.6, 7.1.14); the incomplete beta function
// by its continued fraction (26.5.8), both fractions by Lentz's algorithm.
import type { Tail } from './hypergeometric'

const tiny = 1e-300
const longestFraction = 100_000

/** b(0) + a(1)/(b(1) + a(2)/(b(2) + …)) by the modified Lentz algorithm. */
function continuedFraction(first: number, a: (n: number) => number, b: (n: number) => number): number {
  let value = first === 0 ? tiny : first
  let c = value
  let d = 0
  for (let n = 1; n < longestFraction; n++) {
    d = b(n) + a(n) * d
    d = 1 / (d === 0 ? tiny : d)
    c = b(n) + a(n) / c
    if (c === 0) c = tiny
    const step = c * d
    value *= step
    if (Math.abs(step - 1) < 2e-16) break
  }
  return value
}

/** ln P(Z > z) of the standard normal. */
export function logNormalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  if (x < 2.5) {
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    const half = (sum * Math.exp(-x * x)) / Math.sqrt(Math.PI)
    return z >= 0 ? Math.log(0.5 - half) : Math.log(0.5 + half)
  }
  if (x === Infinity) return z > 0 ? -Infinity : 0
  // √π · e^(x²) · erfc(x) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))
  const fraction = continuedFraction(
    x,
    (n) => n / 2,
    () => x,
  )
  const upper = -x * x - Math.log(2 * Math.sqrt(Math.PI) * fraction)
  return z > 0 ? upper : Math.log1p(-Math.exp(upper))
}

/** ln(Γ(a + ½) / Γ(a)): asymptotic series, after moving up to a ≥ 20. */
function logGammaHalfStep(a: number): number {
  let shift = 0
  while (a < 20) {
    shift += Math.log(a / (a + 0.5))
    a++
  }
  const square = a * a
  const series = (1 / 8 - (1 / 192 - (1 / 640 - (17 / 14336 - 31 / 18432 / square) / square) / square) / square) / a
  return shift + 0.5 * Math.log(a) - series
}

/** The continued fraction of the incomplete beta function: I_x(a, b) = x^a (1 − x)^b / (a B(a, b)) · this. */
function betaFraction(x: number, a: number, b: number): number {
  const coefficient = (n: number): number => {
    const m = n >> 1
    return n % 2 === 0
      ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
      : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
  }
  return 1 / continuedFraction(1, coefficient, () => 1)
}

/** ln P(|T| > |t|) of Student's t; `freedom` > 0 may be a fraction or Infinity. */
export function logTwoSidedT(t: number, freedom: number): number {
  if (freedom === Infinity) return Math.min(0, Math.LN2 + logNormalTail(Math.abs(t)))
  const square = t * t
  if (square === Infinity) return -Infinity
  if (square === 0) return 0
  const a = freedom / 2
  const x = freedom / (freedom + square)
  const rest = square / (freedom + square)
  // ln(x^a · √rest / B(a, ½))
  const front = -a * Math.log1p(square / freedom) + 0.5 * Math.log(rest) + logGammaHalfStep(a) - 0.5 * Math.log(Math.PI)
  if (x < (a + 1) / (a + 2.5)) return front - Math.log(a) + Math.log(betaFraction(x, a, 0.5))
  return Math.log1p(-Math.exp(front) * 2 * betaFraction(rest, 0.5, a))
}

/** A tail from its natural logarithm. */
export const tailOf = (log: number): Tail => ({ p: Math.exp(log), log10p: log / Math.LN10 })
