// The judgement of a run by fixed rules: what is wrong first, then what is good, always with the controls beside it.
// Pure. Thresholds: 80 training cells per feature (measured on planted data), a gap between training and held-out
// cells of 5 points (worth a word) and of 20 (learned by heart), 20 % dead.
import type { Run } from '@contract'
import { trainText } from '../../text/train'

export interface RunVerdict {
  readonly level: 'good' | 'warn' | 'bad'
  readonly title: string
  readonly sentences: readonly string[]
  /** One line for the table. */
  readonly short: string
}

export const neededFirings = 80
const [noticeableGap, largestGap] = [0.05, 0.2]
const largestDeadShare = 0.2
const text = trainText.verdict

/** The largest power of two not above `value`, at least 2. */
const powerOfTwo = (value: number): number => 2 ** Math.max(1, Math.floor(Math.log2(Math.max(2, value))))

/** Cells a feature sees in training, on average: training rows · on per cell / features. */
export const firingsPerLatent = (rows: number, { settings }: Pick<Run, 'settings'>): number =>
  (rows * (1 - settings.heldOut) * settings.k) / settings.latents

/** Null while the run has no final numbers. `rows` = cells of the project. */
export function runVerdict(run: Run, rows: number): RunVerdict | null {
  const { metrics, controls, settings } = run
  if (!metrics || !controls) return null
  const explained = metrics.explainedVariance
  const heldOut = explained.heldOut
  const compare = (pair: { readonly train: number; readonly heldOut: number | null }): number =>
    heldOut === null || pair.heldOut === null ? explained.train - pair.train : heldOut - pair.heldOut
  const overPca = compare(controls.pca.explainedVariance)
  const overUntrained = compare(controls.untrained.explainedVariance)
  const beside = text.controls(overPca, controls.pca.axes, overUntrained)
  const gap = heldOut === null ? null : explained.train - heldOut
  const deadShare = metrics.dead / settings.latents
  const firings = firingsPerLatent(rows, run)
  const verdict = (level: RunVerdict['level'], title: string, sentence: string, short: string): RunVerdict => ({
    level,
    title,
    sentences: [sentence, beside],
    short,
  })

  if (overUntrained <= 0) return verdict('bad', text.noGain, text.untrained, text.short.noGainUntrained)
  if (overPca <= 0) return verdict('warn', text.noGain, text.pca(controls.pca.axes), text.short.noGain)
  if (gap !== null && gap > largestGap) return verdict('bad', text.byHeart, text.heart(gap), text.short.byHeart)
  if (deadShare > largestDeadShare) {
    return verdict(
      'warn',
      text.manyDead,
      text.dead(deadShare, powerOfTwo(settings.latents - metrics.dead)),
      text.short.manyDead(deadShare),
    )
  }
  if (firings < neededFirings) {
    const advice = powerOfTwo((rows * (1 - settings.heldOut) * settings.k) / neededFirings)
    return verdict('warn', text.tooFew, text.firings(firings, advice), text.short.tooFew(firings))
  }
  if (gap !== null && gap > noticeableGap)
    return verdict('warn', text.partlyByHeart, text.someGap(gap), text.short.partlyByHeart(gap))
  if (gap === null) return verdict('warn', text.unknown, text.noHeldOut, text.short.unknown)
  return verdict('good', text.good, text.gap(gap), text.short.good(overPca))
}
