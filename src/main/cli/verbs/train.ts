// The verb train: a new run, one that goes on, or only an estimate.
import type { TrainRequest } from '@contract'
import { refuse } from '../../base/refusal'
import type { Answer, VerbAction } from '../answer'
import type { Command } from '../arguments'
import { decimal, oneOf, whole, word } from '../options'
import type { Session } from '../session'

export const train: VerbAction = async (session, { words, options }) => {
  await session.open(word(words, 0))
  const resumed = whole(options, 'resume')
  const request = trainRequest(options)
  if (resumed !== null && (Object.keys(request).length > 0 || options['estimate'] === true))
    refuse('USAGE', { what: '--resume stands alone: a run goes on with the settings it was started with.' })
  if (options['estimate'] === true) return { ...(await session.call('run.estimate', request)) }
  const started = resumed === null ? await session.call('run.start', request) : await session.call('run.resume', { run: resumed })
  await session.finish(started)
  return answerFor(session, started.run ?? 0)
}

async function answerFor(session: Session, id: number): Promise<Answer> {
  const run = (await session.call('run.list', {})).find((each) => each.id === id) ?? refuse('RUN_NOT_FOUND', { run: id })
  const { settings, metrics, controls, seconds, stepsPerSecond, backend, stoppedAt } = run
  return {
    run: run.id,
    latents: settings.latents,
    k: settings.k,
    metrics,
    controls,
    seconds,
    stepsPerSecond,
    settings,
    backend,
    stoppedAt,
  }
}

function trainRequest(options: Command['options']): TrainRequest {
  const request: Record<string, unknown> = {
    arch: oneOf(options, 'arch', ['topk', 'batchtopk', 'matryoshka', 'relu', 'jumprelu', 'gated'] as const),
    latents: whole(options, 'latents'),
    k: whole(options, 'k'),
    steps: whole(options, 'steps'),
    seed: whole(options, 'seed'),
    heldOut: decimal(options, 'held-out'),
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null)) as TrainRequest
}
