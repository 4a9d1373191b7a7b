// Models applied to new rows, and models brought in from other tools.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { refuse } from '../../base/refusal'
import { applyModel } from '../analysis/apply'
import { importModel } from '../analysis/import-model'
import type { JobContext } from '../jobs/jobs'
import type { HandlersFor } from './handlers'
import { finishedRun } from './run-choice'

export const exchangeHandlers: HandlersFor<'apply.start' | 'apply.list' | 'model.import'> = {
  'apply.start': ({ run, file, representation, out }, engine) => {
    const { project } = engine
    const chosen = finishedRun(engine, run)
    const path = engine.path(file, 'data')
    if (!existsSync(path)) refuse('FILE_NOT_FOUND', { file: basename(path) })
    const target = out === null ? null : engine.path(out, 'export')
    if (target === project.file) refuse('FILE_EXISTS', { file: project.name })
    const work = (context: JobContext): Promise<unknown> =>
      applyModel({ engine, project, context, run: chosen, path, representation, out: target })
    const job = engine.jobs.start({ kind: 'apply', run: chosen, work })
    return { job, run: chosen }
  },
  'apply.list': ({ run }, engine) => engine.project.stability.applications(finishedRun(engine, run)),
  'model.import': ({ file, format }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    const { rows } = engine.dataset
    if (rows < 2) refuse('TOO_FEW_CELLS', { rows, needed: 2 })
    const work = (context: JobContext): Promise<unknown> => importModel({ engine, project, context, path, format })
    const job = engine.jobs.start({ kind: 'model', run: null, work })
    return { job, run: null }
  },
}
