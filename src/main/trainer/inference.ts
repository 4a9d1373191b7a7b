// How a row is encoded after training. Of a row's pre-activations (bias included) every rule decides without looking at
// other rows, so that what a row gives does not depend on the batch it came in.
import type { Architecture } from '@contract'
import type { Model } from './model'

export type Inference =
  /** The k largest positive ones. */
  | { readonly kind: 'topk'; readonly k: number }
  /** Everything above one threshold. */
  | { readonly kind: 'threshold'; readonly threshold: number }
  /** Everything above its latent's own threshold. */
  | { readonly kind: 'thresholds'; readonly thresholds: Float32Array }
  /** Where p > 0 and the magnitude gain · p + offset is positive, that magnitude. */
  | { readonly kind: 'gates'; readonly gain: Float32Array; readonly offset: Float32Array }

/** `threshold`: of BatchTopK and Matryoshka; the others have none or bring their own. */
export function inferenceOf(arch: Architecture, model: Model, k: number, threshold: number): Inference {
  if (arch === 'topk') return { kind: 'topk', k }
  if (model.thresholds) return { kind: 'thresholds', thresholds: model.thresholds }
  const { magnitudeLog, magnitudeBias, encoderBias } = model
  if (!magnitudeLog || !magnitudeBias) return { kind: 'threshold', threshold }
  const gain = magnitudeLog.map(Math.exp)
  const offset = magnitudeBias.map((bias, latent) => bias - (gain[latent] as number) * (encoderBias[latent] as number))
  return { kind: 'gates', gain, offset }
}

/** Whether a pre-activation of `latent` turns it on, by the rules that are its own. */
export function isOn(pre: number, latent: number, inference: Extract<Inference, { kind: 'thresholds' | 'gates' }>): boolean {
  if (inference.kind === 'thresholds') return pre > (inference.thresholds[latent] as number)
  return pre > 0 && magnitude(pre, latent, inference) > 0
}

/** The activation of a latent that is on. */
export function activationOf(pre: number, latent: number, inference: Inference): number {
  return inference.kind === 'gates' ? magnitude(pre, latent, inference) : pre
}

/** In 32 bits, so that what is stored is what was compared. */
function magnitude(pre: number, latent: number, { gain, offset }: Extract<Inference, { kind: 'gates' }>): number {
  return Math.fround((gain[latent] as number) * pre + (offset[latent] as number))
}
