// The wire to a trainer: starts it through the host, hears its messages, passes on what the user wishes, ends it when it
// does not listen.
import { appError, type AppError } from '@contract'
import { Refusal } from '../../base/refusal'
import type { FromTrainer, TrainerSpec, TrialResult } from '../../base/trainer-protocol'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { storingSeconds } from './trainer-files'

/** How a training ended that did not fail. */
export type Ending = Extract<FromTrainer, { t: 'done' | 'paused' }>

/** For the checkpoint of the largest model on a slow disk; a trainer that is busy longer is ended. */
const patienceMs = 20_000

/** Trains; rejects with a Refusal: CANCELLED, TRAINER_GONE or what went wrong. */
export function runTrainer(engine: Engine, project: Project, context: JobContext, spec: TrainerSpec): Promise<Ending> {
  const { run } = spec
  const after = storingSeconds(spec.rows, spec.settings)
  let patience: NodeJS.Timeout | undefined
  context.onStop((how) => {
    engine.send({ t: 'trainer-post', run, message: { t: how === 'cancel' ? 'cancel' : 'pause' } })
    clearTimeout(patience)
    patience = setTimeout(() => engine.send({ t: 'trainer-kill', run }), patienceMs).unref()
  })
  return new Promise((resolve, reject) => {
    // A paused run may go on at once in a trainer of the same number, which nobody has to wait for.
    const ended = (): void => {
      clearTimeout(patience)
      engine.trainers.delete(run)
    }
    const end = (error: AppError): void => {
      ended()
      reject(new Refusal(error))
    }
    engine.trainers.set(run, {
      hear: (message) => {
        if (message.t === 'done' || message.t === 'paused') {
          ended()
          resolve(message)
        } else if (message.t === 'failed') end(message.error)
        else note(engine, project, context, run, message, after)
      },
      gone: (why) => end(context.cancelled() ? appError('CANCELLED') : appError('TRAINER_GONE', { why })),
    })
    engine.send({ t: 'trainer-start', run, first: { t: 'train', spec } })
  })
}

/** What a trainer says while it goes on. */
function note(engine: Engine, project: Project, context: JobContext, run: number, message: FromTrainer, after: number): void {
  if (message.t === 'resumed') project.runs.forgetPointsAfter(run, message.step)
  if (message.t === 'checkpoint') {
    const problem = message.problem && { message: message.problem.message, remedy: message.problem.remedy }
    engine.emit('run.checkpoint', { run, step: message.step, problem })
  }
  if (message.t !== 'progress') return
  if (message.point) {
    project.runs.addPoint(run, message.point)
    engine.emit('run.point', { run, point: message.point })
  }
  const { secondsLeft } = message
  context.progress(message.step, message.of, message.phase, secondsLeft === null ? null : secondsLeft + after)
}

/** Tries a spec for some seconds in a trainer of its own. */
export function runTrial(engine: Engine, spec: TrainerSpec, seconds: number): Promise<TrialResult> {
  const { run } = spec
  return new Promise((resolve, reject) => {
    engine.trainers.set(run, {
      hear: (message) => {
        if (message.t !== 'tried' && message.t !== 'failed') return
        engine.trainers.delete(run)
        if (message.t === 'tried') resolve(message.result)
        else reject(new Refusal(message.error))
      },
      gone: (why) => {
        engine.trainers.delete(run)
        reject(new Refusal(appError('TRAINER_GONE', { why })))
      },
    })
    engine.send({ t: 'trainer-start', run, first: { t: 'try', spec, seconds } })
  })
}
