// Training runs and jobs.
import { refuse } from '../../base/refusal'
import { resolveLinking } from '../analysis/link-settings'
import { linkRun } from '../analysis/linking'
import { adviseRun, startTraining } from '../analysis/training'
import type { HandlersFor } from './handlers'
import { finishedRun } from './run-choice'

export const runHandlers: HandlersFor<'run.advice' | 'run.start' | 'run.list' | 'run.history' | 'link.start' | 'job.cancel'> = {
  'run.advice': (request, engine) => adviseRun(engine, request),
  'run.start': (request, engine) => startTraining(engine, request),
  'run.list': (_params, engine) => engine.project.runs.list(),
  'run.history': ({ run }, engine) => {
    if (!engine.project.runs.get(run)) refuse('RUN_NOT_FOUND', { run })
    return engine.project.runs.history(run)
  },
  'link.start': (request, engine) => {
    const project = engine.writableProject
    const run = finishedRun(engine, request.run)
    if (engine.dataset.expression === null) refuse('NO_EXPRESSION')
    engine.jobs.assertIdle()
    const resolved = resolveLinking(engine, project, request)
    const job = engine.jobs.start('link', (context) => linkRun({ engine, project, context, run, resolved }))
    return { job, run }
  },
  'job.cancel': ({ job }, engine) => {
    engine.jobs.cancel(job)
    return {}
  },
}
