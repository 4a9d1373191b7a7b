// Writes tables of a run to a file the user chose.
import { refuse } from '../../base/refusal'
import { writeTable } from '../export/tables'
import type { HandlersFor } from './handlers'
import { finishedRun } from './run-choice'

export const exportHandlers: HandlersFor<'export.table'> = {
  'export.table': async ({ run, what, file }, engine) => {
    const chosen = finishedRun(engine, run)
    const path = engine.path(file, 'export')
    if (path === engine.project.file) refuse('FILE_EXISTS', { file: engine.project.name })
    return { written: [await writeTable(engine, chosen, what, path)] }
  },
}
