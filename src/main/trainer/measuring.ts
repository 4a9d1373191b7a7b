// After training: exact threshold, all activations, metrics and controls, and beforehand how long that will take.
import type { RunControls, RunMetrics } from '@contract'
import { pcaControl, pcaSweeps } from './controls'
import { chunkRows, forEachChunk, type Pause } from './encode'
import { survey } from './metrics'
import type { Model } from './model'
import { inferenceOf, leaveIfWanted, seconds, type Run } from './run'
import type { Rows } from './rows'
import type { ActivationWriter } from './scratch-files'
import { exactThreshold } from './threshold'
import { Plan } from './time-left'

export interface Measured {
  readonly metrics: RunMetrics
  readonly controls: RunControls
  /** On pre-activations; 0 for TopK. */
  readonly threshold: number
}

/** Sweeps over all rows: threshold, for the model and its untrained copy; survey of both; PCA. */
const thresholdSweeps = 2
const models = 2

/** Measures and writes. `step`: of the checkpoint that lets an interrupted run go on. */
export async function measure(
  run: Run,
  model: Model,
  untrained: Model,
  writer: ActivationWriter,
  step: number,
): Promise<Measured> {
  const { math, rows, isHeldOut, settings, progress } = run
  const plan = await planMeasuring(run, model, 0)
  plan.begin(seconds())
  const pauseIn =
    (part: string): Pause =>
    async () => {
      if (progress.due) progress.tell('measuring', plan.piecesDone, plan.pieces, plan.secondsLeft(seconds()))
      plan.advance(part)
      await run.breathe()
      leaveIfWanted(run.host, step)
    }
  const threshold = await thresholdOf(run, model, pauseIn('threshold'))
  const metrics = await survey(math, model, rows, isHeldOut, inferenceOf(run, threshold), pauseIn('survey'), (chunk) =>
    writer.add(chunk),
  )
  writer.finish()
  const plain = inferenceOf(run, await thresholdOf(run, untrained, pauseIn('threshold')))
  const before = await survey(math, untrained, rows, isHeldOut, plain, pauseIn('survey'))
  const pca = await pcaControl(math, rows, isHeldOut, settings.k, settings.seed, pauseIn('pca'))
  return { metrics, controls: { untrained: { explainedVariance: before.explainedVariance }, pca }, threshold }
}

/** Tries each part on one block of rows. `threshold`: about what the model will have. */
export async function planMeasuring(run: Run, model: Model, threshold: number): Promise<Plan> {
  const { math, isHeldOut, settings, breathe } = run
  const block = firstRows(run.rows, chunkRows)
  const small: Run = { ...run, rows: block }
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const from = seconds()
    await work()
    return seconds() - from
  }
  const sweeps = run.rule === 'topk' ? 0 : thresholdSweeps
  let found = threshold
  const forThreshold = await timed(async () => {
    found = (await thresholdOf(small, model, breathe)) || threshold
  })
  const forSurvey = await timed(() => survey(math, model, block, isHeldOut, inferenceOf(run, found), breathe))
  const forPca = await timed(() => pcaControl(math, block, isHeldOut, settings.k, settings.seed, breathe))
  const blocks = Math.ceil(run.rows.count / chunkRows)
  return new Plan([
    { name: 'threshold', pieces: blocks * models * sweeps, seconds: forThreshold / Math.max(1, sweeps) },
    { name: 'survey', pieces: blocks * models, seconds: forSurvey },
    { name: 'pca', pieces: blocks * (pcaSweeps + 1), seconds: forPca / (pcaSweeps + 1) },
  ])
}

function firstRows(rows: Rows, count: number): Rows {
  return { ...rows, count: Math.min(rows.count, count) }
}

/** The exact threshold of a model; 0 for TopK, which needs none. */
async function thresholdOf(run: Run, model: Model, pause: Pause): Promise<number> {
  if (run.rule === 'topk') return 0
  let training = 0
  for (let row = 0; row < run.rows.count; row++) training += run.isHeldOut[row] === 1 ? 0 : 1
  return exactThreshold((visit) => trainingBits(run, model, pause, visit), run.settings.k * training)
}

/** Shows the bits of the pre-activations of each training row. */
function trainingBits(run: Run, model: Model, pause: Pause, visit: (bits: Uint32Array) => void): Promise<void> {
  return forEachChunk(run.math, model, run.rows, pause, (pre, start, count) => {
    for (let row = 0; row < count; row++) {
      if (run.isHeldOut[start + row] === 0)
        visit(new Uint32Array(pre.buffer, pre.byteOffset + row * model.latents * 4, model.latents))
    }
  })
}
