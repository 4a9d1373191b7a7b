// Recommended settings of a training run from the size of the data, each with its reason. Pure. What the user asked
// for is kept as it is; everything else follows from it. "N" is always the number of training rows.
import { choosePenalty, isPaperForm, paperPace } from './penalty-advice'
import { limits, type Advice, type TrainRequest, type TrainSettings } from '../base/training-settings'

export interface AdviceInput {
  /** All rows, training and held out. */
  readonly rows: number
  readonly dims: number
  /** Rows set aside, as already chosen (see `heldOutTarget`). */
  readonly heldOutRows: number
  readonly request: TrainRequest
}

type Reason = Advice['reasons'][number]

/** Below this many firings per latent, latents stop recurring between runs; see docs/training.md. */
export const firingsNeeded = 80
const firingsAimedAt = 100
/** Training rows below which a batch is too small to share activations out in. */
const fewRows = 2000
const firingsHopeless = 20
const defaultHeldOutShare = 0.2
const leastHeldOutRows = 100
const largestHeldOutShare = 0.5

/** Rows to set aside: the asked share, or else 20 % but at least 100 rows (and never more than half of them). */
export function heldOutTarget(rows: number, share: number | undefined): number {
  if (share !== undefined) return Math.round(rows * share)
  return Math.min(Math.max(Math.round(rows * defaultHeldOutShare), leastHeldOutRows), Math.floor(rows * largestHeldOutShare))
}

/** Takes what was asked for, or else the advised value, and notes the reason. */
export type Choose = <T>(setting: keyof TrainSettings, asked: T | undefined, advised: T, why: string) => T

/** Completes a request with recommended values and says why. */
export function adviseSettings(input: AdviceInput): Advice {
  const { rows, dims, heldOutRows, request } = input
  const trainingRows = rows - heldOutRows
  const reasons: Reason[] = []
  const choose: Choose = (setting, asked, advised, why) => {
    reasons.push({ setting, why: asked === undefined ? why : 'As you chose.' })
    return asked ?? advised
  }
  const size = chooseSize(trainingRows, dims, request, choose)
  const pace = choosePace(trainingRows, size, isPaperForm(size.arch, request) ? { ...paperPace, ...request } : request, choose)
  const extras = choosePenalty(size.arch, request, choose)
  const revival = chooseRevival(trainingRows, dims, size.latents, pace.batch, request, choose)
  const share = rows > 0 ? heldOutRows / rows : 0
  const whyHeldOut = `${heldOutRows} cells are set aside: 20 %, but at least ${leastHeldOutRows}, so that the numbers can be checked on cells the model never saw.`
  const settings: TrainSettings = {
    ...size,
    ...pace,
    ...revival,
    ...extras,
    heldOut: choose('heldOut', request.heldOut, share, whyHeldOut),
    heldOutBy: request.heldOutBy ?? null,
    seed: choose('seed', request.seed, 0, 'The same seed gives the same model again.'),
    ...(request.splitSeed === undefined ? {} : { splitSeed: request.splitSeed }),
    ...(request.from === undefined ? {} : { from: request.from }),
  }
  const firingsPerLatent = (trainingRows * size.k) / size.latents
  const warning = firingsWarning(firingsPerLatent, size.latents, adviseLatents(trainingRows, dims, size.k))
  if (warning !== null) reasons.push({ setting: 'latents', why: warning })
  return { settings, trainingRows, heldOutRows, firingsPerLatent, reasons }
}

function chooseSize(trainingRows: number, dims: number, request: TrainRequest, choose: Choose): Size {
  const whyK = `An eighth of the ${dims} dimensions, between 4 and 32: few enough to read, enough to describe a cell.`
  const whyLatents = `The largest power of two that gives each feature at least ${firingsAimedAt} cells to learn from (but at least 32).`
  const arch = choose('arch', request.arch, trainingRows < fewRows ? 'topk' : 'batchtopk', whyArchitecture(trainingRows))
  const k = choose('k', request.k, adviseK(dims, request.latents), whyK)
  const latents = choose('latents', request.latents, Math.max(adviseLatents(trainingRows, dims, k), k), whyLatents)
  return { arch, k, latents }
}

type Pace = Pick<TrainSettings, 'batch' | 'learningRate' | 'steps' | 'warmUp' | 'decay'>

type Size = Pick<TrainSettings, 'arch' | 'k' | 'latents'>

function choosePace(trainingRows: number, { arch, latents }: Size, request: TrainRequest, choose: Choose): Pace {
  const whyBatch = `Suits ${trainingRows} training cells: large enough for a steady gradient, small enough for many steps.`
  const whyRate = 'Adam learns within a few thousand steps at this rate; rates made for language models would not.'
  const isSmall = arch === 'topk' && trainingRows < fewRows
  const whySteps = isSmall
    ? 'At least 10,000: on few cells the features settle long after the explained share does, and each step is quick.'
    : 'At least 3,000 and long enough for the learning rate (rate × steps ≥ 3); up to 60 passes over the cells.'
  const batch = choose('batch', request.batch, adviseBatch(trainingRows), whyBatch)
  const learningRate = choose('learningRate', request.learningRate, adviseRate(latents), whyRate)
  return {
    batch,
    learningRate,
    steps: choose('steps', request.steps, adviseSteps(trainingRows, batch, learningRate, isSmall), whySteps),
    warmUp: choose('warmUp', request.warmUp, 0.05, 'A slow start while the averages of the gradient settle.'),
    decay: choose('decay', request.decay, 0.2, 'The rate falls to 0 over the last fifth, which settles the features.'),
  }
}

type Revival = Pick<TrainSettings, 'auxCoefficient' | 'auxK' | 'deadAfter'>

function chooseRevival(
  trainingRows: number,
  dims: number,
  latents: number,
  batch: number,
  request: TrainRequest,
  choose: Choose,
): Revival {
  const auxK = Math.max(1, Math.min(latents, Math.floor(dims / 2)))
  const deadAfter = Math.max(2 * trainingRows, 50 * batch)
  const whyAuxK = 'Half the dimensions: as many unused features as can explain what is left over.'
  const whyDead = 'Two passes over the cells (at least 50 batches) without use make a feature unused.'
  return {
    auxCoefficient: choose(
      'auxCoefficient',
      request.auxCoefficient,
      1 / 32,
      'A weak pull that revives features that no cell uses.',
    ),
    auxK: choose('auxK', request.auxK, auxK, whyAuxK),
    deadAfter: choose('deadAfter', request.deadAfter, deadAfter, whyDead),
  }
}

function whyArchitecture(trainingRows: number): string {
  return trainingRows < fewRows
    ? 'Fewer than 2,000 training cells: the same number of features per cell is steadier than sharing them out over a small batch.'
    : 'Cells differ in how many features they need: the batch shares them out, with k per cell on average.'
}

function adviseK(dims: number, latents: number | undefined): number {
  const k = Math.min(32, Math.max(4, Math.round(dims / 8)))
  return Math.min(k, latents ?? k)
}

/** A model of fewer latents says little, however few the cells are. */
export const leastLatents = 32

/** The most latents these training rows support. Never advised: more. */
export function supportedLatents(trainingRows: number, k: number): number {
  const most = Math.min((trainingRows * k) / firingsAimedAt, limits.latents)
  return Math.max(leastLatents, 2 ** Math.floor(Math.log2(Math.max(1, most))))
}

function adviseLatents(trainingRows: number, dims: number, k: number): number {
  const most = 2 ** Math.floor(Math.log2(64 * dims))
  return Math.max(leastLatents, Math.min(most, supportedLatents(trainingRows, k)))
}

function adviseBatch(trainingRows: number): number {
  if (trainingRows < fewRows) return 128
  if (trainingRows < 5000) return 256
  if (trainingRows < 20_000) return 512
  return trainingRows < 100_000 ? 1024 : 2048
}

/** With 3,000 steps half or a third as many latents return in other seeds; held-out rows are explained as well (docs/training.md). */
const stepsForFewRows = 10_000

function adviseRate(latents: number): number {
  if (latents <= 4096) return 1e-3
  return latents < 16_384 ? 7e-4 : 5e-4
}

function adviseSteps(trainingRows: number, batch: number, learningRate: number, isSmall: boolean): number {
  const perPass = trainingRows / batch
  const passes = trainingRows >= 100_000 ? 10 * perPass : 0
  return Math.ceil(
    Math.min(limits.steps, Math.max(isSmall ? stepsForFewRows : 3000, 3 / learningRate, Math.min(60 * perPass, 20_000), passes)),
  )
}

function firingsWarning(firings: number, latents: number, advised: number): string | null {
  if (firings >= firingsNeeded) return null
  const rounded = firings < 10 ? firings.toFixed(1) : String(Math.round(firings))
  const hopeless =
    firings < firingsHopeless ? ' Most of them will describe noise.' : ' Some of them will not appear again with another seed.'
  const remedy = advised < latents ? ` ${advised} features would be well supported.` : ' More cells would help.'
  return `Warning: each feature has only ${rounded} cells to learn from; ${firingsNeeded} are needed.${hopeless}${remedy}`
}
