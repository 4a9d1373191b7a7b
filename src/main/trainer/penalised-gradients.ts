// Losses and exact gradients of ReLU, JumpReLU and Gated in plain typed arrays: the oracle of the native steps, and the
// slow mode. With e = x̂ − x, B rows, n latents, V the mean squared length of a row and λ the weight of the sparsity term:
//   ReLU      Σ‖e‖²/(B·V) + λ·Σ z·‖Wd‖/(B·V)   (unit-norm: without ‖Wd‖; scFeatureLens: Σ‖e‖²/(B·d) + λ·Σ z/(B·n))
//   JumpReLU  Σ‖e‖²/(B·V) + λ·(active/(B·k) − 1)², thresholds by straight-through estimates (arXiv 2407.14435)
//   Gated     Σ‖e‖²/(B·V) + λ·Σ max(0, p)/(B·V) + Σ‖x − Wdᵀ·max(0, p) − bd‖²/(B·V), the last with Wd and bd held fixed
//             (arXiv 2404.16014)
import { addScaled, dot, preActivations, zerosLike } from './plain-math'
import { mapModel, parametersOf, type Model, type Parameter } from './model'
import type { Numbers } from './select'
import { usualActivation, type PenalisedSettings } from './training-step'

export interface PenalisedGradients<N extends Numbers> {
  readonly parts: Partial<Record<Parameter, N>>
  readonly reconstruction: number
  /** The loss beyond the reconstruction. */
  readonly rest: number
  /** Activations above 0 of each latent. */
  readonly counts: Int32Array
  /** The smallest of them; 0 when nothing is on. */
  readonly smallest: number
}

/** What the sparsity term of a ReLU model multiplies its weight and the activations with. */
export function penaltyShare({ form, variance }: PenalisedSettings, rows: number, latents: number): number {
  return form === 'scfeaturelens' ? 1 / (rows * latents) : 1 / (rows * variance)
}

/** Width of JumpReLU's kernel, in units of the pre-activations. */
export function kernelWidth(settings: PenalisedSettings): number {
  return settings.bandwidth * usualActivation(settings)
}

/** JumpReLU's loss beyond the reconstruction, and its derivative with respect to the number of activations of the batch. */
export function sparsityLoss(active: number, rows: number, k: number, weight: number): { loss: number; slope: number } {
  const excess = active / (rows * k) - 1
  return { loss: weight * excess * excess, slope: (2 * weight * excess) / (rows * k) }
}

/** One batch on its way through the gradients. */
interface Pass<N extends Numbers> {
  readonly model: Model<N>
  readonly rows: N
  readonly settings: PenalisedSettings
  readonly weight: number
  readonly count: number
  readonly pre: N
  readonly parts: Record<Parameter, N>
}

/** Loss and gradients for one batch (rows × dims) at this weight of the sparsity term. */
export function penalisedGradients<N extends Numbers>(
  model: Model<N>,
  rows: N,
  settings: PenalisedSettings,
  weight: number,
): PenalisedGradients<N> {
  const { latents, dims } = model
  const parts = mapModel(model, (values) => zerosLike(values)) as unknown as Record<Parameter, N>
  const pre = preActivations(model, rows)
  const pass: Pass<N> = { model, rows, settings, weight, count: rows.length / dims, pre, parts }
  const on = activations(pass)
  const error = errorOf(pass, on)
  const scale = 2 / (pass.count * settings.variance)
  const slopes = slopesOf(pass, error, scale)
  for (let at = 0; at < on.length; at++) {
    if (!((on[at] as number) > 0)) continue
    const row = Math.floor(at / latents)
    addScaled(parts.decoder, (at % latents) * dims, error, row * dims, scale * (on[at] as number), dims)
  }
  for (let start = 0; start < rows.length; start += dims) addScaled(parts.decoderBias, 0, error, start, scale, dims)
  const rest = { relu: addL1, jumprelu: addJumps, gated: addGates }[settings.rule](pass, on, slopes)
  const counts = new Int32Array(latents)
  let smallest = Infinity
  on.forEach((value, at) => {
    if (!(value > 0)) return
    counts[at % latents] = (counts[at % latents] as number) + 1
    if (value < smallest) smallest = value
  })
  const present = Object.fromEntries(parametersOf(model).map(([name]) => [name, parts[name]]))
  const reconstruction = dot(error, 0, error, 0, error.length) * (scale / 2)
  return { parts: present, reconstruction, rest, counts, smallest: smallest === Infinity ? 0 : smallest }
}

/** z, rows × latents. */
function activations<N extends Numbers>({ model, pre, settings }: Pass<N>): N {
  const on = zerosLike(pre)
  for (let at = 0; at < pre.length; at++) {
    const latent = at % model.latents
    const value = pre[at] as number
    if (settings.rule === 'relu') on[at] = Math.max(0, value)
    else if (settings.rule === 'jumprelu') on[at] = value > (model.thresholds?.[latent] as number) ? value : 0
    else if (value > 0) on[at] = Math.max(0, magnitudeOf(model, latent, value))
  }
  return on
}

/** m of a latent whose gate is `pre`. */
export function magnitudeOf(model: Model<Numbers>, latent: number, pre: number): number {
  const plain = pre - (model.encoderBias[latent] as number)
  return Math.exp(model.magnitudeLog?.[latent] as number) * plain + (model.magnitudeBias?.[latent] as number)
}

/** x̂ − x, x̂ from the given activations. */
function errorOf<N extends Numbers>({ model, rows }: Pass<N>, on: N): N {
  const { latents, dims } = model
  const error = zerosLike(rows)
  for (let start = 0; start < rows.length; start += dims) addScaled(error, start, model.decoderBias, 0, 1, dims)
  addScaled(error, 0, rows, 0, -1, rows.length)
  for (let at = 0; at < on.length; at++) {
    if ((on[at] as number) === 0) continue
    addScaled(error, Math.floor(at / latents) * dims, model.decoder, (at % latents) * dims, on[at] as number, dims)
  }
  return error
}

/** scale · error · decoder row, rows × latents: what the reconstruction says about each activation. */
function slopesOf<N extends Numbers>({ model, pre }: Pass<N>, error: N, scale: number): N {
  const { latents, dims } = model
  const slopes = zerosLike(pre)
  for (let at = 0; at < slopes.length; at++)
    slopes[at] = scale * dot(error, Math.floor(at / latents) * dims, model.decoder, (at % latents) * dims, dims)
  return slopes
}

/** Adds the gradient `slope` of one pre-activation to encoder and bias. */
function addToEncoder<N extends Numbers>({ model, rows, parts }: Pass<N>, at: number, slope: number): void {
  const { latents, dims } = model
  const latent = at % latents
  addScaled(parts.encoder, latent * dims, rows, Math.floor(at / latents) * dims, slope, dims)
  parts.encoderBias[latent] = (parts.encoderBias[latent] as number) + slope
}

function addL1<N extends Numbers>(pass: Pass<N>, on: N, slopes: N): number {
  const { model, settings, weight, count, parts } = pass
  const { latents, dims } = model
  const price = weight * penaltyShare(settings, count, latents)
  const lengths = Float64Array.from({ length: latents }, (_, latent) =>
    settings.form === 'norm-weighted' ? Math.sqrt(dot(model.decoder, latent * dims, model.decoder, latent * dims, dims)) : 1,
  )
  const sums = new Float64Array(latents)
  let paid = 0
  for (let at = 0; at < on.length; at++) {
    const value = on[at] as number
    if (!(value > 0)) continue
    const latent = at % latents
    sums[latent] = (sums[latent] as number) + value
    paid += price * value * (lengths[latent] as number)
    addToEncoder(pass, at, (slopes[at] as number) + price * (lengths[latent] as number))
  }
  if (settings.form !== 'norm-weighted') return paid
  for (let latent = 0; latent < latents; latent++) {
    const factor = (price * (sums[latent] as number)) / Math.max(lengths[latent] as number, Number.MIN_VALUE)
    addScaled(parts.decoder, latent * dims, model.decoder, latent * dims, factor, dims)
  }
  return paid
}

function addJumps<N extends Numbers>(pass: Pass<N>, on: N, slopes: N): number {
  const { model, settings, weight, count, pre, parts } = pass
  const thresholds = model.thresholds as N
  const width = kernelWidth(settings)
  let active = 0
  on.forEach((value) => (active += value > 0 ? 1 : 0))
  const { loss, slope } = sparsityLoss(active, count, settings.k, weight)
  for (let at = 0; at < pre.length; at++) {
    const latent = at % model.latents
    const threshold = thresholds[latent] as number
    const value = pre[at] as number
    if (value > threshold) addToEncoder(pass, at, slopes[at] as number)
    if (Math.abs(value - threshold) < width / 2)
      parts.thresholds[latent] = (parts.thresholds[latent] as number) - (threshold * (slopes[at] as number) + slope) / width
  }
  return loss
}

function addGates<N extends Numbers>(pass: Pass<N>, on: N, slopes: N): number {
  const { model, rows, settings, weight, count, pre, parts } = pass
  const { latents, dims } = model
  const share = 1 / (count * settings.variance)
  const gates = pre.map((value) => Math.max(0, value)) as N
  const error = errorOf(pass, gates)
  const gateSlopes = slopesOf(pass, error, 2 * share)
  let rest = share * dot(error, 0, error, 0, error.length)
  for (let at = 0; at < pre.length; at++) {
    const value = pre[at] as number
    if (!(value > 0)) continue
    const latent = at % latents
    rest += weight * share * value
    addToEncoder(pass, at, (gateSlopes[at] as number) + weight * share)
    if (!((on[at] as number) > 0)) continue
    const slope = slopes[at] as number
    const gain = Math.exp(model.magnitudeLog?.[latent] as number)
    const plain = value - (model.encoderBias[latent] as number)
    addScaled(parts.encoder, latent * dims, rows, Math.floor(at / latents) * dims, slope * gain, dims)
    parts.magnitudeLog[latent] = (parts.magnitudeLog[latent] as number) + slope * gain * plain
    parts.magnitudeBias[latent] = (parts.magnitudeBias[latent] as number) + slope
  }
  return rest
}
