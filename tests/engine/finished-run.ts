// A finished run of two latents on the data of a project, for tests that need a run but no training.
import { laterSettings, type TrainSettings } from '@contract'
import { transpose, type Csr } from '../../src/main/base/sparse'
import type { TrainerOutcome } from '../../src/main/base/trainer-protocol'
import type { Project } from '../../src/main/engine/project/project'

const settings: TrainSettings = {
  arch: 'topk',
  latents: 2,
  k: 1,
  steps: 1,
  batch: 1,
  learningRate: 1e-3,
  warmUp: 0,
  decay: 0,
  auxCoefficient: 0,
  auxK: 0,
  deadAfter: 1,
  heldOut: 0,
  heldOutBy: null,
  seed: 0,
  ...laterSettings,
}

/** Latent 0 is on in the first half of the cells, latent 1 in the second. Answers the number of the run. */
export function finishedRun(project: Project): number {
  const { rows, dims, fingerprint } = project.dataset.get() ?? { rows: 0, dims: 0, fingerprint: '' }
  const run = project.runs.start(settings, fingerprint, '0', new Date())
  const activations: Csr = {
    rows,
    columns: 2,
    indptr: Float64Array.from({ length: rows + 1 }, (_, row) => row),
    indices: Uint32Array.from({ length: rows }, (_, row) => (row * 2 < rows ? 0 : 1)),
    values: Float32Array.from({ length: rows }, (_, row) => row + 1),
  }
  const weights = {
    encoder: new Float32Array(2 * dims),
    decoder: new Float32Array(2 * dims),
    encoderBias: new Float32Array(2),
    decoderBias: new Float32Array(dims),
    mean: new Float32Array(dims),
  }
  const outcome = { seconds: 1, stepsPerSecond: 1, backend: { name: 'cpu', version: '1' } } as unknown as TrainerOutcome
  const byLatent = transpose(activations)
  project.runs.finish(run, { outcome, weights, activations, byLatent, densityHistogram: [], groups: [], flags: [] }, new Date())
  return run
}
