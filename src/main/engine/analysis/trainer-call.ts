// One piece of work for a trainer process, as a promise: started through the host, heard until its end, cancelled with the
// job. Trials of a search and everything of base/trainer-work.ts; runs that are stored go through training.ts.
import { appError, type AppError } from '@contract'
import { Refusal } from '../../base/refusal'
import type { FromTrainer, ToTrainer, TrainerOutcome, TrainerSpec } from '../../base/trainer-protocol'
import type { TrainerWork, WorkOutcome } from '../../base/trainer-work'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'

type Progress = Extract<FromTrainer, { t: 'progress' }>

const cancelGraceMs = 2_000
/** Work that is no stored run goes by negative numbers, which no run has. */
let lastNumber = 0

/** Trains without storing: the model lies in the scratch folder afterwards. */
export async function trainOnce(
  engine: Engine,
  context: JobContext,
  spec: Omit<TrainerSpec, 'run' | 'checkpoints' | 'finish'>,
  onProgress: (progress: Progress) => void = () => {},
): Promise<TrainerOutcome> {
  const message = await call(
    engine,
    context,
    (run) => ({ t: 'train', spec: { ...spec, run, checkpoints: null, finish: false } }),
    onProgress,
  )
  if (message.t !== 'done') throw new Error(`a training ended with ${message.t}`)
  return message.outcome
}

/** Does one piece of other work; the outcome is of the same kind as the work. */
export async function doInTrainer<K extends TrainerWork['kind']>(
  engine: Engine,
  context: JobContext,
  work: Extract<TrainerWork, { kind: K }>,
): Promise<Extract<WorkOutcome, { kind: K }>> {
  const message = await call(
    engine,
    context,
    () => ({ t: 'work', work }),
    () => {},
  )
  if (message.t !== 'worked' || message.outcome.kind !== work.kind)
    throw new Error(`the work ${work.kind} ended with ${message.t}`)
  return message.outcome as Extract<WorkOutcome, { kind: K }>
}

type End = Extract<FromTrainer, { t: 'done' | 'worked' }>

function call(
  engine: Engine,
  context: JobContext,
  firstFor: (run: number) => ToTrainer,
  onProgress: (progress: Progress) => void,
): Promise<End> {
  if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
  const run = --lastNumber
  return new Promise((resolve, reject) => {
    const fail = (error: AppError): void => {
      engine.trainers.delete(run)
      reject(new Refusal(error))
    }
    engine.trainers.set(run, {
      hear: (message) => {
        if (message.t === 'progress') onProgress(message)
        else if (message.t === 'failed') fail(message.error)
        else if (message.t === 'paused') fail(appError('CANCELLED'))
        else if (message.t === 'done' || message.t === 'worked') {
          engine.trainers.delete(run)
          resolve(message)
        }
      },
      gone: (why) => fail(context.cancelled() ? appError('CANCELLED') : appError('TRAINER_GONE', { why })),
    })
    context.onStop(() => {
      if (!engine.trainers.has(run)) return
      engine.send({ t: 'trainer-post', run, message: { t: 'cancel' } })
      setTimeout(() => {
        if (engine.trainers.has(run)) engine.send({ t: 'trainer-kill', run })
      }, cancelGraceMs).unref()
    })
    engine.send({ t: 'trainer-start', run, first: firstFor(run) })
  })
}

/** The context of one part of a job of `count` parts: its progress moves the job's own from part to part. */
export function partOf(context: JobContext, part: number, count: number, phase: string): JobContext {
  return {
    ...context,
    progress: (step, of) =>
      context.progress(Math.round(resolution * (part + (of > 0 ? step / of : 0))), resolution * count, phase),
  }
}

const resolution = 1000
