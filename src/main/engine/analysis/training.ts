// One training run from request to stored result: resolves settings, sets cells aside, hands the trainer its files,
// keeps what it reports, and stores a finished model with its activations in one transaction.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appError, type Advice, type AppError, type Architecture, type TrainRequest, type TrainSettings } from '@contract'
import { seededRandom } from '../../base/random'
import { Refusal, refuse } from '../../base/refusal'
import { transpose, type Csr } from '../../base/sparse'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import { densityHistogram } from '../../science/density'
import { chooseHeldOut } from '../../science/held-out'
import { adviseSettings, heldOutTarget } from '../../science/training-advice'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { FinishedRun } from '../store/runs'
import { flagLatents } from './flags'
import { associateMetadata } from './groups'

const minimumRows = 50
const trainable: readonly Architecture[] = ['topk', 'batchtopk', 'matryoshka']
const heldOutStream = 7

/** Recommended settings for the open data, with the user's own choices kept. */
export function adviseRun(engine: Engine, request: TrainRequest): Advice {
  const { rows, dims } = engine.dataset
  return adviseSettings({ rows, dims, heldOutRows: heldOutTarget(rows, request.heldOut), request })
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
  const donors = project.dataset.columns().find((column) => column.role === 'donor' && column.kind === 'category')
  const split = chooseHeldOut(
    dataset.rows,
    heldOutTarget(dataset.rows, request.heldOut),
    donors ? project.dataset.codes(donors) : null,
    seededRandom(advised.seed, heldOutStream),
  )
  const settings: TrainSettings = { ...advised, heldOutBy: split.byGroup && donors ? donors.name : null }
  const run = project.runs.start(settings, dataset.fingerprint, engine.appVersion, new Date())
  const job = engine.jobs.start('train', (context) => train({ engine, project, context, run, settings, ...split }))
  return { job, run }
}

interface Training {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly settings: TrainSettings
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
}

async function train(training: Training): Promise<unknown> {
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
    engine.send({ t: 'trainer-start', run, spec: { run, scratch, rows, dims, settings } })
  })
}

const cancelGraceMs = 2_000

async function collect(training: Training, scratch: string, outcome: TrainerOutcome): Promise<FinishedRun> {
  const { engine, project, context, settings } = training
  const f32 = (name: string): Float32Array => new Float32Array(readAligned(join(scratch, `${name}.f32`)))
  const activations: Csr = {
    rows: engine.dataset.rows,
    columns: settings.latents,
    indptr: new Float64Array(readAligned(join(scratch, 'activation-indptr.f64'))),
    indices: new Uint32Array(readAligned(join(scratch, 'activation-indices.u32'))),
    values: f32('activation-values'),
  }
  const byLatent = transpose(activations)
  const metadata = await associateMetadata(project.dataset, byLatent, () => context.breathe())
  const flags = await flagLatents(project.dataset, byLatent, () => context.breathe())
  const weights = {
    encoder: f32('encoder'),
    decoder: f32('decoder'),
    encoderBias: f32('encoder-bias'),
    decoderBias: f32('decoder-bias'),
    mean: f32('mean'),
  }
  return { outcome, weights, activations, byLatent, densityHistogram: densityHistogram(byLatent), ...metadata, flags }
}

function writeNumbers(file: string, numbers: Float32Array | Uint32Array): void {
  writeFileSync(file, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength))
}

/** A file's bytes in a buffer of their own: small reads share Node's pool, whose offsets do not suit wider numbers. */
function readAligned(file: string): ArrayBuffer {
  const bytes = readFileSync(file)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
