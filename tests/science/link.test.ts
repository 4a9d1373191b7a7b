// Linking as a whole: planted programs are found, noise is not, and the same seed gives the same result.
import { describe, expect, it } from 'vitest'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import type { TermSets } from '../../src/main/science/term-sets'
import { genes, idOf, membersOf, planted, run, terms } from './planted-link'

describe('linking latents to genes and terms', () => {
  const input = planted()
  const { result, steps } = run(input)

  it('finds the planted term of each latent first, significant in both families', () => {
    for (let latent = 0; latent < 4; latent++) {
      const hits = result.latents[latent]?.hits
      expect(result.latents[latent]?.status).toBe('tested')
      expect(input.sets.ids[hits?.terms[0] as number]).toBe(idOf(latent + 5))
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

  it('finds terms in at most 5 % of shuffled copies', () => {
    const { shuffled } = run({ ...input, options: { ...input.options, shuffles: 500 } }).result
    expect(shuffled.copies).toBe(500)
    expect(shuffled.withTerm).toBeLessThanOrEqual(25)
  })

  it('tells how far it is: never back, latents before copies, and all of it in the end', () => {
    const share = steps.map(({ tested, ranked }) => tested.done / tested.of + ranked.done / ranked.of)
    expect(share).toEqual([...share].sort((a, b) => a - b))
    expect(steps.map(({ phase }) => phase)).toEqual(steps.map(({ phase }) => phase).sort())
    expect(steps.at(-1)).toMatchObject({ phase: 'shuffling', tested: { done: 6 + 20, of: 6 + 20 } })
    expect(steps.at(-1)?.ranked.done).toBe(steps.at(-1)?.ranked.of)
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
