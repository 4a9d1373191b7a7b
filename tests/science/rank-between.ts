// Ranking of genes between two groups of cells, for tests that ask one pair at a time.
import { transpose, type Csr } from '../../src/main/base/sparse'
import { createGeneRanker, type GeneEffects } from '../../src/main/science/gene-ranking'
import { sourceOf } from '../row-source'

/** @param matrix cells × genes */
export function rankBetween(matrix: Csr): (active: Uint32Array, reference: Uint32Array) => GeneEffects {
  const ranker = createGeneRanker(sourceOf(transpose(matrix)))
  return (active, reference) => {
    const pass = ranker.rank([{ active, reference }])
    let next = pass.next()
    while (!next.done) next = pass.next()
    return structuredClone(next.value[0] as GeneEffects)
  }
}
