// Writes tables of a run, its model, or its report, to the file or folder the user chose.
import { ModelExportKind } from '@contract'
import { is } from 'valibot'
import { refuse } from '../../base/refusal'
import { writeMapping } from '../export/mapping'
import { writeModelFiles } from '../export/model-files'
import { writePseudobulk } from '../export/pseudobulk'
import { writeTable } from '../export/tables'
import { writeReport } from '../report/run-report'
import type { HandlersFor } from './handlers'
import { findLatent } from './latent-handlers'
import { finishedRun } from './run-choice'

export const exportHandlers: HandlersFor<'export.table'> = {
  'export.table': async ({ run, what, file, latent, linking }, engine) => {
    const path = engine.path(file, 'export')
    if (path === engine.project.file) refuse('FILE_EXISTS', { file: engine.project.name })
    // The names are the same for all runs, and are wanted before there is one.
    if (what === 'mapping') return { written: [await writeMapping(engine, path)] }
    const chosen = finishedRun(engine, run)
    if (is(ModelExportKind, what)) return { written: writeModelFiles(engine, chosen, what, path) }
    if (what === 'report') return { written: [writeReport(engine, chosen, path)] }
    if (what === 'pseudobulk') {
      if (latent !== undefined && latent !== null) findLatent(engine, chosen, latent)
      return { written: await writePseudobulk(engine, chosen, latent ?? null, path) }
    }
    return { written: [await writeTable(engine, { run: chosen, linking }, what, path)] }
  },
}
