// Depth normalisation and logarithm of expression, as scanpy's normalize_total(target_sum) and log1p do it. Large matrices are kept as
// they are in the file, with one factor per cell, and changed where they are read.
// Invariant: a cell without any count stays all zero; sums are taken in double precision; zeros stay zeros.
import type { Csr } from '../base/sparse'

export const countsPerCell = 10_000

/** How values of the file become those of the statistics: ln(1 + factor of the cell · x), ln 2 · x, or as they are. */
export type ScaleChange = 'none' | 'log1p' | 'ln2'

/** target / total of each cell; 0 for a cell without counts. */
export const depthFactors = (totals: Float64Array, target = countsPerCell): Float64Array =>
  totals.map((total) => (total > 0 ? target / total : 0))

/** The sum of each row. */
export function totalsOf({ rows, indptr, values }: Csr): Float64Array {
  const totals = new Float64Array(rows)
  for (let cell = 0; cell < rows; cell++) {
    const end = indptr[cell + 1] as number
    let total = 0
    for (let at = indptr[cell] as number; at < end; at++) total += values[at] as number
    totals[cell] = total
  }
  return totals
}

/** Changes values in place, those of cells × genes. @param factors one per row, for log1p */
export function changeRows({ rows, indptr, values }: Csr, change: ScaleChange, factors: Float64Array | null): void {
  if (change === 'none') return
  if (change === 'ln2') {
    for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) * Math.LN2
    return
  }
  // Most counts of a cell are among a few small numbers, so that each logarithm is taken once.
  const known = new Float32Array(rememberedCounts)
  for (let cell = 0; cell < rows; cell++) {
    const factor = factors?.[cell] ?? 0
    const end = indptr[cell + 1] as number
    known.fill(-1)
    for (let at = indptr[cell] as number; at < end; at++) {
      const value = values[at] as number
      const place = value & (rememberedCounts - 1)
      if (place !== value) values[at] = Math.log1p(value * factor)
      else {
        if ((known[place] as number) < 0) known[place] = Math.log1p(value * factor)
        values[at] = known[place] as number
      }
    }
  }
}

/** A power of two. */
const rememberedCounts = 64

/** The same for genes × cells, or a single gene: `cells` names the cell of each value. */
export function changeColumns(values: Float32Array, cells: Uint32Array, change: ScaleChange, factors: Float64Array | null): void {
  if (change === 'none') return
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    values[at] = change === 'ln2' ? value * Math.LN2 : Math.log1p(value * (factors?.[cells[at] as number] ?? 0))
  }
}

/** ln(1 + target · x / total of the cell); cells × genes in, cells × genes out, the pattern of zeros unchanged. */
export function normaliseLog1p(counts: Csr, target = countsPerCell): Csr {
  const changed = { ...counts, values: counts.values.slice() }
  changeRows(changed, 'log1p', depthFactors(totalsOf(counts), target))
  return changed
}
