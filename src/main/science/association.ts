// Pearson, Spearman and AUROC of every latent's activation with every gene over all cells: both sides sparse, one gene at a time.
// Per stored value of a gene the work is the number of latents that are on in its cell; cells × genes are never held dense.
import type { Csr } from '../base/sparse'
import { ascendingOrder } from './packed-sort'

/** One number per latent; NaN where the latent or the gene is constant. */
export interface GeneAssociation {
  /** Of the activation with the stored values (log scale where possible). */
  readonly pearson: Float64Array
  /** Ties share the mean rank; all cells that are off tie. */
  readonly spearman: Float64Array
  /** Probability that a cell in which the latent is on has more of the gene than one in which it is off. */
  readonly auroc: Float64Array
}

/** Stored values of one gene: ascending cells, no zeros. */
export interface GeneColumn {
  readonly cells: Uint32Array
  readonly values: Float32Array
}

interface LatentFacts {
  readonly active: Float64Array
  readonly sum: Float64Array
  readonly squares: Float64Array
  /** Ranks are measured from the rank that all zeros share, so that zeros drop out. */
  readonly rankSum: Float64Array
  readonly rankSquares: Float64Array
}

/**
 * Prepares the latents, then relates one gene after the other to all of them; the answer is overwritten by the next call.
 * @param activations cells × latents, values > 0
 */
export function createAssociator(activations: Csr): (gene: GeneColumn) => GeneAssociation {
  const { rows: cells, columns: latents, indptr, indices, values } = activations
  const ranks = new Float32Array(values.length)
  const facts = rankLatents(activations, ranks)
  /** Per latent: Σ value·activation, Σ rank·rank, Σ rank of the gene where the latent is on. */
  const sums = new Float64Array(3 * latents)
  const answer = {
    pearson: new Float64Array(latents),
    spearman: new Float64Array(latents),
    auroc: new Float64Array(latents),
  }
  return (gene) => {
    sums.fill(0)
    const own = rankGene(gene, cells)
    for (let at = 0; at < gene.cells.length; at++) {
      const cell = gene.cells[at] as number
      const value = gene.values[at] as number
      const lifted = own.ranks[at] as number
      const end = indptr[cell + 1] as number
      for (let on = indptr[cell] as number; on < end; on++) {
        const slot = 3 * (indices[on] as number)
        sums[slot] = (sums[slot] as number) + value * (values[on] as number)
        sums[slot + 1] = (sums[slot + 1] as number) + lifted * (ranks[on] as number)
        sums[slot + 2] = (sums[slot + 2] as number) + lifted
      }
    }
    for (let latent = 0; latent < latents; latent++) relate(latent, sums, facts, own, cells, answer)
    return answer
  }
}

function relate(
  latent: number,
  sums: Float64Array,
  facts: LatentFacts,
  gene: GeneFacts,
  cells: number,
  into: GeneAssociation,
): void {
  const slot = 3 * latent
  const correlate = (product: number, sumA: number, squaresA: number, sumB: number, squaresB: number): number => {
    const spreadA = squaresA - (sumA * sumA) / cells
    const spreadB = squaresB - (sumB * sumB) / cells
    if (!(spreadA > squaresA * 1e-12 && spreadB > squaresB * 1e-12)) return NaN
    return Math.max(-1, Math.min(1, (product - (sumA * sumB) / cells) / Math.sqrt(spreadA * spreadB)))
  }
  const value = (from: Float64Array): number => from[latent] as number
  into.pearson[latent] = correlate(sums[slot] as number, value(facts.sum), value(facts.squares), gene.sum, gene.squares)
  into.spearman[latent] = correlate(
    sums[slot + 1] as number,
    value(facts.rankSum),
    value(facts.rankSquares),
    gene.rankSum,
    gene.rankSquares,
  )
  const on = value(facts.active)
  const rankSum = (sums[slot + 2] as number) + on * gene.zeroRank
  into.auroc[latent] = on === 0 || on === cells ? NaN : (rankSum - (on * (on + 1)) / 2) / (on * (cells - on))
}

/** Writes the rank of every stored activation among all cells, less the rank of the zeros, and sums up each latent. */
function rankLatents({ rows: cells, columns: latents, indices, values }: Csr, ranks: Float32Array): LatentFacts {
  const facts = {
    active: new Float64Array(latents),
    sum: new Float64Array(latents),
    squares: new Float64Array(latents),
    rankSum: new Float64Array(latents),
    rankSquares: new Float64Array(latents),
  }
  const add = (into: Float64Array, latent: number, value: number): void => {
    into[latent] = (into[latent] as number) + value
  }
  const ends = new Float64Array(latents + 1)
  for (const latent of indices) add(ends, latent + 1, 1)
  for (let latent = 0; latent < latents; latent++) {
    facts.active[latent] = ends[latent + 1] as number
    add(ends, latent + 1, ends[latent] as number)
  }
  const places = new Float64Array(indices.length)
  const next = ends.slice()
  for (let at = 0; at < indices.length; at++) {
    const latent = indices[at] as number
    places[next[latent] as number] = at
    add(next, latent, 1)
    add(facts.sum, latent, values[at] as number)
    add(facts.squares, latent, (values[at] as number) ** 2)
  }
  for (let latent = 0; latent < latents; latent++) {
    const unsorted = places.subarray(ends[latent] as number, ends[latent + 1] as number)
    const own = Float64Array.from(
      ascendingOrder(Float32Array.from(unsorted, (place) => values[place] as number)),
      (at) => unsorted[at] as number,
    )
    const zeros = cells - own.length
    for (let from = 0; from < own.length;) {
      let to = from + 1
      while (to < own.length && values[own[to] as number] === values[own[from] as number]) to++
      const lifted = zeros + (from + to + 1) / 2 - (zeros + 1) / 2
      for (let at = from; at < to; at++) ranks[own[at] as number] = lifted
      facts.rankSum[latent] = (facts.rankSum[latent] as number) + lifted * (to - from)
      facts.rankSquares[latent] = (facts.rankSquares[latent] as number) + lifted * lifted * (to - from)
      from = to
    }
  }
  return facts
}

/** Ranks of a sparse list among all its entries, less the rank that its zeros share: other than 0 only where the list is. */
export const liftedRanks = (values: Float32Array, entries: number): Float64Array =>
  rankGene({ cells: new Uint32Array(0), values }, entries).ranks

interface GeneFacts {
  /** In the order of the stored values, less `zeroRank`. */
  readonly ranks: Float64Array
  /** Rank that all zeros share: negative values rank below it. */
  readonly zeroRank: number
  readonly sum: number
  readonly squares: number
  readonly rankSum: number
  readonly rankSquares: number
}

function rankGene({ values }: GeneColumn, cells: number): GeneFacts {
  const order = ascendingOrder(values)
  const zeros = cells - order.length
  let negative = 0
  while (negative < order.length && (values[order[negative] as number] as number) < 0) negative++
  const zeroRank = negative + (zeros + 1) / 2
  const ranks = new Float64Array(order.length)
  let sum = 0
  let squares = 0
  let rankSum = 0
  let rankSquares = 0
  for (let from = 0; from < order.length;) {
    const value = values[order[from] as number] as number
    let to = from + 1
    while (to < order.length && values[order[to] as number] === value) to++
    const lifted = (from < negative ? 0 : zeros) + (from + to + 1) / 2 - zeroRank
    for (let at = from; at < to; at++) ranks[order[at] as number] = lifted
    const size = to - from
    sum += value * size
    squares += value * value * size
    rankSum += lifted * size
    rankSquares += lifted * lifted * size
    from = to
  }
  return { ranks, zeroRank, sum, squares, rankSum, rankSquares }
}
