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
import { chunkRows, forEachChunk, type EncodedChunk, type Pause, type Rows } from './encode'
import { levelsOf } from '../science/nested-levels'
import { measurePoint, RunningThreshold, watchedSample } from './live-metrics'
import { survey } from './metrics'
import { initialModel, isFiniteModel, type Model } from './model'
import { Progress } from './progress'
import { rateFactor } from './schedule'
import { ActivationWriter, readInput, readStart, writeModel, type TrainerInput } from './scratch-files'
import { selectionRule, type Inference, type SelectionRule } from './select'
import { standardise, standardiseAs } from './standardise'
import { nativeMath } from './tensor-ops'
import { exactThreshold } from './threshold'
import type { StepSettings, TrainingStep } from './training-step'

export interface TrainerHost {
  post(message: FromTrainer): void
  cancelled(): boolean
  /** A line for the log of the process. */
  log(line: string): void
}

interface Run {
  readonly settings: TrainSettings
  readonly rule: SelectionRule
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
  const rule = selectionRule(settings.arch)
  if (settings.k > settings.latents)
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'k',
      range: `at most the number of features (${settings.latents})`,
      value: settings.k,
    })
  const startedAt = performance.now()
  const input = readInput(spec)
  if (input.train.length < 2) refuse('TOO_FEW_CELLS', { rows: input.train.length, needed: 2 })
  const start = spec.start ? readStart(spec.scratch, settings.latents, spec.dims) : null
  const standardisation =
    start && spec.start
      ? standardiseAs(input.rows, start.mean, spec.start.scale, input.train)
      : standardise(input.rows, spec.dims, input.train)
  const isHeldOut = new Uint8Array(spec.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const run: Run = {
    settings,
    rule,
    input,
    isHeldOut,
    rows: { values: input.rows, count: spec.rows, dims: spec.dims },
    math: backend.binding ? nativeMath(backend.binding) : plainMath(),
    progress: new Progress(host.post, () => performance.now()),
    pause: pauseFor(host),
  }
  const untrained = initialModel(settings.latents, spec.dims, settings.seed)
  const stepSettings: StepSettings = {
    rule,
    k: settings.k,
    prefixes: levelsOf(settings.arch, settings.latents),
    auxCoefficient: settings.auxCoefficient,
    auxK: settings.auxK,
    variance: standardisation.variance,
  }
  const { step, words } = chooseStep(backend, start?.model ?? untrained, stepSettings, settings.batch, host.log)
  const { trainingSeconds, model } = await learn(run, step).finally(() => step.dispose())
  if (!isFiniteModel(model)) refuse('TRAINING_DIVERGED', { step: settings.steps })
  const measured = spec.trial
    ? await measureTrial(run, model)
    : await measure(run, model, untrained, new ActivationWriter(spec.scratch, spec.rows))
  writeModel(spec.scratch, model, standardisation)
  return {
    ...measured,
    seconds: (performance.now() - startedAt) / 1e3,
    stepsPerSecond: settings.steps / trainingSeconds,
    scale: standardisation.scale,
    backend: { ...backend.info, version: `${backend.info.version}, ${words}` },
  }
}

/** Lets messages in every few milliseconds, and stops the run when one of them was a cancellation. */
export function pauseFor(host: TrainerHost): Pause {
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
    const rate = settings.learningRate * rateFactor(at, steps, settings.warmUp, settings.decay)
    const report = step.learn(batches.take(settings.batch), rate, dead.list())
    if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) refuse('TRAINING_DIVERGED', { step: at })
    dead.update(report.fired, settings.batch)
    running.add(report.smallest)
    const elapsed = (performance.now() - startedAt) / 1e3
    const wanted =
      at === steps ||
      (at - lastPoint >= steps / pointsPerRun && progress.due && pointSeconds <= shareForPoints * elapsed + secondsForFirstPoints)
    if (!wanted && !progress.due) continue
    let point: MetricPoint | null = null
    if (wanted) {
      const from = performance.now()
      const measured = await measurePoint(run.math, step.model(), sample, inferenceOf(run, running.value), run.pause)
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

function inferenceOf(run: Run, threshold: number): Inference {
  return run.rule === 'topk' ? { kind: 'topk', k: run.settings.k } : { kind: 'threshold', threshold }
}

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
  const threshold = await thresholdOf(run, model, pause)
  const checks = { labels: run.input.labels, seed: settings.seed }
  const visit = (chunk: EncodedChunk): void => writer.add(chunk)
  const metrics = await survey(math, model, rows, isHeldOut, inferenceOf(run, threshold), pause, visit, checks)
  writer.finish()
  const before = await survey(math, untrained, rows, isHeldOut, inferenceOf(run, await thresholdOf(run, untrained, pause)), pause)
  const pca = await pcaControl(math, rows, isHeldOut, settings.k, settings.seed, pause)
  return { metrics, controls: { untrained: { explainedVariance: before.explainedVariance }, pca }, threshold }
}

/** The numbers a search compares; nothing is written, and controls, which it does not look at, are left out. */
async function measureTrial(run: Run, model: Model): Promise<Measured> {
  run.progress.begin('measuring')
  const threshold = await thresholdOf(run, model, run.pause)
  const metrics = await survey(run.math, model, run.rows, run.isHeldOut, inferenceOf(run, threshold), run.pause)
  const none = { train: 0, heldOut: null }
  return { metrics, controls: { untrained: { explainedVariance: none }, pca: { axes: 0, explainedVariance: none } }, threshold }
}

/** The exact inference threshold of a model: k per training row on average; 0 for TopK. */
function thresholdOf(run: Run, model: Model, pause: Pause): Promise<number> {
  if (run.rule === 'topk') return Promise.resolve(0)
  return exactThreshold((visit) => trainingBits(run, model, pause, visit), run.settings.k * run.input.train.length)
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
