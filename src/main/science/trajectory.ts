// Does a latent rise along an ordered list of cell groups (stem cell → progenitor → mature cell)? Means step by step, and the test of
// Jonckheere and Terpstra for an ordered alternative, on sparse activations.
import type { LatentActivation } from './choose-cells'

export interface TrajectoryScore {
  /** Mean activation in each group, in order. */
  readonly means: readonly number[]
  /** −1 … 1: chance that of two cells of different groups the later one is stronger, less the opposite. */
  readonly trend: number
  /** Standardised with the correction for ties; 0 when all activations are equal. */
  readonly z: number
  readonly rising: boolean
  readonly falling: boolean
}

/**
 * Sorts cells into their places once; then each latent costs O(active · (log active + groups)).
 * @param places place in the order of each cell's group, −1 = none @param groups number of places
 */
export function createTrajectoryScorer(places: Int32Array, groups: number): (activation: LatentActivation) => TrajectoryScore {
  const sizes = new Float64Array(groups)
  for (const place of places) if (place >= 0) sizes[place] = (sizes[place] as number) + 1
  return ({ cells, values }) => {
    const used = Uint32Array.from(cells.keys()).filter((at) => (places[cells[at] as number] as number) >= 0)
    const placeOf = (at: number): number => places[cells[at] as number] as number
    const sums = new Float64Array(groups)
    const zeros = sizes.slice()
    for (const at of used) {
      sums[placeOf(at)] = (sums[placeOf(at)] as number) + (values[at] as number)
      zeros[placeOf(at)] = (zeros[placeOf(at)] as number) - 1
    }
    const order = used.toSorted((a, b) => (values[a] as number) - (values[b] as number))
    const { score, ties } = countPairs(order, values, placeOf, zeros)
    const means = Array.from(sums, (sum, group) => (sizes[group] === 0 ? 0 : sum / (sizes[group] as number)))
    const steps = means.slice(1).map((mean, group) => mean - (means[group] as number))
    return {
      means,
      trend: score.all === 0 ? 0 : score.concordant / score.all,
      z: standardise(score.concordant, sizes, ties),
      rising: steps.every((step) => step > 0),
      falling: steps.every((step) => step < 0),
    }
  }
}

interface Pairs {
  readonly score: { readonly concordant: number; readonly all: number }
  /** Sizes of groups of equal activations. */
  readonly ties: readonly number[]
}

/** Pairs of cells of different groups: +1 when the later one is stronger, −1 when weaker, 0 when equal. */
function countPairs(order: Uint32Array, values: Float32Array, placeOf: (at: number) => number, zeros: Float64Array): Pairs {
  const groups = zeros.length
  /** Cells with smaller activation so far, per group. */
  const below = zeros.slice()
  let concordant = 0
  const ties = [zeros.reduce((sum, count) => sum + count, 0)]
  const tied = new Float64Array(groups)
  for (let from = 0; from < order.length;) {
    let to = from
    tied.fill(0)
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) {
      const place = placeOf(order[to] as number)
      tied[place] = (tied[place] as number) + 1
      to++
    }
    for (let place = 0; place < groups; place++) {
      const count = tied[place] as number
      if (count === 0) continue
      for (let other = 0; other < groups; other++)
        if (other !== place) concordant += Math.sign(place - other) * count * (below[other] as number)
    }
    for (let place = 0; place < groups; place++) below[place] = (below[place] as number) + (tied[place] as number)
    ties.push(to - from)
    from = to
  }
  const total = below.reduce((sum, count) => sum + count, 0)
  const all = (total * total - below.reduce((sum, count) => sum + count * count, 0)) / 2
  return { score: { concordant, all }, ties }
}

/** Variance of the count with ties in the activations (Lehmann 1975, appendix 5). `concordant` = 2·J − pairs. */
function standardise(concordant: number, sizes: Float64Array, ties: readonly number[]): number {
  const n = sizes.reduce((sum, size) => sum + size, 0)
  if (n < 3) return 0
  const sum = (of: Iterable<number>, value: (x: number) => number): number => Array.from(of).reduce((all, x) => all + value(x), 0)
  const square = (x: number): number => x * (x - 1) * (2 * x + 5)
  const cube = (x: number): number => x * (x - 1) * (x - 2)
  const pair = (x: number): number => x * (x - 1)
  const variance =
    (square(n) - sum(sizes, square) - sum(ties, square)) / 72 +
    (sum(sizes, cube) * sum(ties, cube)) / (36 * cube(n)) +
    (sum(sizes, pair) * sum(ties, pair)) / (8 * pair(n))
  return variance > 0 ? concordant / 2 / Math.sqrt(variance) : 0
}
