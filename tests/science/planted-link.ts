// Latents planted in an expression matrix with one term each, for tests of linking as a whole.
import { seededRandom } from '../../src/main/base/random'
import { transpose } from '../../src/main/base/sparse'
import { linkLatents, type LinkInput, type LinkResult, type LinkStep } from '../../src/main/science/link'
import type { TermSets } from '../../src/main/science/term-sets'
import { bothWays } from '../row-source'
import { sparse } from './golden'

export const cells = 600
export const genes = 500
export const terms = 40
/** Term t holds genes 12·t … 12·t + 11 and term 0 is the root with all genes. */
export const membersOf = (term: number): number[] =>
  Array.from({ length: term === 0 ? genes : 12 }, (_, at) => (term === 0 ? at : 12 * term + at))
export const idOf = (term: number): string => `GO:${String(term).padStart(7, '0')}`

export function termSets(): TermSets {
  const lists = Array.from({ length: terms }, (_, term) => membersOf(term))
  const ids = lists.map((_, at) => idOf(at))
  let end = 0
  return {
    ids,
    names: ids,
    root: 0,
    geneCount: genes,
    indptr: Uint32Array.from([0, ...lists.map((list) => (end += list.length))]),
    indices: Uint32Array.from(lists.flat()),
  }
}

/** Latents 0–3: on in 80 cells where the genes of term latent + 5 are raised; 4: noise; 5: 10 cells; 6: dead; 7: on in most cells. */
export function planted(): LinkInput {
  const random = seededRandom(8)
  const latentRows = Array.from({ length: 8 }, (_, latent) => {
    const row = new Array<number>(cells).fill(0)
    const on = latent < 5 ? 80 : latent === 5 ? 10 : latent === 6 ? 0 : 500
    for (let cell = 0; cell < on; cell++)
      row[latent < 4 ? (latent * 100 + cell) % cells : random.below(cells)] = 0.5 + random.uniform()
    return row
  })
  const termOf = (gene: number): number => Math.floor(gene / 12)
  const expression = Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: genes }, (_, gene) => {
      const latent = termOf(gene) - 5
      const raised = latent >= 0 && latent < 4 && (latentRows[latent]?.[cell] ?? 0) > 0
      return random.uniform() < (raised ? 0.8 : 0.3) ? 1 + random.uniform() : 0
    }),
  )
  const matrix = sparse(expression)
  const byGene = transpose(matrix)
  return {
    activations: sparse(latentRows),
    expression: bothWays(matrix),
    strata: null,
    donors: null,
    genes: {
      ontologyGene: Int32Array.from({ length: genes }, (_, gene) => gene),
      detectedCells: Uint32Array.from(
        { length: genes },
        (_, gene) => (byGene.indptr[gene + 1] as number) - (byGene.indptr[gene] as number),
      ),
      meanValue: new Float32Array(genes).fill(1),
    },
    sets: termSets(),
    options: { preset: 'latiscope', method: 'ora', background: 'detected', seed: 0, shuffles: 20, log2PerUnit: 1 / Math.LN2 },
  }
}

/** The result and every step that was told on the way. */
export function run(input: LinkInput): { result: LinkResult; steps: LinkStep[] } {
  const going = linkLatents(input)
  const steps: LinkStep[] = []
  for (let next = going.next(); ; next = going.next()) {
    if (next.done) return { result: next.value, steps }
    steps.push(next.value)
  }
}
