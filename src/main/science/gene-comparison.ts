// Two groups of cells compared over genes whose values are sorted: AUROC, its tie-corrected spread, means, variances, detection.
// Zeros that are not stored rank between negative and positive values; ties count half. Exact, no sampling.

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

/** Stored values of every gene, ascending within a gene. */
export interface SortedGenes {
  readonly indptr: Float64Array
  /** Keys into `labels`. */
  readonly cells: Uint32Array
  readonly values: Float32Array
  /** Where the positive values of a gene begin. */
  readonly positives: Float64Array
  /** 1 active, 2 reference, 0 neither. */
  readonly labels: Uint8Array
}

/** What one stretch of ascending values holds. `wins`: pairs (active, reference) with the active one above, ties half. */
interface Stretch {
  active: number
  reference: number
  wins: number
  /** Σ (t³ − t) over groups of t equal values. */
  ties: number
  sumActive: number
  sumReference: number
  squaresActive: number
  squaresReference: number
}

const emptyStretch = (): Stretch => ({
  active: 0,
  reference: 0,
  wins: 0,
  ties: 0,
  sumActive: 0,
  sumReference: 0,
  squaresActive: 0,
  squaresReference: 0,
})

function walk(genes: SortedGenes, from: number, to: number, into: Stretch): void {
  const { cells, values, labels } = genes
  let activeSeen = 0
  let referenceSeen = 0
  let wins = 0
  let ties = 0
  let sumActive = 0
  let sumReference = 0
  let squaresActive = 0
  let squaresReference = 0
  let tied = NaN
  let tiedActive = 0
  let tiedReference = 0
  for (let at = from; at < to; at++) {
    const label = labels[cells[at] as number] as number
    if (label === 0) continue
    const value = values[at] as number
    if (value !== tied) {
      wins += tiedActive * (referenceSeen + 0.5 * tiedReference)
      ties += cubed(tiedActive + tiedReference)
      activeSeen += tiedActive
      referenceSeen += tiedReference
      tiedActive = 0
      tiedReference = 0
      tied = value
    }
    if (label === 1) {
      tiedActive++
      sumActive += value
      squaresActive += value * value
    } else {
      tiedReference++
      sumReference += value
      squaresReference += value * value
    }
  }
  into.wins = wins + tiedActive * (referenceSeen + 0.5 * tiedReference)
  into.ties = ties + cubed(tiedActive + tiedReference)
  into.active = activeSeen + tiedActive
  into.reference = referenceSeen + tiedReference
  into.sumActive = sumActive
  into.sumReference = sumReference
  into.squaresActive = squaresActive
  into.squaresReference = squaresReference
}

const cubed = (size: number): number => size * size * size - size

/** @param activeSize cells with label 1 @param referenceSize cells with label 2 */
export function compareGenes(genes: SortedGenes, activeSize: number, referenceSize: number): GeneEffects {
  const count = genes.positives.length
  const effects = emptyEffects(count)
  if (activeSize === 0 || referenceSize === 0) return effects
  const below = emptyStretch()
  const above = emptyStretch()
  for (let gene = 0; gene < count; gene++) {
    const middle = genes.positives[gene] as number
    walk(genes, genes.indptr[gene] as number, middle, below)
    walk(genes, middle, genes.indptr[gene + 1] as number, above)
    writeGene(effects, gene, below, above, activeSize, referenceSize)
  }
  return effects
}

function emptyEffects(count: number): GeneEffects {
  return {
    auroc: new Float64Array(count).fill(0.5),
    deviation: new Float64Array(count),
    meanDifference: new Float64Array(count),
    meanReference: new Float64Array(count),
    varianceActive: new Float64Array(count),
    varianceReference: new Float64Array(count),
    detectedActive: new Float64Array(count),
    detectedReference: new Float64Array(count),
  }
}

function writeGene(effects: GeneEffects, gene: number, below: Stretch, above: Stretch, active: number, reference: number): void {
  const zerosActive = active - below.active - above.active
  const zerosReference = reference - below.reference - above.reference
  const wins =
    below.wins +
    zerosActive * (below.reference + 0.5 * zerosReference) +
    above.active * (below.reference + zerosReference) +
    above.wins
  const ties = below.ties + above.ties + cubed(zerosActive + zerosReference)
  const all = active + reference
  const meanActive = (below.sumActive + above.sumActive) / active
  const meanReference = (below.sumReference + above.sumReference) / reference
  effects.auroc[gene] = wins / (active * reference)
  effects.deviation[gene] = Math.sqrt(Math.max(0, ((active * reference) / 12) * (all + 1 - ties / (all * (all - 1)))))
  effects.meanDifference[gene] = meanActive - meanReference
  effects.meanReference[gene] = meanReference
  effects.varianceActive[gene] = variance(below.squaresActive + above.squaresActive, meanActive, active)
  effects.varianceReference[gene] = variance(below.squaresReference + above.squaresReference, meanReference, reference)
  effects.detectedActive[gene] = above.active / active
  effects.detectedReference[gene] = above.reference / reference
}

function variance(squares: number, mean: number, count: number): number {
  const rest = squares - count * mean * mean
  // What rounding leaves of equal values is not a variance.
  return count < 2 || rest <= squares * count * 1e-16 ? 0 : rest / (count - 1)
}
