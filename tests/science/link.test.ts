// Linking as a whole: planted programs are found, noise is not, and the same seed gives the same result.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { transpose } from '../../src/main/base/sparse'
import { createGeneRanker } from '../../src/main/science/gene-ranking'
import { linkLatents, type LinkInput, type LinkResult } from '../../src/main/science/link'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import type { TermSets } from '../../src/main/science/term-sets'
import { sparse } from './golden'

const cells = 600
const genes = 500
const terms = 40
/** Term t holds genes 12·t … 12·t + 11 and term 0 is the root with all genes. */
const membersOf = (term: number): number[] =>
  Array.from({ length: term === 0 ? genes : 12 }, (_, at) => (term === 0 ? at : 12 * term + at))

function termSets(): TermSets {
  const lists = Array.from({ length: terms }, (_, term) => membersOf(term))
  const ids = lists.map((_, at) => `GO:${String(at).padStart(7, '0')}`)
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
function planted(): LinkInput {
  const random = seededRandom(8)
  const latentRows = Array.from({ length: 8 }, (_, latent) => {
    const row = new Array<number>(cells).fill(0)
    const on = latent < 5 ? 80 : latent === 5 ? 10 : latent === 6 ? 0 : 500
    for (let cell = 0; cell < on; cell++)
      row[latent < 4 ? (latent * 100 + cell) % cells : random.below(cells)] = 0.5 + random.uniform()
    return row
  })
  const expression = Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: genes }, (_, gene) => {
      const raised = [0, 1, 2, 3].some((latent) => (latentRows[latent]?.[cell] ?? 0) > 0 && membersOf(latent + 5).includes(gene))
      return random.uniform() < (raised ? 0.8 : 0.3) ? 1 + random.uniform() : 0
    }),
  )
  const matrix = sparse(expression)
  const byGene = transpose(matrix)
  return {
    activations: sparse(latentRows),
    ranker: createGeneRanker(matrix),
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

function run(input: LinkInput): { result: LinkResult; steps: number } {
  const steps = linkLatents(input)
  for (let count = 0; ; count++) {
    const next = steps.next()
    if (next.done) return { result: next.value, steps: count }
  }
}

describe('linking latents to genes and terms', () => {
  const input = planted()
  const { result, steps } = run(input)

  it('finds the planted term of each latent first, significant in both families', () => {
    for (let latent = 0; latent < 4; latent++) {
      const hits = result.latents[latent]?.hits
      expect(result.latents[latent]?.status).toBe('tested')
      expect(input.sets.ids[hits?.terms[0] as number]).toBe(`GO:${String(latent + 5).padStart(7, '0')}`)
      expect(hits?.qLatent[0]).toBeLessThan(1e-6)
      expect(hits?.qOverall[0]).toBeLessThan(1e-6)
      const shown = Array.from(result.latents[latent]?.topGenes?.columns.slice(0, 12) ?? []).sort((a, b) => a - b)
      expect(shown).toEqual(membersOf(latent + 5))
    }
  })

  it('finds nothing significant for noise, and says why the others are not tested', () => {
    expect(result.latents.slice(4).map((one) => one.status)).toEqual([
      expect.stringMatching(/tested|too few genes/),
      'too few cells',
      'dead',
      expect.any(String),
    ])
    expect(result.latents[7]?.mode).toBe('high-low')
    for (const q of result.latents[4]?.hits?.qOverall ?? []) expect(q).toBeGreaterThan(0.05)
    expect(result.significant.latents).toBe(4)
    expect(result.significant.pairs).toBe(4)
  })

  it('counts tests over tested latents and all terms in range, and names the shared genes', () => {
    const tested = result.latents.filter((one) => one.status === 'tested')
    expect(result.testedLatents).toBe(tested.length)
    expect(result.testedTerms).toBe(terms - 1)
    expect(result.backgroundSize).toBe(genes)
    const first = result.latents[0]
    const shared = Array.from(first?.hits?.genes.slice(0, first.hits.overlaps[0]) ?? [], (place) => first?.study[place] as number)
    expect(shared.every((gene) => membersOf(5).includes(gene))).toBe(true)
    expect(shared.length).toBeGreaterThanOrEqual(10)
  })

  it('gives the q overall of all latent × term pairs at once', () => {
    const pairs = result.latents.flatMap((one) =>
      Array.from(one.hits?.p ?? [], (p, at) => ({ p, q: one.hits?.qOverall[at] as number })),
    )
    // The family is small enough here that every pair is kept.
    expect(pairs.length).toBe(result.testedLatents * result.testedTerms)
    benjaminiHochberg(pairs.map((one) => one.p)).forEach((q, at) => expect(pairs[at]?.q).toBeCloseTo(q, 14))
  })

  it('finds no terms in shuffled copies beyond chance', () => {
    expect(result.shuffled.copies).toBe(20)
    expect(result.shuffled.withTerm).toBeLessThanOrEqual(3)
    expect(steps).toBe(8 + 20)
  })

  it('repeats itself for the same seed', () => {
    expect(run(planted()).result).toEqual(result)
  })

  it('counts only annotated genes as background when asked to', () => {
    const half = { ...input, sets: { ...input.sets, root: -1, ...withoutRoot(input.sets) } }
    expect(run({ ...half, options: { ...input.options, background: 'annotated', shuffles: 0 } }).result.backgroundSize).toBe(
      (terms - 1) * 12,
    )
  })
})

function withoutRoot(sets: TermSets): Pick<TermSets, 'ids' | 'names' | 'indptr' | 'indices'> {
  return {
    ids: sets.ids.slice(1),
    names: sets.names.slice(1),
    indptr: sets.indptr.slice(1).map((end) => end - genes),
    indices: sets.indices.slice(genes),
  }
}
