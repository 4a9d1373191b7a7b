// Training runs and jobs.
import { refuse } from '../../base/refusal'
import { estimateRun } from '../analysis/estimate'
import { resolveLinking } from '../analysis/link-settings'
import { linkRun, reportOf } from '../analysis/linking'
import { rowsAreGenes } from '../analysis/project-genes'
import { adviseRun, discardRun, pauseTraining, resumeTraining, startTraining, stopTraining } from '../analysis/training'
import type { HandlersFor } from './handlers'
import { isOutdated, isShown, sourceName } from './linking-choices'
import { finishedRun, isComing } from './run-choice'

type Methods = 'advice' | 'start' | 'list' | 'history' | 'estimate' | 'pause' | 'resume' | 'stop' | 'discard'

export const runHandlers: HandlersFor<`run.${Methods}` | 'link.start' | 'link.list' | 'link.show' | 'job.cancel' | 'job.list'> = {
  'run.advice': (request, engine) => adviseRun(engine, request),
  'run.estimate': (request, engine) => estimateRun(engine, request),
  'run.start': (request, engine) => startTraining(engine, request),
  'run.resume': ({ run }, engine) => resumeTraining(engine, run),
  'run.stop': ({ run }, engine) => stopTraining(engine, run),
  'run.pause': ({ run }, engine) => {
    pauseTraining(engine, run)
    return {}
  },
  'run.discard': ({ run }, engine) => {
    discardRun(engine, run)
    return {}
  },
  'run.list': (_params, engine) => engine.project.runs.list(),
  'run.history': ({ run }, engine) => {
    if (!engine.project.runs.get(run)) refuse('RUN_NOT_FOUND', { run })
    return engine.project.runs.history(run)
  },
  'link.start': (request, engine) => {
    const project = engine.writableProject
    if (engine.dataset.expression === null && !rowsAreGenes(project)) refuse('NO_EXPRESSION')
    // A run that is still to be trained may be linked next: whether it has a model is looked at when its turn comes.
    const run = isComing(engine, request.run) ? request.run : finishedRun(engine, request.run)
    const resolved = resolveLinking(engine, project, request)
    const job = engine.jobs.start({
      kind: 'link',
      run,
      work: (context) => linkRun({ engine, project, context, run: finishedRun(engine, run), resolved }),
    })
    return { job, run }
  },
  'link.list': ({ run }, engine) => {
    const { linkings } = engine.project
    return linkings
      .all(finishedRun(engine, run))
      .map((linking) => ({
        id: linking.id,
        name: sourceName(engine, linking),
        createdAt: linking.createdAt,
        shown: isShown(engine, linking),
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
  'job.list': (_params, engine) => engine.jobs.list(),
  'job.cancel': ({ job }, engine) => {
    engine.jobs.cancel(job)
    return {}
  },
}
