// Upper tail of the hypergeometric distribution, accurate to 1e-9 relative far into the tail.
// Method: point probability by the saddle-point expansion, then the ratio of neighbouring probabilities; below the mean,
// 1 − the lower tail.
import { logBinomial } from './saddle-point'

export interface Tail {
  readonly p: number
  /** log10 of p, also where p itself is too small for a number. */
  readonly log10p: number
}

/** ln P(X = overlap). All margins must lie strictly inside the table. */
export function logPoint(overlap: number, termSize: number, studySize: number, backgroundSize: number): number {
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

/** A test on counts: k shared genes, K term genes, n study genes, N background. */
export type CountTest = (overlap: number, termSize: number, studySize: number, backgroundSize: number) => number

/** p values of one study size, each worked out once. Cells are numbered by (term size, overlap). */
export class TailTable {
  private readonly known: Float64Array
  private readonly width: number
  /** Place of each term size among the sizes that occur: large terms are few, so the table stays small. */
  private readonly rowOf: Int32Array
  private readonly sizes: Uint32Array

  /** @param termSizes every term size that will be asked for */
  constructor(
    readonly studySize: number,
    readonly backgroundSize: number,
    termSizes: Uint32Array,
    private readonly test: CountTest = (...counts) => upperTail(...counts).p,
  ) {
    this.sizes = Uint32Array.from(new Set(termSizes)).sort()
    const largest = this.sizes.at(-1) ?? 0
    this.rowOf = new Int32Array(largest + 1).fill(-1)
    this.sizes.forEach((size, row) => (this.rowOf[size] = row))
    this.width = Math.min(studySize, largest) + 1
    this.known = new Float64Array(this.width * this.sizes.length).fill(NaN)
  }

  /** Number of a (overlap, term size) pair, for counting how often it occurs. */
  cell(overlap: number, termSize: number): number {
    return (this.rowOf[termSize] as number) * this.width + overlap
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
    const row = Math.floor(cell / this.width)
    return (this.known[cell] = this.test(cell - row * this.width, this.sizes[row] as number, this.studySize, this.backgroundSize))
  }
}
