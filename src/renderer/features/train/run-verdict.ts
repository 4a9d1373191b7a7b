// A run beside its controls, in words. Whether a finished one is good is judged by the engine (run.judge). Pure.
import type { MetricPoint, Run, RunControls } from '@contract'
import { trainText } from '../../text/train'

/** Training cells per feature below which features do not return; measured on planted data. */
export const neededFirings = 80

/** Cells below which a feature counts as rare, as in the numbers of a run (`rareBelow`). */
export const rareBelowCells = 20

/** Points less on held-out cells that are still no sign of learning by heart; the same as in the engine's judgement. */
const noticeableGap = 0.05

/** The final controls, or those measured on watched cells while the run trains. */
export function knownControls(run: Pick<Run, 'controls'> | null, points: readonly MetricPoint[]): RunControls | null {
  return run?.controls ?? points.findLast((point) => point.controls)?.controls ?? null
}

type Pair = { readonly train: number; readonly heldOut: number | null }

/** How far what is explained is above or below PCA and the untrained copy. */
function differences(
  { train, heldOut }: Pair,
  { pca, untrained }: RunControls,
): { readonly pca: number; readonly untrained: number } {
  const over = (pair: Pair): number => (heldOut === null || pair.heldOut === null ? train - pair.train : heldOut - pair.heldOut)
  return { pca: over(pca.explainedVariance), untrained: over(untrained.explainedVariance) }
}

/** How far a run is above or below PCA and the untrained copy; null while it has no final numbers. */
export function besideControls({ metrics, controls }: Pick<Run, 'metrics' | 'controls'>): string | null {
  if (!metrics || !controls) return null
  const over = differences(metrics.explainedVariance, controls)
  return trainText.verdict.controls(over.pca, controls.pca.axes, over.untrained)
}

/** What the newest point says of a run that trains; "good" only with no gap to held-out cells and above both controls. */
export function liveVerdict(
  points: readonly MetricPoint[],
  controls: RunControls | null,
): { readonly level: 'good' | 'info'; readonly title: string; readonly words: string } {
  const text = trainText.verdict
  const last = points.at(-1)
  if (!last) return { level: 'info', title: '', words: text.waiting }
  const explained = { train: last.explainedTrain, heldOut: last.explainedHeldOut }
  const first = text.running(explained.heldOut ?? explained.train, explained.heldOut === null ? null : explained.train)
  if (!controls) return { level: 'info', title: text.soFar, words: first }
  const over = differences(explained, controls)
  const words = `${first} ${text.controls(over.pca, controls.pca.axes, over.untrained)}`
  const isGood =
    explained.heldOut !== null && explained.train - explained.heldOut <= noticeableGap && over.pca > 0 && over.untrained > 0
  return isGood ? { level: 'good', title: text.goodSoFar, words } : { level: 'info', title: text.soFar, words }
}
