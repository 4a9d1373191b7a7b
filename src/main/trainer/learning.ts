// The training loop: batches, schedule, dead latents, live points and checkpoints. A run that goes on from a checkpoint
// takes the same steps to the same bytes; the clock decides only when something is said or saved.
import { appError, type AppError, type MetricPoint, type RunControls } from '@contract'
import { refuse } from '../base/refusal'
import { Batches } from './batches'
import type { Checkpoint } from './checkpoint-file'
import { isDiskFull, type Checkpoints } from './checkpoints'
import { DeadLatents } from './dead-latents'
import { liveControls } from './live-controls'
import { measurePoint, RunningThreshold, watchedSample, type Sample } from './live-metrics'
import { measuringCost, planMeasuring } from './measuring'
import { usualCost, type MeasuringCost } from './measuring-cost'
import type { Model } from './model'
import { restartDirections, restartFactor, restartsAfter } from './restart'
import { inferenceFor, leaveIfWanted, seconds, type Run } from './run'
import { rateFactor } from './schedule'
import { arrayOf, numberOf } from './step-state'
import { LoopTime } from './time-left'
import type { StepReport, StepState, TrainingStep } from './training-step'

const pointsPerRun = 200
/** Time spent on live points: this share of the run, and a second more for the first ones, which are slow. */
const shareForPoints = 0.02
const secondsForFirstPoints = 1
/** From then on the time left is told. */
const knowableAfterSeconds = 0.5
/** What measuring will take is tried at once, again soon after (the first try is slow), and then within this share of the time. */
const triesAtOnce = 3
const shareForTries = 0.01
const triesKept = 5

export interface Learnt {
  readonly model: Model
  /** Steps taken in all. */
  readonly steps: number
  /** The user stopped it before its last step. */
  readonly stopped: boolean
  readonly trainingSeconds: number
  /** What measuring costs, where it was tried. */
  readonly measuring: MeasuringCost | null
}

export interface Keeping {
  readonly checkpoints: Checkpoints
  readonly identity: string
}

const stepPrefix = 'step/'

export class Learning {
  private readonly batches: Batches
  private readonly dead: DeadLatents
  private readonly running = new RunningThreshold()
  private readonly sample: Sample
  private readonly time = new LoopTime()
  private readonly startedAt = seconds()
  private at = 0
  /** The step of the newest checkpoint. */
  private kept = 0
  private stopped = false
  private earlierSeconds = 0
  private pointSeconds = 0
  private lastPoint = -Infinity
  /** Of the newest point, and of all the tries of measuring. */
  private newestPoint = 0
  private trySeconds = 0
  /** Time that is not spent on steps. */
  private asideSeconds = 0
  private tries: MeasuringCost[] = []
  private tried = 0
  private hasControls = false

  /**
   * @param untrained what the model was before it learnt; null: no controls while it trains
   * @param from where to go on; null: from the beginning
   */
  constructor(
    private readonly run: Run,
    private readonly step: TrainingStep,
    private readonly untrained: Model | null,
    private readonly keeping: Keeping | null,
    from: Checkpoint | null,
  ) {
    const { settings, rows, train, heldOut } = run
    this.batches = new Batches(train, settings.seed, rows)
    this.dead = new DeadLatents(settings.latents, settings.deadAfter)
    this.sample = watchedSample(rows, train, heldOut, settings.latents, settings.seed)
    if (from) this.restore(from)
  }

  /** Trains to the end, or to where the user stops it. `finish`: takes no further step. */
  async learn(finish: boolean): Promise<Learnt> {
    const { run } = this
    const { steps } = run.settings
    if (finish && this.at === 0) refuse('RUN_NOT_RESUMABLE', { run: '', why: 'it has not learnt anything yet' })
    this.stopped ||= finish
    while (this.at < steps && !this.stopped) {
      await run.breathe()
      const wish = run.host.wish()
      if (wish === 'finish' && this.at > 0) this.stopped = true
      else if (wish === 'pause' || wish === 'cancel') {
        this.save()
        leaveIfWanted(run.host, this.kept)
      } else await this.takeStep()
    }
    // What follows may take long; from here on nothing has to be learnt again.
    this.save()
    const measuring = this.tries.length > 0 ? usualCost(this.tries) : null
    const { trainingSeconds } = this
    return { model: this.step.model(), steps: this.at, stopped: this.at < steps, trainingSeconds, measuring }
  }

  private async takeStep(): Promise<void> {
    const { settings } = this.run
    const { steps } = settings
    const next = this.at + 1
    const factor = rateFactor(next, steps, settings.warmUp, settings.decay) * restartFactor(settings, next)
    const rate = settings.learningRate * factor
    const report = this.step.learn(this.batches.take(settings.batch), rate, this.dead.list())
    this.at++
    if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) refuse('TRAINING_DIVERGED', { step: this.at })
    this.dead.update(report.fired, settings.batch)
    this.running.add(report.smallest)
    if (restartsAfter(settings, this.at)) await this.restart()
    await this.tell(report)
    if (this.at < steps && (this.keeping?.checkpoints.due === true || this.run.host.takeCheckpointRequest())) this.save()
  }

  /** Starts dead latents anew. */
  private async restart(): Promise<void> {
    const { run, step, running, dead } = this
    const silent = dead.list()
    if (silent.length === 0) return
    const model = step.model()
    const directions = await restartDirections(run, model, inferenceFor(run, model, running.value), silent.length, this.at)
    dead.revive(step.restart(silent, directions))
  }

  private async tell(report: StepReport): Promise<void> {
    const { run, at } = this
    const { steps } = run.settings
    const { progress } = run
    const isPoint =
      at === steps ||
      (at - this.lastPoint >= steps / pointsPerRun &&
        progress.due &&
        this.pointSeconds <= shareForPoints * this.trainingSeconds + secondsForFirstPoints)
    if (!isPoint && !progress.due) return
    const point = isPoint ? await this.measurePoint(report) : null
    this.time.note(seconds() - this.asideSeconds, at)
    progress.tell('training', at, steps, await this.secondsLeft(), point)
  }

  private async measurePoint(report: StepReport): Promise<MetricPoint> {
    const { run, step, sample, running, at } = this
    const from = seconds()
    const model = step.model()
    const inference = inferenceFor(run, model, running.value)
    const measured = await measurePoint(run.math, model, sample, inference, this.dead.list(), run.breathe)
    this.newestPoint = seconds() - from
    const controls = await this.controlsNow(measured.l0)
    this.pointSeconds += seconds() - from
    this.asideSeconds += seconds() - from
    this.lastPoint = at
    return { step: at, loss: report.loss, ...measured, ...(controls && { controls }) }
  }

  /** What the run has to beat, once: at the first point, or when a given weight has had time to settle how many are on. */
  private async controlsNow(active: number): Promise<RunControls | null> {
    const { run, untrained, sample, at } = this
    const { k, l1, steps } = run.settings
    const isGiven = l1 !== null
    if (untrained === null || this.hasControls || (isGiven && at < steps / 2)) return null
    this.hasControls = true
    return liveControls(run, untrained, sample, isGiven ? active : k)
  }

  /** Of training and of the measuring that follows. */
  private async secondsLeft(): Promise<number | null> {
    const { run, at } = this
    if (seconds() - this.startedAt < knowableAfterSeconds) return null
    const each = this.time.secondsPerStep
    if (each === null) return null
    await this.tryMeasuring()
    const steps = each * (run.settings.steps - at)
    return steps + this.pointsLeft(steps) + planMeasuring(run, this.step.model(), usualCost(this.tries)).seconds
  }

  private async tryMeasuring(): Promise<void> {
    const { run, tries } = this
    if (this.tried >= triesAtOnce && this.trySeconds > shareForTries * (seconds() - this.startedAt)) return
    const from = seconds()
    this.tries = [...tries, await measuringCost(run, this.step.model(), this.running.value)].slice(-triesKept)
    this.tried++
    this.trySeconds += seconds() - from
    this.asideSeconds += seconds() - from
  }

  /** Seconds that live points will take while the steps left take `stepSeconds`. */
  private pointsLeft(stepSeconds: number): number {
    const { run, at } = this
    const { steps } = run.settings
    const wanted = Math.ceil((steps - at) / Math.max(1, steps / pointsPerRun)) * this.newestPoint
    const allowed = shareForPoints * (this.trainingSeconds + stepSeconds) + secondsForFirstPoints - this.pointSeconds
    return Math.max(0, Math.min(wanted, allowed))
  }

  private get trainingSeconds(): number {
    return this.earlierSeconds + seconds() - this.startedAt
  }

  /** Writes a checkpoint; the host is told, also when that was not possible. */
  private save(): void {
    if (!this.keeping) return
    const { checkpoints, identity } = this.keeping
    try {
      checkpoints.write({ format: 1, identity, step: this.at, stopped: this.stopped, ...this.state() })
      this.kept = this.at
      this.run.host.post({ t: 'checkpoint', step: this.at, problem: null })
    } catch (thrown) {
      const problem = checkpointProblem(thrown)
      this.run.host.log(`checkpoint of step ${this.at} not written: ${String(thrown)}`)
      this.run.host.post({ t: 'checkpoint', step: this.at, problem })
    }
  }

  private state(): StepState {
    const { arrays, numbers } = this.step.save()
    const { lastFired, seen } = this.dead.save()
    const prefixed = <V>(values: Readonly<Record<string, V>>): Record<string, V> =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [stepPrefix + name, value]))
    return {
      arrays: { ...prefixed(arrays), lastFired },
      numbers: {
        ...prefixed(numbers),
        ...this.running.save(),
        ...this.batches.position,
        seen,
        trainingSeconds: this.trainingSeconds,
        pointSeconds: this.pointSeconds,
      },
    }
  }

  private restore(from: Checkpoint): void {
    const own = <V>(values: Readonly<Record<string, V>>): Record<string, V> =>
      Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) =>
          name.startsWith(stepPrefix) ? [[name.slice(stepPrefix.length), value]] : [],
        ),
      )
    this.step.restore({ arrays: own(from.arrays), numbers: own(from.numbers) })
    const number = (name: string): number => numberOf(from, name)
    this.dead.restore({ lastFired: arrayOf(from, 'lastFired', this.run.settings.latents), seen: number('seen') })
    this.running.restore({ thresholdSum: number('thresholdSum'), thresholdWeight: number('thresholdWeight') })
    this.batches.moveTo({ pass: number('pass'), used: number('used') })
    this.earlierSeconds = number('trainingSeconds')
    this.pointSeconds = number('pointSeconds')
    this.at = from.step
    this.kept = from.step
    this.stopped = from.stopped
  }
}

function checkpointProblem(thrown: unknown): AppError {
  const why = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
  return isDiskFull(thrown) ? appError('CHECKPOINT_DISK_FULL') : appError('CHECKPOINT_FAILED', { why })
}
