// Judgements, repeats with other seeds, searches for settings, more controls.
import { judge } from '../analysis/judge'
import { addControls } from '../analysis/more-controls'
import { plannedTrials, searchSettings } from '../analysis/search'
import { repeatRun } from '../analysis/seeds'
import { assertRoom } from '../analysis/training-room'
import { refuse } from '../../base/refusal'
import type { JobContext } from '../jobs/jobs'
import type { HandlersFor } from './handlers'
import { finishedRun } from './run-choice'

type Methods =
  | 'run.judge'
  | 'seeds.start'
  | 'seeds.read'
  | 'seeds.matches'
  | 'seeds.latent'
  | 'search.start'
  | 'search.read'
  | 'controls.start'

export const stabilityHandlers: HandlersFor<Methods> = {
  'run.judge': ({ run }, engine) => judge(engine, finishedRun(engine, run)),
  'seeds.start': (request, engine) => {
    const project = engine.writableProject
    // A run that is still to be trained may be repeated next: whether it has a model is looked at when its turn comes.
    const isComing = request.run !== null && engine.jobs.ofRun(request.run)?.kind === 'train'
    const run = isComing ? (request.run as number) : finishedRun(engine, request.run)
    const { settings } = project.runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
    assertRoom(engine, settings)
    const work = (context: JobContext): Promise<unknown> =>
      repeatRun({ engine, project, context, run: finishedRun(engine, run), request })
    const job = engine.jobs.start({ kind: 'seeds', run, work })
    return { job, run }
  },
  'seeds.read': ({ run }, engine) => engine.project.stability.seeds(run),
  'seeds.matches': ({ run, other }, engine) => {
    const latents = engine.project.runs.latents(finishedRun(engine, run)).length
    const partner = new Int32Array(latents).fill(-1)
    const cosine = new Float32Array(latents)
    const correlation = new Float32Array(latents).fill(NaN)
    for (const match of engine.project.stability.matches(run, other)) {
      partner[match.latent] = match.partner ?? -1
      cosine[match.latent] = match.cosine
      correlation[match.latent] = match.correlation ?? NaN
    }
    return { partner, cosine, correlation }
  },
  'seeds.latent': ({ run, latent }, engine) => engine.project.stability.matchesOfLatent(run, latent),
  'search.start': (request, engine) => {
    const project = engine.writableProject
    plannedTrials(engine, request)
    const work = (context: JobContext): Promise<unknown> => searchSettings({ engine, project, context, request })
    const job = engine.jobs.start({ kind: 'search', run: null, work })
    return { job, run: null }
  },
  'search.read': ({ what }, engine) => engine.project.stability.search(what),
  'controls.start': ({ run, wanted }, engine) => {
    const project = engine.writableProject
    const chosen = finishedRun(engine, run)
    const work = (context: JobContext): Promise<unknown> => addControls(engine, project, context, chosen, wanted)
    const job = engine.jobs.start({ kind: 'controls', run: chosen, work })
    return { job, run: chosen }
  },
}
