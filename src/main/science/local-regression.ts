// A smooth trend through points: loess of degree 2 with tricube weights (Cleveland 1979), without robustness rounds.
// Invariant: the value at every point is computed directly, never interpolated, so equal x give equal values.

/** The trend at each x, from the nearest `span` (share) of the points. */
export function localQuadratic(x: Float64Array, y: Float64Array, span: number): Float64Array {
  const order = Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number))
  const sortedX = Float64Array.from(order, (at) => x[at] as number)
  const sortedY = Float64Array.from(order, (at) => y[at] as number)
  const near = Math.max(1, Math.min(x.length, Math.floor(x.length * span + 1e-5)))
  const trend = new Float64Array(x.length)
  let first = 0
  let last = NaN
  order.forEach((to, place) => {
    const centre = sortedX[place] as number
    const before = order[place - 1]
    if (place === 0 || before === undefined || centre !== sortedX[place - 1]) {
      while (first + near < x.length && (sortedX[first + near] as number) - centre < centre - (sortedX[first] as number)) first++
      last = quadraticAt(centre, sortedX, sortedY, first, first + near)
    }
    trend[to] = last
  })
  return trend
}

/** Weighted least squares of a parabola around `centre`, and its value there. */
function quadraticAt(centre: number, x: Float64Array, y: Float64Array, first: number, end: number): number {
  const reach = Math.max(centre - (x[first] as number), (x[end - 1] as number) - centre)
  const powers = new Float64Array(5)
  const right = new Float64Array(3)
  for (let at = first; at < end; at++) {
    const offset = reach > 0 ? ((x[at] as number) - centre) / reach : 0
    const distance = Math.abs(offset)
    const weight = distance >= 0.999 && reach > 0 ? 0 : (1 - distance ** 3) ** 3
    let term = weight
    for (let power = 0; power < 5; power++) {
      powers[power] = (powers[power] as number) + term
      if (power < 3) right[power] = (right[power] as number) + term * (y[at] as number)
      term *= offset
    }
  }
  return constantTerm(powers, right)
}

/** The first coefficient of the normal equations; a lower degree where the points do not fix the higher one. */
function constantTerm(powers: Float64Array, right: Float64Array): number {
  const [s0, s1, s2, s3, s4] = powers as unknown as [number, number, number, number, number]
  const [r0, r1, r2] = right as unknown as [number, number, number]
  const whole = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2)
  if (whole > 1e-12 * s0 * s2 * s4) {
    return (r0 * (s2 * s4 - s3 * s3) - s1 * (r1 * s4 - s3 * r2) + s2 * (r1 * s3 - s2 * r2)) / whole
  }
  const line = s0 * s2 - s1 * s1
  if (line > 1e-12 * s0 * s2) return (r0 * s2 - s1 * r1) / line
  return s0 > 0 ? r0 / s0 : 0
}
