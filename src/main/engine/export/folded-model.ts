// A trained model that takes rows as they were imported: the preparation y = (x − mean) · scale goes into the weights.
// Pre-activation p = (x − bd') · We' + be', reconstruction x̂ = z · Wd' + bd' in the units of the data. Activations keep
// the units of training, so the threshold and the order of the latents stay as they are.
import type { RunWeights } from '../store/runs'

export interface FoldedModel {
  readonly latents: number
  readonly dims: number
  /** dims × latents, scale · Weᵀ. */
  readonly encoder: Float32Array
  readonly encoderBias: Float32Array
  /** latents × dims, rows of length 1 / scale. */
  readonly decoder: Float32Array
  /** dims; subtracted from a row before it is encoded, added when it is decoded. */
  readonly decoderBias: Float32Array
}

/**
 * Folds mean and scale into the weights. Trained with p = We·y + be and ŷ = Wdᵀ·z + bd, so bd' = mean + bd / scale, and
 * what subtracting bd' instead of the mean takes from p is given back in be'. That is computed with bd' as it was
 * rounded to 32 bits: a representation far from 0 loses no accuracy.
 */
export function foldPreparation(weights: RunWeights, scale: number): FoldedModel {
  const { encoder, decoder, mean } = weights
  const dims = mean.length
  const latents = weights.encoderBias.length
  const decoderBias = Float32Array.from(mean, (value, dim) => value + (weights.decoderBias[dim] as number) / scale)
  const shift = Float64Array.from(decoderBias, (value, dim) => (value - (mean[dim] as number)) * scale)
  const turned = new Float32Array(encoder.length)
  const encoderBias = new Float32Array(latents)
  for (let latent = 0; latent < latents; latent++) {
    let bias = weights.encoderBias[latent] as number
    for (let dim = 0; dim < dims; dim++) {
      const weight = encoder[latent * dims + dim] as number
      turned[dim * latents + latent] = weight * scale
      bias += weight * (shift[dim] as number)
    }
    encoderBias[latent] = bias
  }
  return { latents, dims, encoder: turned, encoderBias, decoder: decoder.map((value) => value / scale), decoderBias }
}
