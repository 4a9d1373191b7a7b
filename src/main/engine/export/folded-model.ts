// A trained model that takes rows as they were imported: the preparation y = ((x − mean)·M)·scale goes into the weights.
// Pre-activation p = (x − bd') · We' + be', reconstruction x̂ = z · Wd' + bd' in the units of the data. Activations keep
// the units of training, so thresholds and the order of the latents stay as they are.
import type { RunWeights } from '../store/runs'

export interface FoldedModel {
  readonly latents: number
  readonly dims: number
  /** dims × latents, M · Weᵀ · scale. */
  readonly encoder: Float32Array
  readonly encoderBias: Float32Array
  /** latents × dims, Wd · M⁻¹ / scale: rows of length 1 / scale where there is no M. */
  readonly decoder: Float32Array
  /** dims; subtracted from a row before it is encoded, added when it is decoded. */
  readonly decoderBias: Float32Array
  /** Gated: the magnitude (x − bd') · (We' ⊙ exp(magnitudeLog)) + magnitudeBias. */
  readonly magnitudeBias: Float32Array | null
}

/** Multiplies rows (count × dims) by a preparation's M or its inverse. */
type Times = (rows: Float32Array | Float64Array, count: number) => Float64Array

/**
 * Folds the preparation into the weights. Trained with p = We·y + be and ŷ = Wdᵀ·z + bd, so bd' = mean + bd·M⁻¹ / scale, and
 * what subtracting bd' instead of the mean takes from p is given back in be'. That is computed with bd' as it was
 * rounded to 32 bits: a representation far from 0 loses no accuracy.
 */
export function foldPreparation(weights: RunWeights, scale: number): FoldedModel {
  const { mean } = weights
  const dims = mean.length
  const latents = weights.encoderBias.length
  const { forward, back } = equalisation(weights)
  const moved = back(weights.decoderBias, 1)
  const decoderBias = Float32Array.from(mean, (value, dim) => value + (moved[dim] as number) / scale)
  // M is symmetric: We·(M·x) = (We·M)·x.
  const encoder = forward(weights.encoder, latents)
  const turned = new Float32Array(encoder.length)
  const encoderBias = new Float32Array(latents)
  const gates = weights.magnitudeBias && weights.magnitudeLog ? { bias: weights.magnitudeBias, log: weights.magnitudeLog } : null
  const magnitudeBias = gates ? new Float32Array(latents) : null
  for (let latent = 0; latent < latents; latent++) {
    let given = 0
    for (let dim = 0; dim < dims; dim++) {
      const weight = (encoder[latent * dims + dim] as number) * scale
      turned[dim * latents + latent] = weight
      given += weight * ((decoderBias[dim] as number) - (mean[dim] as number))
    }
    encoderBias[latent] = (weights.encoderBias[latent] as number) + given
    if (gates && magnitudeBias)
      magnitudeBias[latent] = (gates.bias[latent] as number) + Math.exp(gates.log[latent] as number) * given
  }
  const decoder = Float32Array.from(back(weights.decoder, latents), (value) => value / scale)
  return { latents, dims, encoder: turned, encoderBias, decoder, decoderBias, magnitudeBias }
}

/** Multiplication by M and by its inverse. A dimension that never varies has the factor 0 both ways. */
function equalisation({ inputFactors, inputMatrix, inputInverse, mean }: RunWeights): { forward: Times; back: Times } {
  const dims = mean.length
  if (inputFactors) {
    const by =
      (factor: (dim: number) => number): Times =>
      (rows) =>
        Float64Array.from(rows, (value, at) => value * factor(at % dims))
    const of = (dim: number): number => inputFactors[dim] as number
    return { forward: by(of), back: by((dim) => (of(dim) === 0 ? 0 : 1 / of(dim))) }
  }
  if (inputMatrix && inputInverse) return { forward: timesMatrix(inputMatrix, dims), back: timesMatrix(inputInverse, dims) }
  const same: Times = (rows) => Float64Array.from(rows)
  return { forward: same, back: same }
}

function timesMatrix(matrix: Float32Array, dims: number): Times {
  return (rows, count) => {
    const product = new Float64Array(count * dims)
    for (let row = 0; row < count; row++) {
      const into = product.subarray(row * dims, (row + 1) * dims)
      for (let at = 0; at < dims; at++) {
        const value = rows[row * dims + at] as number
        for (let dim = 0; dim < dims; dim++) into[dim] = (into[dim] as number) + value * (matrix[at * dims + dim] as number)
      }
    }
    return product
  }
}
