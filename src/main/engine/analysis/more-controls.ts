// Controls that take longer than PCA, on request: independent components and non-negative parts.
import type { ControlsRequest, RunControls } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { splitOfRun } from './run-split'
import { withScratch } from './scratch-folder'
import { doInTrainer } from './trainer-call'
import { writeInput } from './trainer-files'
import { streamsRows } from './training-room'

/** Computes the wanted controls on the cells of a run, stores them with it and answers all of its controls. */
export async function addControls(
  engine: Engine,
  project: Project,
  context: JobContext,
  run: number,
  wanted: ControlsRequest['wanted'],
): Promise<{ run: number; controls: RunControls }> {
  const { settings } = project.runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const { rows, dims } = engine.dataset
  const outcome = await withScratch(engine, async (scratch) => {
    await writeInput(project, scratch, { rows, dims }, splitOfRun(engine, run), () => context.breathe())
    context.progress(0, 1, 'computing controls')
    return doInTrainer<'controls'>(engine, context, {
      kind: 'controls',
      scratch,
      rows,
      dims,
      streamRows: streamsRows(rows, dims),
      k: settings.k,
      seed: settings.seed,
      wanted,
    })
  })
  project.runs.addControls(run, outcome.controls)
  const { controls } = project.runs.origin(run)?.outcome ?? refuse('RUN_NOT_FOUND', { run })
  return { run, controls }
}
