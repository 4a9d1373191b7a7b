// The curve the user watches: explained variance on a small fixed sample of training rows and of held-out rows.
// Measuring never changes the training, so its timing may follow the clock.
import type { MetricPoint } from '@contract'
import { seededRandom } from '../base/random'
import type { DenseMath } from './dense-math'
import { encodeRows, type Pause } from './encode'
import { ExplainedVariance } from './explained-variance'
import type { Inference } from './inference'
import { reconstruct } from './metrics'
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

/** Measures the present model on the watched rows. */
export async function measurePoint(
  math: DenseMath,
  model: Model,
  sample: Sample,
  inference: Inference,
  pause: Pause,
): Promise<Pick<MetricPoint, 'explainedTrain' | 'explainedHeldOut' | 'l0'>> {
  const train = await score(math, model, sample.train, inference, pause)
  const heldOut = await score(math, model, sample.heldOut, inference, pause)
  return { explainedTrain: train.explained ?? 0, explainedHeldOut: heldOut.explained, l0: train.active / sample.train.count }
}

async function score(
  math: DenseMath,
  model: Model,
  rows: Rows,
  inference: Inference,
  pause: Pause,
): Promise<{ explained: number | null; active: number }> {
  const explained = new ExplainedVariance(rows.dims)
  const reconstruction = new Float64Array(rows.dims)
  let active = 0
  await encodeRows(math, model, rows, inference, pause, (chunk) => {
    active += chunk.indices.length
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
