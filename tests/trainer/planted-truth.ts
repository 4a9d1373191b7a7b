// Rows with a known truth: unit directions that are on independently, some often and some rarely, with a little noise.
// The settings are those of the planted-truth check: 64 dimensions, 256 features, 6 on per row on average, 5 % noise.
import type { TrainSettings } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import type { TrainerOutcome } from '../../src/main/base/trainer-protocol'
import { loadBackend } from '../../src/main/trainer/backend'
import { normaliseRows } from '../../src/main/trainer/model'
import { train } from '../../src/main/trainer/train'
import { temporaryFolder } from '../temporary-folder'
import { resources } from './native-library'
import { readFloats, writeScratch } from './toy-data'

export interface PlantedTruth {
  readonly rows: Float32Array
  /** features × dims, unit rows. */
  readonly truth: Float32Array
}

export const plantedDims = 64

/** How much more often the first feature is on than the last: rank^-decay. */
const decay = 0.25

export function plantedTruth(count: number, dims: number, features: number, active: number, seed: number): PlantedTruth {
  const random = seededRandom(seed, 30)
  const truth = Float32Array.from({ length: features * dims }, () => random.normal())
  normaliseRows(truth, dims)
  const weights = Float64Array.from({ length: features }, (_, feature) => (feature + 1) ** -decay)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const rows = new Float32Array(count * dims)
  for (let row = 0; row < count; row++) {
    for (let feature = 0; feature < features; feature++) {
      if (random.uniform() >= (active * (weights[feature] as number)) / total) continue
      const strength = 0.5 + random.uniform()
      for (let dim = 0; dim < dims; dim++)
        rows[row * dims + dim] = (rows[row * dims + dim] as number) + strength * (truth[feature * dims + dim] as number)
    }
  }
  const spread = Math.sqrt(rows.reduce((sum, value) => sum + value * value, 0) / rows.length)
  for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] as number) + 0.05 * spread * random.normal()
  return { rows, truth }
}

/** Share of the true features with a decoder row at a cosine above `cosine`. */
export function recovered(truth: Float32Array, decoder: Float32Array, dims: number, cosine: number): number {
  let found = 0
  for (let start = 0; start < truth.length; start += dims) {
    let best = -1
    for (let row = 0; row < decoder.length; row += dims) {
      let product = 0
      for (let dim = 0; dim < dims; dim++) product += (truth[start + dim] as number) * (decoder[row + dim] as number)
      if (product > best) best = product
    }
    if (best > cosine) found++
  }
  return found / (truth.length / dims)
}

/** A model trained in this process with the native library, every fifth row held out. */
export async function trainModel(
  rows: Float32Array,
  settings: Partial<TrainSettings>,
): Promise<{ outcome: TrainerOutcome; decoder: Float32Array }> {
  process.env['LATISCOPE_RESOURCES'] = resources
  const folder = temporaryFolder()
  const spec = { ...writeScratch(folder, rows, plantedDims, settings), trial: true }
  const outcome = await train(
    spec,
    loadBackend(() => {}),
    { post: () => {}, wish: () => 'go', takeCheckpointRequest: () => false, log: () => {} },
  )
  return { outcome, decoder: readFloats(folder, 'decoder.f32') }
}
