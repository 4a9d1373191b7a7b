// Brings a model of another tool into the project as a run: its activations are computed by our own encoder, and compared
// on real rows with what the definition of its tool gives in double precision.
import { basename } from 'node:path'
import type { Architecture, ModelFormat, ModelImportReport } from '@contract'
import { refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { Engine } from '../engine'
import type { ForeignModel } from '../import/models'
import { modelFrom } from '../import/models/filed-model'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { readInJob } from '../reader/job-task'
import { Scratch } from '../scratch/folder'
import { storeGivenModel } from './given-model'
import { withScratch } from './scratch-folder'
import { adviseRun } from './training'

const mostParityRows = 1000
const fewestParityRows = 50
/** Multiplications the check may take: a few seconds in plain JavaScript. */
const parityWork = 4e9

export interface ModelImport {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly path: string
  readonly format: ModelFormat | null
}

/** Stores the model as a run and answers the report. Refuses with MODEL_UNFIT where it does not fit the data. */
export async function importModel({ engine, project, context, path, format }: ModelImport): Promise<ModelImportReport> {
  const model = await withScratch(engine, async (folder) => {
    const read = await readInJob(engine, context, { kind: 'model', path, format, folder })
    return modelFrom(read, new Scratch(folder))
  })
  const { dims, rows } = engine.dataset
  const file = basename(path)
  if (model.dims !== dims)
    refuse('MODEL_UNFIT', { file, why: `it takes rows of ${model.dims} numbers, the cells here have ${dims}` })
  const table = project.dataset.representation()
  const chosen = parityRows(rows, model.latents * dims)
  const k = model.k ?? Math.max(1, Math.round(meanActive(referenceActivations(model, table, chosen, null))))
  const { settings } = adviseRun(engine, { arch: architectureOf(model), latents: model.latents, k: Math.min(k, model.latents) })
  let worst = 0
  const stored = await storeGivenModel({
    engine,
    project,
    context,
    weights: {
      encoder: model.encoder,
      decoder: model.decoder,
      encoderBias: model.encoderBias,
      decoderBias: new Float32Array(dims),
      mean: model.centre,
      ...(settings.arch === 'jumprelu' ? { thresholds: thresholdsOf(model) } : {}),
      ...(model.rule.kind === 'gates' ? { magnitudeLog: model.rule.log, magnitudeBias: model.rule.bias } : {}),
    },
    split: null,
    scale: 1,
    settings,
    threshold: settings.arch === 'jumprelu' ? null : sharedThreshold(model),
    source: { kind: 'imported', of: null, note: `${model.format}: ${file}` },
    inspect: (activations, threshold) => {
      worst = largestDifference(activations, chosen, referenceActivations(model, table, chosen, threshold))
    },
  })
  return {
    run: stored.run,
    format: model.format,
    architecture: model.architecture,
    latents: model.latents,
    dims,
    metrics: stored.metrics,
    parity: { rows: chosen.length, maxRelativeDifference: worst },
    notes: [...model.notes],
  }
}

function architectureOf(model: ForeignModel): Architecture {
  const { rule, trainedAs } = model
  if (rule.kind === 'topk') return 'topk'
  if (rule.kind === 'gates') return 'gated'
  const [first] = typeof rule.threshold === 'number' ? [] : rule.threshold
  const isShared = typeof rule.threshold === 'number' || rule.threshold.every((value) => value === first)
  if (isShared && (trainedAs === 'matryoshka' || trainedAs === 'batchtopk')) return trainedAs
  return trainedAs === 'relu' || rule.threshold === 0 ? 'relu' : 'jumprelu'
}

/** The threshold of each latent; none lets a negative value through. */
function thresholdsOf({ rule, latents }: ForeignModel): Float32Array {
  const given = rule.kind === 'threshold' ? rule.threshold : 0
  return Float32Array.from({ length: latents }, (_, latent) =>
    Math.max(0, typeof given === 'number' ? given : (given[latent] as number)),
  )
}

/** One threshold for all latents; null where the file has none and it must be found. */
function sharedThreshold(model: ForeignModel): number | null {
  const { rule } = model
  if (rule.kind !== 'threshold' || (typeof rule.threshold === 'number' && rule.threshold < 0)) return null
  return thresholdsOf(model)[0] ?? 0
}

/** Rows spread evenly over the data, as many as the check can afford. */
function parityRows(rows: number, weights: number): number[] {
  const wanted = Math.min(rows, mostParityRows, Math.max(fewestParityRows, Math.floor(parityWork / weights)))
  return Array.from({ length: wanted }, (_, at) => Math.floor((at * rows) / wanted))
}

/** Dense activations of rows by the definition of the file's tool, in double precision; `found`: a threshold it lacks. */
function referenceActivations(
  model: ForeignModel,
  table: Float32Array,
  rows: readonly number[],
  found: number | null,
): Float64Array[] {
  const { dims, latents, encoder, encoderBias, centre, rule } = model
  return rows.map((row) => {
    const pre = new Float64Array(latents)
    for (let latent = 0; latent < latents; latent++) {
      let sum = encoderBias[latent] as number
      for (let dim = 0; dim < dims; dim++)
        sum += (encoder[latent * dims + dim] as number) * ((table[row * dims + dim] as number) - (centre[dim] as number))
      pre[latent] = sum
    }
    if (rule.kind === 'topk') {
      const kept = new Set(
        Array.from(pre.keys())
          .sort((a, b) => (pre[b] as number) - (pre[a] as number) || a - b)
          .slice(0, rule.k),
      )
      return pre.map((value, latent) => (value > 0 && kept.has(latent) ? value : 0))
    }
    if (rule.kind === 'gates')
      return pre.map((value, latent) => {
        const magnitude =
          Math.exp(rule.log[latent] as number) * (value - (encoderBias[latent] as number)) + (rule.bias[latent] as number)
        return value > 0 && magnitude > 0 ? magnitude : 0
      })
    const threshold = typeof rule.threshold === 'number' && rule.threshold < 0 ? (found ?? 0) : rule.threshold
    const bound = (latent: number): number =>
      Math.max(0, typeof threshold === 'number' ? threshold : (threshold[latent] as number))
    return pre.map((value, latent) => (value > bound(latent) ? value : 0))
  })
}

function meanActive(rows: readonly Float64Array[]): number {
  return rows.reduce((sum, row) => sum + row.filter((value) => value > 0).length, 0) / Math.max(1, rows.length)
}

/** Largest distance of a row's activations from the expected ones, relative to the length of those. */
function largestDifference(activations: Csr, rows: readonly number[], expected: readonly Float64Array[]): number {
  let worst = 0
  rows.forEach((row, at) => {
    const difference = Float64Array.from(expected[at] as Float64Array)
    const length = Math.hypot(...difference.filter((value) => value > 0))
    for (let place = activations.indptr[row] as number; place < (activations.indptr[row + 1] as number); place++) {
      const latent = activations.indices[place] as number
      difference[latent] = (difference[latent] as number) - (activations.values[place] as number)
    }
    const apart = Math.sqrt(difference.reduce((sum, value) => sum + value * value, 0))
    if (apart > 0) worst = Math.max(worst, apart / Math.max(length, 1e-12))
  })
  return worst
}
