// Measures a model that was not trained here and now: brought in from a file, made of several others, or applied to new
// rows. The same threshold, encoding, metrics and controls as after training. Files: base/trainer-work.ts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MeasureOutcome, MeasureWork } from '../base/trainer-work'
import { refuse } from '../base/refusal'
import { pcaControl } from './controls'
import type { DenseMath } from './dense-math'
import { forEachChunk, type EncodedChunk, type Pause, type Rows } from './encode'
import { reconstruct, survey } from './metrics'
import { initialModel, type Model } from './model'
import { ActivationWriter, readInput, readStart, type TrainerInput } from './scratch-files'
import type { Inference } from './select'
import { prepareRows } from './standardise'
import { exactThreshold } from './threshold'

type Measured = Omit<MeasureOutcome, 'seconds' | 'backend'>

export async function measureModel(work: MeasureWork, math: DenseMath, pause: Pause): Promise<Measured> {
  const input = readInput(work)
  if (input.train.length < 2) refuse('TOO_FEW_CELLS', { rows: input.train.length, needed: 2 })
  const { model, mean } = readStart(work.scratch, work.latents, work.dims)
  const lengths = lengthsOf(input.rows, mean)
  prepareRows(input.rows, mean, work.scale)
  const rows: Rows = { values: input.rows, count: work.rows, dims: work.dims }
  const isHeldOut = new Uint8Array(work.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const task: Task = { work, math, pause, input, rows, isHeldOut }

  const inference = await inferenceOf(task, model)
  const writer = new ActivationWriter(work.scratch, work.rows)
  const errors = new Float32Array(work.rows)
  const copy = new Float64Array(work.dims)
  const visit = (chunk: EncodedChunk): void => {
    writer.add(chunk)
    for (let row = 0; row < chunk.count; row++) {
      reconstruct(model, chunk, row, copy)
      errors[chunk.start + row] = squaredDistance(rows, chunk.start + row, copy)
    }
  }
  const checks = { labels: input.labels, seed: work.seed }
  const metrics = await survey(math, model, rows, isHeldOut, inference, pause, visit, checks)
  writer.finish()
  writeFileSync(join(work.scratch, 'row-lengths.f32'), lengths)
  writeFileSync(join(work.scratch, 'row-errors.f32'), errors)
  const controls = work.controls ? await controlsOf(task) : null
  return { kind: 'measure', metrics, controls, threshold: inference.kind === 'threshold' ? inference.threshold : 0 }
}

interface Task {
  readonly work: MeasureWork
  readonly math: DenseMath
  readonly pause: Pause
  readonly input: TrainerInput
  readonly rows: Rows
  readonly isHeldOut: Uint8Array
}

async function inferenceOf({ work, math, pause, input, rows, isHeldOut }: Task, model: Model): Promise<Inference> {
  if (work.rule.kind === 'topk') return { kind: 'topk', k: work.k }
  if (work.rule.threshold !== null) return { kind: 'threshold', threshold: work.rule.threshold }
  const threshold = await exactThreshold(
    (visit) =>
      forEachChunk(math, model, rows, pause, (pre, start, count) => {
        for (let row = 0; row < count; row++)
          if (isHeldOut[start + row] === 0)
            visit(new Uint32Array(pre.buffer, pre.byteOffset + row * model.latents * 4, model.latents))
      }),
    work.k * input.train.length,
  )
  return { kind: 'threshold', threshold }
}

async function controlsOf(task: Task): Promise<MeasureOutcome['controls']> {
  const { work, math, pause, rows, isHeldOut } = task
  const untrained = initialModel(work.latents, work.dims, work.seed)
  const rule = work.rule.kind === 'topk' ? work.rule : { kind: 'threshold' as const, threshold: null }
  const inference = await inferenceOf({ ...task, work: { ...work, rule } }, untrained)
  const before = await survey(math, untrained, rows, isHeldOut, inference, pause)
  const pca = await pcaControl(math, rows, isHeldOut, work.k, work.seed, pause)
  return { untrained: { explainedVariance: before.explainedVariance }, pca }
}

/** Distance of each row from the mean, in the units of the data. */
function lengthsOf(rows: Float32Array, mean: Float32Array): Float32Array {
  const dims = mean.length
  return Float32Array.from({ length: rows.length / dims }, (_, row) => {
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += ((rows[row * dims + dim] as number) - (mean[dim] as number)) ** 2
    return Math.sqrt(square)
  })
}

function squaredDistance(rows: Rows, row: number, copy: Float64Array): number {
  let square = 0
  for (let dim = 0; dim < rows.dims; dim++)
    square += ((rows.values[row * rows.dims + dim] as number) - (copy[dim] as number)) ** 2
  return square
}
