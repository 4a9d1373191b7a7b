// Upper tail of the hypergeometric distribution, accurate to 1e-9 relative far into the tail.
// Method: point probability by Loader's saddle-point expansion (C. Loader 2000, "Fast and accurate computation of binomial
// probabilities"), then the ratio of neighbouring probabilities; below the mean, 1 − the lower tail.

export interface Tail {
  readonly p: number
  /** log10 of p, also where p itself is too small for a number. */
  readonly log10p: number
}

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

/** ln of the binomial probability of x in n at p = 1 − q. */
function logBinomial(x: number, n: number, p: number, q: number): number {
  if (x === 0) return n === 0 ? 0 : p < 0.1 ? -deviance(n, n * q) - n * p : n * Math.log(q)
  if (x === n) return q < 0.1 ? -deviance(n, n * p) - n * q : n * Math.log(p)
  const core = stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q)
  return core - 0.5 * (ln2Pi + Math.log(x) + Math.log1p(-x / n))
}

/** ln P(X = overlap). All margins must lie strictly inside the table. */
function logPoint(overlap: number, termSize: number, studySize: number, backgroundSize: number): number {
  const p = studySize / backgroundSize
  const q = (backgroundSize - studySize) / backgroundSize
  return (
    logBinomial(overlap, termSize, p, q) +
    logBinomial(studySize - overlap, backgroundSize - termSize, p, q) -
    logBinomial(studySize, backgroundSize, p, q)
  )
}

/**
 * P(X ≥ overlap) when `studySize` genes are drawn from `backgroundSize`, of which `termSize` belong to the term.
 * An overlap of 0 gives 1, an impossible one 0. Arguments are whole numbers.
 */
export function upperTail(overlap: number, termSize: number, studySize: number, backgroundSize: number): Tail {
  const least = Math.max(0, studySize + termSize - backgroundSize)
  const most = Math.min(studySize, termSize)
  if (overlap <= least) return { p: 1, log10p: 0 }
  if (overlap > most) return { p: 0, log10p: -Infinity }
  const outside = backgroundSize - termSize - studySize
  const above = overlap > (studySize * termSize) / backgroundSize
  // Terms of the sum relative to its first, the largest one.
  const first = above ? overlap : overlap - 1
  let term = 1
  let sum = 1
  if (above) {
    for (let x = first; x < most && term > sum * 1e-18; x++) {
      term *= ((termSize - x) * (studySize - x)) / ((x + 1) * (outside + x + 1))
      sum += term
    }
  } else {
    for (let x = first; x > least && term > sum * 1e-18; x--) {
      term *= (x * (outside + x)) / ((termSize - x + 1) * (studySize - x + 1))
      sum += term
    }
  }
  const log = logPoint(first, termSize, studySize, backgroundSize) + Math.log(sum)
  if (above) return { p: Math.min(1, Math.exp(log)), log10p: Math.min(0, log / Math.LN10) }
  const p = Math.max(0, -Math.expm1(log))
  return { p, log10p: Math.log10(p) }
}

/** Upper tails for one background and study size, each worked out once. */
export class TailTable {
  private readonly known: Float64Array
  private readonly width: number

  /** @param largestTerm greatest term size that will be asked for */
  constructor(
    readonly studySize: number,
    readonly backgroundSize: number,
    largestTerm: number,
  ) {
    this.width = Math.min(studySize, largestTerm) + 1
    this.known = new Float64Array(this.width * (largestTerm + 1)).fill(NaN)
  }

  /** Number of a (overlap, term size) pair, for counting how often it occurs. */
  cell(overlap: number, termSize: number): number {
    return termSize * this.width + overlap
  }

  get cells(): number {
    return this.known.length
  }

  p(overlap: number, termSize: number): number {
    return this.pOfCell(this.cell(overlap, termSize))
  }

  pOfCell(cell: number): number {
    const known = this.known[cell] as number
    if (!Number.isNaN(known)) return known
    const termSize = Math.floor(cell / this.width)
    return (this.known[cell] = upperTail(cell - termSize * this.width, termSize, this.studySize, this.backgroundSize).p)
  }
}
