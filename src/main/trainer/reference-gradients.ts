// Loss and exact gradients of TopK, BatchTopK and nested levels in plain typed arrays, with the selection held fixed: the
// oracle of the native steps, and the slow mode.
import type { Model } from './model'
import { addScaled, dot, preActivations, zerosLike } from './plain-math'
import { selectBatchTopK, selectTopK, type Numbers, type Selection } from './select'
import { auxiliaryRows, auxWeight, multiTopK, type RowRange, type StepSettings } from './training-step'

type Part = 'encoder' | 'decoder' | 'encoderBias' | 'decoderBias'

export interface Gradients<N extends Numbers> {
  readonly parts: Record<Part, N>
  readonly selection: Selection
  readonly reconstruction: number
  readonly auxiliary: number
}

/** Loss and exact gradients for one batch, with the selection held fixed and the AuxK target detached. `step`: 0-based. */
export function gradientsOf<N extends Numbers>(
  model: Model<N>,
  rows: N,
  settings: StepSettings,
  dead: Int32Array,
  step = 0,
): Gradients<N> {
  const { latents, dims } = model
  const count = rows.length / dims
  const pre = preActivations(model, rows)
  const select = (k: number): Selection =>
    settings.rule === 'topk' ? selectTopK(pre, latents, k) : selectBatchTopK(pre, latents, k * count)
  const selection = select(settings.k)
  const parts = {
    encoder: zerosLike(model.encoder),
    decoder: zerosLike(model.decoder),
    encoderBias: zerosLike(model.encoderBias),
    decoderBias: zerosLike(model.decoderBias),
  }
  const prefixes = settings.prefixes ?? [latents]
  let reconstruction = 0
  let error = zerosLike(rows)
  for (const prefix of prefixes) {
    error = errorOf(model, rows, selection, prefix)
    const share = 1 / (count * settings.variance * prefixes.length)
    reconstruction += share * dot(error, 0, error, 0, error.length)
    addLevel(model, rows, selection, prefix, error, 2 * share, parts)
  }
  if (settings.multiTopK) {
    const more = select(multiTopK.times * settings.k)
    const wide = errorOf(model, rows, more, latents)
    const share = multiTopK.weight / (count * settings.variance)
    reconstruction += share * dot(wide, 0, wide, 0, wide.length)
    addLevel(model, rows, more, latents, wide, 2 * share, parts)
  }
  const revive = dead.length > 0 && settings.auxCoefficient > 0 && settings.auxK > 0
  const part = auxiliaryRows(step, count)
  const auxiliary = revive ? addAuxiliary(model, rows, pre, error, settings, dead, parts, part) : 0
  return { parts, selection, reconstruction, auxiliary }
}

/** x̂ − x, where x̂ uses the latents below `prefix`. */
function errorOf<N extends Numbers>(model: Model<N>, rows: N, selection: Selection, prefix: number): N {
  const { dims } = model
  const error = zerosLike(rows)
  for (let start = 0; start < rows.length; start += dims) addScaled(error, start, model.decoderBias, 0, 1, dims)
  addScaled(error, 0, rows, 0, -1, rows.length)
  const { rows: at, columns, values } = selection
  for (let on = 0; on < at.length; on++) {
    const latent = columns[on] as number
    if (latent < prefix) addScaled(error, (at[on] as number) * dims, model.decoder, latent * dims, values[on] as number, dims)
  }
  return error
}

/** Adds the gradients of `scale` / 2 · ‖error‖² with respect to what the level uses. */
function addLevel<N extends Numbers>(
  model: Model<N>,
  rows: N,
  selection: Selection,
  prefix: number,
  error: N,
  scale: number,
  parts: Record<Part, N>,
): void {
  const { dims } = model
  const { rows: at, columns, values } = selection
  for (let start = 0; start < rows.length; start += dims) addScaled(parts.decoderBias, 0, error, start, scale, dims)
  for (let on = 0; on < at.length; on++) {
    const row = (at[on] as number) * dims
    const latent = columns[on] as number
    if (latent >= prefix) continue
    const slope = scale * dot(error, row, model.decoder, latent * dims, dims)
    addScaled(parts.decoder, latent * dims, error, row, scale * (values[on] as number), dims)
    addScaled(parts.encoder, latent * dims, rows, row, slope, dims)
    parts.encoderBias[latent] = (parts.encoderBias[latent] as number) + slope
  }
}

/** AuxK: the dead latents with the largest raw pre-activations learn to explain the residual. Returns its share of the loss. */
function addAuxiliary<N extends Numbers>(
  model: Model<N>,
  rows: N,
  pre: N,
  error: N,
  settings: StepSettings,
  dead: Int32Array,
  parts: Record<Part, N>,
  part: RowRange,
): number {
  const { latents, dims } = model
  const shown = error.subarray(part.from * dims, part.to * dims)
  const weight = auxWeight(settings.auxCoefficient, spread(shown, dims))
  let loss = 0
  for (let row = part.from; row < part.to; row++) {
    const ranked = Array.from(dead).sort(
      (a, b) => (pre[row * latents + b] as number) - (pre[row * latents + a] as number) || a - b,
    )
    const chosen = ranked.slice(0, settings.auxK)
    const off = new Float64Array(dims) // ê − residual, where residual = −error
    addScaled(off, 0, error, row * dims, 1, dims)
    for (const latent of chosen) addScaled(off, 0, model.decoder, latent * dims, pre[row * latents + latent] as number, dims)
    loss += weight * dot(off, 0, off, 0, dims)
    for (const latent of chosen) {
      const slope = 2 * weight * dot(off, 0, model.decoder, latent * dims, dims)
      addScaled(parts.decoder, latent * dims, off, 0, 2 * weight * (pre[row * latents + latent] as number), dims)
      addScaled(parts.encoder, latent * dims, rows, row * dims, slope, dims)
      parts.encoderBias[latent] = (parts.encoderBias[latent] as number) + slope
    }
  }
  return loss
}

/** Σ of squared deviations of the rows from their mean. */
function spread(rows: Numbers, dims: number): number {
  const count = rows.length / dims
  const mean = new Float64Array(dims)
  for (let row = 0; row < count; row++) addScaled(mean, 0, rows, row * dims, 1 / count, dims)
  return dot(rows, 0, rows, 0, rows.length) - count * dot(mean, 0, mean, 0, dims)
}
