// Which latents follow a technical property or one gene family instead of biology. Rules and reasons: docs/linking.md.
// Flags are hints beside a latent, never filters: nothing is left out of any statistic because of them.
import type { LatentActivation } from './choose-cells'
import { createSparseSpearman } from './correlation'
import { createOnOffScorer } from './number-association'
import { rank } from './ranks'

export type CellFlag = 'depth' | 'mito-share' | 'doublet' | 'donor' | 'batch'

/** One flag and what it rests on. */
export interface LatentFlag<Word extends string = string> {
  readonly flag: Word
  /** The measure, the group or the genes it was found in, as a user knows them. */
  readonly source: string
  /** A rank correlation for depth and the like, share of the activation for donor and batch, share of the best genes for a family. */
  readonly value: number
}

/** A number per cell that a technical cause raises; not finite = not known. */
export interface TechnicalMeasure {
  readonly name: string
  readonly flag: 'depth' | 'mito-share' | 'doublet'
  readonly values: ArrayLike<number>
}

export interface FlagGrouping {
  readonly flag: 'donor' | 'batch'
  readonly levels: readonly string[]
  /** Level of each cell, −1 = missing. */
  readonly codes: Int32Array
}

/** With fewer active cells, one group holds most of the activation by chance. */
export const fewestFlagged = 20
export const depthCorrelation = 0.5
/** Rank-biserial correlation (2 · AUROC − 1) of on against off: what a Spearman of 0.5 is for a latent on in half of the cells. */
export const depthOnOff = 0.6
/** Doublets hold the counts of two cells. */
const doubletCounts = 1.5
export const heldActivation = 0.8
export const heldCells = 0.4

const depthNames: readonly RegExp[] = [
  /^(?:log(?:10|2|1p)?_?)?(?:n|num|total|sum)_?(?:counts?|umis?|reads)(?:_(?:rna|all|raw))?$/,
  /^(?:log(?:10|2|1p)?_?)?(?:library_?size|lib_?size|depth|sequencing_depth)$/,
  /^(?:log(?:10|2|1p)?_?)?(?:n|num|total)_?(?:genes?|features?)(?:_by_counts|_detected)?(?:_rna)?$/,
]
const mitoNames: readonly RegExp[] = [
  /^(?:percent|perc|pct|fraction|frac)_?(?:counts_)?(?:mito|mitochondrial|mt)(?:_(?:genes|rna))?$/,
  /^(?:mito|mitochondrial|mt)_?(?:percent|perc|pct|fraction|frac|share|ratio)$/,
]
const doubletNames: readonly RegExp[] = [
  /^(?:scrublet_?|scdblfinder_?|solo_?)?doublet_?(?:scores?|probability|prob)$/,
  /^scdblfinder_score$/,
  /^pann_/,
]

/** Does a numeric column of this name hold counts or detected genes, the mitochondrial share, or a doublet score? Null: none of them. */
export function technicalCause(column: string): TechnicalMeasure['flag'] | null {
  const name = column.toLowerCase().replace(/[\s.-]+/g, '_')
  if (depthNames.some((pattern) => pattern.test(name))) return 'depth'
  if (mitoNames.some((pattern) => pattern.test(name))) return 'mito-share'
  return doubletNames.some((pattern) => pattern.test(name)) ? 'doublet' : null
}

/**
 * Prepares measures and groups once, then judges one latent at a time in O(active · log active + levels).
 * @param types cell type of each cell (−1 = none): measures are then taken as ranks within the type, so that a latent that marks a
 *   type of large cells is not taken for one that follows size; null where no types are known
 */
export function createCellFlagger(
  cells: number,
  measures: readonly TechnicalMeasure[],
  groupings: readonly FlagGrouping[],
  types: Int32Array | null = null,
): (activation: LatentActivation) => LatentFlag<CellFlag>[] {
  const judges = measures.map((measure) => {
    const values = types ? ranksWithin(measure.values, types) : measure.values
    return { ...measure, correlate: createSparseSpearman(values), onOff: createOnOffScorer(values) }
  })
  const counted = measures.find(({ flag, name }) => flag === 'depth' && !/^log|genes|features/i.test(name))
  const several = types && new Set(types.filter((type) => type >= 0)).size > 2 ? types : null
  const doublet = counted ? createDoubletJudge(counted, several) : null
  const groups = groupings.map((grouping) => {
    const sizes = new Float64Array(grouping.levels.length)
    for (const code of grouping.codes) if (code >= 0) sizes[code] = (sizes[code] as number) + 1
    return { ...grouping, sizes }
  })
  return (activation) => {
    if (activation.cells.length < fewestFlagged) return []
    const strongest = new Map<CellFlag, LatentFlag<CellFlag>>()
    for (const { name, flag, correlate, onOff } of judges) {
      const value = strengthOf(correlate(activation.cells, activation.values), onOff(activation.cells))
      if (value === null || (flag === 'doublet' && value < 0)) continue
      const known = strongest.get(flag)
      if (!known || Math.abs(value) > Math.abs(known.value))
        strongest.set(flag, { flag, source: types ? `${name} within cell types` : name, value })
    }
    // Without types, twice the counts are better called depth.
    const mixed = strongest.has('doublet') || (!several && strongest.has('depth')) ? null : (doublet?.(activation) ?? null)
    const held = groups.flatMap((group) => holderOf(group, activation, cells) ?? [])
    return [...strongest.values(), ...(mixed ? [mixed] : []), ...held]
  }
}

/** Which of the two rank correlations passes its limit, the one further beyond it; null when neither does. */
function strengthOf(rho: number | null, auroc: number | null): number | null {
  const overall = rho ?? 0
  const onOff = auroc === null ? 0 : 2 * auroc - 1
  const [one, other] = [Math.abs(overall) / depthCorrelation, Math.abs(onOff) / depthOnOff]
  if (Math.max(one, other) < 1) return null
  return one >= other ? overall : onOff
}

/** Rank of each number among the cells of its type, from 0 to 1; ties share the mean. Cells without a type form one more. */
function ranksWithin(values: ArrayLike<number>, types: Int32Array): Float64Array {
  const members = new Map<number, number[]>()
  types.forEach((type, cell) => {
    if (!Number.isFinite(values[cell])) return
    const own = members.get(type)
    if (own) own.push(cell)
    else members.set(type, [cell])
  })
  const ranks = new Float64Array(types.length).fill(NaN)
  for (const own of members.values()) {
    const ranked = rank(own.map((cell) => values[cell] as number)).ranks
    own.forEach((cell, at) => (ranks[cell] = ((ranked[at] as number) - 0.5) / own.length))
  }
  return ranks
}

/** Standard deviations of the rank-biserial correlation that few active cells reach by chance. */
const beyondChance = 4
/** A type must hold this share of the activation to count as one of two, and both together this one. */
const typeHolds = 0.25
const bothHold = 0.8
/** Cells of the other types are at most this strong on average, beside those of the two. */
const restBeside = 0.25

/**
 * Active cells with 1.5 times the counts of their kind are doublet-like. Where types are known, the activation must also be shared by
 * two of them, and counts are compared within the type.
 */
function createDoubletJudge(
  { name, values }: TechnicalMeasure,
  types: Int32Array | null,
): (activation: LatentActivation) => LatentFlag<CellFlag> | null {
  const sizes = sizesOf(types)
  const byType = new Map<number, number[]>()
  for (let cell = 0; cell < values.length; cell++) {
    if (!Number.isFinite(values[cell])) continue
    const type = types?.[cell] ?? 0
    const own = byType.get(type)
    if (own) own.push(values[cell] as number)
    else byType.set(type, [values[cell] as number])
  }
  const medians = new Map(Array.from(byType, ([type, own]) => [type, median(own)]))
  const ratios = Float64Array.from(values, (value, cell) => value / (medians.get(types?.[cell] ?? 0) ?? NaN))
  const onOff = createOnOffScorer(ratios)
  return ({ cells, values: activations }) => {
    if (types && !isSharedByTwo(cells, activations, types, sizes)) return null
    const known = Array.from(cells, (cell) => ratios[cell] as number).filter((ratio) => Number.isFinite(ratio))
    if (known.length < fewestFlagged) return null
    const chance = Math.sqrt((values.length + 1) / (3 * known.length * Math.max(1, values.length - known.length)))
    const ratio = median(known)
    return ratio >= doubletCounts && 2 * (onOff(cells) ?? 0.5) - 1 >= beyondChance * chance
      ? {
          flag: 'doublet',
          source: `${name}, ${ratio.toFixed(1)} times the median${types ? ' of the cell type' : ''}`,
          value: ratio,
        }
      : null
  }
}

function sizesOf(types: Int32Array | null): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>()
  for (const type of types ?? []) sizes.set(type, (sizes.get(type) ?? 0) + 1)
  return sizes
}

function isSharedByTwo(
  cells: Uint32Array,
  activations: Float32Array,
  types: Int32Array,
  sizes: ReadonlyMap<number, number>,
): boolean {
  const mass = new Map<number, number>()
  let total = 0
  cells.forEach((cell, at) => {
    const type = types[cell] as number
    const value = activations[at] as number
    total += value
    mass.set(type, (mass.get(type) ?? 0) + value)
  })
  const [[one, first] = [-1, 0], [other, second] = [-1, 0]] = [...mass].sort((a, b) => b[1] - a[1])
  if (second < typeHolds * total || first + second < bothHold * total) return false
  // Where two types are most of the cells, they hold most of any activation.
  const inBoth = (sizes.get(one) ?? 0) + (sizes.get(other) ?? 0)
  return (total - first - second) * inBoth <= restBeside * (first + second) * (types.length - inBoth)
}

function median(values: readonly number[]): number {
  const ascending = Float64Array.from(values).sort()
  const middle = ascending.length >> 1
  return ascending.length % 2 === 1
    ? (ascending[middle] as number)
    : ((ascending[middle - 1] as number) + (ascending[middle] as number)) / 2
}

/** The group with over 80 % of the activation and under 40 % of all cells; cells without a group count as others. */
function holderOf(
  group: FlagGrouping & { readonly sizes: Float64Array },
  { cells: active, values }: LatentActivation,
  cells: number,
): LatentFlag<CellFlag> | null {
  const mass = new Float64Array(group.levels.length)
  let total = 0
  for (let at = 0; at < active.length; at++) {
    const value = values[at] as number
    const level = group.codes[active[at] as number] as number
    total += value
    if (level >= 0) mass[level] = (mass[level] as number) + value
  }
  const level = mass.findIndex((held) => held > heldActivation * total)
  if (level < 0 || (group.sizes[level] as number) >= heldCells * cells) return null
  return { flag: group.flag, source: group.levels[level] ?? '', value: (mass[level] as number) / total }
}
