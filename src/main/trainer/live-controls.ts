// What a run has to beat, already while it trains: PCA and the untrained copy on the rows that are watched. Estimates of what
// is measured on all rows afterwards (measuring.ts); they cost about as much as three points of the curve, once.
import type { RunControls } from '@contract'
import { seededRandom } from '../base/random'
import { centredRows, pcaControl } from './controls'
import type { Inference } from './inference'
import type { Sample } from './live-metrics'
import { survey } from './metrics'
import type { Model } from './model'
import { thresholdOf } from './measuring'
import { rowsInMemory, type Rows } from './rows'
import type { Run } from './run'

const axesStream = 17
/** Principal axes need more rows than a point of the curve, and cost far less per row. */
const mostRowsForAxes = 4096
const mostNumbersForAxes = 2 ** 22

/** `active`: how many latents the model has on per row; PCA gets as many axes. */
export async function liveControls(run: Run, untrained: Model, sample: Sample, active: number): Promise<RunControls> {
  const { math, settings, breathe } = run
  const k = Math.max(1, Math.round(active))
  const forAxes = await together(rowsForAxes(run, sample.train), sample.heldOut, breathe)
  const pca = await pcaControl(math, forAxes.rows, forAxes.isHeldOut, k, settings.seed, breathe)
  const watched = await together(sample.train, sample.heldOut, breathe)
  const inference: Inference =
    settings.arch === 'topk'
      ? { kind: 'topk', k: settings.k }
      : { kind: 'threshold', threshold: await thresholdOf({ math, ...watched }, untrained, active, breathe) }
  const before = await survey(math, untrained, watched.rows, watched.isHeldOut, inference, breathe)
  return { untrained: { explainedVariance: before.explainedVariance }, pca }
}

interface Together {
  readonly rows: Rows
  readonly isHeldOut: Uint8Array
}

/** Training rows and held-out rows as one table, around the mean of the training rows. */
async function together(train: Rows, heldOut: Rows, pause: Run['breathe']): Promise<Together> {
  const { dims } = train
  const values = new Float32Array((train.count + heldOut.count) * dims)
  values.set(train.read(0, train.count))
  values.set(heldOut.read(0, heldOut.count), train.count * dims)
  const isHeldOut = new Uint8Array(train.count + heldOut.count).fill(1, train.count)
  return { rows: await centredRows(rowsInMemory(values, dims), isHeldOut, pause), isHeldOut }
}

/** The watched training rows, or more where they are few. */
function rowsForAxes({ rows, train, settings }: Run, watched: Rows): Rows {
  const wanted = Math.min(train.length, mostRowsForAxes, Math.floor(mostNumbersForAxes / rows.dims))
  if (wanted <= watched.count) return watched
  const chosen = seededRandom(settings.seed, axesStream).sample(train, wanted)
  const values = new Float32Array(chosen.length * rows.dims)
  chosen.forEach((row, at) => values.set(rows.read(row, 1), at * rows.dims))
  return rowsInMemory(values, rows.dims)
}
