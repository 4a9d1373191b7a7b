// Measures a model that was not trained here and now: brought in from a file, made of several others, or applied to new
// rows. The same threshold, encoding, metrics and controls as after training. Files: base/trainer-work.ts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MeasureOutcome, MeasureWork } from '../base/trainer-work'
import { refuse } from '../base/refusal'
import { centredRows, pcaControl } from './controls'
import type { DenseMath } from './dense-math'
import type { EncodedChunk, Pause } from './encode'
import { preparedRows, rawRows, readGiven } from './given-model'
import { inferenceOf, type Inference } from './inference'
import { thresholdOf } from './measuring'
import { reconstruct, survey } from './metrics'
import { initialModel, type Model } from './model'
import type { Rows } from './rows'
import { ActivationWriter, readInput } from './scratch-files'

type Measured = Omit<MeasureOutcome, 'seconds' | 'backend'>

export async function measureModel(work: MeasureWork, math: DenseMath, pause: Pause): Promise<Measured> {
  const input = readInput(work)
  if (input.train.length < 2) refuse('TOO_FEW_CELLS', { rows: input.train.length, needed: 2 })
  const { model, preparation } = readGiven(work.scratch, work.latents, work.dims, work.scale)
  const lengths = lengthsOf(rawRows(work, input), preparation.mean)
  const rows = preparedRows(work, input, preparation)
  const isHeldOut = new Uint8Array(work.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const task: Task = { work, math, pause, rows, isHeldOut }

  const inference = await inferenceFor(task, model)
  const writer = new ActivationWriter(work.scratch, work.rows, work.latents)
  const errors = new Float32Array(work.rows)
  const copy = new Float64Array(work.dims)
  const visit = (chunk: EncodedChunk): void => {
    writer.add(chunk)
    for (let row = 0; row < chunk.count; row++) {
      reconstruct(model, chunk, row, copy)
      errors[chunk.start + row] = squaredDistance(chunk.input, row * work.dims, copy)
    }
  }
  const checks = { labels: input.labels, seed: work.seed }
  const metrics = await survey(math, model, rows, isHeldOut, inference, pause, visit, checks)
  writer.finish()
  writeFileSync(join(work.scratch, 'row-lengths.f32'), lengths)
  writeFileSync(join(work.scratch, 'row-errors.f32'), errors)
  const controls = work.controls ? await controlsOf(task, metrics.l0.train) : null
  return { kind: 'measure', metrics, controls, threshold: inference.kind === 'threshold' ? inference.threshold : 0 }
}

interface Task {
  readonly work: MeasureWork
  readonly math: DenseMath
  readonly pause: Pause
  readonly rows: Rows
  readonly isHeldOut: Uint8Array
}

async function inferenceFor(task: Task, model: Model): Promise<Inference> {
  const { work, pause } = task
  if (work.arch !== 'batchtopk' && work.arch !== 'matryoshka') return inferenceOf(work.arch, model, work.k, 0)
  return inferenceOf(work.arch, model, work.k, work.threshold ?? (await thresholdOf(task, model, work.k, pause)))
}

/** An untrained copy with as many latents on, and as many principal axes. */
async function controlsOf(task: Task, active: number): Promise<MeasureOutcome['controls']> {
  const { work, math, pause, isHeldOut } = task
  const rows = await centredRows(task.rows, isHeldOut, pause)
  const untrained = initialModel(work.latents, work.dims, work.seed)
  const inference: Inference =
    work.arch === 'topk'
      ? { kind: 'topk', k: work.k }
      : { kind: 'threshold', threshold: await thresholdOf({ ...task, rows }, untrained, active, pause) }
  const before = await survey(math, untrained, rows, isHeldOut, inference, pause)
  const pca = await pcaControl(math, rows, isHeldOut, Math.max(1, Math.round(active)), work.seed, pause)
  return { untrained: { explainedVariance: before.explainedVariance }, pca }
}

/** Distance of each row from the mean, in the units of the data. */
function lengthsOf(rows: Rows, mean: Float32Array): Float32Array {
  return Float32Array.from({ length: rows.count }, (_, row) => Math.sqrt(squaredDistance(rows.read(row, 1), 0, mean)))
}

function squaredDistance(rows: Float32Array, start: number, other: Float32Array | Float64Array): number {
  let square = 0
  for (let dim = 0; dim < other.length; dim++) square += ((rows[start + dim] as number) - (other[dim] as number)) ** 2
  return square
}
