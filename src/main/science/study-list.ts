// Which genes count as known background and which of them speak for a latent. Rules and reasons: docs/linking.md.
import type { GeneEffects } from './gene-comparison'

/** What a gene is judged by. */
type Effects = Pick<GeneEffects, 'auroc' | 'meanDifference' | 'detectedActive'>

export interface GeneFacts {
  /** Number in the ontology's gene table, −1 when unmapped; one per column of the expression matrix. */
  readonly ontologyGene: Int32Array
  /** Cells with a value other than 0. */
  readonly detectedCells: Uint32Array
  /** Only of columns that share their gene with others. */
  readonly meanValue: Float32Array
}

export interface Background {
  /** Column that stands for each gene: the one with the highest mean where several map to the same gene. Ascending. */
  readonly columns: Uint32Array
  /** Ontology gene of each of these columns. */
  readonly genes: Int32Array
}

export const fewestStudyGenes = 10
const leastAuroc = 0.55
const leastDetected = 0.05

/** A gene counts as detected from max(3, 0.1 % of the cells) on. */
export const detectionFloor = (cells: number): number => Math.max(3, Math.ceil(0.001 * cells))

/** Detected and mapped genes, each once. @param allowed 1 per ontology gene that may count; null allows all */
export function detectedBackground(facts: GeneFacts, cells: number, allowed: Uint8Array | null): Background {
  const floor = detectionFloor(cells)
  const best = new Map<number, number>()
  for (let column = 0; column < facts.ontologyGene.length; column++) {
    const gene = facts.ontologyGene[column] as number
    if (gene < 0 || (facts.detectedCells[column] as number) < floor || (allowed && allowed[gene] !== 1)) continue
    const before = best.get(gene)
    if (before === undefined || (facts.meanValue[column] as number) > (facts.meanValue[before] as number)) best.set(gene, column)
  }
  const columns = Uint32Array.from(best.values()).sort()
  return { columns, genes: Int32Array.from(columns, (column) => facts.ontologyGene[column] as number) }
}

/** Longest study list: 100 genes, but at most 4 % of the background, and never under 15. */
export const studyLimit = (backgroundSize: number): number => Math.max(15, Math.min(100, Math.floor(0.04 * backgroundSize)))

/**
 * The least AUROC a gene of a study list may have: 0.55, or three standard deviations of the AUROC of two groups that do not
 * differ (Mann–Whitney without ties: variance (a + r + 1) / (12 a r)), whichever is more. With 50 active cells, 0.55 alone is
 * reached by chance by a hundred genes of a transcriptome, and co-expressed ones reach it together.
 */
export function aurocFloor(active: number, reference: number): number {
  return Math.max(leastAuroc, 0.5 + 3 * Math.sqrt((active + reference + 1) / (12 * active * reference)))
}

/**
 * The best genes above the effect floor (`aurocFloor`, detected in ≥ 5 % of the active cells), best first, as places in the background.
 * Equal AUROC: greater difference of means first, then the earlier column. At most `limit` genes. Fewer than 10 mean "too few genes": the caller must not test.
 */
export function studyList(
  effects: Effects,
  background: Background,
  floor: number,
  limit = studyLimit(background.columns.length),
): Uint32Array {
  const passing: number[] = []
  for (let place = 0; place < background.columns.length; place++) {
    const column = background.columns[place] as number
    if ((effects.auroc[column] as number) >= floor && (effects.detectedActive[column] as number) >= leastDetected)
      passing.push(place)
  }
  passing.sort((a, b) => byEffect(effects, background.columns[a] as number, background.columns[b] as number))
  return Uint32Array.from(passing.slice(0, limit))
}

/** The `limit` best columns of the whole matrix by AUROC, best first. */
export function topColumns(effects: Effects, limit: number): Uint32Array {
  const { auroc } = effects
  const edge = limit < auroc.length ? (Float64Array.from(auroc).sort()[auroc.length - limit] as number) : -Infinity
  const candidates: number[] = []
  for (let column = 0; column < auroc.length; column++) if ((auroc[column] as number) >= edge) candidates.push(column)
  return Uint32Array.from(candidates.sort((a, b) => byEffect(effects, a, b)).slice(0, limit))
}

/** The `limit` columns with the lowest AUROC, all under 0.5 and none of `best`, best first: the lowest comes last. */
export function lowestColumns(effects: Effects, limit: number, best: Uint32Array): Uint32Array {
  const taken = new Set(best)
  const { auroc } = effects
  const edge = limit < auroc.length ? (Float64Array.from(auroc).sort()[limit - 1] as number) : 0.5
  const low = Array.from(auroc.keys()).filter((column) => {
    const own = auroc[column] as number
    return own < 0.5 && own <= edge && !taken.has(column)
  })
  return Uint32Array.from(low.sort((a, b) => byEffect(effects, a, b)).slice(-limit))
}

function byEffect(effects: Effects, a: number, b: number): number {
  return (
    (effects.auroc[b] as number) - (effects.auroc[a] as number) ||
    (effects.meanDifference[b] as number) - (effects.meanDifference[a] as number) ||
    a - b
  )
}
