// Where penalised models begin, and which latents fired.
import type { Model } from './model'
import { selectBatchTopK, type Numbers } from './select'
import { isPenalised, type AnySettings } from './training-step'

/** The bound lies below the last value that is on, so that no rounding decides about it. */
const justBelow = 0.999

/**
 * Penalised models begin where the first batch has k latents on per row: JumpReLU by its thresholds, ReLU and Gated by the
 * bias (of the gate). From 0 half of the latents would be on, and a few thousand steps do not lead from there to few.
 * `pre`: the batch's pre-activations, rows × latents. Changes `model` in place; returns what it changed.
 */
export function startSparse<N extends Numbers>(
  model: Model<N>,
  pre: N,
  settings: AnySettings,
): 'thresholds' | 'encoderBias' | null {
  if (!isPenalised(settings) || settings.form === 'scfeaturelens' || settings.goesOn === true) return null
  const { smallest } = selectBatchTopK(pre, model.latents, (settings.k * pre.length) / model.latents)
  const bound = smallest * justBelow
  if (settings.rule === 'jumprelu') {
    model.thresholds?.fill(bound)
    return 'thresholds'
  }
  model.encoderBias.fill(-bound)
  return 'encoderBias'
}

/** The latents with a count above 0, ascending. */
export function onceEach(counts: ArrayLike<number>): Int32Array {
  const fired: number[] = []
  for (let latent = 0; latent < counts.length; latent++) if ((counts[latent] as number) > 0) fired.push(latent)
  return Int32Array.from(fired)
}
