// One training run from request to stored result: resolves settings, sets cells aside, hands the trainer its files,
// keeps what it reports, and stores a finished model with its activations in one transaction.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { appError, type Advice, type AppError, type Architecture, type TrainRequest, type TrainSettings } from '@contract'
import { seededRandom } from '../../base/random'
import { Refusal, refuse } from '../../base/refusal'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import { chooseHeldOut, type HeldOut } from '../../science/held-out'
import { adviseSettings, heldOutTarget } from '../../science/training-advice'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { FinishedRun } from '../store/runs'
import { completeRun } from './finished-run'
import { readWeights, writeLabels, writeNumbers, writeStart } from './scratch-folder'

const minimumRows = 50
const trainable: readonly Architecture[] = ['topk', 'batchtopk', 'matryoshka']
const heldOutStream = 7

/** Recommended settings for the open data, with the user's own choices kept. */
export function adviseRun(engine: Engine, asked: TrainRequest): Advice {
  const { rows, dims } = engine.dataset
  const request = asked.from === undefined ? asked : continuing(engine, asked.from, asked)
  return adviseSettings({ rows, dims, heldOutRows: heldOutTarget(rows, request.heldOut), request })
}

/** A run that goes on from another one keeps its size and kind; the cells held out stay the same, or they were seen. */
function continuing(engine: Engine, from: number, asked: TrainRequest): TrainRequest {
  const { settings } = engine.project.runs.origin(from) ?? refuse('RUN_NOT_FOUND', { run: from })
  const { arch, latents, k, heldOut } = settings
  if (asked.latents !== undefined && asked.latents !== latents)
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'latents',
      range: `that of run ${from} (${latents}), whose model is trained on`,
      value: asked.latents,
    })
  return { arch, k, heldOut, splitSeed: settings.splitSeed ?? settings.seed, ...asked, latents }
}

/** Stores the run, starts its trainer and answers; the job ends when the model is stored. */
export function startTraining(engine: Engine, request: TrainRequest): { job: string; run: number } {
  const project = engine.writableProject
  const dataset = engine.dataset
  engine.jobs.assertIdle()
  if (dataset.rows < minimumRows) refuse('TOO_FEW_CELLS', { rows: dataset.rows, needed: minimumRows })
  const advised = adviseRun(engine, request).settings
  if (!trainable.includes(advised.arch)) refuse('NOT_AVAILABLE', { what: `The architecture ${advised.arch}` })
  if (advised.k > advised.latents)
    refuse('SETTING_OUT_OF_RANGE', { setting: 'k', range: 'at most the number of features', value: advised.k })
  const { split, by } = splitOf(engine, advised)
  const settings: TrainSettings = { ...advised, heldOutBy: by }
  const run = project.runs.start(settings, dataset.fingerprint, engine.appVersion, new Date())
  if (settings.from !== undefined) project.stability.setSource(run, { kind: 'continued', of: settings.from, note: null })
  const job = engine.jobs.start('train', (context) => trainStored({ engine, project, context, run, settings, ...split }))
  return { job, run }
}

/** Which cells a run with these settings is trained on and which are held out; `by` names the column of the donors. */
export function splitOf(engine: Engine, settings: TrainSettings): { split: HeldOut; by: string | null } {
  const { rows } = engine.dataset
  const { dataset } = engine.project
  const donors = dataset.columns().find((column) => column.role === 'donor' && column.kind === 'category')
  const split = chooseHeldOut(
    rows,
    heldOutTarget(rows, settings.heldOut),
    donors ? dataset.codes(donors) : null,
    seededRandom(settings.splitSeed ?? settings.seed, heldOutStream),
  )
  return { split, by: split.byGroup && donors ? donors.name : null }
}

export interface Training {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly settings: TrainSettings
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
}

/** Trains a run that is already in the project and stores its model. */
export async function trainStored(training: Training): Promise<unknown> {
  const { engine, project, run } = training
  const scratch = join(engine.folders.cache, 'scratch', `${process.pid}-${run}-${Date.now()}`)
  try {
    const outcome = await runTrainer(training, scratch)
    project.runs.finish(run, await collect(training, scratch, outcome), new Date())
    return { run }
  } catch (thrown) {
    const error = thrown instanceof Refusal ? thrown.error : appError('INTERNAL')
    const state = error.code === 'CANCELLED' ? 'cancelled' : error.code === 'TRAINER_GONE' ? 'interrupted' : 'failed'
    if (engine.hasProject) project.runs.end(run, state, error.message, new Date())
    throw thrown
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function runTrainer(training: Training, scratch: string): Promise<TrainerOutcome> {
  const { engine, project, context, run, settings } = training
  const { rows, dims } = engine.dataset
  mkdirSync(scratch, { recursive: true })
  writeNumbers(join(scratch, 'rows.f32'), project.dataset.representation())
  writeNumbers(join(scratch, 'train.u32'), training.train)
  writeNumbers(join(scratch, 'heldout.u32'), training.heldOut)
  const labels = writeLabels(project, scratch)
  const start = settings.from === undefined ? undefined : writeStart(project, settings.from, scratch)
  const spec = { run, scratch, rows, dims, settings, ...(labels && { labels }), ...(start && { start }) }
  return new Promise((resolve, reject) => {
    const end = (error: AppError): void => {
      engine.trainers.delete(run)
      reject(new Refusal(error))
    }
    engine.trainers.set(run, {
      hear: (message) => {
        if (message.t === 'progress') {
          if (message.point) {
            project.runs.addPoint(run, message.point)
            engine.emit('run.point', { run, point: message.point })
          }
          context.progress(message.step, message.of, message.phase, message.secondsLeft)
        } else if (message.t === 'done') {
          engine.trainers.delete(run)
          resolve(message.outcome)
        } else if (message.t === 'failed') end(message.error)
      },
      gone: (why) => end(context.cancelled() ? appError('CANCELLED') : appError('TRAINER_GONE', { why })),
    })
    context.onCancel(() => {
      engine.send({ t: 'trainer-post', run, message: { t: 'cancel' } })
      setTimeout(() => {
        if (engine.trainers.has(run)) engine.send({ t: 'trainer-kill', run })
      }, cancelGraceMs).unref()
    })
    engine.send({ t: 'trainer-start', run, spec })
  })
}

const cancelGraceMs = 2_000

async function collect(training: Training, scratch: string, outcome: TrainerOutcome): Promise<FinishedRun> {
  const weights = readWeights(scratch)
  return completeRun(training, scratch, training.settings.latents, outcome, weights)
}
