// How often two latents are on in the same cells. Counts only look at cells in which a latent is on, never at pairs of cells.
import type { Csr } from '../base/sparse'

/** Two latents over `cells` cells: how often each is on, and both. */
export interface Overlap {
  readonly first: number
  readonly second: number
  readonly both: number
  readonly cells: number
}

/** Cells with both ÷ cells with either; NaN when neither is ever on. */
export const jaccardOf = ({ first, second, both }: Overlap): number => both / (first + second - both)

/** Correlation of on and off (Pearson's phi of the 2 × 2 table); NaN when one is on always or never. */
export function phiOf({ first, second, both, cells }: Overlap): number {
  return (cells * both - first * second) / Math.sqrt(first * second * (cells - first) * (cells - second))
}

/** In how many cells each latent is on together with this one. @param activations cells × latents @param byLatent its transpose */
export function countTogether(activations: Csr, byLatent: Csr, latent: number): Uint32Array {
  const counts = new Uint32Array(byLatent.rows)
  for (let at = byLatent.indptr[latent] as number; at < (byLatent.indptr[latent + 1] as number); at++) {
    const cell = byLatent.indices[at] as number
    for (let on = activations.indptr[cell] as number; on < (activations.indptr[cell + 1] as number); on++) {
      const other = activations.indices[on] as number
      counts[other] = (counts[other] as number) + 1
    }
  }
  return counts
}

/** Pairs of latents that are on together more often than apart: first < second. */
export interface CoActivation {
  readonly first: Uint32Array
  readonly second: Uint32Array
  readonly phi: Float64Array
  /** Latents that are on often enough to be compared. */
  readonly compared: readonly number[]
  /** Cells that were counted. */
  readonly cells: number
}

export interface CoActivationRule {
  /** Latents on in fewer of the counted cells are left out. */
  readonly fewestCells: number
  readonly leastPhi: number
  /** Pairs counted at most: where there are more, only every second, third … cell is looked at. */
  readonly mostPairs: number
}

/** Yields the share done after every 64 latents. @param activations cells × latents @param byLatent its transpose */
export function* findCoActive(
  activations: Csr,
  byLatent: Csr,
  { fewestCells, leastPhi, mostPairs }: CoActivationRule,
): Generator<number, CoActivation, void> {
  const stride = strideFor(activations, mostPairs)
  const cells = Math.ceil(activations.rows / stride)
  const sizes = countCells(activations, stride)
  const compared = Array.from(sizes.keys()).filter((latent) => (sizes[latent] as number) >= fewestCells)
  const isCompared = Uint8Array.from(sizes, (size) => (size >= fewestCells ? 1 : 0))
  const found: { first: number; second: number; phi: number }[] = []
  const counts = new Uint32Array(byLatent.rows)
  for (const [done, first] of compared.entries()) {
    if (done % 64 === 0) yield done / compared.length
    const touched: number[] = []
    for (let at = byLatent.indptr[first] as number; at < (byLatent.indptr[first + 1] as number); at++) {
      const cell = byLatent.indices[at] as number
      if (cell % stride !== 0) continue
      // Latents ascend within a cell, so those after the first one stand at the end.
      for (let on = (activations.indptr[cell + 1] as number) - 1; on >= (activations.indptr[cell] as number); on--) {
        const second = activations.indices[on] as number
        if (second <= first) break
        if (isCompared[second] === 0) continue
        const count = counts[second] as number
        if (count === 0) touched.push(second)
        counts[second] = count + 1
      }
    }
    for (const second of touched.sort((a, b) => a - b)) {
      const both = counts[second] as number
      counts[second] = 0
      const phi = phiOf({ first: sizes[first] as number, second: sizes[second] as number, both, cells })
      if (phi >= leastPhi) found.push({ first, second, phi })
    }
  }
  return {
    first: Uint32Array.from(found, (pair) => pair.first),
    second: Uint32Array.from(found, (pair) => pair.second),
    phi: Float64Array.from(found, (pair) => pair.phi),
    compared,
    cells,
  }
}

function strideFor({ rows, indptr }: Csr, mostPairs: number): number {
  let pairs = 0
  for (let cell = 0; cell < rows; cell++) pairs += ((indptr[cell + 1] as number) - (indptr[cell] as number)) ** 2 / 2
  return Math.max(1, Math.ceil(pairs / mostPairs))
}

function countCells({ rows, columns, indptr, indices }: Csr, stride: number): Uint32Array {
  const sizes = new Uint32Array(columns)
  for (let cell = 0; cell < rows; cell += stride) {
    for (let at = indptr[cell] as number; at < (indptr[cell + 1] as number); at++) {
      const latent = indices[at] as number
      sizes[latent] = (sizes[latent] as number) + 1
    }
  }
  return sizes
}
