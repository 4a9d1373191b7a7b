// What kind of numbers a matrix holds: counts, log1p, log2, normalised, scaled or unknown, with one sentence of evidence.
// Invariant: decided from whole rows of the matrix; NaN and infinite values are ignored here and reported elsewhere.
import type { Csr } from '../base/sparse'

export type NumberKind = 'counts' | 'log1p' | 'log2' | 'normalised' | 'scaled' | 'unknown'

export interface Judgement {
  readonly verdict: NumberKind
  readonly evidence: string
  /** Total per cell after undoing the logarithm, when all cells agree on one. */
  readonly target: number | null
}

/** Undoing a scale: from a stored value back to something proportional to counts. */
const scales = {
  log1p: Math.expm1,
  log2: (value: number) => 2 ** value - 1,
  normalised: (value: number) => value,
} as const
type Scale = keyof typeof scales
const scaleNames = Object.keys(scales) as readonly Scale[]

const sameTotalShare = 0.99
const sameTotalTolerance = 0.01
const fewestCells = 3
const largestLog = 15
const sureCount = 20

interface Totals {
  readonly finite: number
  readonly negative: number
  readonly positive: number
  readonly smallest: number
  readonly largest: number
  readonly whole: boolean
}

/**
 * Judges sampled rows (cells × genes). Totals per cell that agree after undoing a logarithm prove its base; where only some genes
 * are kept the totals differ, but a cell's values are still whole multiples of its smallest one, because counts were scaled per cell.
 */
export function judge(sample: Csr, logRecorded = false): Judgement {
  const all = summarise(sample.values)
  const fixed = bySign(all, sample)
  if (fixed) return fixed
  return byTotals(sample) ?? byMultiples(sample) ?? bySize(all, logRecorded)
}

function summarise(values: Float32Array): Totals {
  const sum = { finite: 0, negative: 0, positive: 0, smallest: 0, largest: 0, whole: true }
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    sum.finite++
    if (value < 0) sum.negative++
    else if (value > 0) sum.positive++
    if (value < sum.smallest) sum.smallest = value
    if (value > sum.largest) sum.largest = value
    if (Math.abs(value - Math.round(value)) >= 1e-6) sum.whole = false
  }
  return sum
}

function bySign(all: Totals, sample: Csr): Judgement | null {
  const judged = (verdict: NumberKind, evidence: string): Judgement => ({ verdict, evidence, target: null })
  if (all.positive === 0 && all.negative === 0) return judged('unknown', 'No value differs from zero.')
  if (all.negative > 0 && all.whole) {
    return judged('unknown', `Whole numbers, but ${many(all.negative, 'value')} below zero, so these are no counts.`)
  }
  if (all.negative > 0) {
    return judged(
      'scaled',
      `Values run from ${short(all.smallest)} to ${short(all.largest)}; values below zero are z-scores or residuals.`,
    )
  }
  if (!all.whole) return null
  const range = `All values in ${many(sample.rows, 'cell')} are whole numbers, the largest is ${short(all.largest)}`
  return judged('counts', all.largest > sureCount ? `${range}.` : `${range}: probably counts.`)
}

/** Rule 1: the totals of the cells agree once the right logarithm is undone. */
function byTotals(sample: Csr): Judgement | null {
  for (const scale of scaleNames) {
    const totals: number[] = []
    for (let cell = 0; cell < sample.rows; cell++) {
      let total = 0
      for (const value of rowOf(sample, cell)) if (Number.isFinite(value)) total += scales[scale](value)
      if (total > 0 && Number.isFinite(total)) totals.push(total)
    }
    if (totals.length < fewestCells) continue
    const target = middle(totals)
    const agreeing = totals.filter((total) => Math.abs(total - target) <= sameTotalTolerance * target).length / totals.length
    if (agreeing < sameTotalShare) continue
    const share = `in ${percent(agreeing)} of ${many(totals.length, 'cell')}`
    const evidence = {
      log1p: `Undoing ln(1 + x) gives the same total of about ${short(target)} ${share}.`,
      log2: `Undoing log2(1 + x) gives the same total of about ${short(target)} ${share}; undoing ln(1 + x) does not.`,
      normalised: `The values add up to about ${short(target)} ${share}, without a logarithm.`,
    }[scale]
    return { verdict: scale, evidence, target }
  }
  return null
}

const fewestValues = 5
const largestMultiple = 50
const multipleTolerance = 0.02
const multipleShareInCell = 0.95
const multipleShareOfCells = 0.7

/** Rule 2: within a cell, the undone values are whole multiples of the smallest one. */
function byMultiples(sample: Csr): Judgement | null {
  for (const scale of scaleNames) {
    const undo = scales[scale]
    let tested = 0
    let fitting = 0
    for (let cell = 0; cell < sample.rows; cell++) {
      const fits = cellFits(rowOf(sample, cell), undo)
      if (fits === null) continue
      tested++
      if (fits) fitting++
    }
    if (tested < fewestCells || fitting / tested < multipleShareOfCells) continue
    const share = `In ${percent(fitting / tested)} of ${many(tested, 'cell')}`
    const evidence = {
      log1p: `${share}, undoing ln(1 + x) gives whole multiples of the smallest value: counts scaled per cell, then logged.`,
      log2: `${share}, undoing log2(1 + x) gives whole multiples of the smallest value; undoing ln(1 + x) does not.`,
      normalised: `${share}, the values are whole multiples of the smallest one: counts scaled per cell, not logged.`,
    }[scale]
    return { verdict: scale, evidence, target: null }
  }
  return null
}

/** Null when the cell cannot tell: too few values, or all of them equal. */
function cellFits(values: Float32Array, undo: (value: number) => number): boolean | null {
  let smallest = Infinity
  let largest = 0
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue
    if (value < smallest) smallest = value
    if (value > largest) largest = value
  }
  if (values.length < fewestValues || largest <= smallest * 1.001) return null
  const unit = undo(smallest)
  let tested = 0
  let whole = 0
  for (const value of values) {
    const multiple = undo(value) / unit
    if (!(multiple > 1.001) || multiple > largestMultiple) continue
    tested++
    if (Math.abs(multiple - Math.round(multiple)) <= multipleTolerance) whole++
  }
  return tested === 0 ? null : whole / tested >= multipleShareInCell
}

function bySize(all: Totals, logRecorded: boolean): Judgement {
  const largest = `The largest value is ${short(all.largest)} and the totals of the cells differ`
  if (logRecorded && all.largest < 2 * largestLog)
    return { verdict: 'log1p', evidence: `${largest}; the file records that a logarithm was taken.`, target: null }
  if (all.largest < largestLog)
    return { verdict: 'log1p', evidence: `${largest}: probably log values of some of the genes.`, target: null }
  return { verdict: 'unknown', evidence: `${largest}: neither counts nor log values for certain.`, target: null }
}

function rowOf(matrix: Csr, row: number): Float32Array {
  return matrix.values.subarray(matrix.indptr[row], matrix.indptr[row + 1])
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const short = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-GB')
    : String(Number(value.toPrecision(3)))
const many = (count: number, one: string): string => `${count.toLocaleString('en-GB')} ${one}${count === 1 ? '' : 's'}`
const percent = (share: number): string => `${Math.floor(share * 100)} %`
