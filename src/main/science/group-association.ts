// How well a latent's activation tells one metadata value from all other rows: AUROC, precision, recall, F1.
// Works on the active rows only: rows that are off are one big tie at zero.
import type { LatentActivation } from './choose-cells'

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
    return groupings.map((grouping, at) => scoreGrouping(grouping, sizes[at] as Float64Array, activation.cells, ranks, rows))
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
  grouping: Grouping,
  sizes: Float64Array,
  cells: Uint32Array,
  ranks: Float64Array,
  rows: number,
): GroupScores {
  const { levels, codes } = grouping
  const active = new Float64Array(levels)
  const rankSums = new Float64Array(levels)
  for (let at = 0; at < cells.length; at++) {
    const level = codes[cells[at] as number] as number
    if (level < 0) continue
    active[level] = (active[level] as number) + 1
    rankSums[level] = (rankSums[level] as number) + (ranks[at] as number)
  }
  const zeroRank = (rows - cells.length + 1) / 2
  const scores = {
    auroc: new Float64Array(levels),
    precision: new Float64Array(levels),
    recall: new Float64Array(levels),
    f1: new Float64Array(levels),
  }
  for (let level = 0; level < levels; level++) {
    const size = sizes[level] as number
    const on = active[level] as number
    const rankSum = (rankSums[level] as number) + (size - on) * zeroRank
    // 0 / 0 is NaN: a level that no row or every row has tells nothing.
    scores.auroc[level] = (rankSum - (size * (size + 1)) / 2) / (size * (rows - size))
    scores.precision[level] = on / cells.length
    scores.recall[level] = on / size
    scores.f1[level] = (2 * on) / (cells.length + size)
  }
  return scores
}
