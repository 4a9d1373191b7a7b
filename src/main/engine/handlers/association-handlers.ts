// All latents against all genes: the job that compares them, and what it found for one latent.
import { refuse } from '../../base/refusal'
import { associateRun } from '../analysis/associate'
import { readAssociation } from '../analysis/association'
import type { HandlersFor } from './handlers'
import { findLatent } from './latent-handlers'
import { finishedRun, isComing } from './run-choice'

export const associationHandlers: HandlersFor<'associate.start' | 'latents.association'> = {
  'associate.start': ({ run: asked }, engine) => {
    const project = engine.writableProject
    const run = isComing(engine, asked) ? asked : finishedRun(engine, asked)
    if (engine.dataset.expression === null) refuse('NO_EXPRESSION')
    const job = engine.jobs.start({
      kind: 'associate',
      run,
      work: (context) => associateRun({ engine, project, context, run: finishedRun(engine, run) }),
    })
    return { job, run }
  },
  'latents.association': ({ run, latent, batch }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    return readAssociation(engine, run, latent, batch)
  },
}
