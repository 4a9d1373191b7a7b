// A run beside its controls, in words. Whether that is good is judged by the engine (run.judge). Pure.
import type { Run } from '@contract'
import { trainText } from '../../text/train'

/** Training cells per feature below which features do not return; measured on planted data. */
export const neededFirings = 80

/** How far a run is above or below PCA and the untrained copy; null while it has no final numbers. */
export function besideControls({ metrics, controls }: Pick<Run, 'metrics' | 'controls'>): string | null {
  if (!metrics || !controls) return null
  const { train, heldOut } = metrics.explainedVariance
  const compare = (pair: { readonly train: number; readonly heldOut: number | null }): number =>
    heldOut === null || pair.heldOut === null ? train - pair.train : heldOut - pair.heldOut
  const { pca, untrained } = controls
  return trainText.verdict.controls(compare(pca.explainedVariance), pca.axes, compare(untrained.explainedVariance))
}
