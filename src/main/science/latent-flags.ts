// Which latents follow a technical property or one gene family instead of biology. Rules and reasons: docs/linking.md.
// Flags are hints beside a latent, never filters: nothing is left out of any statistic because of them.
import type { LatentActivation } from './choose-cells'
import { createSparseSpearman } from './correlation'

export type CellFlag = 'depth' | 'donor' | 'batch'
export type GeneFlag = 'ribosomal' | 'mitochondrial'

/** One flag and what it rests on. */
export interface LatentFlag<Word extends string = CellFlag | GeneFlag> {
  readonly flag: Word
  /** The measure, the group or the genes it was found in, as a user knows them. */
  readonly source: string
  /** Spearman's ρ for depth, share of the activation for donor and batch, share of the best genes for a family. */
  readonly value: number
}

/** A number per cell that grows with what was sequenced; not finite = not known. */
export interface DepthMeasure {
  readonly name: string
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
export const heldActivation = 0.8
export const heldCells = 0.4
export const familyGenes = 20
/** Fewer ranked genes than this say nothing about a family. */
const fewestFamilyGenes = 10

const depthNames: readonly RegExp[] = [
  /^(?:log(?:10|2|1p)?_?)?(?:n|num|total|sum)_?(?:counts?|umis?|reads)(?:_(?:rna|all|raw))?$/,
  /^(?:log(?:10|2|1p)?_?)?(?:library_?size|lib_?size|depth|sequencing_depth)$/,
  /^(?:log(?:10|2|1p)?_?)?(?:n|num|total)_?(?:genes?|features?)(?:_by_counts|_detected)?(?:_rna)?$/,
  /^(?:percent|perc|pct|fraction|frac)_?(?:counts_)?(?:mito|mitochondrial|mt)(?:_(?:genes|rna))?$/,
  /^(?:mito|mitochondrial|mt)_?(?:percent|perc|pct|fraction|frac|share|ratio)$/,
]

/** Does a numeric column of this name hold counts, detected genes or the mitochondrial share of a cell? */
export function measuresDepth(column: string): boolean {
  const name = column.toLowerCase().replace(/[\s.-]+/g, '_')
  return depthNames.some((pattern) => pattern.test(name))
}

/** Prepares measures and groups once, then judges one latent at a time in O(active · log active + levels). */
export function createCellFlagger(
  cells: number,
  measures: readonly DepthMeasure[],
  groupings: readonly FlagGrouping[],
): (activation: LatentActivation) => LatentFlag<CellFlag>[] {
  const depths = measures.map(({ name, values }) => ({ name, correlate: createSparseSpearman(values) }))
  const groups = groupings.map((grouping) => {
    const sizes = new Float64Array(grouping.levels.length)
    for (const code of grouping.codes) if (code >= 0) sizes[code] = (sizes[code] as number) + 1
    return { ...grouping, sizes }
  })
  return (activation) => {
    if (activation.cells.length < fewestFlagged) return []
    let strongest: LatentFlag<CellFlag> | null = null
    for (const { name, correlate } of depths) {
      const rho = correlate(activation.cells, activation.values)
      if (rho === null || Math.abs(rho) < depthCorrelation) continue
      if (strongest === null || Math.abs(rho) > Math.abs(strongest.value)) strongest = { flag: 'depth', source: name, value: rho }
    }
    const held = groups.flatMap((group) => holderOf(group, activation, cells) ?? [])
    return strongest ? [strongest, ...held] : held
  }
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

/** RPL and RPS genes with their variants; kinases of S6 and binding proteins only share the letters. */
const ribosomal = /^RP[LS](?:P?\d+|A)[A-Z]*\d*$/i
const notRibosomal = /^RPS6K|^RPS19BP/i
const mitochondrial = /^MT[-.]/i
const families: readonly { readonly flag: GeneFlag; readonly has: (gene: string) => boolean }[] = [
  { flag: 'ribosomal', has: (gene) => ribosomal.test(gene) && !notRibosomal.test(gene) },
  { flag: 'mitochondrial', has: (gene) => mitochondrial.test(gene) },
]

/** The family that more than half of the 20 best genes belong to. @param genes symbols, best first */
export function familyFlags(genes: readonly string[]): LatentFlag<GeneFlag>[] {
  const best = genes.slice(0, familyGenes)
  if (best.length < fewestFamilyGenes) return []
  return families.flatMap(({ flag, has }) => {
    const share = best.filter(has).length / best.length
    return share > 0.5 ? [{ flag, source: `${best.length} best genes`, value: share }] : []
  })
}
