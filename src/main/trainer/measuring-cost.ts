// What measuring after a training will take on this machine: each of its parts is tried on a piece and scaled by the
// number of operations. The first try runs code that is still slow, so there are more of them while training goes on.
import { fitProbe } from '../science/linear-probe'
import { pcaControl, pcaSweeps } from './controls'
import { chunkRows, type Pause } from './encode'
import type { Inference } from './inference'
import { survey } from './metrics'
import type { Model } from './model'
import { mostProbedDims, nearest, fittedRows, sampledOfEach } from './reconstruction-checks'
import { seconds, type Run } from './run'
import type { Rows } from './rows'
import { Plan } from './time-left'
import { blockRows as decoderBlock, countDuplicates } from './weight-health'

/** Seconds of each part: for a block of rows in one sweep, or once. */
export interface MeasuringCost {
  readonly threshold: number
  readonly survey: number
  readonly pca: number
  /** What PCA does once in each sweep, whatever the rows. */
  readonly pcaSweep: number
  /** For a block of decoder rows against all. */
  readonly duplicates: number
  /** For the search in the data or in the reconstruction. */
  readonly neighbours: number
  readonly probe: number
}

/** What a try needs to know beyond the run. `threshold`: how the pre-activations are swept; null where that is not done. */
export interface Trial {
  readonly model: Model
  readonly inference: (found: number | null) => Inference
  readonly threshold: ((small: Run, pause: Pause) => Promise<number>) | null
}

const triedBlocks = 2
const triedNeighbours = 512
const triedProbeDims = 64
const thresholdSweeps = 2
const models = 2

/** Tries each part once. */
export async function tryMeasuring(run: Run, { model, inference, threshold }: Trial): Promise<MeasuringCost> {
  const { math, isHeldOut, settings, rows } = run
  const few: Rows = { ...rows, count: Math.min(rows.count, triedBlocks * chunkRows) }
  const blocks = Math.ceil(few.count / chunkRows)
  let found: number | null = null
  const forThreshold = await timed(blocks, thresholdSweeps, async (pause) => {
    if (threshold) found = await threshold({ ...run, rows: few }, pause)
  })
  const forSurvey = await timed(blocks, 1, (pause) => survey(math, model, few, isHeldOut, inference(found), pause))
  const forPca = await timed(blocks, pcaSweeps + 1, (pause) => pcaControl(math, few, isHeldOut, settings.k, settings.seed, pause))
  const decoderRows = Math.min(decoderBlock, model.latents)
  const cost = {
    threshold: forThreshold.whole / (blocks * thresholdSweeps),
    survey: forSurvey.whole / blocks,
    pca: forPca.block,
    pcaSweep: Math.max(0, forPca.whole / (pcaSweeps + 1) - blocks * forPca.block),
    duplicates: await secondsOf(() => countDuplicates(math, model.decoder, model.dims, run.breathe, decoderRows)),
    neighbours: await neighboursCost(run),
  }
  await run.breathe()
  return { ...cost, probe: await probeCost(run) }
}

/** Follows the cost over `rowCount` rows, in the order in which measuring goes through its parts. */
export function planOf(run: Run, model: Model, cost: MeasuringCost, thresholdModels: number): Plan {
  const blocks = Math.ceil(run.rows.count / chunkRows)
  const pcaPieces = blocks * (pcaSweeps + 1)
  return new Plan([
    { name: 'threshold', pieces: blocks * thresholdSweeps * thresholdModels, seconds: cost.threshold },
    { name: 'survey', pieces: blocks * models, seconds: cost.survey },
    { name: 'duplicates', pieces: Math.ceil(model.latents / decoderBlock), seconds: cost.duplicates },
    { name: 'neighbours', pieces: 2, seconds: cost.neighbours },
    { name: 'probe', pieces: 1, seconds: cost.probe },
    { name: 'pca', pieces: pcaPieces, seconds: cost.pca + cost.pcaSweep / blocks },
  ])
}

/** The usual cost: of each part the lower middle of the newest tries, so that neither the first nor a hiccup counts. */
export function usualCost(tries: readonly MeasuringCost[]): MeasuringCost {
  const middle = (part: keyof MeasuringCost): number => {
    const sorted = tries.map((each) => each[part]).sort((a, b) => a - b)
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  }
  return {
    threshold: middle('threshold'),
    survey: middle('survey'),
    pca: middle('pca'),
    pcaSweep: middle('pcaSweep'),
    duplicates: middle('duplicates'),
    neighbours: middle('neighbours'),
    probe: middle('probe'),
  }
}

async function secondsOf(work: () => unknown): Promise<number> {
  const from = seconds()
  await work()
  return seconds() - from
}

/** Times work that pauses at the start of each block; `block` is the middle time from one block to the next of a sweep. */
async function timed(
  blocks: number,
  sweeps: number,
  work: (pause: Pause) => Promise<unknown>,
): Promise<{ readonly whole: number; readonly block: number }> {
  const starts: number[] = []
  const whole = await secondsOf(() =>
    work(() => {
      starts.push(seconds())
      return Promise.resolve()
    }),
  )
  const between = starts
    .flatMap((start, at) => (at % blocks > 0 ? [start - (starts[at - 1] as number)] : []))
    .sort((a, b) => a - b)
  return { whole, block: between[between.length >> 1] ?? whole / (blocks * sweeps) }
}

/** Both the products and the search grow with the square of the sample. */
function neighboursCost({ math, rows, train, heldOut }: Run): Promise<number> {
  const sample = Math.min(sampledOfEach, train.length) + Math.min(sampledOfEach, heldOut.length)
  const tried = Math.min(triedNeighbours, rows.count)
  const table = rows.read(0, tried).slice()
  return secondsOf(() => nearest(math, table, tried, rows.dims)).then((spent) => spent * Math.max(1, sample / tried) ** 2)
}

/** The covariance takes rows × dims², its factors dims³ / 3. */
async function probeCost({ rows, train, labels }: Run): Promise<number> {
  const { dims } = rows
  if (labels === null || dims > mostProbedDims) return 0
  const fitted = Math.min(fittedRows, train.length)
  const small = Math.min(triedProbeDims, dims)
  const tried = Math.min(fitted, chunkRows)
  const table = rows.read(0, tried).slice(0, tried * small)
  const operations = (count: number, wide: number): number => count * wide ** 2 + wide ** 3 / 3
  const spent = await secondsOf(() =>
    fitProbe({ rows: table, dims: small, labels: labels.codes.subarray(0, tried) }, labels.classes),
  )
  return (spent * operations(fitted, dims)) / operations(tried, small)
}
