// Point probabilities without cancellation: Loader's saddle-point expansion (C. Loader 2000, "Fast and accurate computation of
// binomial probabilities"). Relative error of the probabilities under 1e-12, also far in the tails.

const ln2Pi = Math.log(2 * Math.PI)
/** ln(n!) − Stirling's formula for n = 0 … 15. */
const stirlingErrors = [
  0, 0.08106146679532726, 0.0413406959554093, 0.02767792568499834, 0.0207906721037651, 0.0166446911898212, 0.013876128823070748,
  0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.00833056343336287, 0.00757367548795184, 0.00694284010720953,
  0.006408994188004207, 0.005951370112758848, 0.005554733551962802,
]

function stirlingError(n: number): number {
  if (n < stirlingErrors.length) return stirlingErrors[n] as number
  const square = n * n
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n
}

/** x·ln(x/mean) + mean − x without cancellation when x is near the mean. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x
  const v = (x - mean) / (x + mean)
  let sum = (x - mean) * v
  let power = 2 * x * v
  for (let j = 1; j < 1000; j++) {
    power *= v * v
    const next = sum + power / (2 * j + 1)
    if (next === sum) break
    sum = next
  }
  return sum
}

/** ln of the binomial probability of x successes in n trials at p = 1 − q. */
export function logBinomial(x: number, n: number, p: number, q: number): number {
  if (x === 0) return n === 0 ? 0 : p < 0.1 ? -deviance(n, n * q) - n * p : n * Math.log(q)
  if (x === n) return q < 0.1 ? -deviance(n, n * p) - n * q : n * Math.log(p)
  const core = stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q)
  return core - 0.5 * (ln2Pi + Math.log(x) + Math.log1p(-x / n))
}
