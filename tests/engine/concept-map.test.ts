// Concepts × latents, and the way of a term through its ontology, through a project.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineParams } from '@contract'
import { plantedProject, plantedTerm, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let planted: PlantedProject
beforeAll(async () => {
  planted = await plantedProject(folder)
  await planted.finish('link.start', request)
})
afterAll(async () => {
  await planted.engine.closeProject()
  rmSync(folder, { recursive: true })
})

const filter = { least: 3, most: 500, q: 0.05, hideUbiquitous: false }
const map = (more: Partial<EngineParams<'find.map'>> = {}) =>
  planted.ask('find.map', { run: planted.run, by: 'term', aspect: 'BP', order: 'cluster', filter, focus: null, ...more })
const path = (term: string, linking: number | null = null) =>
  planted.ask('find.path', { run: planted.run, aspect: 'BP', linking, term })

describe('the heat map of terms', () => {
  it('shows the planted term with the latent that carries it, with the numbers of the card', async () => {
    const { concepts, latents, pairs } = await map()
    const row = concepts.findIndex(({ key }) => key === plantedTerm)
    const shown = pairs.find((pair) => pair.concept === row && latents[pair.latent]?.id === 0)
    const card = await planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP' })
    const term = card.terms.find(({ id }) => id === plantedTerm)
    if (!term) throw new Error('the planted term is not on the card')
    const { qLatent, qOverall, overlap, termSize, studySize, backgroundSize } = term
    expect(shown).toMatchObject({ value: qOverall, qLatent, overlap })
    expect(shown?.fold).toBeCloseTo(overlap / studySize / (termSize / backgroundSize), 10)
    expect(term.genes).toEqual(expect.arrayContaining(shown?.genes ?? ['none']))
    expect(concepts[row]).toMatchObject({ name: term.name, size: termSize })
  })

  it('holds only pairs that pass both q, and says how many there are and what chance gives', async () => {
    const { pairs, of, chance } = await map()
    const [linking] = await planted.ask('link.list', { run: planted.run })
    expect(pairs.every(({ value, qLatent, overlap }) => value <= 0.05 && (qLatent ?? 1) <= 0.05 && (overlap ?? 0) >= 3)).toBe(
      true,
    )
    expect(of.latents).toBe(linking?.report.significant.latents)
    expect(chance).toMatchObject({ carrying: of.latents, tested: linking?.report.tested.latents, shuffled: { copies: 10 } })
  })

  it('leaves out what a stricter q or another size leaves out, and ends empty rather than in an error', async () => {
    const all = await map()
    const [weakest] = all.pairs.map(({ value }) => value).sort((a, b) => b - a)
    const strict = await map({ filter: { ...filter, q: (weakest ?? 0) / 2 } })
    expect(strict.of.concepts).toBeLessThan(all.of.concepts)
    expect(await map({ filter: { ...filter, least: 400, most: 401 } })).toMatchObject({ concepts: [], latents: [], pairs: [] })
  })

  it('shows the same pairs in every order', async () => {
    const named = ({ concepts, latents, pairs }: Awaited<ReturnType<typeof map>>): string[] =>
      pairs.map(({ concept, latent }) => `${concepts[concept]?.key} ${latents[latent]?.id}`).sort()
    const clustered = named(await map())
    expect(named(await map({ order: 'ontology' }))).toEqual(clustered)
    expect(named(await map({ order: 'group' }))).toEqual(clustered)
  })
})

describe('the heat map of genes and cell groups', () => {
  it('shows the genes a latent is high in with their AUROC', async () => {
    const { concepts, latents, pairs, chance } = await map({ by: 'gene' })
    const card = await planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP' })
    const [best] = card.topGenes
    const found = pairs.find(({ concept, latent }) => concepts[concept]?.key === best?.gene && latents[latent]?.id === 0)
    expect(found?.value).toBe(best?.auroc)
    expect(chance).toBeNull()
  })

  it('shows the groups a latent tells, without any linking', async () => {
    const { concepts, latents } = await map({ by: 'group', order: 'group' })
    expect(concepts.map(({ key }) => key)).toContain('cell_type=B cell')
    expect(latents.find(({ id }) => id === 0)?.group).toBe('B cell')
  })
})

describe('the path of a term', () => {
  it('leads from the root of its part of the ontology to it, with how many latents carry each', async () => {
    const { path: way, relations, annotated } = await path(plantedTerm)
    expect(way[0]).toMatchObject({ id: 'GO:0008150', relation: null })
    expect(way.at(-1)).toMatchObject({ id: plantedTerm, latents: 1 })
    expect(way.slice(1).every(({ relation }) => relation === 'is_a' || relation === 'part_of')).toBe(true)
    expect(relations).toBe('is_a, part_of')
    expect(annotated).toBeGreaterThan(20)
  })

  it('names every other parent and the children, and going down one and up again comes back', async () => {
    const { children, others, path: way } = await path('GO:0002764')
    expect(children.map(({ id }) => id)).toContain('GO:0002768')
    expect([...others.map(({ id }) => id), way.at(-2)?.id]).not.toContain('GO:0002764')
    const below = await path('GO:0002768')
    expect([below.path.at(-2)?.id, ...below.others.map(({ id }) => id)]).toContain('GO:0002764')
  })

  it('is the term alone where sets have no relations', async () => {
    const gmt = join(folder, 'sets.gmt')
    const card = await planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP' })
    writeFileSync(
      gmt,
      `MY_SET\tx\t${card.topGenes
        .slice(0, 12)
        .map(({ gene }) => gene)
        .join('\t')}\n`,
    )
    const files = { obo: null, associations: null, gmt: planted.grant(gmt, 'data') }
    await planted.finish('link.start', { ...request, shuffles: 0, files })
    const [own] = await planted.ask('link.list', { run: planted.run })
    const found = await path('MY_SET', own?.id ?? null)
    expect(found).toMatchObject({ relations: null, others: [], children: [], annotated: null })
    expect(found.path).toMatchObject([{ id: 'MY_SET', name: 'MY_SET', latents: 1 }])
  })

  it('refuses a term nobody knows', async () => {
    await expect(path('GO:9999999')).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
  })
})
