// The curve the user watches: explained variance and density on a small fixed sample of training rows and of held-out rows.
// Measuring never changes the training, so its timing may follow the clock.
import type { MetricPoint } from '@contract'
import { seededRandom } from '../base/random'
import { densityClass, densityClasses } from '../science/density'
import type { DenseMath } from './dense-math'
import { encodeRows, type Pause } from './encode'
import { ExplainedVariance } from './explained-variance'
import type { Inference } from './inference'
import { denseAbove, reconstruct } from './metrics'
import type { Model } from './model'
import { rowsInMemory, type Rows } from './rows'

const sampleStream = 3
const largestSample = 2048
const smallestSample = 256
const productsPerPoint = 2 ** 31

export interface Sample {
  readonly train: Rows
  readonly heldOut: Rows
}

/** Fixed rows to watch: at most 2,048 of each kind, fewer for large models so that a point costs about one step. */
export function watchedSample(rows: Rows, train: Uint32Array, heldOut: Uint32Array, latents: number, seed: number): Sample {
  const size = Math.max(smallestSample, Math.min(largestSample, Math.floor(productsPerPoint / (latents * rows.dims))))
  const random = seededRandom(seed, sampleStream)
  const gather = (from: Uint32Array): Rows => {
    const chosen = random.sample(from, size)
    const values = new Float32Array(chosen.length * rows.dims)
    chosen.forEach((row, at) => values.set(rows.read(row, 1), at * rows.dims))
    return rowsInMemory(values, rows.dims)
  }
  return { train: gather(train), heldOut: gather(heldOut) }
}

type Measured = Pick<MetricPoint, 'explainedTrain' | 'explainedHeldOut' | 'l0' | 'dead' | 'density' | 'dense'>

/** Measures the present model on the watched rows. `dead`: latents that no recent batch turned on. */
export async function measurePoint(
  math: DenseMath,
  model: Model,
  sample: Sample,
  inference: Inference,
  dead: Int32Array,
  pause: Pause,
): Promise<Measured> {
  const on = new Uint32Array(model.latents)
  const train = await score(math, model, sample.train, inference, on, pause)
  const heldOut = await score(math, model, sample.heldOut, inference, on, pause)
  return {
    explainedTrain: train.explained ?? 0,
    explainedHeldOut: heldOut.explained,
    l0: train.active / sample.train.count,
    dead: dead.length,
    ...watchedDensity(on, dead, sample.train.count + sample.heldOut.count),
  }
}

/**
 * Density as far as few rows tell. A latent that is on in none of them but not dead is rarer than they can show: it counts as
 * on in half a row.
 */
export function watchedDensity(on: Uint32Array, dead: Int32Array, rows: number): { density: number[]; dense: number } {
  const density = new Array<number>(densityClasses + 1).fill(0)
  const isDead = new Uint8Array(on.length)
  for (const latent of dead) isDead[latent] = 1
  let dense = 0
  on.forEach((times, latent) => {
    const place = isDead[latent] === 1 ? 0 : densityClass(Math.max(times, 0.5) / rows)
    density[place] = (density[place] as number) + 1
    if (isDead[latent] === 0 && times > denseAbove * rows) dense++
  })
  return { density, dense }
}

/** `on`: counts up in how many rows each latent is on. */
async function score(
  math: DenseMath,
  model: Model,
  rows: Rows,
  inference: Inference,
  on: Uint32Array,
  pause: Pause,
): Promise<{ explained: number | null; active: number }> {
  const explained = new ExplainedVariance(rows.dims)
  const reconstruction = new Float64Array(rows.dims)
  let active = 0
  await encodeRows(math, model, rows, inference, pause, (chunk) => {
    active += chunk.indices.length
    for (const latent of chunk.indices) on[latent] = (on[latent] as number) + 1
    for (let row = 0; row < chunk.count; row++) {
      reconstruct(model, chunk, row, reconstruction)
      explained.add(chunk.input, row * rows.dims, reconstruction)
    }
  })
  return { explained: explained.value(), active }
}

const memory = 0.95

/** Running mean of the smallest activation kept by recent batches: BatchTopK's threshold while training. */
export class RunningThreshold {
  private sum = 0
  private weight = 0

  /** What has to be kept to go on later. */
  save(): { readonly thresholdSum: number; readonly thresholdWeight: number } {
    return { thresholdSum: this.sum, thresholdWeight: this.weight }
  }

  restore({ thresholdSum, thresholdWeight }: { readonly thresholdSum: number; readonly thresholdWeight: number }): void {
    this.sum = thresholdSum
    this.weight = thresholdWeight
  }

  add(smallest: number): void {
    this.sum = memory * this.sum + (1 - memory) * smallest
    this.weight = memory * this.weight + (1 - memory)
  }

  get value(): number {
    return this.weight > 0 ? this.sum / this.weight : 0
  }
}
