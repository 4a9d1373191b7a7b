// The model: pre-activation p = We·x + be, activation z = the selected positive p, reconstruction x̂ = Wdᵀ·z + bd, for
// centred and scaled input x. Invariant: decoder rows have unit length.
import { seededRandom } from '../base/random'
import type { Numbers } from './select'

export interface Model<N extends Numbers = Float32Array> {
  readonly latents: number
  readonly dims: number
  /** latents × dims, one row per latent. */
  readonly encoder: N
  /** latents × dims, unit rows. */
  readonly decoder: N
  readonly encoderBias: N
  readonly decoderBias: N
}

const initialStream = 1

/** Decoder rows drawn evenly from the unit sphere; the encoder starts as their copy, the biases at 0. */
export function initialModel(latents: number, dims: number, seed: number): Model {
  const random = seededRandom(seed, initialStream)
  const decoder = Float32Array.from({ length: latents * dims }, () => random.normal())
  normaliseRows(decoder, dims)
  return {
    latents,
    dims,
    encoder: decoder.slice(),
    decoder,
    encoderBias: new Float32Array(latents),
    decoderBias: new Float32Array(dims),
  }
}

/** Scales each row of `dims` numbers to unit length. */
export function normaliseRows(rows: Numbers, dims: number): void {
  for (let start = 0; start < rows.length; start += dims) {
    let square = 0
    for (let at = start; at < start + dims; at++) square += (rows[at] as number) ** 2
    const factor = 1 / Math.sqrt(square)
    for (let at = start; at < start + dims; at++) rows[at] = (rows[at] as number) * factor
  }
}

/** False when training has driven any number to infinity or NaN. */
export function isFiniteModel(model: Model): boolean {
  return [model.encoder, model.decoder, model.encoderBias, model.decoderBias].every((part) => part.every(Number.isFinite))
}
