// The linking of scFeatureLens as its paper describes it, for comparison: which cells, which genes, which terms. Its weaknesses are
// kept on purpose and said beside its results (enrichment-presets.ts); nothing else of the program uses this.
import type { ChosenCells, LatentActivation } from './choose-cells'
import { logNormalTail } from './distributions'
import type { GeneEffects } from './gene-comparison'
import { welchLogs } from './gene-tests'
import { benjaminiHochberg } from './multiple-testing'
import type { Background } from './study-list'
import type { TermFamily } from './term-sets'

const percentile = 0.99

/** Cells strictly above the 99th percentile of all activations (all active cells when it is 0) against all cells that are off. */
export function publishedCells({ cells, values }: LatentActivation, rows: number): ChosenCells | null {
  const edge = quantileWithZeros(values, rows, percentile)
  const active = cells.filter((_, at) => (values[at] as number) > edge)
  const isOn = new Uint8Array(rows)
  for (const cell of cells) isOn[cell] = 1
  const reference = Uint32Array.from({ length: rows }, (_, cell) => cell).filter((cell) => isOn[cell] === 0)
  return active.length < 2 || reference.length < 2 ? null : { mode: 'active-inactive', active, reference, matched: false }
}

/** Linear interpolation between neighbours, as numpy does. */
function quantileWithZeros(values: Float32Array, rows: number, share: number): number {
  const ascending = Float32Array.from(values).sort()
  const zeros = rows - ascending.length
  const at = share * (rows - 1)
  const value = (place: number): number => (place < zeros ? 0 : (ascending[place - zeros] ?? 0))
  const low = Math.floor(at)
  return value(low) + (at - low) * (value(Math.min(rows - 1, low + 1)) - value(low))
}

/** Ratio of means, with what the tool adds to the denominator. */
const foldOf = (effects: GeneEffects, gene: number): number => {
  const reference = effects.meanReference[gene] as number
  return (reference + (effects.meanDifference[gene] as number)) / (reference + 1e-8)
}

/**
 * Genes with a corrected Welch p below 1e-5 and a fold change above 2 or below ½. As published, the limit becomes 0.05 when no gene
 * passes, and the fold change is not asked for when none reaches 2. Places in the background.
 */
export function publishedStudy(effects: GeneEffects, cells: ChosenCells, background: Background): Uint32Array {
  const logs = welchLogs(effects, cells.active.length, cells.reference.length)
  const q = benjaminiHochberg(Float64Array.from(logs, (log) => (Number.isNaN(log) ? 1 : Math.exp(log))))
  const folds = Float64Array.from(background.columns, (column) => foldOf(effects, column))
  const anyFold = !folds.some((fold) => fold >= 2)
  const limit = background.columns.some((column) => (q[column] as number) < 1e-5) ? 1e-5 : 0.05
  return Uint32Array.from(background.columns.keys()).filter((place) => {
    const fold = folds[place] as number
    return (q[background.columns[place] as number] as number) < limit && (anyFold || fold > 2 || fold < 0.5)
  })
}

export interface FoldRanks {
  /** Share of (member, other) pairs in which the member has the greater fold change, per term. */
  readonly effect: Float64Array
  /** One-tailed on the smaller U without tie correction: half the proper value. */
  readonly p: Float64Array
}

/** Mann–Whitney of every term's genes by fold change, with the tool's own p. */
export function publishedRankTest(effects: GeneEffects, background: Background, family: TermFamily): FoldRanks {
  const genes = background.columns.length
  const folds = Float64Array.from(background.columns, (column) => foldOf(effects, column))
  const order = Uint32Array.from(folds.keys()).sort((a, b) => (folds[a] as number) - (folds[b] as number) || a - b)
  const sums = new Float64Array(family.terms.length)
  const { indptr, indices } = family.termsOfGene
  order.forEach((gene, rank) => {
    for (let at = indptr[gene] as number; at < (indptr[gene + 1] as number); at++) {
      const term = indices[at] as number
      sums[term] = (sums[term] as number) + rank + 1
    }
  })
  const effect = Float64Array.from(family.sizes, (size, term) => {
    const others = genes - size
    return others === 0 ? 0.5 : ((sums[term] as number) - (size * (size + 1)) / 2) / (size * others)
  })
  const p = Float64Array.from(effect, (value, term) => publishedTail(value, family.sizes[term] as number, genes))
  return { effect, p }
}

/** @param effect U as a share of all pairs @param size genes of the term @param genes of the background */
export function publishedTail(effect: number, size: number, genes: number): number {
  const z = (Math.min(effect, 1 - effect) - 0.5) * Math.sqrt((12 * size * (genes - size)) / (genes + 1))
  return Math.exp(logNormalTail(-z))
}
