// The training step in plain typed arrays. It is the oracle the native step and the gradients are tested against
// (in Float64Array), and the slow mode where TensorFlow is missing (in Float32Array).
import { normaliseRows, type Model } from './model'
import { RelativeClip } from './schedule'
import { selectBatchTopK, selectTopK, type Numbers, type Selection } from './select'
import { arrayOf, parameters, restoreCounters, stateOf, type Parameter } from './step-state'
import {
  adam,
  auxWeight,
  type StepArray,
  type StepReport,
  type StepSettings,
  type StepState,
  type TrainingStep,
} from './training-step'

export interface Gradients<N extends Numbers> {
  readonly parts: Record<Parameter, N>
  readonly selection: Selection
  readonly reconstruction: number
  readonly auxiliary: number
}

const zerosLike = <N extends Numbers>(numbers: N): N => new (numbers.constructor as new (length: number) => N)(numbers.length)

/** `target[to…] += factor · source[from…]`, `length` numbers. */
function addScaled(target: Numbers, to: number, source: Numbers, from: number, factor: number, length: number): void {
  for (let at = 0; at < length; at++) target[to + at] = (target[to + at] as number) + factor * (source[from + at] as number)
}

function dot(a: Numbers, from: number, b: Numbers, start: number, length: number): number {
  let sum = 0
  for (let at = 0; at < length; at++) sum += (a[from + at] as number) * (b[start + at] as number)
  return sum
}

/** Pre-activations of a batch, rows × latents. */
export function preActivations<N extends Numbers>(model: Model<N>, rows: N): N {
  const { latents, dims } = model
  const count = rows.length / dims
  const pre = new (rows.constructor as new (length: number) => N)(count * latents)
  for (let row = 0; row < count; row++) {
    for (let latent = 0; latent < latents; latent++) {
      pre[row * latents + latent] =
        dot(model.encoder, latent * dims, rows, row * dims, dims) + (model.encoderBias[latent] as number)
    }
  }
  return pre
}

/** Loss and exact gradients for one batch, with the selection held fixed and the AuxK target detached. */
export function gradientsOf<N extends Numbers>(model: Model<N>, rows: N, settings: StepSettings, dead: Int32Array): Gradients<N> {
  const { latents, dims } = model
  const count = rows.length / dims
  const pre = preActivations(model, rows)
  const selection =
    settings.rule === 'topk' ? selectTopK(pre, latents, settings.k) : selectBatchTopK(pre, latents, settings.k * count)
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
  const revive = dead.length > 0 && settings.auxCoefficient > 0 && settings.auxK > 0
  const auxiliary = revive ? addAuxiliary(model, rows, pre, error, settings, dead, parts) : 0
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
  parts: Record<Parameter, N>,
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
  parts: Record<Parameter, N>,
): number {
  const { latents, dims } = model
  const count = rows.length / dims
  const weight = auxWeight(settings.auxCoefficient, spread(error, dims))
  let loss = 0
  for (let row = 0; row < count; row++) {
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

export class ReferenceStep<N extends Numbers> implements TrainingStep<N> {
  private readonly current: Model<N>
  private readonly means: Record<Parameter, N>
  private readonly squares: Record<Parameter, N>
  private readonly clip = new RelativeClip()
  private taken = 0

  constructor(
    start: Model<N>,
    private readonly settings: StepSettings,
  ) {
    this.current = copyOf(start)
    this.means = emptyLike(start)
    this.squares = emptyLike(start)
  }

  learn(rows: N, learningRate: number, dead: Int32Array): StepReport {
    const { parts, selection, reconstruction, auxiliary } = gradientsOf(this.current, rows, this.settings, dead)
    const { decoder, dims, latents } = this.current
    for (let start = 0; start < latents * dims; start += dims) {
      addScaled(parts.decoder, start, decoder, start, -dot(parts.decoder, start, decoder, start, dims), dims)
    }
    const gradientNorm = Math.sqrt(
      parameters.reduce((sum, name) => sum + dot(parts[name], 0, parts[name], 0, parts[name].length), 0),
    )
    const factor = this.clip.factor(gradientNorm)
    this.taken++
    for (const name of parameters) this.update(name, parts[name], learningRate, factor)
    normaliseRows(decoder, dims)
    return {
      loss: reconstruction + auxiliary,
      reconstruction,
      fired: selection.columns,
      smallest: selection.smallest,
      gradientNorm,
    }
  }

  model(): Model<N> {
    return copyOf(this.current)
  }

  save(): StepState {
    return stateOf(this.arrays() as Record<string, StepArray>, { clip: this.clip, taken: this.taken, lastSmallest: 0 })
  }

  restore(state: StepState): void {
    for (const [name, live] of Object.entries(this.arrays())) live.set(arrayOf(state, name, live.length))
    this.taken = restoreCounters(state, this.clip).taken
  }

  dispose(): void {}

  /** Weights and moments, not copied. */
  private arrays(): Record<string, N> {
    return Object.fromEntries(
      parameters.flatMap((name) => [
        [name, this.current[name]],
        [`${name}Mean`, this.means[name]],
        [`${name}Square`, this.squares[name]],
      ]),
    )
  }

  private update(name: Parameter, gradient: N, learningRate: number, factor: number): void {
    const [value, mean, square] = [this.current[name], this.means[name], this.squares[name]]
    const rate = learningRate / (1 - adam.beta1 ** this.taken)
    const unbias = 1 / (1 - adam.beta2 ** this.taken)
    for (let at = 0; at < value.length; at++) {
      const slope = (gradient[at] as number) * factor
      mean[at] = adam.beta1 * (mean[at] as number) + (1 - adam.beta1) * slope
      square[at] = adam.beta2 * (square[at] as number) + (1 - adam.beta2) * slope * slope
      value[at] =
        (value[at] as number) - (rate * (mean[at] as number)) / (Math.sqrt((square[at] as number) * unbias) + adam.epsilon)
    }
  }
}

function copyOf<N extends Numbers>(model: Model<N>): Model<N> {
  return {
    latents: model.latents,
    dims: model.dims,
    encoder: model.encoder.slice() as N,
    decoder: model.decoder.slice() as N,
    encoderBias: model.encoderBias.slice() as N,
    decoderBias: model.decoderBias.slice() as N,
  }
}

function emptyLike<N extends Numbers>(model: Model<N>): Record<Parameter, N> {
  return {
    encoder: zerosLike(model.encoder),
    decoder: zerosLike(model.decoder),
    encoderBias: zerosLike(model.encoderBias),
    decoderBias: zerosLike(model.decoderBias),
  }
}
