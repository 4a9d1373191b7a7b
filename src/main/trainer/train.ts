// One training run from the files of its scratch folder to the files the engine stores. What it computes depends on
// the data, the settings and the seed alone; only messages follow the clock.
import type { MetricPoint, RunControls, RunMetrics, TrainSettings } from '@contract'
import { refuse } from '../base/refusal'
import type { FromTrainer, TrainerOutcome, TrainerSpec } from '../base/trainer-protocol'
import type { Backend } from './backend'
import { Batches } from './batches'
import { chooseStep } from './choose-step'
import { pcaControl, pcaSweeps } from './controls'
import { DeadLatents } from './dead-latents'
import { plainMath, type DenseMath } from './dense-math'
import { chunkRows, forEachChunk, type Pause, type Rows } from './encode'
import { inferenceOf, type Inference } from './inference'
import { measurePoint, RunningThreshold, watchedSample } from './live-metrics'
import { survey } from './metrics'
import { isFiniteModel, startOf, withUnitRows, type Model } from './model'
import { Progress } from './progress'
import { restartDirections, restartFactor, restartsAfter } from './restart'
import { rateFactor } from './schedule'
import { ActivationWriter, readInput, writeModel, type TrainerInput } from './scratch-files'
import { standardise } from './standardise'
import { stepSettings } from './step-settings'
import { nativeMath } from './tensor-ops'
import { exactThreshold } from './threshold'
import { hasUnitRows, type TrainingStep } from './training-step'

export interface TrainerHost {
  post(message: FromTrainer): void
  cancelled(): boolean
  /** A line for the log of the process. */
  log(line: string): void
}

interface Run {
  readonly settings: TrainSettings
  readonly input: TrainerInput
  readonly rows: Rows
  readonly isHeldOut: Uint8Array
  readonly math: DenseMath
  readonly progress: Progress
  readonly pause: Pause
}

const yieldEveryMs = 20
const pointsPerRun = 200
/** Time spent on live points: this share of the run, and a second more for the first ones, which are slow. */
const shareForPoints = 0.08
const secondsForFirstPoints = 1
/** Sweeps over all rows after training: threshold 2 and survey 1, for the model and for its untrained copy; PCA. */
const measuringSweeps = 6 + pcaSweeps + 1

/** Trains, measures and writes; throws a Refusal when it cannot, CANCELLED included. */
export async function train(spec: TrainerSpec, backend: Backend, host: TrainerHost): Promise<TrainerOutcome> {
  const { settings } = spec
  stepSettings(settings, spec.dims, 1) // refuses before any work
  const startedAt = performance.now()
  const input = readInput(spec)
  if (input.train.length < 2) refuse('TOO_FEW_CELLS', { rows: input.train.length, needed: 2 })
  const math = backend.binding ? nativeMath(backend.binding) : plainMath()
  const standardisation = standardise(input.rows, spec.dims, input.train, settings.normalise, math)
  const isHeldOut = new Uint8Array(spec.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const run: Run = {
    settings,
    input,
    isHeldOut,
    rows: { values: input.rows, count: spec.rows, dims: spec.dims },
    math,
    progress: new Progress(host.post, () => performance.now()),
    pause: pauseFor(host),
  }
  const untrained = startOf(settings.arch, settings.l1Form, settings.latents, spec.dims, settings.seed)
  const ofSteps = stepSettings(settings, spec.dims, standardisation.variance)
  const { step, words } = chooseStep(backend, untrained, ofSteps, settings.batch, host.log)
  const { trainingSeconds, model } = await learn(run, step).finally(() => step.dispose())
  if (!isFiniteModel(model)) refuse('TRAINING_DIVERGED', { step: settings.steps })
  const trained = hasUnitRows(ofSteps) ? model : withUnitRows(model)
  const measured = await measure(run, trained, untrained, new ActivationWriter(spec.scratch, spec.rows))
  writeModel(spec.scratch, trained, standardisation)
  return {
    ...measured,
    input: standardisation.report,
    seconds: (performance.now() - startedAt) / 1e3,
    stepsPerSecond: settings.steps / trainingSeconds,
    scale: standardisation.scale,
    backend: { ...backend.info, version: `${backend.info.version}, ${words}` },
  }
}

/** Lets messages in every few milliseconds, and stops the run when one of them was a cancellation. */
function pauseFor(host: TrainerHost): Pause {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < yieldEveryMs) return
    await new Promise<void>((resolve) => setImmediate(resolve))
    last = performance.now()
    if (host.cancelled()) refuse('CANCELLED')
  }
}

interface Trained {
  readonly model: Model
  readonly trainingSeconds: number
}

/** The training loop. */
async function learn(run: Run, step: TrainingStep): Promise<Trained> {
  const { settings, rows, input, progress } = run
  const { steps } = settings
  const batches = new Batches(input.train, settings.seed, rows.values, rows.dims)
  const dead = new DeadLatents(settings.latents, settings.deadAfter)
  const running = new RunningThreshold()
  const sample = watchedSample(rows, input.train, input.heldOut, settings.latents, settings.seed)
  const startedAt = performance.now()
  let pointSeconds = 0
  let rowSeconds = 0
  let lastPoint = -Infinity
  progress.begin('training')
  for (let at = 1; at <= steps; at++) {
    await run.pause()
    const rate = settings.learningRate * rateFactor(at, steps, settings.warmUp, settings.decay) * restartFactor(settings, at)
    const report = step.learn(batches.take(settings.batch), rate, dead.list())
    if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) refuse('TRAINING_DIVERGED', { step: at })
    dead.update(report.fired, settings.batch)
    running.add(report.smallest)
    if (restartsAfter(settings, at)) dead.revive(await restart(run, step, dead.list(), running.value, at))
    const elapsed = (performance.now() - startedAt) / 1e3
    const wanted =
      at === steps ||
      (at - lastPoint >= steps / pointsPerRun && progress.due && pointSeconds <= shareForPoints * elapsed + secondsForFirstPoints)
    if (!wanted && !progress.due) continue
    let point: MetricPoint | null = null
    if (wanted) {
      const from = performance.now()
      const present = step.model()
      const inference = inferenceOf(settings.arch, present, settings.k, liveThreshold(run, running.value))
      const measured = await measurePoint(run.math, present, sample, inference, run.pause)
      const took = (performance.now() - from) / 1e3
      pointSeconds += took
      rowSeconds = took / Math.max(chunkRows, sample.train.count + sample.heldOut.count)
      lastPoint = at
      point = { step: at, loss: report.loss, ...measured, dead: dead.list().length }
    }
    progress.tell(at, steps, point, rowSeconds * rows.count * measuringSweeps)
  }
  return { model: step.model(), trainingSeconds: (performance.now() - startedAt) / 1e3 }
}

/** Starts dead latents anew; returns those that were. */
async function restart(run: Run, step: TrainingStep, dead: Int32Array, threshold: number, at: number): Promise<Int32Array> {
  if (dead.length === 0) return dead
  const { math, rows, input, settings, pause } = run
  const present = step.model()
  const inference = inferenceOf(settings.arch, present, settings.k, liveThreshold(run, threshold))
  const { seed } = settings
  return step.restart(dead, await restartDirections(math, present, rows, input.train, inference, dead.length, seed, at, pause))
}

const sharesActivations = ({ settings }: Run): boolean => settings.arch === 'batchtopk' || settings.arch === 'matryoshka'
/** The running threshold, for the architectures that have one. */
const liveThreshold = (run: Run, running: number): number => (sharesActivations(run) ? running : 0)

interface Measured {
  readonly metrics: RunMetrics
  readonly controls: RunControls
  readonly threshold: number
}

/** Exact threshold, all activations, metrics and controls. */
async function measure(run: Run, model: Model, untrained: Model, writer: ActivationWriter): Promise<Measured> {
  const { math, rows, isHeldOut, settings, progress } = run
  const blocks = Math.ceil(rows.count / chunkRows)
  const of = blocks * measuringSweeps
  let done = 0
  progress.begin('measuring')
  const pause: Pause = async () => {
    if (progress.due) progress.tell(Math.min(done, of), of, null)
    done++
    await run.pause()
  }
  const thresholdOf = (of: Model, active: number): Promise<number> =>
    exactThreshold((visit) => trainingBits(run, of, pause, visit), Math.round(active * run.input.train.length))
  const threshold = sharesActivations(run) ? await thresholdOf(model, settings.k) : 0
  const inference = inferenceOf(settings.arch, model, settings.k, threshold)
  const metrics = await survey(math, model, rows, isHeldOut, inference, pause, (chunk) => writer.add(chunk))
  writer.finish()
  // The copy has as many latents on as the model, whatever decides that.
  const before: Inference =
    settings.arch === 'topk' ? inference : { kind: 'threshold', threshold: await thresholdOf(untrained, metrics.l0.train) }
  const control = await survey(math, untrained, rows, isHeldOut, before, pause)
  const axes = Math.max(1, Math.round(metrics.l0.train))
  const pca = await pcaControl(math, rows, isHeldOut, axes, settings.seed, pause)
  return { metrics, controls: { untrained: { explainedVariance: control.explainedVariance }, pca }, threshold }
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
