// Which k, which size: the grid that is tried and the choice made from what the trials found. Pure. Why agreement between
// seeds decides and not the variance explained: on planted data, three times the right k explains as much of held-out
// cells and recovers almost none of the features; agreement peaks at the right k (docs/training.md).
import { firingsNeeded, leastLatents } from './training-advice'

export interface Trial {
  readonly k: number
  readonly latents: number
  readonly firingsPerLatent: number
  readonly agreement: number
  readonly chance: number
  readonly reproducible: number
  readonly explainedVariance: { readonly train: number; readonly heldOut: number | null }
}

export interface Choice {
  readonly advised: number
  readonly message: string
  readonly remedy: string
}

const gridOfK = [4, 8, 16, 32, 64]
/** Agreement that is this close to the best counts as equal: what repeats of a search differ by on planted data. */
const equalAgreement = 0.03
/** A value that returns this share of the most reproducible latents is as good. */
const nearlyAll = 0.95

/** Values of k to try: 4 to 64, at most half the dimensions and below the number of latents. */
export function kGrid(dims: number, latents: number): number[] {
  const values = gridOfK.filter((k) => k <= Math.max(4, dims / 2) && k < latents)
  return values.length >= 2 ? values : [1, 2, 4].filter((k) => k < latents)
}

/** Sizes to try: four powers of two around the recommended one, the largest of them beyond what the cells support. */
export function sizeGrid(advised: number, k: number, most: number): number[] {
  return [advised / 4, advised / 2, advised, advised * 2]
    .map(Math.round)
    .filter((size) => size >= Math.max(8, k + 1) && size <= most)
}

/** Of the k whose agreement above chance is close to the best, the smallest that returns nearly as many latents as any. */
export function chooseK(trials: readonly Trial[]): Choice {
  const above = (trial: Trial): number => trial.agreement - trial.chance
  const best = Math.max(...trials.map(above))
  const close = trials.filter((trial) => above(trial) >= best - equalAgreement).sort((a, b) => a.k - b.k)
  const most = Math.max(...close.map((trial) => trial.reproducible))
  const chosen = close.find((trial) => trial.reproducible >= nearlyAll * most) as Trial
  const fitting = [...trials].sort((a, b) => explained(b) - explained(a))[0] as Trial
  const message =
    fitting.k === chosen.k
      ? `With ${chosen.k} on per cell the features agree well between seeds (mean cosine ${chosen.agreement.toFixed(2)}, ${chosen.reproducible} return), and they explain most.`
      : `With ${chosen.k} on per cell the features agree well between seeds (mean cosine ${chosen.agreement.toFixed(2)}, ${chosen.reproducible} return). ${fitting.k} explain more of held-out cells, but agree less (${fitting.agreement.toFixed(2)}).`
  return { advised: chosen.k, message, remedy: remedyFor(chosen, `Train with ${chosen.k} per cell.`) }
}

/** The smallest size that returns nearly as many latents as the best one among those with enough firings per latent. */
export function chooseSize(trials: readonly Trial[]): Choice {
  const supported = trials.filter((trial) => trial.firingsPerLatent >= firingsNeeded)
  const candidates = supported.length > 0 ? supported : [...trials].sort((a, b) => a.latents - b.latents).slice(0, 1)
  const most = Math.max(...candidates.map((trial) => trial.reproducible))
  const chosen = [...candidates]
    .sort((a, b) => a.latents - b.latents)
    .find((trial) => trial.reproducible >= nearlyAll * most) as Trial
  const message = `${chosen.reproducible} of ${chosen.latents} features come back with another seed; larger sizes that these cells support add few that do.`
  return { advised: chosen.latents, message, remedy: remedyFor(chosen, `Train with ${chosen.latents} features.`) }
}

const explained = (trial: Trial): number => trial.explainedVariance.heldOut ?? trial.explainedVariance.train

function remedyFor(chosen: Trial, remedy: string): string {
  if (chosen.agreement - chosen.chance < 0.1)
    return 'None of the values gives features that return much more than by chance: use more cells or another representation.'
  if (chosen.firingsPerLatent < firingsNeeded)
    return `${remedy} Even so there are only ${Math.round(chosen.firingsPerLatent)} cells per feature, ${firingsNeeded} are needed: ${chosen.latents > leastLatents ? 'use fewer features or more cells' : 'more cells are what helps'}.`
  return remedy
}
