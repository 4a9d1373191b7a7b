// How a latent goes with a numeric column (pseudotime, age, a score): rank correlations and AUROC of on against off cells.
import type { LatentActivation } from './choose-cells'
import { createSparseSpearman, spearman } from './correlation'
import { rank } from './ranks'

/** Null where not defined. */
export interface NumberScores {
  /** Over all cells; cells that are off tie, which keeps it small for a latent that is rarely on. */
  readonly spearman: number | null
  /** Over the cells in which the latent is on. */
  readonly spearmanActive: number | null
  /** Probability that the number is higher in a cell in which the latent is on than in one in which it is off. */
  readonly auroc: number | null
}

const fewestActive = 20

/** Ranks a column once, then scores one latent at a time. Cells without a number are left out. */
export function createNumberScorer(values: ArrayLike<number>): (activation: LatentActivation) => NumberScores {
  const overAll = createSparseSpearman(values)
  const onOff = createOnOffScorer(values)
  return ({ cells, values: activations }) => {
    const known = Uint32Array.from(cells.keys()).filter((at) => Number.isFinite(values[cells[at] as number]))
    return {
      spearman: overAll(cells, activations),
      spearmanActive:
        known.length < fewestActive
          ? null
          : (spearman(
              Float64Array.from(known, (at) => activations[at] as number),
              Float64Array.from(known, (at) => values[cells[at] as number] as number),
            )?.r ?? null),
      auroc: onOff(cells),
    }
  }
}

/** AUROC of a fixed column for "on" against "off"; cells whose number is not finite are left out. Null when either side is empty. */
export function createOnOffScorer(values: ArrayLike<number>): (on: Uint32Array) => number | null {
  const kept = Uint32Array.from(values, (_, at) => at).filter((at) => Number.isFinite(values[at]))
  const ranked = rank(Float64Array.from(kept, (at) => values[at] as number)).ranks
  const ranks = new Float64Array(values.length).fill(NaN)
  kept.forEach((at, place) => (ranks[at] = ranked[place] as number))
  return (on) => {
    let sum = 0
    let count = 0
    for (const cell of on) {
      const own = ranks[cell] as number
      if (Number.isNaN(own)) continue
      sum += own
      count++
    }
    const off = kept.length - count
    return count === 0 || off === 0 ? null : (sum - (count * (count + 1)) / 2) / (count * off)
  }
}
