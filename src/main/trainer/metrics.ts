// The numbers by which a model is judged. Explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² over all cells and dimensions,
// x̄ = mean of the evaluated cells: the mean predictor gets 0, a perfect one 1, worse than the mean is negative.
import type { RunMetrics } from '@contract'
import type { DenseMath } from './dense-math'
import { encodeRows, type EncodedChunk, type Pause } from './encode'
import type { Model } from './model'
import type { Inference } from './inference'
import type { Rows } from './rows'
import type { Numbers } from './select'

const denseAbove = 0.5

/** Adds up what explained variance needs, in double precision, relative to the first row so that offsets do no harm. */
export class ExplainedVariance {
  private origin: Float64Array | null = null
  private readonly sums: Float64Array
  private squares = 0
  private errors = 0
  private count = 0

  constructor(private readonly dims: number) {
    this.sums = new Float64Array(dims)
  }

  /** One row, at `start` of `rows`, and its reconstruction. */
  add(rows: Numbers, start: number, reconstruction: Numbers): void {
    this.origin ??= Float64Array.from(rows.subarray(start, start + this.dims))
    this.count++
    for (let dim = 0; dim < this.dims; dim++) {
      const value = rows[start + dim] as number
      const shifted = value - (this.origin[dim] as number)
      this.sums[dim] = (this.sums[dim] as number) + shifted
      this.squares += shifted * shifted
      this.errors += (value - (reconstruction[dim] as number)) ** 2
    }
  }

  /** Null when the rows do not vary (or there are none). */
  value(): number | null {
    let spread = this.squares
    for (const sum of this.sums) spread -= (sum * sum) / this.count
    return spread > 0 ? 1 - this.errors / spread : null
  }
}

/** Reconstruction of row `row` of a chunk into `into` (dims numbers). */
export function reconstruct(model: Model, chunk: EncodedChunk, row: number, into: Float64Array): void {
  into.set(model.decoderBias)
  const { dims, decoder } = model
  const end = chunk.indptr[row + 1] as number
  for (let at = chunk.indptr[row] as number; at < end; at++) {
    const strength = chunk.values[at] as number
    const from = (chunk.indices[at] as number) * dims
    for (let dim = 0; dim < dims; dim++) into[dim] = (into[dim] as number) + strength * (decoder[from + dim] as number)
  }
}

/** Measures a model on all rows. `isHeldOut` has 1 for the rows never trained on; `visit` sees every encoded chunk. */
export async function survey(
  math: DenseMath,
  model: Model,
  rows: Rows,
  isHeldOut: Uint8Array,
  inference: Inference,
  pause: Pause,
  visit: (chunk: EncodedChunk) => void = () => {},
): Promise<RunMetrics> {
  const train = { explained: new ExplainedVariance(model.dims), active: 0, rows: 0 }
  const heldOut = { explained: new ExplainedVariance(model.dims), active: 0, rows: 0 }
  const onInTraining = new Uint32Array(model.latents)
  const onAnywhere = new Uint32Array(model.latents)
  const reconstruction = new Float64Array(model.dims)
  await encodeRows(math, model, rows, inference, pause, (chunk) => {
    for (let row = 0; row < chunk.count; row++) {
      const held = isHeldOut[chunk.start + row] === 1
      const group = held ? heldOut : train
      const [from, to] = [chunk.indptr[row] as number, chunk.indptr[row + 1] as number]
      group.rows++
      group.active += to - from
      for (const latent of chunk.indices.subarray(from, to)) {
        onAnywhere[latent] = (onAnywhere[latent] as number) + 1
        if (!held) onInTraining[latent] = (onInTraining[latent] as number) + 1
      }
      reconstruct(model, chunk, row, reconstruction)
      group.explained.add(chunk.input, row * rows.dims, reconstruction)
    }
    visit(chunk)
  })
  return {
    explainedVariance: { train: train.explained.value() ?? 0, heldOut: heldOut.explained.value() },
    l0: { train: train.active / train.rows, heldOut: heldOut.rows > 0 ? heldOut.active / heldOut.rows : null },
    dead: onInTraining.filter((times) => times === 0).length,
    dense: onAnywhere.filter((times) => times > denseAbove * rows.count).length,
  }
}
