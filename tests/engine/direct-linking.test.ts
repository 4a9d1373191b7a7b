// A project whose rows are genes: terms are tested on the rows themselves, with F1 confirmed on the other half of the genes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LinkReport } from '@contract'
import { cellCount, plantedProject, plantedTerm, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let planted: PlantedProject
let report: LinkReport
beforeAll(async () => {
  planted = await plantedProject(folder, 'p', 'genes')
  report = (await planted.finish('link.start', { ...request, shuffles: 20 })) as LinkReport
})
afterAll(async () => {
  await planted.engine.closeProject()
  rmSync(folder, { recursive: true })
})

const card = (latent: number) => planted.ask('latents.card', { run: planted.run, latent, aspect: 'BP' })

describe('rows that are genes', () => {
  it('carry the planted term with the names of the rows', async () => {
    // Latent 0 is on in rows 0 to 79 but every eighth: 18 of the 20 planted genes.
    const { terms, linking, topGenes } = await card(0)
    const term = terms.find(({ id }) => id === plantedTerm)
    expect(term).toMatchObject({ overlap: 18, studySize: 70, backgroundSize: 240 })
    expect(term?.qOverall).toBeLessThan(1e-4)
    expect(new Set(term?.genes)).toEqual(
      new Set(Array.from({ length: 20 }, (_, row) => `gene${row}`).filter((_, row) => row % 8 !== 7)),
    )
    expect(topGenes).toEqual([])
    expect(linking?.geneNote).toContain('Rows are genes')
  })

  it('say how many latents have a term that holds on the other half of the genes, beside shuffled copies', async () => {
    expect(report.concepts).toMatchObject({ rows: cellCount, genes: 240, least: 0.5 })
    expect(report.shuffled).toMatchObject({ copies: 20, within: 'all genes' })
    expect(report.shuffled.withTerm).toBeLessThanOrEqual(2)
    const cards = await Promise.all([0, 1, 2, 3].map(card))
    const strong = cards.map(({ concepts }) => concepts?.filter(({ chosen }) => chosen.f1 > 0.5) ?? [])
    expect(report.concepts?.chosen).toBe(strong.filter((one) => one.length > 0).length)
    expect(report.concepts?.confirmed).toBe(strong.filter((one) => one.some(({ heldOut }) => heldOut.f1 > 0.5)).length)
    expect(report.concepts?.confirmed).toBeGreaterThan(0)
    // Nine genes look like a term where it was chosen in some copies; on the other genes none holds.
    expect(report.concepts?.shuffled.confirmed).toBe(0)
    expect((await card(3)).concepts).toEqual([])
    expect((await card(3)).linking?.tooFew).toBe('It is on in no row that is a known gene.')
  })

  it('are found by the term, listed, and described in the methods', async () => {
    const found = await planted.ask('find.latents', { run: null, by: 'term', key: plantedTerm, aspect: null })
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([0, 2]))
    const list = await planted.ask('latents.list', { run: planted.run, aspect: 'BP' })
    expect(list[0]?.topTerm?.qOverall).toBeLessThan(1e-4)
    const { text, citations } = await planted.ask('report.methods', { run: null })
    expect(text).toContain('320 rows stand for 240 genes that count')
    expect(text).toContain('240 genes among the rows')
    expect(text).not.toContain('most active cells')
    expect(text).toMatch(/^320 genes with a representation/)
    expect(text).not.toMatch(/per cell|the cells/)
    expect(citations.join(' ')).toContain('InterPLM')
  })

  it('can be shuffled among genes with about as many terms, and take no test that needs cells', async () => {
    const strict = (await planted.finish('link.start', { ...request, null: 'type' })) as LinkReport
    expect(strict.shuffled.within).toBe('genes with about as many terms')
    for (const asked of [{ method: 'camera' }, { preset: 'goatools' }] as const)
      await expect(planted.ask('link.start', { ...request, ...asked })).rejects.toMatchObject({ error: { code: 'USAGE' } })
  })

  it('give the stored result again', async () => {
    expect(await planted.finish('link.start', { ...request, shuffles: 20 })).toEqual(report)
  })
})
