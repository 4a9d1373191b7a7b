// Corrections for many tests: Benjamini–Hochberg (1995) is the one the program uses; the others serve comparison with other tools.

/**
 * q values in the order of `pValues`. Equal p give equal q.
 * @param tests size of the whole family when the p values given are only its smallest ones; q is then exact for every value
 *   below the smallest p left out (left-out values of exactly 1 never change any q)
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, tests = pValues.length): Float64Array {
  return stepUp(pValues, tests)
}

/** Benjamini–Yekutieli (2001): valid under any dependence between the tests. */
export function benjaminiYekutieli(pValues: ArrayLike<number>): Float64Array {
  let harmonic = 0
  for (let rank = 1; rank <= pValues.length; rank++) harmonic += 1 / rank
  return stepUp(pValues, pValues.length * harmonic)
}

/** p · number of tests, at most 1. */
export const bonferroni = (pValues: ArrayLike<number>): Float64Array =>
  Float64Array.from(pValues, (p) => Math.min(1, p * pValues.length))

/** 1 − (1 − p)^tests, without loss of digits for small p. */
export const sidak = (pValues: ArrayLike<number>): Float64Array =>
  Float64Array.from(pValues, (p) => -Math.expm1(pValues.length * Math.log1p(-p)))

/** Holm (1979), step-down. Equal p give equal values. */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const ascending = Float64Array.from(pValues).sort()
  const adjusted = new Float64Array(ascending.length)
  let largest = 0
  for (let at = 0; at < ascending.length; at++) {
    largest = Math.max(largest, (ascending[at] as number) * (ascending.length - at))
    adjusted[at] = Math.min(1, largest)
  }
  return Float64Array.from(pValues, (p) => adjusted[placeOf(p, ascending)] as number)
}

function stepUp(pValues: ArrayLike<number>, tests: number): Float64Array {
  const ascending = Float64Array.from(pValues).sort()
  const adjusted = new Float64Array(ascending.length)
  let smallest = 1
  for (let rank = ascending.length; rank > 0; rank--) {
    smallest = Math.min(smallest, ((ascending[rank - 1] as number) * tests) / rank)
    adjusted[rank - 1] = smallest
  }
  return Float64Array.from(pValues, (p) => adjusted[placeOf(p, ascending)] as number)
}

/** First place of a member of an ascending list (native sort and bisection are faster than sorting by a comparator). */
function placeOf(value: number, ascending: Float64Array): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * q values of distinct p values that occur `counts` times each: the same as above on the long list, without making it.
 * `tests` may exceed the sum of the counts; what is missing are p values of 1.
 */
export function benjaminiHochbergCounted(pValues: ArrayLike<number>, counts: ArrayLike<number>, tests: number): Float64Array {
  const order = Uint32Array.from(pValues, (_, at) => at).sort((a, b) => (pValues[a] as number) - (pValues[b] as number))
  let rank = 0
  for (let at = 0; at < counts.length; at++) rank += counts[at] as number
  const adjusted = new Float64Array(pValues.length)
  let smallest = 1
  for (let at = order.length - 1; at >= 0; at--) {
    const one = order[at] as number
    if (rank > 0) smallest = Math.min(smallest, ((pValues[one] as number) * tests) / rank)
    adjusted[one] = smallest
    rank -= counts[one] as number
  }
  return adjusted
}
