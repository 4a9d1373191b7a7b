// Applies a trained model to the rows of another file: activations as a table, and a check whether these rows are like
// those the model learned from.
import { basename, join } from 'node:path'
import type { ApplyReport } from '@contract'
import { refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { MeasureOutcome } from '../../base/trainer-work'
import { compareRows, type RowFacts, type TrainingFacts } from '../../science/drift'
import type { Engine } from '../engine'
import { writeRows } from '../export/csv'
import { embeddingFrom, type Embedding } from '../import'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { readInJob } from '../reader/job-task'
import { Scratch } from '../scratch/folder'
import type { RunOrigin, RunWeights } from '../store/runs'
import { readActivations, readFloats, withScratch, writeModel, writeNumbers } from './scratch-folder'
import { splitOfRun } from './run-split'
import { doInTrainer } from './trainer-call'

export interface Application {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly path: string
  readonly representation: string | null
  readonly out: string | null
}

export async function applyModel(task: Application): Promise<ApplyReport> {
  const { engine, project, context, run, path, representation, out } = task
  const { dims, representation: usual } = engine.dataset
  const embedding = await withScratch(engine, async (folder) => {
    const wanted = { key: representation, usual, dims }
    const read = await readInJob(engine, context, { kind: 'embedding', path, wanted, folder })
    return embeddingFrom(read, new Scratch(folder))
  })
  if (context.cancelled()) refuse('CANCELLED')
  const origin = project.runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const weights = project.runs.weights(run)
  return withScratch(engine, async (scratch) => {
    context.progress(0, 1, 'applying the model')
    const measured = await encodeRows(task, scratch, origin, weights, embedding)
    const activations = readActivations(scratch, embedding.rows, origin.settings.latents)
    const now = factsOf(
      embedding.values,
      dims,
      readFloats(scratch, 'row-lengths'),
      readFloats(scratch, 'row-errors'),
      activations,
    )
    const drift = compareRows(trainingFacts(task, origin, weights), {
      ...now,
      explained: measured.metrics.explainedVariance.train,
    })
    const written = out === null ? [] : [await writeRows(out, activationLines(embedding, activations))]
    const report: ApplyReport = {
      run,
      file: basename(path),
      representation: embedding.key,
      rows: embedding.rows,
      verdict: drift.verdict,
      message: drift.message,
      remedy: drift.remedy,
      checks: [...drift.checks],
      explainedVariance: measured.metrics.explainedVariance.train,
      l0: now.l0,
      written,
    }
    if (!project.readOnly) project.stability.storeApplication(report, new Date())
    return report
  })
}

/** Every new row counts as a training row here: the metrics of the answer are those of all of them. */
function encodeRows(
  { engine, context }: Application,
  scratch: string,
  { settings, outcome }: RunOrigin,
  weights: RunWeights,
  embedding: Embedding,
): Promise<MeasureOutcome> {
  writeNumbers(join(scratch, 'rows.f32'), embedding.values)
  writeNumbers(
    join(scratch, 'train.u32'),
    Uint32Array.from({ length: embedding.rows }, (_, row) => row),
  )
  writeNumbers(join(scratch, 'heldout.u32'), new Uint32Array(0))
  writeModel(scratch, weights)
  return doInTrainer<'measure'>(engine, context, {
    kind: 'measure',
    scratch,
    rows: embedding.rows,
    dims: engine.dataset.dims,
    latents: settings.latents,
    k: settings.k,
    arch: settings.arch,
    threshold: outcome.threshold,
    streamRows: false,
    scale: outcome.scale,
    labels: null,
    controls: false,
    seed: settings.seed,
  })
}

/** The same facts about the rows the model was trained on; what is explained is judged on the held-out ones. */
function trainingFacts(
  { engine, project, run }: Application,
  { settings, outcome }: RunOrigin,
  weights: RunWeights,
): TrainingFacts {
  const { dims } = engine.dataset
  const split = splitOfRun(engine, run)
  const table = project.dataset.representation()
  const rows = gather(table, split.train, dims)
  const judged = split.heldOut.length > 1 ? gather(table, split.heldOut, dims) : rows
  const explained = outcome.metrics.explainedVariance.heldOut ?? outcome.metrics.explainedVariance.train
  const byLatent = project.runs.byLatent(run)
  const isTrained = new Uint8Array(engine.dataset.rows)
  for (const row of split.train) isTrained[row] = 1
  const firings = new Float64Array(settings.latents)
  const onHeldOut = new Float64Array(settings.latents)
  for (let latent = 0; latent < settings.latents; latent++) {
    for (let at = byLatent.indptr[latent] as number; at < (byLatent.indptr[latent + 1] as number); at++) {
      const counts = isTrained[byLatent.indices[at] as number] === 1 ? firings : onHeldOut
      counts[latent] = (counts[latent] as number) + 1
    }
  }
  const centre = centreOf(rows, dims)
  return {
    lengths: lengthsFrom(rows, dims, weights.mean),
    centre,
    explained,
    error: (1 - explained) * spreadOf(prepared(judged, weights, outcome.scale), dims),
    l0: outcome.metrics.l0.heldOut ?? outcome.metrics.l0.train,
    firings,
    heldOutFirings: split.heldOut.length > 1 ? onHeldOut : firings,
    rows: split.train.length,
  }
}

function factsOf(rows: Float32Array, dims: number, lengths: Float32Array, errors: Float32Array, activations: Csr): RowFacts {
  const firings = new Float64Array(activations.columns)
  for (const latent of activations.indices) firings[latent] = (firings[latent] as number) + 1
  const count = lengths.length
  return {
    lengths,
    centre: centreOf(rows, dims),
    explained: null,
    error: errors.reduce((sum, value) => sum + value, 0) / Math.max(1, count),
    l0: activations.indices.length / Math.max(1, count),
    firings,
    rows: count,
  }
}

function gather(table: Float32Array, chosen: Uint32Array, dims: number): Float32Array {
  const out = new Float32Array(chosen.length * dims)
  chosen.forEach((row, at) => out.set(table.subarray(row * dims, (row + 1) * dims), at * dims))
  return out
}

/** A spread needs no more rows than this. */
const mostSpreadRows = 5000

/** Rows as the model takes them: ((x − mean)·M)·scale; of many rows, some spread evenly over them. */
function prepared(rows: Float32Array, { mean, inputFactors, inputMatrix }: RunWeights, scale: number): Float32Array {
  const dims = mean.length
  const count = rows.length / dims
  const every = Math.ceil(count / mostSpreadRows)
  const out = new Float32Array(Math.ceil(count / every) * dims)
  for (let to = 0; to < out.length; to += dims) {
    for (let dim = 0; dim < dims; dim++) {
      const value = ((rows[to * every + dim] as number) - (mean[dim] as number)) * scale * (inputFactors?.[dim] ?? 1)
      if (!inputMatrix) out[to + dim] = value
      else
        for (let other = 0; other < dims; other++)
          out[to + other] = (out[to + other] as number) + value * (inputMatrix[dim * dims + other] as number)
    }
  }
  return out
}

function centreOf(rows: Float32Array, dims: number): Float64Array {
  const sums = new Float64Array(dims)
  rows.forEach((value, at) => (sums[at % dims] = (sums[at % dims] as number) + value))
  return sums.map((sum) => (sum * dims) / Math.max(1, rows.length))
}

/** Mean squared distance of the rows from their own mean. */
function spreadOf(rows: Float32Array, dims: number): number {
  const centre = centreOf(rows, dims)
  let sum = 0
  rows.forEach((value, at) => (sum += (value - (centre[at % dims] as number)) ** 2))
  return (sum * dims) / Math.max(1, rows.length)
}

function lengthsFrom(rows: Float32Array, dims: number, mean: Float32Array): Float32Array {
  return Float32Array.from({ length: rows.length / dims }, (_, row) => {
    let square = 0
    for (let dim = 0; dim < dims; dim++) square += ((rows[row * dims + dim] as number) - (mean[dim] as number)) ** 2
    return Math.sqrt(square)
  })
}

function* activationLines(
  { cellNames }: Embedding,
  { rows, indptr, indices, values }: Csr,
): Generator<(string | number | null)[]> {
  yield ['cell', 'latent', 'activation']
  for (let cell = 0; cell < rows; cell++) {
    for (let at = indptr[cell] as number; at < (indptr[cell + 1] as number); at++)
      yield [cellNames[cell] ?? '', indices[at] as number, values[at] as number]
  }
}
