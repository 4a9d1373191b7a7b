// The methods paragraph of a run.
import { writeMethods } from '../report/methods'
import type { HandlersFor } from './handlers'
import { finishedRun } from './run-choice'

export const reportHandlers: HandlersFor<'report.methods'> = {
  'report.methods': ({ run, linkings }, engine) => writeMethods(engine, finishedRun(engine, run), linkings ?? null),
}
