// Controls that take longer than PCA, on request: independent components and non-negative parts.
import { join } from 'node:path'
import type { ControlsRequest, RunControls } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { withScratch, writeNumbers } from './scratch-folder'
import { splitOf } from './training'
import { doInTrainer } from './trainer-call'

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
  const { split } = splitOf(engine, settings)
  const outcome = await withScratch(engine, async (scratch) => {
    writeNumbers(join(scratch, 'rows.f32'), project.dataset.representation())
    writeNumbers(join(scratch, 'train.u32'), split.train)
    writeNumbers(join(scratch, 'heldout.u32'), split.heldOut)
    context.progress(0, 1, 'computing controls')
    return doInTrainer<'controls'>(engine, context, {
      kind: 'controls',
      scratch,
      rows,
      dims,
      k: settings.k,
      seed: settings.seed,
      wanted,
    })
  })
  project.runs.addControls(run, outcome.controls)
  const { controls } = project.runs.origin(run)?.outcome ?? refuse('RUN_NOT_FOUND', { run })
  return { run, controls }
}
