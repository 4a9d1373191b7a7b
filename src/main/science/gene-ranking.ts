// Ranks all genes between two groups of cells: AUROC, difference of means, detection, in one pass over the stored values.
// Zeros that are not stored rank between negative and positive values; ties count half. Exact, no sampling.
import { transpose, type Csr } from '../base/sparse'

/** One number per gene (column of the matrix). */
export interface GeneEffects {
  /** Probability that an active cell ranks above a reference cell; 0.5 when a group is empty. */
  readonly auroc: Float64Array
  /** Mean over active cells − mean over reference cells, in the units of the matrix. */
  readonly meanDifference: Float64Array
  /** Share of the cells with a value above 0. */
  readonly detectedActive: Float64Array
  readonly detectedReference: Float64Array
}

export interface GeneRanker {
  readonly cells: number
  readonly genes: number
  /** Row numbers of two groups without common members. */
  rank(active: Uint32Array, reference: Uint32Array): GeneEffects
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
/** A 32-bit float written as a double leaves these bits of the low word free: the cell number travels in them while sorting. */
const freeBits = 29
const cellMask = 2 ** freeBits - 1

/** Sorts the values of every gene once. @param matrix cells × genes, finite values, fewer than 2^29 cells */
export const createGeneRanker = (matrix: Csr): GeneRanker => rankerOfGenes(transpose(matrix))

/** The same from genes × cells, whose cells and values are sorted in place. */
export function rankerOfGenes(byGene: Csr): GeneRanker {
  const { indptr, indices: cells, values } = byGene
  /** Where the positive values of a gene begin. */
  const positives = new Float64Array(byGene.rows)
  for (let gene = 0; gene < byGene.rows; gene++) {
    const from = indptr[gene] as number
    const to = indptr[gene + 1] as number
    sortByValue(values, cells, from, to)
    let at = from
    while (at < to && (values[at] as number) <= 0) at++
    positives[gene] = at
  }
  const labels = new Uint8Array(byGene.columns)
  return {
    cells: byGene.columns,
    genes: byGene.rows,
    rank: (active, reference) => {
      for (const cell of reference) labels[cell] = 2
      for (const cell of active) labels[cell] = 1
      const effects = compare({ indptr, cells, values, positives, labels }, active.length, reference.length)
      for (const cell of reference) labels[cell] = 0
      for (const cell of active) labels[cell] = 0
      return effects
    },
  }
}

function sortByValue(values: Float32Array, cells: Uint32Array, from: number, to: number): void {
  const packed = Float64Array.from(values.subarray(from, to))
  const words = new Uint32Array(packed.buffer)
  const low = littleEndian ? 0 : 1
  for (let at = 0; at < packed.length; at++) words[2 * at + low] = (words[2 * at + low] as number) | (cells[from + at] as number)
  packed.sort()
  for (let at = 0; at < packed.length; at++) {
    const word = words[2 * at + low] as number
    cells[from + at] = word & cellMask
    words[2 * at + low] = (word & ~cellMask) >>> 0
  }
  values.set(packed, from)
}

interface SortedGenes {
  readonly indptr: Float64Array
  readonly cells: Uint32Array
  readonly values: Float32Array
  readonly positives: Float64Array
  /** 1 active, 2 reference, 0 neither. */
  readonly labels: Uint8Array
}

/** What one stretch of ascending values holds. `wins`: pairs (active, reference) with the active one above, ties half. */
interface Stretch {
  active: number
  reference: number
  wins: number
  sumActive: number
  sumReference: number
}

function walk(genes: SortedGenes, from: number, to: number, into: Stretch): void {
  const { cells, values, labels } = genes
  let activeSeen = 0
  let referenceSeen = 0
  let wins = 0
  let sumActive = 0
  let sumReference = 0
  let tied = NaN
  let tiedActive = 0
  let tiedReference = 0
  for (let at = from; at < to; at++) {
    const label = labels[cells[at] as number] as number
    if (label === 0) continue
    const value = values[at] as number
    if (value !== tied) {
      wins += tiedActive * (referenceSeen + 0.5 * tiedReference)
      activeSeen += tiedActive
      referenceSeen += tiedReference
      tiedActive = 0
      tiedReference = 0
      tied = value
    }
    if (label === 1) {
      tiedActive++
      sumActive += value
    } else {
      tiedReference++
      sumReference += value
    }
  }
  into.wins = wins + tiedActive * (referenceSeen + 0.5 * tiedReference)
  into.active = activeSeen + tiedActive
  into.reference = referenceSeen + tiedReference
  into.sumActive = sumActive
  into.sumReference = sumReference
}

const emptyStretch = (): Stretch => ({ active: 0, reference: 0, wins: 0, sumActive: 0, sumReference: 0 })

function compare(genes: SortedGenes, activeSize: number, referenceSize: number): GeneEffects {
  const count = genes.positives.length
  const auroc = new Float64Array(count).fill(0.5)
  const meanDifference = new Float64Array(count)
  const detectedActive = new Float64Array(count)
  const detectedReference = new Float64Array(count)
  const effects = { auroc, meanDifference, detectedActive, detectedReference }
  if (activeSize === 0 || referenceSize === 0) return effects
  const below = emptyStretch()
  const above = emptyStretch()
  for (let gene = 0; gene < count; gene++) {
    const middle = genes.positives[gene] as number
    walk(genes, genes.indptr[gene] as number, middle, below)
    walk(genes, middle, genes.indptr[gene + 1] as number, above)
    const zerosActive = activeSize - below.active - above.active
    const zerosReference = referenceSize - below.reference - above.reference
    const wins =
      below.wins +
      zerosActive * (below.reference + 0.5 * zerosReference) +
      above.active * (below.reference + zerosReference) +
      above.wins
    auroc[gene] = wins / (activeSize * referenceSize)
    meanDifference[gene] =
      (below.sumActive + above.sumActive) / activeSize - (below.sumReference + above.sumReference) / referenceSize
    detectedActive[gene] = above.active / activeSize
    detectedReference[gene] = above.reference / referenceSize
  }
  return effects
}
