// How numbers are written on the screen: one rule per kind of number, the same in tables, sentences and charts.
// Pure. Null and NaN are written as a dash, never as 0. Whole numbers, times and sizes: text/format.ts.
import { count as formatCount } from '../text/format'

export { formatCount }

const dash = '—'
const minus = '−'
const superscripts = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'] as const

const isNumber = (x: number | null): x is number => x !== null && !Number.isNaN(x)

/** A share of 0..1 as percent: "5.1%", "94%" with `digits` 0; a share above 0 is never written as 0%, one below 0 (nothing explained) has its sign. */
export function formatShare(share: number | null, digits = 1): string {
  if (!isNumber(share)) return dash
  if (share === 0) return '0%'
  if (share === 1) return '100%'
  const percent = share * 100
  if (percent < 0) return `${minus}${(-percent).toFixed(digits)}%`
  const smallest = 10 ** -digits
  if (percent < smallest) return `<${smallest.toFixed(digits)}%`
  const written = percent.toFixed(digits)
  return Number(written) >= 100 ? `>${(100 - smallest).toFixed(digits)}%` : `${written}%`
}

function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)] ?? '').join('')
  return exponent < 0 ? `⁻${digits}` : digits
}

/** A q value: "0.015", "0.0042", "8.0×10⁻¹⁵"; 0 (below what a number can hold) as "<10⁻³⁰⁰". */
export function formatQ(q: number | null): string {
  if (!isNumber(q)) return dash
  if (q <= 0) return `<10${superscript(-300)}`
  if (q >= 0.9995) return '1'
  if (q >= 0.00995) return q >= 0.0995 ? q.toFixed(2) : q.toFixed(3)
  if (q >= 0.001) return q.toFixed(4)
  return powerOfTen(q)
}

/** 8.0×10⁻¹⁵ */
function powerOfTen(x: number): string {
  const [mantissa, exponent] = x.toExponential(1).split('e')
  return `${mantissa}×10${superscript(Number(exponent))}`
}

/** AUROC, F1, precision, recall, cosine: two decimals. */
export function formatScore(score: number | null): string {
  return isNumber(score) ? score.toFixed(2).replace('-', minus) : dash
}

/** A log₂ difference with its sign: "+3.9", "−0.4". */
export function formatDifference(difference: number | null): string {
  if (!isNumber(difference)) return dash
  const written = Math.abs(difference).toFixed(1)
  if (Number(written) === 0) return '0.0'
  return `${difference < 0 ? minus : '+'}${written}`
}

/** Fold enrichment: "50×", "3.2×" below 10. */
export function formatFold(fold: number | null): string {
  if (!isNumber(fold) || !Number.isFinite(fold)) return dash
  return `${fold < 9.95 ? fold.toFixed(1) : formatCount(fold)}×`
}

/** An activation or expression value: three significant digits, without a trailing exponent in the usual range. */
export function formatValue(x: number | null): string {
  if (!isNumber(x)) return dash
  if (x === 0) return '0'
  const size = Math.abs(x)
  const written = size >= 1000 ? formatCount(size) : size >= 0.001 ? String(Number(size.toPrecision(3))) : powerOfTen(size)
  return x < 0 ? `${minus}${written}` : written
}

/** How often a term is met among the study genes compared with the background: (k/n)/(K/N). */
export function foldOf(link: { overlap: number; studySize: number; termSize: number; backgroundSize: number }): number | null {
  const expected = link.studySize * link.termSize
  return expected === 0 ? null : (link.overlap * link.backgroundSize) / expected
}
