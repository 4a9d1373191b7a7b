// The verb train: a new run, one that goes on, or only an estimate.
import type { RunControls } from '@contract'
import { refuse } from '../../base/refusal'
import type { Answer, VerbAction } from '../answer'
import { whole, word } from '../options'
import type { Session } from '../session'
import { moreControls } from './stability'
import { trainRequest } from './train-options'

export const train: VerbAction = async (session, { words, options }) => {
  await session.open(word(words, 0))
  const resumed = whole(options, 'resume')
  const request = trainRequest(options)
  if (resumed !== null && (Object.keys(request).length > 0 || options['estimate'] === true))
    refuse('USAGE', { what: '--resume stands alone: a run goes on with the settings it was started with.' })
  if (options['estimate'] === true) return { ...(await session.call('run.estimate', request)) }
  const started = resumed === null ? await session.call('run.start', request) : await session.call('run.resume', { run: resumed })
  await session.finish(started)
  const controls = await moreControls(session, started.run, options)
  return answerFor(session, started.run ?? 0, controls)
}

async function answerFor(session: Session, id: number, more: RunControls | null): Promise<Answer> {
  const run = (await session.call('run.list', {})).find((each) => each.id === id) ?? refuse('RUN_NOT_FOUND', { run: id })
  const { settings, metrics, controls, seconds, stepsPerSecond, input, backend, stoppedAt } = run
  return {
    run: run.id,
    latents: settings.latents,
    k: settings.k,
    metrics,
    controls: more ?? controls,
    seconds,
    stepsPerSecond,
    settings,
    input,
    backend,
    stoppedAt,
    verdict: await session.call('run.judge', { run: id }),
  }
}
