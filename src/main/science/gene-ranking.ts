// Ranks all genes between many pairs of groups of cells in one pass over the genes, which come in blocks: memory grows with the
// pairs, not with the data. How many pairs go through together is limited here.
import type { RowStream } from '../base/sparse'
import { createComparer, emptyEffects, type CellGroups, type GeneEffects } from './gene-comparison'
import { createColumnSorter } from './packed-sort'

export type { CellGroups, GeneEffects } from './gene-comparison'

/** Bytes that the effects of all pairs of one pass may take. */
const effectBytes = 256 * 1024 * 1024
const bytesPerGene = 8 * 8
/** Cells of all pairs of one pass: 128 MB. */
export const mostMembers = 32_000_000
/** Work between two breaths, in values looked at: about 20 ms. */
const workPerBreath = 2_000_000
/** Reading and sorting one stored value costs about as much as looking at it this many times. */
export const passCost = 8

/** Pairs of groups that go through the genes together. */
export const pairsPerPass = (genes: number): number =>
  Math.max(8, Math.min(512, Math.floor(effectBytes / (bytesPerGene * Math.max(1, genes)))))

export interface GeneRanker {
  readonly cells: number
  readonly genes: number
  readonly stored: number
  /**
   * Answers one set of effects per pair, which the next call overwrites. Yields the share of the pass that is done.
   * @param groups at most `pairsPerPass`, rows of the matrix
   */
  rank(groups: readonly CellGroups[]): Generator<number, readonly GeneEffects[], void>
}

/** @param byGene genes × cells, finite values, fewer than 2^29 cells */
export function createGeneRanker(byGene: RowStream): GeneRanker {
  const { rows: genes, columns: cells, stored } = byGene
  const pool: GeneEffects[] = []
  return {
    cells,
    genes,
    stored,
    *rank(groups) {
      while (pool.length < groups.length) pool.push(emptyEffects(genes))
      const compare = createComparer(groups, cells, pool)
      const members = groups.reduce((sum, { active, reference }) => sum + active.length + reference.length, 0)
      const perValue = passCost + members / Math.max(1, cells)
      const sort = createColumnSorter()
      let [gene, seen, work] = [0, 0, 0]
      for (const block of byGene.blocks()) {
        for (let row = 0; row < block.rows; row++) {
          const [from, to] = [block.indptr[row] as number, block.indptr[row + 1] as number]
          compare(gene++, sort(block.indices.subarray(from, to), block.values.subarray(from, to)))
          seen += to - from
          work += (to - from) * perValue + groups.length * passCost
          if (work < workPerBreath) continue
          work = 0
          yield stored === 0 ? 1 : seen / stored
        }
      }
      return pool.slice(0, groups.length)
    },
  }
}
