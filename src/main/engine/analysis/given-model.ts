// A model that was not trained by a run of its own, as a run: its activations, metrics and controls computed by our own
// encoder on the rows of the project.
import { join } from 'node:path'
import { appError, type RunControls, type RunMetrics, type RunSource, type TrainSettings } from '@contract'
import { Refusal, refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { RunWeights } from '../store/runs'
import { completeRun } from './finished-run'
import { withScratch, writeLabels, writeModel, writeNumbers } from './scratch-folder'
import { splitOf } from './training'
import { doInTrainer } from './trainer-call'

export interface GivenModel {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly weights: RunWeights
  /** The model takes (x − mean) · scale. */
  readonly scale: number
  readonly settings: TrainSettings
  /** Null: the one that gives k on the training rows. Without meaning for TopK. */
  readonly threshold: number | null
  readonly source: RunSource
  /** Sees the activations before they are stored. */
  readonly inspect?: (activations: Csr, threshold: number) => void
}

export interface StoredModel {
  readonly run: number
  readonly metrics: RunMetrics
  readonly controls: RunControls
  readonly threshold: number
}

/** Measures the model and stores it as a finished run; nothing is kept when it fails or is cancelled. */
export async function storeGivenModel(model: GivenModel): Promise<StoredModel> {
  const { engine, project, context, weights, scale } = model
  const { split, by } = splitOf(engine, model.settings)
  const settings: TrainSettings = { ...model.settings, heldOutBy: by }
  const { rows, dims, fingerprint } = engine.dataset
  return withScratch(engine, async (scratch) => {
    writeNumbers(join(scratch, 'rows.f32'), project.dataset.representation())
    writeNumbers(join(scratch, 'train.u32'), split.train)
    writeNumbers(join(scratch, 'heldout.u32'), split.heldOut)
    writeModel(scratch, weights)
    const measured = await doInTrainer<'measure'>(engine, context, {
      kind: 'measure',
      scratch,
      rows,
      dims,
      latents: settings.latents,
      k: settings.k,
      rule: settings.arch === 'topk' ? { kind: 'topk' } : { kind: 'threshold', threshold: model.threshold },
      scale,
      labels: writeLabels(project, scratch),
      controls: true,
      seed: settings.seed,
    })
    const { metrics, threshold, backend, seconds } = measured
    const controls = measured.controls ?? refuse('INTERNAL', { where: 'controls' })
    const outcome = { metrics, controls, seconds, stepsPerSecond: 0, scale, threshold, backend }
    const finished = await completeRun(model, scratch, settings.latents, outcome, weights)
    model.inspect?.(finished.activations, threshold)
    if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
    const run = project.runs.start(settings, fingerprint, engine.appVersion, new Date())
    project.stability.setSource(run, model.source)
    project.runs.finish(run, finished, new Date())
    return { run, metrics, controls, threshold }
  })
}
