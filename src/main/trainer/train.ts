// One training run from the files of its scratch folder to the files the engine stores. What it computes depends on
// the data, the settings and the seed alone; only messages and checkpoints follow the clock.
import { refuse } from '../base/refusal'
import type { TrainerOutcome, TrainerSpec } from '../base/trainer-protocol'
import type { Backend } from './backend'
import { Checkpoints } from './checkpoints'
import { chooseStep, type ChosenStep } from './choose-step'
import { plainMath, type DenseMath } from './dense-math'
import { preparedRows, rawRows, readGiven, type GivenModel } from './given-model'
import { Learning, type Keeping, type Learnt } from './learning'
import { measure, measureTrial } from './measuring'
import { isFiniteModel, mapModel, startOf, withUnitRows, type Model } from './model'
import { Progress } from './progress'
import { breathing, seconds, type Run, type TrainerHost } from './run'
import type { Rows } from './rows'
import { ActivationWriter, readInput, writeModel, type TrainerInput } from './scratch-files'
import { measurePrepared, measureRows, type Standardisation } from './standardise'
import { stepSettings } from './step-settings'
import { nativeMath } from './native-math'
import { hasUnitRows } from './training-step'

/** Trains, measures and writes; throws Paused or a Refusal when it does not come to an end, CANCELLED included. */
export async function train(spec: TrainerSpec, backend: Backend, host: TrainerHost): Promise<TrainerOutcome> {
  const { settings } = spec
  stepSettings(settings, spec.dims, 1) // refuses before any work
  const startedAt = seconds()
  const { run, standardisation, given } = prepare(spec, backend, host)
  const untrained = startOf(settings, spec.dims)
  const start = given ? mapModel(untrained, (values, name) => given.model[name] ?? values) : untrained
  const chosen = stepFor(run, backend, start, standardisation, spec.start?.arch === settings.arch)
  const learnt = await learn(spec, run, chosen, spec.trial ? null : untrained).finally(() => chosen.step.dispose())
  const { steps, trainingSeconds } = learnt
  const model = hasUnitRows(stepSettings(settings, spec.dims, 1)) ? learnt.model : withUnitRows(learnt.model)
  if (!isFiniteModel(model)) refuse('TRAINING_DIVERGED', { step: steps })
  const measuringFrom = seconds()
  const { model: final, ...measured } = spec.trial
    ? await measureTrial(run, model, steps)
    : await measure(
        run,
        model,
        untrained,
        new ActivationWriter(spec.scratch, spec.rows, settings.latents),
        steps,
        learnt.measuring,
      )
  writeModel(spec.scratch, final, standardisation)
  return {
    ...measured,
    input: standardisation.report,
    seconds: learnt.sessionStart - startedAt + trainingSeconds + (seconds() - measuringFrom),
    stepsPerSecond: steps / trainingSeconds,
    stoppedAt: learnt.stopped ? steps : null,
    scale: standardisation.scale,
    backend: { ...backend.info, version: `${backend.info.version}, ${chosen.words}` },
  }
}

/** Reads and standardises what the engine prepared. */
export function prepare(
  spec: TrainerSpec,
  backend: Backend,
  host: TrainerHost,
): { readonly run: Run; readonly standardisation: Standardisation; readonly given: GivenModel | null } {
  const input = readInput(spec)
  if (input.train.length < 2) refuse('TOO_FEW_CELLS', { rows: input.train.length, needed: 2 })
  const math = backend.binding ? nativeMath(backend.binding) : plainMath()
  const given = spec.start ? readGiven(spec.scratch, spec.settings.latents, spec.dims, spec.start.scale) : null
  const { rows, standardisation } = standardisedRows(spec, input, math, given)
  const isHeldOut = new Uint8Array(spec.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const run: Run = {
    settings: spec.settings,
    train: input.train,
    heldOut: input.heldOut,
    isHeldOut,
    labels: input.labels,
    rows,
    math,
    host,
    progress: new Progress(host.post, () => performance.now()),
    breathe: breathing(() => performance.now()),
  }
  return { run, standardisation, given }
}

function standardisedRows(
  spec: TrainerSpec,
  input: TrainerInput,
  math: DenseMath,
  given: GivenModel | null,
): { readonly rows: Rows; readonly standardisation: Standardisation } {
  const raw = rawRows(spec, input)
  const standardisation = given
    ? measurePrepared(raw, input.train, given.preparation)
    : measureRows(raw, input.train, spec.settings.normalise, math)
  return { rows: preparedRows(spec, input, standardisation), standardisation }
}

/** `goesOn`: `start` is a model of the same architecture that has learnt already. */
export function stepFor(run: Run, backend: Backend, start: Model, { variance }: Standardisation, goesOn = false): ChosenStep {
  const { settings, rows, host } = run
  return chooseStep(backend, start, stepSettings(settings, rows.dims, variance, goesOn), settings.batch, host.log)
}

/** What a checkpoint must have been made for. Sorted: settings read from a project come in another order than resolved ones. */
export function checkpointIdentity({ settings, rows, dims }: TrainerSpec): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([sorted, rows, dims])
}

/** Trains from the newest checkpoint there is, or from the beginning. */
async function learn(
  spec: TrainerSpec,
  run: Run,
  { step }: ChosenStep,
  untrained: Model | null,
): Promise<Learnt & { readonly sessionStart: number }> {
  const identity = checkpointIdentity(spec)
  const keeping: Keeping | null = spec.checkpoints && {
    checkpoints: new Checkpoints(spec.checkpoints.folder, spec.checkpoints.everySeconds, () => performance.now()),
    identity,
  }
  const from = keeping?.checkpoints.newest(identity) ?? null
  const learning = new Learning(run, step, untrained, keeping, from)
  const sessionStart = seconds()
  run.host.post({ t: 'resumed', step: from?.step ?? 0 })
  return { ...(await learning.learn(spec.finish)), sessionStart }
}
