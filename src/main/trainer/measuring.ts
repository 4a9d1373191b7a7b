// After training: exact threshold, all activations, metrics and controls, and beforehand how long that will take.
import type { RunControls, RunMetrics } from '@contract'
import { centredRows, pcaControl } from './controls'
import { chunkRows, forEachChunk, type EncodedChunk, type Pause } from './encode'
import type { Inference } from './inference'
import { planOf, tryMeasuring, type MeasuringCost } from './measuring-cost'
import { survey } from './metrics'
import type { Model } from './model'
import { inferenceFor, leaveIfWanted, seconds, sharesActivations, type Run } from './run'
import type { ActivationWriter } from './scratch-files'
import { exactThreshold } from './threshold'
import type { Plan } from './time-left'
import { blockRows as decoderBlock } from './weight-health'

export interface Measured {
  /** The model as it is stored. */
  readonly model: Model
  readonly metrics: RunMetrics
  readonly controls: RunControls
  /** On pre-activations; 0 for those that need none. */
  readonly threshold: number
}

/** What a threshold is found on. */
export type Surveyed = Pick<Run, 'math' | 'rows' | 'isHeldOut'>

/** How many of the two models need a search for a threshold. */
function thresholdModels({ settings }: Run): number {
  if (settings.arch === 'topk') return 0
  return sharesActivations(settings) || (settings.arch === 'jumprelu' && settings.l1 === null) ? 2 : 1
}

/** Measures and writes. `step`: of the checkpoint that lets an interrupted run go on. `cost`: as tried while training, if it was. */
export async function measure(
  run: Run,
  model: Model,
  untrained: Model,
  writer: ActivationWriter,
  step: number,
  cost: MeasuringCost | null,
): Promise<Measured> {
  const { math, rows, isHeldOut, settings, progress } = run
  const plan = planMeasuring(run, model, cost ?? (await measuringCost(run, model, 0)))
  plan.begin(seconds())
  const pauseIn =
    (part: string): Pause =>
    async () => {
      if (progress.due) progress.tell('measuring', plan.piecesDone, plan.pieces, plan.secondsLeft(seconds()))
      plan.advance(part)
      await run.breathe()
      leaveIfWanted(run.host, step)
    }
  const { model: final, threshold } = await settled(run, model, pauseIn('threshold'))
  const inference = inferenceFor(run, final, threshold)
  const visit = (chunk: EncodedChunk): void => writer.add(chunk)
  const checks = { labels: run.labels, seed: settings.seed }
  const metrics = await survey(math, final, rows, isHeldOut, inference, pauseInSurvey(run, model, pauseIn), visit, checks)
  for (const part of ['duplicates', 'neighbours', 'probe']) plan.finish(part)
  writer.finish()
  const centred = await centredRows(rows, isHeldOut, async () => {
    await run.breathe()
    leaveIfWanted(run.host, step)
  })
  const before = await survey(
    math,
    untrained,
    centred,
    isHeldOut,
    await untrainedInference({ ...run, rows: centred }, untrained, metrics.l0.train, pauseIn('threshold')),
    pauseIn('survey'),
  )
  const axes = Math.max(1, Math.round(metrics.l0.train))
  const pca = await pcaControl(math, centred, isHeldOut, axes, settings.seed, pauseIn('pca'))
  return { model: final, metrics, controls: { untrained: { explainedVariance: before.explainedVariance }, pca }, threshold }
}

/** The numbers a search compares; nothing is written, and controls, which it does not look at, are left out. */
export async function measureTrial(run: Run, model: Model, step: number): Promise<Measured> {
  const { math, rows, isHeldOut, host, progress } = run
  progress.tell('measuring', 0, 1, null)
  const pause: Pause = async () => {
    await run.breathe()
    leaveIfWanted(host, step)
  }
  const { model: final, threshold } = await settled(run, model, pause)
  const metrics = await survey(math, final, rows, isHeldOut, inferenceFor(run, final, threshold), pause)
  const none = { train: 0, heldOut: null }
  const controls = { untrained: { explainedVariance: none }, pca: { axes: 0, explainedVariance: none } }
  return { model: final, metrics, controls, threshold }
}

/** The untrained copy has as many latents on as the model, whatever decides that there. */
async function untrainedInference(run: Run, untrained: Model, active: number, pause: Pause): Promise<Inference> {
  if (run.settings.arch === 'topk') return inferenceFor(run, untrained, 0)
  return { kind: 'threshold', threshold: await thresholdOf(run, untrained, active, pause) }
}

/**
 * The model as it is used from now on, and its threshold. JumpReLU that aims at a number of active latents gets its thresholds
 * multiplied by the one number with which exactly that many are on in the training rows.
 */
async function settled(run: Run, model: Model, pause: Pause): Promise<{ readonly model: Model; readonly threshold: number }> {
  const { settings } = run
  if (sharesActivations(settings)) return { model, threshold: await thresholdOf(run, model, settings.k, pause) }
  const { thresholds } = model
  if (!thresholds || settings.l1 !== null) return { model, threshold: 0 }
  const factor = await thresholdOf(run, model, settings.k, pause, thresholds)
  return { model: { ...model, thresholds: thresholds.map((value) => value * factor) }, threshold: 0 }
}

/** The pauses of a survey with checks: one for each block of rows, then those of the checks. */
function pauseInSurvey({ rows }: Run, { latents }: Model, pauseIn: (part: string) => Pause): Pause {
  const pauses = { survey: pauseIn('survey'), duplicates: pauseIn('duplicates'), neighbours: pauseIn('neighbours') }
  const blocks = Math.ceil(rows.count / chunkRows)
  const compared = blocks + Math.ceil(latents / decoderBlock)
  let seen = 0
  return () => {
    const at = seen++
    return pauses[at < blocks ? 'survey' : at < compared ? 'duplicates' : 'neighbours']()
  }
}

/** Tries what measuring consists of. `threshold`: about what the model will have. */
export function measuringCost(run: Run, model: Model, threshold: number): Promise<MeasuringCost> {
  const { settings } = run
  return tryMeasuring(run, {
    model,
    inference: (found) => inferenceFor(run, model, found === null || found === 0 ? threshold : found),
    threshold: thresholdModels(run) > 0 ? (small, pause) => thresholdOf(small, model, settings.k, pause) : null,
  })
}

/** A plan of all that follows training. */
export function planMeasuring(run: Run, model: Model, cost: MeasuringCost): Plan {
  return planOf(run, model, cost, thresholdModels(run))
}

/**
 * The threshold above which `active` pre-activations lie per training row, exactly; with `units`, each latent's are measured
 * in its unit.
 */
export async function thresholdOf(
  run: Surveyed,
  model: Model,
  active: number,
  pause: Pause,
  units?: Float32Array,
): Promise<number> {
  let training = 0
  for (let row = 0; row < run.rows.count; row++) training += run.isHeldOut[row] === 1 ? 0 : 1
  const wanted = Math.round(active * training)
  return exactThreshold((visit) => trainingBits(run, model, pause, visit, units), wanted)
}

/** Shows the bits of the pre-activations of each training row, in the latents' units where there are any. */
function trainingBits(
  run: Surveyed,
  model: Model,
  pause: Pause,
  visit: (bits: Uint32Array) => void,
  units?: Float32Array,
): Promise<void> {
  const { latents } = model
  return forEachChunk(run.math, model, run.rows, pause, (pre, start, count) => {
    for (let row = 0; row < count; row++) {
      if (run.isHeldOut[start + row] === 1) continue
      if (units)
        for (let latent = 0, at = row * latents; latent < latents; latent++, at++)
          pre[at] = (pre[at] as number) / (units[latent] as number)
      visit(new Uint32Array(pre.buffer, pre.byteOffset + row * latents * 4, latents))
    }
  })
}
