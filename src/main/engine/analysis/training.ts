// Training runs from request to stored result: resolves settings, sets cells aside, starts a trainer, keeps what it
// reports, and stores a finished model with its activations in one transaction. A run that ends early can go on later.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { appError, type Advice, type AppError, type Run, type TrainRequest, type TrainSettings } from '@contract'
import { Refusal, refuse } from '../../base/refusal'
import { adviseSettings, heldOutTarget } from '../../science/training-advice'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { Split } from '../store/runs'
import { checkpointFolder, makeScratch, removeCheckpoints } from './checkpoint-folders'
import { assertActive } from './run-space'
import { drawSplit, splitOfRun } from './run-split'
import { readWeights, writeLabels, writeStart } from './scratch-folder'
import { withResults, writeInput } from './trainer-files'
import { runTrainer } from './trainer-wire'
import { assertRoom, streamsRows } from './training-room'

const minimumRows = 50
const closedWords = 'The project was closed while this run was training.'

type Started = { job: string; run: number }

/** Recommended settings for the open data, with the user's own choices kept. */
export function adviseRun(engine: Engine, asked: TrainRequest): Advice {
  const { rows, dims } = engine.dataset
  const request = asked.from === undefined ? asked : continuing(engine, asked.from, asked)
  return adviseSettings({ rows, dims, heldOutRows: heldOutTarget(rows, request.heldOut), request })
}

/** A run that goes on from another one keeps its size, its preparation and, if not asked otherwise, its kind and cells. */
function continuing(engine: Engine, from: number, asked: TrainRequest): TrainRequest {
  assertActive(engine, from)
  const { settings } = engine.project.runs.origin(from) ?? refuse('RUN_NOT_FOUND', { run: from })
  const { arch, latents, k, heldOut, normalise, l1Form } = settings
  if (asked.latents !== undefined && asked.latents !== latents)
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'latents',
      range: `that of run ${from} (${latents}), whose model is trained on`,
      value: asked.latents,
    })
  return { arch, k, heldOut, l1Form, splitSeed: settings.splitSeed ?? settings.seed, ...asked, latents, normalise }
}

/** Settings for a request, with every rule they have to keep. */
export function settingsFor(engine: Engine, request: TrainRequest): { readonly settings: TrainSettings; readonly split: Split } {
  const { rows } = engine.dataset
  if (rows < minimumRows) refuse('TOO_FEW_CELLS', { rows, needed: minimumRows })
  const { settings } = adviseRun(engine, request)
  if (settings.k > settings.latents)
    refuse('SETTING_OUT_OF_RANGE', { setting: 'k', range: 'at most the number of features', value: settings.k })
  if (settings.from !== undefined && request.heldOut === undefined) {
    // What its model has seen must not count as held out.
    const { heldOutBy } = engine.project.runs.get(settings.from)?.settings ?? settings
    return { settings: { ...settings, heldOutBy }, split: splitOfRun(engine, settings.from) }
  }
  const { split, by } = drawSplit(engine, settings)
  return { settings: { ...settings, heldOutBy: by }, split }
}

/** Stores the run, puts it in the queue and answers; the job ends when the model is stored. */
export function startTraining(engine: Engine, request: TrainRequest): Started {
  const project = engine.writableProject
  const { settings, split } = settingsFor(engine, request)
  assertRoom(engine, settings)
  const run = storeRun(engine, settings, split)
  if (settings.from !== undefined) project.stability.setSource(run, { kind: 'continued', of: settings.from, note: null })
  return enqueue({ engine, project, run, settings, split, finish: false })
}

/** A new run that waits for its turn. */
export function storeRun(engine: Engine, settings: TrainSettings, { heldOut }: Split): number {
  const keep = { heldOut, token: newToken() }
  return engine.writableProject.runs.start(settings, engine.dataset.fingerprint, engine.appVersion, new Date(), keep)
}

/** Goes on with a run where its newest checkpoint is, or from its start. */
export function resumeTraining(engine: Engine, run: number): Started {
  return goOn(engine, run, false)
}

/** Stops a run and keeps its model: the running one where it is, another one at its newest checkpoint. */
export function stopTraining(engine: Engine, run: number): Started {
  knownRun(engine, run)
  const job = engine.jobs.ofRun(run)
  if (job?.kind === 'train' && job.state === 'running') {
    if (!engine.trainers.has(run)) refuse('RUN_NOT_RESUMABLE', { run, why: 'it has not learnt anything yet' })
    engine.send({ t: 'trainer-post', run, message: { t: 'finish' } })
    return { job: job.job, run }
  }
  return goOn(engine, run, true)
}

/** Ends the job of a run with a checkpoint. */
export function pauseTraining(engine: Engine, run: number): void {
  const { state } = knownRun(engine, run)
  // A repeat is trained within the job of the run it repeats.
  const job = engine.trainers.has(run)
    ? engine.jobs.list()[0]
    : engine.jobs.list().find((each) => each.kind === 'train' && each.run === run)
  if (!job) refuse('RUN_NOT_RESUMABLE', { run, why: `it is not being trained (it is ${state})` })
  engine.jobs.stop(job.job, 'pause')
}

/** Removes an unfinished run with its checkpoints. */
export function discardRun(engine: Engine, run: number): void {
  const project = engine.writableProject
  const { state, resumeStep } = knownRun(engine, run)
  if (resumeStep === null)
    refuse('RUN_NOT_RESUMABLE', { run, why: `only an unfinished run at rest can be removed (it is ${state})` })
  removeCheckpoints(engine.folders.cache, project.runs.token(run, newToken))
  project.runs.remove(run)
  engine.emit('project.changed', {})
}

const newToken = (): string => randomBytes(16).toString('hex')

function knownRun(engine: Engine, run: number): Run {
  return engine.project.runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
}

function goOn(engine: Engine, run: number, finish: boolean): Started {
  const project = engine.writableProject
  const { state, settings, resumeStep } = knownRun(engine, run)
  if (resumeStep === null) refuse('RUN_NOT_RESUMABLE', { run, why: `it is ${state}` })
  if (finish && resumeStep === 0) refuse('RUN_NOT_RESUMABLE', { run, why: 'it has not learnt anything that was kept' })
  if (project.runs.fingerprint(run) !== engine.dataset.fingerprint)
    refuse('RUN_NOT_RESUMABLE', { run, why: 'the data of the project are no longer those it was trained on' })
  const split = splitOfRun(engine, run)
  assertRoom(engine, settings)
  project.runs.begin(run, 'queued')
  return enqueue({ engine, project, run, settings, split, finish })
}

export interface Training {
  readonly engine: Engine
  readonly project: Project
  readonly run: number
  readonly settings: TrainSettings
  readonly split: Split
  readonly finish: boolean
  /** Of the trainer, where others are trained beside it. */
  readonly threads?: number
}

function enqueue(training: Training): Started {
  const { engine, project, run } = training
  const job = engine.jobs.start({
    kind: 'train',
    run,
    work: (context) => trainRun(training, context),
    dropped: (how) => {
      if (how === 'pause') project.runs.pause(run, new Date())
      else if (how === 'cancel') project.runs.end(run, 'cancelled', appError('CANCELLED').message, new Date())
      else project.runs.end(run, 'interrupted', closedWords, new Date())
    },
  })
  return { job, run }
}

/** How a training ended: with a model, or at rest as the user wished. */
export interface Ended {
  readonly run: number
  readonly state: 'done' | 'paused' | 'interrupted'
}

/** Trains a run that is in the project, or goes on with it; throws what happened otherwise. */
export async function trainRun(training: Training, context: JobContext): Promise<Ended> {
  const { engine, project, run, settings } = training
  const { rows, dims } = engine.dataset
  const { cache } = engine.folders
  const token = project.runs.token(run, newToken)
  project.runs.begin(run, null)
  engine.emit('project.changed', {})
  const scratch = makeScratch(cache, run)
  try {
    await writeInput(project, scratch, { rows, dims }, training.split, () => context.breathe())
    const labels = writeLabels(project, scratch)
    const start = settings.from === undefined ? null : writeStart(project, settings.from, scratch)
    const ended = await runTrainer(engine, project, context, {
      ...{ run, scratch, rows, dims, settings, finish: training.finish, ...(labels && { labels }), ...(start && { start }) },
      streamRows: streamsRows(rows, dims),
      ...(training.threads !== undefined && { threads: training.threads }),
      checkpoints: { folder: checkpointFolder(cache, token), everySeconds: checkpointSeconds() },
    })
    if (ended.t === 'paused') return rest(training, context)
    await withResults({ project, context }, scratch, settings.latents, ended.outcome, readWeights(scratch), (finished) =>
      project.runs.finish(run, finished, new Date()),
    )
    removeCheckpoints(cache, token)
    return { run, state: 'done' }
  } catch (thrown) {
    return rest(training, context, thrown)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Records why a run is not done. Answers when that is what the user wanted, throws what happened otherwise. */
function rest({ project, run }: Training, context: JobContext, thrown?: unknown): Ended {
  const stopped = context.stopped()
  const now = new Date()
  const error: AppError = thrown === undefined ? appError('CANCELLED') : asError(thrown)
  if (error.code === 'CANCELLED' && stopped !== 'cancel') {
    if (stopped === 'pause') project.runs.pause(run, now)
    else project.runs.end(run, 'interrupted', closedWords, now)
    return { run, state: stopped === 'pause' ? 'paused' : 'interrupted' }
  }
  const state = error.code === 'CANCELLED' ? 'cancelled' : error.code === 'TRAINER_GONE' ? 'interrupted' : 'failed'
  project.runs.end(run, state, error.message, now)
  throw thrown ?? new Refusal(error)
}

function asError(thrown: unknown): AppError {
  return thrown instanceof Refusal ? thrown.error : appError('INTERNAL')
}

const usualCheckpointSeconds = 30

/** Least time between two checkpoints; tests make it shorter. */
function checkpointSeconds(): number {
  const asked = Number(process.env['LATISCOPE_CHECKPOINT_SECONDS'])
  return process.env['LATISCOPE_CHECKPOINT_SECONDS'] !== undefined && asked >= 0 ? asked : usualCheckpointSeconds
}
