// A model that was not trained by a run of its own, as a run: its activations, metrics and controls computed by our own
// encoder on the rows of the project.
import { appError, type RunControls, type RunMetrics, type RunSource, type TrainSettings } from '@contract'
import { Refusal, refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { RunWeights, Split } from '../store/runs'
import { drawSplit } from './run-split'
import { readActivations, withScratch, writeLabels, writeModel } from './scratch-folder'
import { doInTrainer } from './trainer-call'
import { withResults, writeInput } from './trainer-files'
import { streamsRows } from './training-room'

export interface GivenModel {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly weights: RunWeights
  /** The cells it counts as trained on; drawn by the settings where it comes from elsewhere. */
  readonly split: Split | null
  /** The model takes (x − mean) · scale. */
  readonly scale: number
  readonly settings: TrainSettings
  /** BatchTopK and nested levels; null: the one that gives k on the training rows. */
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
  const { dims, rows, fingerprint } = engine.dataset
  const drawn = drawSplit(engine, model.settings)
  const split = model.split ?? drawn.split
  const settings: TrainSettings = model.split ? model.settings : { ...model.settings, heldOutBy: drawn.by }
  return withScratch(engine, async (scratch) => {
    await writeInput(project, scratch, { rows, dims }, split, () => context.breathe())
    writeModel(scratch, weights)
    const { arch, latents, k, seed } = settings
    const measured = await doInTrainer<'measure'>(engine, context, {
      ...{ kind: 'measure', scratch, rows, dims, arch, latents, k, seed, scale, threshold: model.threshold },
      streamRows: streamsRows(rows, dims),
      labels: writeLabels(project, scratch),
      controls: true,
    })
    const { metrics, threshold, backend, seconds } = measured
    const controls = measured.controls ?? refuse('INTERNAL', { where: 'controls' })
    const outcome = { metrics, controls, seconds, stepsPerSecond: 0, stoppedAt: null, scale, threshold, backend }
    const run = await withResults(model, scratch, latents, outcome, weights, (finished) => {
      model.inspect?.(readActivations(scratch, rows, latents), threshold)
      if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
      const keep = { heldOut: split.heldOut, token: null }
      const stored = project.runs.start(settings, fingerprint, engine.appVersion, new Date(), keep)
      project.stability.setSource(stored, model.source)
      project.runs.finish(stored, finished, new Date())
      return stored
    })
    return { run, metrics, controls, threshold }
  })
}
