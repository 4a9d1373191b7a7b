// Effect size and tests of every gene between the active and the reference cells of a latent: Cohen's d, Wilcoxon, Welch's t.
// Truth in science: the cells were chosen by the latent that is tested, so p and q here rank and describe; they prove nothing.
import { logNormalTail, logTwoSidedT } from './distributions'
import type { GeneEffects } from './gene-comparison'
import { benjaminiHochberg } from './multiple-testing'

/** One entry per gene asked for; NaN = not defined (no variance). */
export interface GeneTests {
  /** Difference of means in pooled standard deviations (Cohen 1988). */
  readonly cohensD: Float64Array
  /** Wilcoxon's z corrected for ties, without continuity correction: the score of scanpy's rank_genes_groups(tie_correct=True). */
  readonly wilcoxonScore: Float64Array
  /** Two-sided, normal approximation with tie and continuity correction. */
  readonly wilcoxonLog10P: Float64Array
  /** Benjamini–Hochberg over all genes of the matrix. */
  readonly wilcoxonQ: Float64Array
  readonly welchT: Float64Array
  readonly welchLog10P: Float64Array
  readonly welchQ: Float64Array
}

/** @param columns genes to answer for; the correction always covers all genes */
export function testGenes(effects: GeneEffects, active: number, reference: number, columns: Uint32Array): GeneTests {
  const genes = effects.auroc.length
  const ranks = new Float64Array(genes)
  const means = welchLogs(effects, active, reference)
  for (let gene = 0; gene < genes; gene++) ranks[gene] = wilcoxonLog(effects, gene, active * reference)
  const rankQ = qOf(ranks)
  const meanQ = qOf(means)
  const pick = (value: (gene: number) => number): Float64Array => Float64Array.from(columns, value)
  return {
    cohensD: pick((gene) => cohensDOf(effects, gene, active, reference)),
    wilcoxonScore: pick((gene) => zOf(effects, gene, active * reference)),
    wilcoxonLog10P: pick((gene) => (ranks[gene] as number) / Math.LN10),
    wilcoxonQ: pick((gene) => rankQ[gene] as number),
    welchT: pick((gene) => welchOf(effects, gene, active, reference).t),
    welchLog10P: pick((gene) => (means[gene] as number) / Math.LN10),
    welchQ: pick((gene) => meanQ[gene] as number),
  }
}

/** Genes without variance are tested too: their p is 1. */
const qOf = (logs: Float64Array): Float64Array =>
  benjaminiHochberg(Float64Array.from(logs, (log) => (Number.isNaN(log) ? 1 : Math.exp(log))))

const awayOf = (effects: GeneEffects, gene: number, pairs: number): number => ((effects.auroc[gene] as number) - 0.5) * pairs

/** Standardised U of every gene, for ranking genes on one scale; 0 where all values are equal. @param pairs active × reference cells */
export const wilcoxonScores = (effects: GeneEffects, pairs: number): Float64Array =>
  Float64Array.from(effects.auroc, (_, gene) => {
    const z = zOf(effects, gene, pairs)
    return Number.isNaN(z) ? 0 : z
  })

function zOf(effects: GeneEffects, gene: number, pairs: number): number {
  const deviation = effects.deviation[gene] as number
  return deviation > 0 ? awayOf(effects, gene, pairs) / deviation : NaN
}

function wilcoxonLog(effects: GeneEffects, gene: number, pairs: number): number {
  const deviation = effects.deviation[gene] as number
  if (!(deviation > 0)) return NaN
  return Math.min(0, Math.LN2 + logNormalTail((Math.abs(awayOf(effects, gene, pairs)) - 0.5) / deviation))
}

/** ln of the two-sided p of Welch's test of every gene; NaN where it is not defined. */
export const welchLogs = (effects: GeneEffects, active: number, reference: number): Float64Array =>
  Float64Array.from(effects.auroc, (_, gene) => welchOf(effects, gene, active, reference).log)

/** Welch (1947). `log`: ln of the two-sided p. */
function welchOf(effects: GeneEffects, gene: number, active: number, reference: number): { t: number; log: number } {
  const shareActive = (effects.varianceActive[gene] as number) / active
  const shareReference = (effects.varianceReference[gene] as number) / reference
  const error = shareActive + shareReference
  if (!(error > 0) || active < 2 || reference < 2) return { t: NaN, log: NaN }
  const t = (effects.meanDifference[gene] as number) / Math.sqrt(error)
  const freedom =
    (error * error) / ((shareActive * shareActive) / (active - 1) + (shareReference * shareReference) / (reference - 1))
  return { t, log: logTwoSidedT(t, freedom) }
}

function cohensDOf(effects: GeneEffects, gene: number, active: number, reference: number): number {
  const pooled =
    ((active - 1) * (effects.varianceActive[gene] as number) + (reference - 1) * (effects.varianceReference[gene] as number)) /
    (active + reference - 2)
  return pooled > 0 ? (effects.meanDifference[gene] as number) / Math.sqrt(pooled) : NaN
}
