// Pairs of groups of cells compared on one gene whose values are sorted: AUROC, its tie-corrected spread, means, variances, detection.
// Zeros that are not stored rank between negative and positive values; ties count half. Exact, no sampling. Many pairs are compared
// at once: a value of a cell is only looked at by the pairs that cell takes part in.

/** One number per gene (column of the matrix). */
export interface GeneEffects {
  /** Probability that an active cell ranks above a reference cell; 0.5 when a group is empty. */
  readonly auroc: Float64Array
  /** Standard deviation of the Mann–Whitney U of two groups that do not differ, corrected for ties; 0 when all values are equal. */
  readonly deviation: Float64Array
  /** Mean over active cells − mean over reference cells, in the units of the matrix. */
  readonly meanDifference: Float64Array
  readonly meanReference: Float64Array
  /** Variances with n − 1; 0 for a group of one. */
  readonly varianceActive: Float64Array
  readonly varianceReference: Float64Array
  /** Share of the cells with a value above 0. */
  readonly detectedActive: Float64Array
  readonly detectedReference: Float64Array
}

/** Two groups without common members. */
export interface CellGroups {
  readonly active: Uint32Array
  readonly reference: Uint32Array
}

/** Which pairs of groups each cell takes part in: entries [starts[cell], starts[cell + 1]), 2 · pair, + 1 in its reference. */
export interface Memberships {
  readonly starts: Float64Array
  readonly entries: Uint32Array
}

/** Values of one gene, ascending, with their cells. */
export interface SortedGene {
  readonly count: number
  readonly cells: Uint32Array
  readonly values: Float32Array
}

/** What a stretch of ascending values holds for each pair: `wins` counts (active, reference) with the active one above, ties half. */
type Stretch = Float64Array
const wins = 0
/** Σ (t³ − t) over groups of t equal values. */
const ties = 1
const active = 2
const reference = 3
const sumActive = 4
const sumReference = 5
const squaresActive = 6
const squaresReference = 7
/** The value that the last cells share, and how many cells do. */
const tied = 8
const tiedActive = 9
const tiedReference = 10
const width = 11

export function membershipsOf(groups: readonly CellGroups[], cells: number): Memberships {
  const starts = new Float64Array(cells + 1)
  const each = (take: (cell: number, entry: number) => void): void =>
    groups.forEach((pair, at) => {
      for (const cell of pair.active) take(cell, 2 * at)
      for (const cell of pair.reference) take(cell, 2 * at + 1)
    })
  each((cell) => (starts[cell + 1] = (starts[cell + 1] as number) + 1))
  for (let cell = 0; cell < cells; cell++) starts[cell + 1] = (starts[cell + 1] as number) + (starts[cell] as number)
  const next = starts.slice()
  const entries = new Uint32Array(starts[cells] as number)
  each((cell, entry) => {
    const at = next[cell] as number
    next[cell] = at + 1
    entries[at] = entry
  })
  return { starts, entries }
}

/** Compares pairs of groups gene by gene and writes what it finds into the effects of each pair. */
export function createComparer(
  groups: readonly CellGroups[],
  cells: number,
  into: readonly GeneEffects[],
): (gene: number, sorted: SortedGene) => void {
  const memberships = membershipsOf(groups, cells)
  const below = new Float64Array(groups.length * width)
  const above = new Float64Array(groups.length * width)
  let belowUsed = false
  return (gene, sorted) => {
    if (belowUsed) below.fill(0)
    above.fill(0)
    const middle = firstPositive(sorted)
    belowUsed = middle > 0
    walk(sorted, 0, middle, memberships, below)
    walk(sorted, middle, sorted.count, memberships, above)
    for (let pair = 0; pair < groups.length; pair++) {
      const own = groups[pair] as CellGroups
      write(into[pair] as GeneEffects, gene, { below, above, at: pair * width }, own.active.length, own.reference.length)
    }
  }
}

function firstPositive({ count, values }: SortedGene): number {
  let at = 0
  while (at < count && (values[at] as number) <= 0) at++
  return at
}

function walk({ cells, values }: SortedGene, from: number, to: number, { starts, entries }: Memberships, state: Stretch): void {
  for (let at = from; at < to; at++) {
    const cell = cells[at] as number
    const value = values[at] as number
    const end = starts[cell + 1] as number
    for (let place = starts[cell] as number; place < end; place++) {
      const entry = entries[place] as number
      const slot = (entry >>> 1) * width
      if (state[slot + tied] !== value) {
        settle(state, slot)
        state[slot + tied] = value
      }
      const side = entry & 1
      state[slot + tiedActive + side] = (state[slot + tiedActive + side] as number) + 1
      state[slot + sumActive + side] = (state[slot + sumActive + side] as number) + value
      state[slot + squaresActive + side] = (state[slot + squaresActive + side] as number) + value * value
    }
  }
}

/** Counts the cells that share a value once no more of them can come. */
function settle(state: Stretch, slot: number): void {
  const ones = state[slot + tiedActive] as number
  const others = state[slot + tiedReference] as number
  const before = state[slot + reference] as number
  state[slot + wins] = (state[slot + wins] as number) + ones * (before + 0.5 * others)
  state[slot + ties] = (state[slot + ties] as number) + cubed(ones + others)
  state[slot + active] = (state[slot + active] as number) + ones
  state[slot + reference] = before + others
  state[slot + tiedActive] = 0
  state[slot + tiedReference] = 0
}

const cubed = (size: number): number => size * size * size - size

/** Where the effects of pairs are written; the memory is used again for the next pairs. */
export function emptyEffects(genes: number): GeneEffects {
  return {
    auroc: new Float64Array(genes),
    deviation: new Float64Array(genes),
    meanDifference: new Float64Array(genes),
    meanReference: new Float64Array(genes),
    varianceActive: new Float64Array(genes),
    varianceReference: new Float64Array(genes),
    detectedActive: new Float64Array(genes),
    detectedReference: new Float64Array(genes),
  }
}

interface Stretches {
  readonly below: Stretch
  readonly above: Stretch
  /** Where the pair begins in both. */
  readonly at: number
}

function write(effects: GeneEffects, gene: number, { below, above, at }: Stretches, actives: number, references: number): void {
  if (actives === 0 || references === 0) {
    for (const values of Object.values(effects) as Float64Array[]) values[gene] = 0
    effects.auroc[gene] = 0.5
    return
  }
  settle(below, at)
  settle(above, at)
  const low = (field: number): number => below[at + field] as number
  const high = (field: number): number => above[at + field] as number
  const zerosActive = actives - low(active) - high(active)
  const zerosReference = references - low(reference) - high(reference)
  const won =
    low(wins) +
    zerosActive * (low(reference) + 0.5 * zerosReference) +
    high(active) * (low(reference) + zerosReference) +
    high(wins)
  const tiedAll = low(ties) + high(ties) + cubed(zerosActive + zerosReference)
  const all = actives + references
  const meanActive = (low(sumActive) + high(sumActive)) / actives
  const meanReference = (low(sumReference) + high(sumReference)) / references
  effects.auroc[gene] = won / (actives * references)
  effects.deviation[gene] = Math.sqrt(Math.max(0, ((actives * references) / 12) * (all + 1 - tiedAll / (all * (all - 1)))))
  effects.meanDifference[gene] = meanActive - meanReference
  effects.meanReference[gene] = meanReference
  effects.varianceActive[gene] = variance(low(squaresActive) + high(squaresActive), meanActive, actives)
  effects.varianceReference[gene] = variance(low(squaresReference) + high(squaresReference), meanReference, references)
  effects.detectedActive[gene] = high(active) / actives
  effects.detectedReference[gene] = high(reference) / references
}

function variance(squares: number, mean: number, count: number): number {
  const rest = squares - count * mean * mean
  // What rounding leaves of equal values is not a variance.
  return count < 2 || rest <= squares * count * 1e-16 ? 0 : rest / (count - 1)
}
