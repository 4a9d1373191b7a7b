// Are new rows like those a model was trained on? Comparisons with their limits and words. Pure. The population stability
// index (PSI) is Σ (q − p)·ln(q/p) over classes; below 0.1 it is usually called stable, above 0.25 a shift. What chance
// alone gives a sample of this size is taken off before it is judged.

export type DriftLevel = 'good' | 'warn' | 'bad'

export interface DriftCheck {
  readonly name: 'length' | 'centre' | 'explained' | 'l0' | 'density' | 'rare' | 'scale'
  readonly training: number | null
  readonly now: number | null
  readonly shift: number | null
  readonly level: DriftLevel
  readonly sentence: string
}

/** What is known about rows and their encoding, for the training rows and the new ones. */
export interface RowFacts {
  /** Distance of each row from the training mean, in the units of the data. */
  readonly lengths: Float32Array
  /** Mean row. */
  readonly centre: Float64Array
  readonly explained: number | null
  /** Mean squared error of a prepared row. */
  readonly error: number
  readonly l0: number
  /** Times each latent is on. */
  readonly firings: Float64Array
  readonly rows: number
}

/** The training rows, with what held-out rows show where there are any: on them the model is as it is on new rows. */
export interface TrainingFacts extends RowFacts {
  readonly heldOutFirings: Float64Array
}

const classes = 10
const tiny = 1e-4
/** A latent on in fewer training rows than this share is rare. */
const rareShare = 1e-3

export interface Drift {
  readonly verdict: 'in-range' | 'partly' | 'out-of-range'
  readonly message: string
  readonly remedy: string
  readonly checks: readonly DriftCheck[]
}

/** `training`: rows the model learned from, except `explained`, `error` and `l0`, which are of its held-out rows if it has any. */
export function compareRows(training: TrainingFacts, now: RowFacts): Drift {
  const checks = [
    scaleCheck(training, now),
    lengthCheck(training, now),
    centreCheck(training, now),
    explainedCheck(training, now),
    activeCheck(training, now),
    densityCheck(training, now),
    rareCheck(training, now),
  ]
  const bad = checks.filter((check) => check.level === 'bad')
  const doubtful = checks.filter((check) => check.level !== 'good')
  // Which latents are on follows the mixture of cells, which may well be new: alone it does not put rows out of range.
  const outside = bad.some(({ name }) => name !== 'density' && name !== 'rare' && name !== 'l0')
  if (outside)
    return {
      verdict: 'out-of-range',
      message: 'The new cells lie outside the range of the training: activations are not comparable.',
      remedy: 'Check that the representation was made by the same method, on the same scale; else train on these cells too.',
      checks,
    }
  if (doubtful.length > 0)
    return {
      verdict: 'partly',
      message: 'The new cells differ in part from those of the training.',
      remedy: 'Read the marked checks before comparing activations.',
      checks,
    }
  return { verdict: 'in-range', message: 'The new cells are in the range of the training.', remedy: '', checks }
}

const level = (value: number, warn: number, bad: number): DriftLevel => (value >= bad ? 'bad' : value >= warn ? 'warn' : 'good')
const times = (ratio: number): string => `${ratio.toFixed(2)} times`
const percent = (share: number): string => `${Math.round(100 * share)} %`

function scaleCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const [before, after] = [middle(training.lengths), middle(now.lengths)]
  const ratio = before > 0 ? after / before : Infinity
  const distance = Math.max(ratio, 1 / ratio)
  const sentence = `Cells lie ${times(ratio)} as far from the mean of the training as there.`
  return { name: 'scale', training: before, now: after, shift: ratio, level: level(distance, 1.25, 1.6), sentence }
}

function lengthCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const edges = quantiles(training.lengths)
  const psi = Math.max(
    0,
    stability(counted(training.lengths, edges), counted(now.lengths, edges)) - (classes - 1) * (1 / training.rows + 1 / now.rows),
  )
  const sentence =
    psi < 0.1
      ? 'Lengths of the rows are spread as in training.'
      : `Lengths of the rows are spread differently (stability index ${psi.toFixed(2)}).`
  return { name: 'length', training: null, now: null, shift: psi, level: level(psi, 0.1, 0.5), sentence }
}

function centreCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const spread = Math.sqrt(training.lengths.reduce((sum, value) => sum + value * value, 0) / Math.max(1, training.rows))
  let square = 0
  training.centre.forEach((value, dim) => (square += (value - (now.centre[dim] as number)) ** 2))
  const chance = 1 / Math.sqrt(now.rows)
  const shift = Math.max(0, Math.sqrt(square) / spread - chance)
  const sentence =
    shift < 0.25
      ? 'The mean cell is where it was in training.'
      : `The mean cell lies ${shift.toFixed(2)} typical distances away from that of the training.`
  return { name: 'centre', training: null, now: null, shift, level: level(shift, 0.25, 0.7), sentence }
}

function explainedCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const ratio = training.error > 0 ? now.error / training.error : now.error > 0 ? Infinity : 1
  const sentence =
    ratio < 1.25
      ? 'The features rebuild the new cells as well as held-out ones.'
      : `What the features leave unexplained is ${times(ratio)} as much as on held-out cells.`
  return {
    name: 'explained',
    training: training.explained,
    now: now.explained,
    shift: ratio,
    level: level(ratio, 1.25, 2),
    sentence,
  }
}

function activeCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const change = training.l0 > 0 ? now.l0 / training.l0 - 1 : 0
  const sentence = `${now.l0.toFixed(1)} features are on per cell, ${training.l0.toFixed(1)} on held-out cells.`
  return { name: 'l0', training: training.l0, now: now.l0, shift: change, level: level(Math.abs(change), 0.25, 0.75), sentence }
}

function densityCheck(training: RowFacts, now: RowFacts): DriftCheck {
  const alive = training.firings.filter((count) => count > 0).length
  const noise = Math.max(0, alive - 1) * (1 / Math.max(1, total(training.firings)) + 1 / Math.max(1, total(now.firings)))
  const psi = Math.max(0, stability(training.firings, now.firings) - noise)
  const sentence =
    psi < 0.25
      ? 'The same features are on about as often as in training.'
      : `Other features are on than in training (stability index ${psi.toFixed(2)}); another mixture of cells would explain it.`
  return { name: 'density', training: null, now: null, shift: psi, level: level(psi, 0.25, 1), sentence }
}

function rareCheck(training: TrainingFacts, now: RowFacts): DriftCheck {
  const share = (firings: Float64Array): number => {
    let rare = 0
    training.firings.forEach((count, latent) => {
      if (count < rareShare * training.rows) rare += firings[latent] as number
    })
    return rare / Math.max(1, total(firings))
  }
  const [before, after] = [share(training.heldOutFirings), share(now.firings)]
  const sentence = `${percent(after)} of what is on belongs to features that are rare in training (${percent(before)} on held-out cells).`
  return { name: 'rare', training: before, now: after, shift: after - before, level: level(after - before, 0.02, 0.1), sentence }
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

function middle(values: Float32Array): number {
  const sorted = values.slice().sort()
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

function quantiles(values: Float32Array): Float64Array {
  const sorted = values.slice().sort()
  return Float64Array.from({ length: classes - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / classes)] ?? 0)
}

function counted(values: Float32Array, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 1)
  for (const value of values) {
    let place = 0
    while (place < edges.length && value > (edges[place] as number)) place++
    counts[place] = (counts[place] as number) + 1
  }
  return counts
}

/** Population stability index of two lists of counts. */
export function stability(expected: Float64Array, found: Float64Array): number {
  const [all, now] = [Math.max(1, total(expected)), Math.max(1, total(found))]
  const floor = Math.min(tiny, 0.5 / now)
  let sum = 0
  expected.forEach((count, at) => {
    const p = Math.max(count / all, floor)
    const q = Math.max((found[at] as number) / now, floor)
    sum += (q - p) * Math.log(q / p)
  })
  return sum
}
