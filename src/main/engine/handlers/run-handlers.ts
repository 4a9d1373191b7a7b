// Training runs and jobs.
import { refuse } from '../../base/refusal'
import { resolveLinking } from '../analysis/link-settings'
import { linkRun, reportOf } from '../analysis/linking'
import { adviseRun, startTraining } from '../analysis/training'
import type { HandlersFor } from './handlers'
import { isOutdated } from './latent-card'
import { finishedRun } from './run-choice'

export const runHandlers: HandlersFor<
  'run.advice' | 'run.start' | 'run.list' | 'run.history' | 'link.start' | 'link.list' | 'link.show' | 'job.cancel'
> = {
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
  'link.list': ({ run }, engine) => {
    const { linkings } = engine.project
    return linkings
      .all(finishedRun(engine, run))
      .map((linking) => ({
        id: linking.id,
        createdAt: linking.createdAt,
        shown: linkings.latest(run, linking.aspect)?.id === linking.id,
        outdated: isOutdated(engine, linking),
        evidence: linking.settings.evidence ?? 'all',
        null: linking.settings.null ?? 'donor',
        ontologyRelease: linking.ontologyRelease,
        annotationRelease: linking.annotationRelease,
        appVersion: linking.appVersion,
        report: reportOf(linking),
      }))
      .toReversed()
  },
  'link.show': ({ linking }, engine) => {
    const found = engine.project.linkings.get(linking) ?? refuse('NOTHING_FOUND', { what: `result ${linking}` })
    engine.writableProject.linkings.show(found)
    return {}
  },
  'job.cancel': ({ job }, engine) => {
    engine.jobs.cancel(job)
    return {}
  },
}
