// How well a latent's activation tells one metadata value from all other rows: AUROC, precision, recall, F1, fold, p, information.
// Works on the active rows only: rows that are off are one big tie at zero.
import type { LatentActivation } from './choose-cells'
import { upperTail } from './hypergeometric'

export interface Grouping {
  /** Level of each row, −1 = missing. Rows with a missing level count among "all other rows". */
  readonly codes: Int32Array
  readonly levels: number
}

/** One number per level; NaN = not defined. */
export interface GroupScores {
  /** Activation of the level's rows against all other rows. */
  readonly auroc: Float64Array
  /** Share of the active rows that have the level. */
  readonly precision: Float64Array
  /** Share of the level's rows that are active. */
  readonly recall: Float64Array
  readonly f1: Float64Array
  /** precision ÷ share of all rows that have the level. */
  readonly fold: Float64Array
  /** log10 of the hypergeometric upper tail: as many active rows with the level, or more. Takes rows as independent, which cells of one donor are not. */
  readonly log10P: Float64Array
  /** Mutual information of "active" and "has the level", in bits. */
  readonly information: Float64Array
  /** The same of "active" and the whole column, rows without a level being one more level. */
  readonly columnInformation: number
  /** Sum of the activation in each level, and its active rows. */
  readonly mass: Float64Array
  readonly active: Float64Array
}

/** Counts the levels once, then scores one latent at a time in O(active · log active + levels). */
export function createGroupScorer(groupings: readonly Grouping[], rows: number): (activation: LatentActivation) => GroupScores[] {
  const sizes = groupings.map((grouping) => {
    const counts = new Float64Array(grouping.levels)
    for (const code of grouping.codes) if (code >= 0) counts[code] = (counts[code] as number) + 1
    return counts
  })
  return (activation) => {
    const ranks = midRanks(activation.values, rows - activation.values.length)
    return groupings.map((grouping, at) => scoreGrouping(grouping, sizes[at] as Float64Array, activation, ranks, rows))
  }
}

/** Ranks of positive values among `zeros` zeros; equal values share the mean of their ranks. */
function midRanks(values: Float32Array, zeros: number): Float64Array {
  const order = Uint32Array.from(values, (_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++
    for (let at = from; at < to; at++) ranks[order[at] as number] = zeros + (from + to + 1) / 2
    from = to
  }
  return ranks
}

function scoreGrouping(
  { levels, codes }: Grouping,
  sizes: Float64Array,
  { cells, values }: LatentActivation,
  ranks: Float64Array,
  rows: number,
): GroupScores {
  const active = new Float64Array(levels)
  const rankSums = new Float64Array(levels)
  const mass = new Float64Array(levels)
  for (let at = 0; at < cells.length; at++) {
    const level = codes[cells[at] as number] as number
    if (level < 0) continue
    active[level] = (active[level] as number) + 1
    rankSums[level] = (rankSums[level] as number) + (ranks[at] as number)
    mass[level] = (mass[level] as number) + (values[at] as number)
  }
  const zeroRank = (rows - cells.length + 1) / 2
  const all = cells.length
  const perLevel = (value: (size: number, on: number, level: number) => number): Float64Array =>
    Float64Array.from(sizes, (size, level) => value(size, active[level] as number, level))
  // 0 / 0 is NaN: a level that no row or every row has tells nothing.
  return {
    auroc: perLevel((size, on, level) => {
      const rankSum = (rankSums[level] as number) + (size - on) * zeroRank
      return (rankSum - (size * (size + 1)) / 2) / (size * (rows - size))
    }),
    precision: perLevel((_, on) => on / all),
    recall: perLevel((size, on) => on / size),
    f1: perLevel((size, on) => (2 * on) / (all + size)),
    fold: perLevel((size, on) => (on * rows) / (all * size)),
    log10P: perLevel((size, on) => (size === 0 || all === 0 ? NaN : upperTail(on, size, all, rows).log10p)),
    information: perLevel((size, on) => mutualInformation([on, size - on, all - on, rows - size - all + on], rows)),
    columnInformation: columnInformation(sizes, active, all, rows),
    mass,
    active,
  }
}

/** Of a 2 × 2 table, in bits: [both, only the first, only the second, neither]. */
function mutualInformation([both, first, second, neither]: readonly [number, number, number, number], rows: number): number {
  const part = (count: number, row: number, column: number): number =>
    count <= 0 ? 0 : (count / rows) * Math.log2((count * rows) / (row * column))
  const [level, other] = [both + first, second + neither]
  const [on, off] = [both + second, first + neither]
  return Math.max(0, part(both, level, on) + part(first, level, off) + part(second, other, on) + part(neither, other, off))
}

function columnInformation(sizes: Float64Array, active: Float64Array, on: number, rows: number): number {
  const known = sizes.reduce((sum, size) => sum + size, 0)
  const knownOn = active.reduce((sum, count) => sum + count, 0)
  const levels = [
    ...Array.from(sizes, (size, level) => [size, active[level] as number] as const),
    [rows - known, on - knownOn] as const,
  ]
  const part = (count: number, size: number, total: number): number =>
    count <= 0 ? 0 : (count / rows) * Math.log2((count * rows) / (size * total))
  return Math.max(
    0,
    levels.reduce((sum, [size, count]) => sum + part(count, size, on) + part(size - count, size, rows - on), 0),
  )
}
