// The numbers by which a model is judged, measured on all rows in one sweep.
import type { RunDetails, RunMetrics } from '@contract'
import { fewestFlagged } from '../science/latent-flags'
import type { DenseMath } from './dense-math'
import { encodeRows, type EncodedChunk, type Pause } from './encode'
import { dimensionFit, GroupFit } from './fit-details'
import type { Inference } from './inference'
import type { Model } from './model'
import { ReconstructionChecks, type Labels } from './reconstruction-checks'
import type { Rows } from './rows'
import { countDuplicates, encoderDecoderCosine } from './weight-health'

/** A latent that is on in more than this share of the rows is dense. */
export const denseAbove = 0.5

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

/** What the checks beyond the plain numbers need. */
export interface SurveyChecks {
  readonly labels: Labels | null
  readonly seed: number
}

/**
 * Measures a model on all rows. `isHeldOut` has 1 for the rows never trained on; `visit` sees every encoded chunk. With
 * `checks`, the answer holds the details too.
 */
export async function survey(
  math: DenseMath,
  model: Model,
  rows: Rows,
  isHeldOut: Uint8Array,
  inference: Inference,
  pause: Pause,
  visit: (chunk: EncodedChunk) => void = () => {},
  checks: SurveyChecks | null = null,
): Promise<RunMetrics> {
  const origin = checks && trainingMean(rows, isHeldOut)
  const groups = [new GroupFit(model.dims, origin), new GroupFit(model.dims, origin)] as const
  const sampled = checks && new ReconstructionChecks(rows, isHeldOut, checks.labels, checks.seed)
  const onInTraining = new Uint32Array(model.latents)
  const onAnywhere = new Uint32Array(model.latents)
  const reconstruction = new Float64Array(model.dims)
  await encodeRows(math, model, rows, inference, pause, (chunk) => {
    for (let row = 0; row < chunk.count; row++) {
      const held = isHeldOut[chunk.start + row] === 1
      const [from, to] = [chunk.indptr[row] as number, chunk.indptr[row + 1] as number]
      for (const latent of chunk.indices.subarray(from, to)) {
        onAnywhere[latent] = (onAnywhere[latent] as number) + 1
        if (!held) onInTraining[latent] = (onInTraining[latent] as number) + 1
      }
      reconstruct(model, chunk, row, reconstruction)
      groups[held ? 1 : 0].add(chunk.input, row * rows.dims, reconstruction, to - from)
      sampled?.see(chunk.start + row, reconstruction)
    }
    visit(chunk)
  })
  const [train, heldOut] = groups
  const metrics: RunMetrics = {
    explainedVariance: { train: train.explained.value() ?? 0, heldOut: heldOut.explained.value() },
    l0: { train: train.active / Math.max(1, train.rows), heldOut: heldOut.rows > 0 ? heldOut.active / heldOut.rows : null },
    dead: onInTraining.filter((times) => times === 0).length,
    dense: onAnywhere.filter((times) => times > denseAbove * rows.count).length,
  }
  if (!sampled) return metrics
  return { ...metrics, details: await detailsOf(math, model, groups, sampled, onInTraining, onAnywhere, pause) }
}

async function detailsOf(
  math: DenseMath,
  model: Model,
  [train, heldOut]: readonly [GroupFit, GroupFit],
  sampled: ReconstructionChecks,
  onInTraining: Uint32Array,
  onAnywhere: Uint32Array,
  pause: Pause,
): Promise<RunDetails> {
  return {
    dimensions: dimensionFit(train, heldOut),
    l0: { train: train.l0, heldOut: heldOut.l0 },
    shrinkage: { train: train.shrinkage, heldOut: heldOut.shrinkage },
    cosine: { train: train.cosine, heldOut: heldOut.cosine },
    rare: onAnywhere.filter((times) => times > 0 && times < fewestFlagged).length,
    rareBelow: fewestFlagged,
    duplicates: await countDuplicates(math, model.decoder, model.dims, pause),
    encoderDecoder: encoderDecoderCosine(model, (latent) => (onInTraining[latent] as number) > 0),
    neighbours: await sampled.neighbours(math, pause),
    probe: sampled.probe(),
  }
}

function trainingMean(rows: Rows, isHeldOut: Uint8Array): Float64Array {
  const { count, dims } = rows
  const sums = new Float64Array(dims)
  let used = 0
  for (let row = 0; row < count; row++) {
    if (isHeldOut[row] === 1) continue
    used++
    const values = rows.read(row, 1)
    for (let dim = 0; dim < dims; dim++) sums[dim] = (sums[dim] as number) + (values[dim] as number)
  }
  return sums.map((sum) => sum / Math.max(1, used))
}
