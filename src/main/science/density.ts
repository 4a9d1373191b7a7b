// In how many cells is a latent on? Pure.
import type { Csr } from '../base/sparse'

/** Edges of the classes on a log10 scale of the share of cells: 10⁻⁴ … 10⁰ in steps of a quarter. */
export const densityClasses = 16

/** The class of a latent that is on in this share of the cells; 0 = never on. */
export function densityClass(share: number): number {
  if (share <= 0) return 0
  return 1 + Math.min(densityClasses - 1, Math.max(0, Math.floor((Math.log10(share) + 4) * 4)))
}

/**
 * Counts of latents per class of density: entry 0 = never on, entries 1…16 = quarter decades from 0.01 % to 100 %
 * (rarer ones in the first). `byLatent` has one row per latent, one column per cell.
 */
export function densityHistogram(byLatent: Pick<Csr, 'rows' | 'columns' | 'indptr'>): number[] {
  const counts = new Array<number>(densityClasses + 1).fill(0)
  for (let latent = 0; latent < byLatent.rows; latent++) {
    const active = (byLatent.indptr[latent + 1] as number) - (byLatent.indptr[latent] as number)
    const place = densityClass(active / byLatent.columns)
    counts[place] = (counts[place] as number) + 1
  }
  return counts
}
