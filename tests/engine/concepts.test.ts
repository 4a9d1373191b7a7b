// The concepts of a run, asked for from their side: they say what the cards of the latents say.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Concept, ConceptKind, LatentCard } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import { cellCount, latentCount, plantedProject, plantedTerm, request, typeOf, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-concepts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let planted: PlantedProject
let cards: LatentCard[]
const concepts = (by: ConceptKind, linking?: number): Promise<Concept[]> =>
  planted.ask('find.concepts', { run: planted.run, by, aspect: 'BP', linking: linking ?? null })
const latentsOf = (by: 'term' | 'gene' | 'group', key: string) =>
  planted.ask('find.latents', { run: planted.run, by, key, aspect: 'BP' })

const codeOfRejected = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (thrown: unknown) => (thrown instanceof Refusal ? thrown.error.code : String(thrown)),
  )

beforeAll(async () => {
  planted = await plantedProject(folder)
  expect(await codeOfRejected(concepts('term'))).toBe('NOT_LINKED')
  expect(await codeOfRejected(concepts('gene'))).toBe('NOT_LINKED')
  await planted.finish('link.start', request)
  cards = await Promise.all(
    Array.from({ length: latentCount }, (_, latent) => planted.ask('latents.card', { run: planted.run, latent, aspect: 'BP' })),
  )
})
afterAll(() => planted.engine.closeProject())

describe('the terms of a run', () => {
  it('begin with the planted one, with its best latent and how many latents carry it by both q', async () => {
    const terms = await concepts('term')
    expect(terms[0]).toMatchObject({ key: plantedTerm, best: 0, latents: 1, auroc: null, f1: null })
    expect(terms[0]?.name).toContain('B cell receptor')
    for (const { key, latents, best, qLatent, qOverall, overlap, size } of terms) {
      const links = cards.flatMap(({ id, terms: own }) =>
        own.filter((term) => term.id === key).map((term) => ({ ...term, latent: id })),
      )
      const passing = links.filter((term) => term.qLatent <= 0.05 && term.qOverall <= 0.05 && term.overlap >= 3)
      expect(latents).toBe(passing.length)
      const [strongest] = links.filter((term) => term.overlap > 0).toSorted((a, b) => a.pValue - b.pValue)
      expect({ best, qLatent, qOverall, overlap, size }).toEqual({
        best: strongest?.latent,
        qLatent: strongest?.qLatent,
        qOverall: strongest?.qOverall,
        overlap: strongest?.overlap,
        size: strongest?.termSize,
      })
    }
  })

  it('can each be asked for their latents, of which the best comes first', async () => {
    for (const { key, best } of (await concepts('term')).slice(0, 20)) expect((await latentsOf('term', key))[0]?.id).toBe(best)
  })

  it('are those of a stored result when it is named', async () => {
    const [shown] = await planted.ask('link.list', { run: planted.run })
    expect(await concepts('term', shown?.id)).toEqual(await concepts('term'))
    expect(await codeOfRejected(concepts('term', 99))).toBe('NOTHING_FOUND')
  })
})

describe('the genes of a run', () => {
  it('count a latent when they are among its best genes, not among its lowest', async () => {
    const genes = await concepts('gene')
    const low = new Set(cards.flatMap(({ lowerGenes }) => lowerGenes.map(({ gene }) => gene)))
    let lowSeen = 0
    for (const { key, latents, best, auroc } of genes) {
      const links = cards.flatMap(({ id, topGenes }) =>
        topGenes.filter(({ gene }) => gene === key).map((gene) => ({ id, ...gene })),
      )
      expect(latents).toBe(links.length)
      expect(auroc).toBe(Math.max(...links.map((link) => link.auroc)))
      expect(links.find((link) => link.id === best)?.auroc).toBe(auroc)
      if (low.has(key)) lowSeen++
    }
    // Otherwise nothing above tells best from lowest.
    expect(lowSeen).toBeGreaterThan(0)
    const found = await latentsOf('gene', genes[0]?.key ?? '')
    expect(found).toHaveLength(genes[0]?.latents ?? -1)
  })
})

describe('the cell groups of a run', () => {
  it('have the AUROC of the definition, need no linking, and count latents from 0.8 on', async () => {
    const groups = await concepts('group')
    const [best] = groups
    expect(best).toMatchObject({ key: 'cell_type=B cell', name: 'B cell', best: 0, latents: 1 })
    const { cells, values } = await planted.ask('latents.activation', { run: planted.run, latent: 0 })
    const activation = new Float64Array(cellCount)
    cells.forEach((cell, at) => (activation[cell] = values[at] as number))
    let [wins, pairs] = [0, 0]
    for (let a = 0; a < cellCount; a++)
      for (let b = 0; b < cellCount; b++) {
        if (typeOf(a) !== 0 || typeOf(b) === 0) continue
        const [inside, outside] = [activation[a] as number, activation[b] as number]
        wins += inside > outside ? 1 : inside === outside ? 0.5 : 0
        pairs++
      }
    expect(best?.auroc).toBeCloseTo(wins / pairs, 6)
    for (const { key, latents, best: strongest } of groups) {
      const found = await latentsOf('group', key)
      expect(found.filter(({ auroc }) => (auroc ?? 0) >= 0.8)).toHaveLength(latents)
      expect(found[0]?.auroc).toBe(found.find(({ id }) => id === strongest)?.auroc)
    }
  })
})
