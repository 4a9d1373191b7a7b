// Memory and disk a training run needs, from its shape. Pure. Measured against runs in docs/training.md.
import type { TrainSettings } from '../base/training-settings'

export interface NeedsInput {
  readonly rows: number
  readonly dims: number
  readonly settings: TrainSettings
  /** Rows are read from their file while training. */
  readonly streamRows: boolean
}

export interface TrainingNeeds {
  /** Most memory at one time, engine and trainer together. */
  readonly memoryBytes: number
  /** Scratch files and two checkpoints, in the cache. */
  readonly cacheBytes: number
  /** What the project file grows by. */
  readonly projectBytes: number
}

const number = 4
/** Program and libraries: engine with its ontology, trainer with TensorFlow. */
const programsBytes = 700e6
/** The window of rows a streamed run keeps, and pieces on their way. */
const windowBytes = 160e6
/** Rows turned from cells to latents at a time, 8 bytes each (trainer/scratch-files.ts). */
const turningBytes = 8 * 2 ** 24
const chunkRows = 1024
/** Checkpoints kept at a time, and one on its way. */
const checkpoints = 3

export function trainingNeeds({ rows, dims, settings, streamRows }: NeedsInput): TrainingNeeds {
  const { latents, k, batch } = settings
  const matrix = latents * dims * number
  const active = rows * k * 2 * number
  const rowBytes = streamRows ? windowBytes : rows * dims * number
  // Weights and moments; the untrained copy; a copy for live points.
  const model = (6 + 2 + 2) * matrix
  // Pre-activations of a batch twice (TensorFlow's and the kernel's), keys of the search, the batch and its residuals.
  const batchBytes = batch * number * (2 * latents + 6 * k + 4 * dims)
  // The dense step of models that pay: activations and what is made of them, gradients of both matrices.
  const pays = ['relu', 'jumprelu', 'gated'].includes(settings.arch)
  const dense = pays ? batch * latents * number * (settings.arch === 'gated' ? 12 : 8) + 4 * matrix : 0
  // Compact copies of dead latents: at most half of all in practice, else training would be hopeless.
  const revival = settings.auxCoefficient > 0 ? latents * dims * number * 2 + batch * latents * number : 0
  // Blocks of pre-activations: one in use, others not collected yet. Memory of the steps is not returned before them.
  const encoding = 6 * chunkRows * latents * number
  const afterwards = encoding + Math.min(active, turningBytes)
  const memoryBytes = programsBytes + rowBytes + model + batchBytes + dense + revival + afterwards + rows * 32
  return {
    memoryBytes: Math.round(memoryBytes),
    cacheBytes: Math.round(rows * dims * number + 2 * active + 2 * matrix + checkpoints * 6 * matrix),
    projectBytes: Math.round(1.05 * (2 * active + 2 * matrix) + rows * 16 + 1e6),
  }
}
