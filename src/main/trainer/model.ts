// The model: pre-activation p = We·x + be, activation z = the selected positive p, reconstruction x̂ = Wdᵀ·z + bd, for
// prepared input x. Invariant: decoder rows have unit length (while a ReLU model trains, they may not).
import type { TrainSettings } from '@contract'
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
  /** JumpReLU: latents; z = p where p exceeds the latent's threshold. */
  readonly thresholds?: N
  /**
   * Gated: latents each; z = max(0, m) where p > 0, with the magnitude m = exp(magnitudeLog) · (We·x) + magnitudeBias.
   * The gate's bias is encoderBias.
   */
  readonly magnitudeLog?: N
  readonly magnitudeBias?: N
}

/** The parts of a model that are learnt. */
export type Parameter = 'encoder' | 'decoder' | 'encoderBias' | 'decoderBias' | 'thresholds' | 'magnitudeLog' | 'magnitudeBias'
const everyParameter: readonly Parameter[] = [
  ...(['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const),
  ...(['thresholds', 'magnitudeLog', 'magnitudeBias'] as const),
]

/** The parameters a model has, with their values, in a fixed order. */
export function parametersOf<N extends Numbers>(model: Model<N>): [Parameter, N][] {
  return everyParameter.flatMap((name) => {
    const values = model[name]
    return values === undefined ? [] : [[name, values] as [Parameter, N]]
  })
}

/** A model of the same kind whose parameters are what `make` returns. */
export function mapModel<A extends Numbers, B extends Numbers>(
  model: Model<A>,
  make: (values: A, name: Parameter) => B,
): Model<B> {
  const parts = Object.fromEntries(parametersOf(model).map(([name, values]) => [name, make(values, name)]))
  return { latents: model.latents, dims: model.dims, ...parts } as unknown as Model<B>
}

export function copyOf<N extends Numbers>(model: Model<N>): Model<N> {
  return mapModel(model, (values) => values.slice() as N)
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

/** A model as scFeatureLens starts (PyTorch's linear layers): every number even in ±1/√(inputs of its layer), from the seed. */
export function evenModel(latents: number, dims: number, seed: number): Model {
  const random = seededRandom(seed, initialStream)
  const even = (length: number, inputs: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * random.uniform() - 1) / Math.sqrt(inputs))
  return {
    latents,
    dims,
    encoder: even(latents * dims, dims),
    encoderBias: even(latents, dims),
    decoder: even(latents * dims, latents),
    decoderBias: even(dims, latents),
  }
}

type StartSettings = Pick<TrainSettings, 'arch' | 'l1Form' | 'latents' | 'seed'>

/** The start of an architecture: what it has beyond the four common parts begins at 0. */
export function startOf({ arch, l1Form: form, latents, seed }: StartSettings, dims: number): Model {
  if (arch === 'relu' && form === 'scfeaturelens') return evenModel(latents, dims, seed)
  const model = initialModel(latents, dims, seed)
  if (arch === 'jumprelu') return { ...model, thresholds: new Float32Array(latents) }
  if (arch === 'gated') return { ...model, magnitudeLog: new Float32Array(latents), magnitudeBias: new Float32Array(latents) }
  return model
}

/** The same model with decoder rows of unit length: what a row loses, its activation gains. A row of zeros stays. */
export function withUnitRows(model: Model): Model {
  const { dims } = model
  const unit = copyOf(model)
  for (let latent = 0; latent < model.latents; latent++) {
    const length = Math.hypot(...model.decoder.subarray(latent * dims, (latent + 1) * dims))
    if (length === 0) continue
    for (let at = latent * dims; at < (latent + 1) * dims; at++) {
      unit.decoder[at] = (model.decoder[at] as number) / length
      unit.encoder[at] = (model.encoder[at] as number) * length
    }
    unit.encoderBias[latent] = (model.encoderBias[latent] as number) * length
  }
  return unit
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
  return parametersOf(model).every(([, values]) => values.every(Number.isFinite))
}
