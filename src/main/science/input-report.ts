// What in the rows of a representation can spoil a training: rows far longer than the others, single dimensions that hold
// most of the variance, dimensions that never vary. Pure; measured about the mean of the training rows.
import type { InputReport } from '../base/training-settings'

/** A row is extreme when it is this many times as long as the middle one. */
export const extremeLength = 5
/** A dimension dominates when it holds more than this share of the variance (of at least three dimensions). */
export const dominantShare = 0.5

/**
 * `lengths`: of the centred training rows. `variances`: of each dimension over them. The sentences say what to do; none
 * when nothing stands out.
 */
export function inputReport(lengths: Float64Array, variances: Float64Array): InputReport {
  const sorted = lengths.slice().sort()
  const middle = sorted[sorted.length >> 1] ?? 0
  const longest = sorted.at(-1) ?? 0
  const extremeRows = middle > 0 ? sorted.length - firstAbove(sorted, extremeLength * middle) : 0
  const sum = variances.reduce((all, value) => all + value, 0)
  const largest = variances.reduce((best, value, dim) => (value > (variances[best] as number) ? dim : best), 0)
  const share = sum > 0 ? (variances[largest] as number) / sum : 0
  const dominant = variances.length > 2 && share > dominantShare ? { dim: largest, share } : null
  const constant = variances.filter((value) => !(value > 1e-12 * (sum / variances.length))).length
  const warnings: string[] = []
  if (extremeRows > 0)
    warnings.push(
      `${extremeRows} training cells lie more than ${extremeLength} times as far from the mean as the middle cell (up to ${(longest / middle).toFixed(0)} times): a few features may describe them alone. Look at these cells; leave them out if they are damaged.`,
    )
  if (dominant !== null)
    warnings.push(
      `Dimension ${dominant.dim + 1} holds ${Math.round(100 * share)} % of the variance: the features will mostly describe it. Train with z-scores if the dimensions matter alike.`,
    )
  if (constant > 0)
    warnings.push(`${constant} of ${variances.length} dimensions never vary: they carry nothing and are left at their mean.`)
  const longestRow = middle > 0 ? longest / middle : 1
  return { extremeRows, longestRow, dominantDimension: dominant, constantDimensions: constant, warnings }
}

/** Position of the first of ascending numbers that exceeds `bound`. */
function firstAbove(sorted: Float64Array, bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) > bound) high = middle
    else low = middle + 1
  }
  return low
}
