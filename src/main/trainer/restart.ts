// Resampling (Bricken et al. 2023; dictionary_learning): twice in a run, latents that no longer fire begin anew from what
// the model explains worst. Drawn by the seed and the step alone.
import type { TrainSettings } from '@contract'
import { seededRandom } from '../base/random'
import { encodeRows } from './encode'
import type { Inference } from './inference'
import { reconstruct } from './metrics'
import { parametersOf, type Model, type Parameter } from './model'
import { rowsInMemory } from './rows'
import type { Run } from './run'
import type { Numbers } from './select'

const marks = [0.25, 0.5]
/** After a restart the learning rate rises again over this many steps: moments of 0 make the first ones rash. */
const rewarmSteps = 100
const restartStream = 16
const rowsLookedAt = 8192
/** Length of a new encoder row, as a share of the mean length of the others. */
const encoderShare = 0.2

/** How many restarts lie before a step (1-based), and how many steps ago the last one was. */
function restartsBefore({ steps, resample }: TrainSettings, step: number): { readonly count: number; readonly ago: number } {
  const past = resample ? marks.map((mark) => Math.floor(mark * steps)).filter((at) => at >= 1 && at < step) : []
  return { count: past.length, ago: step - (past.at(-1) ?? -Infinity) }
}

/** True when dead latents restart after this step. */
export function restartsAfter(settings: TrainSettings, step: number): boolean {
  return restartsBefore(settings, step + 1).ago === 1
}

/** Factor on the learning rate of a step. */
export function restartFactor(settings: TrainSettings, step: number): number {
  return Math.min(1, restartsBefore(settings, step).ago / rewarmSteps)
}

/**
 * Unit directions for at most `count` latents (their number × dims): residuals of training rows, drawn without
 * replacement with probability in proportion to their squared length, among at most 8,192 rows.
 */
export async function restartDirections(
  { math, rows, train, settings, breathe }: Pick<Run, 'math' | 'rows' | 'train' | 'settings' | 'breathe'>,
  model: Model,
  inference: Inference,
  count: number,
  step: number,
): Promise<Float32Array> {
  const { dims } = rows
  const random = seededRandom(settings.seed, restartStream + step)
  const chosen = random.sample(train, Math.min(rowsLookedAt, train.length))
  const values = new Float32Array(chosen.length * dims)
  chosen.forEach((row, at) => values.set(rows.read(row, 1), at * dims))
  const keys = new Float64Array(chosen.length)
  const reconstruction = new Float64Array(dims)
  await encodeRows(math, model, rowsInMemory(values, dims), inference, breathe, (chunk) => {
    for (let row = 0; row < chunk.count; row++) {
      reconstruct(model, chunk, row, reconstruction)
      let square = 0
      for (let dim = 0, at = (chunk.start + row) * dims; dim < dims; dim++, at++) {
        values[at] = (values[at] as number) - (reconstruction[dim] as number)
        square += (values[at] as number) ** 2
      }
      // Efraimidis and Spirakis (2006): the largest of u^(1/w), as logarithms.
      keys[chunk.start + row] = square > 0 ? Math.log(1 - random.uniform()) / square : -Infinity
    }
  })
  const ranked = Array.from(keys.keys()).filter((row) => (keys[row] as number) > -Infinity)
  ranked.sort((a, b) => (keys[b] as number) - (keys[a] as number) || a - b)
  const directions = new Float32Array(Math.min(count, ranked.length) * dims)
  for (let at = 0; at * dims < directions.length; at++) {
    const from = (ranked[at] as number) * dims
    const residual = values.subarray(from, from + dims)
    const length = Math.hypot(...residual)
    directions.set(
      residual.map((value) => value / length),
      at * dims,
    )
  }
  return directions
}

/**
 * Gives the first latents of `dead` new rows, as many as there are directions: decoder = direction, encoder = direction
 * at a fifth of the mean length of the rows of the others, bias 0, thresholds the mean of the others', no moments.
 * Changes `model` and `moments` in place and touches nothing of the other latents. Returns the latents that restarted.
 */
export function restartLatents<N extends Numbers>(
  model: Model<N>,
  moments: readonly Model<N>[],
  dead: Int32Array,
  directions: Float32Array,
): Int32Array {
  const { latents, dims } = model
  const restarted = dead.slice(0, directions.length / dims)
  const gone = new Set(restarted)
  const others = Array.from({ length: latents }, (_, latent) => latent).filter((latent) => !gone.has(latent))
  const mean = (of: (latent: number) => number): number => others.reduce((sum, latent) => sum + of(latent) / others.length, 0)
  const length = mean((latent) => Math.hypot(...model.encoder.subarray(latent * dims, (latent + 1) * dims))) || 1
  const fresh: Partial<Record<Parameter, number>> = {
    ...{ encoderBias: 0, magnitudeLog: 0, magnitudeBias: 0 },
    thresholds: mean((latent) => model.thresholds?.[latent] ?? 0),
  }
  restarted.forEach((latent, at) => {
    const direction = directions.subarray(at * dims, (at + 1) * dims)
    model.decoder.set(direction, latent * dims)
    model.encoder.set(
      direction.map((value) => encoderShare * length * value),
      latent * dims,
    )
    for (const [name, values] of parametersOf(model)) if (fresh[name] !== undefined) values[latent] = fresh[name]
    for (const part of moments.flatMap((each) => parametersOf(each))) clear(part, latent, dims)
  })
  return restarted
}

function clear([name, values]: readonly [Parameter, Numbers], latent: number, dims: number): void {
  if (name === 'decoderBias') return
  if (name === 'encoder' || name === 'decoder') values.fill(0, latent * dims, (latent + 1) * dims)
  else values[latent] = 0
}
