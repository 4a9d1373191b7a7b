// Cells the user chose, latents like another one, and a stored result instead of the shown one, through a project.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cellCount, plantedProject, plantedTerm, request, typeOf, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let planted: PlantedProject
beforeAll(async () => {
  planted = await plantedProject(folder)
  await planted.finish('link.start', request)
  await planted.finish('link.start', { ...request, aspect: 'BP', preset: 'goatools', shuffles: 0 })
})
afterAll(async () => {
  await planted.engine.closeProject()
  rmSync(folder, { recursive: true })
})

const ofType0 = Array.from({ length: cellCount }, (_, cell) => cell).filter((cell) => typeOf(cell) === 0)

describe('cells chosen on a map', () => {
  it('lead to the latent that is on in them, with the numbers its group has', async () => {
    const found = await planted.ask('find.cells', { run: null, cells: Uint32Array.from(ofType0) })
    expect(found).toMatchObject({ cells: 80, of: cellCount, unknown: { count: 0 } })
    expect(found.note).toContain('chosen by eye')
    expect(found.matches.map(({ id }) => id)).not.toContain(3)
    const [best] = found.matches
    const card = await planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP' })
    const group = card.groups.find(({ column, value }) => column === 'cell_type' && value === 'B cell')
    const { auroc, precision, recall, f1, fold } = group as NonNullable<typeof group>
    expect(best).toMatchObject({ id: 0, on: 70, auroc, precision, recall, f1, fold })
  })

  it('may be a list of names, of which unknown ones are told', async () => {
    const names = (await planted.ask('cells.names', { cells: ofType0 })).names
    const list = join(folder, 'cells.csv')
    writeFileSync(list, ['cell,batch', ...names.map((name) => `${name},1`), 'nobody,1', ''].join('\n'))
    const byName = await planted.ask('find.cells', { run: null, cells: null, file: planted.grant(list, 'data') })
    expect(byName.unknown).toEqual({ count: 2, examples: ['cell,batch', 'nobody,1'] })
    expect(byName.matches).toEqual((await planted.ask('find.cells', { run: null, cells: ofType0 })).matches)
  })

  it('are refused when there are none, or none of this project', async () => {
    await expect(planted.ask('find.cells', { run: null, cells: [] })).rejects.toMatchObject({ error: { code: 'USAGE' } })
    await expect(planted.ask('find.cells', { run: null, cells: [cellCount] })).rejects.toMatchObject({
      error: { code: 'BAD_REQUEST' },
    })
    const list = join(folder, 'other.txt')
    writeFileSync(list, 'nobody\n')
    await expect(planted.ask('find.cells', { run: null, cells: null, file: planted.grant(list, 'data') })).rejects.toMatchObject({
      error: { code: 'NOTHING_FOUND' },
    })
  })
})

describe('latents like another one', () => {
  it('are told by direction, by cells and by terms', async () => {
    const similar = await planted.ask('latents.similar', { run: planted.run, latent: 0, aspect: 'BP' })
    const second = similar.find(({ id }) => id === 2)
    // Latent 2 is on in cells 0 to 8, of which only cell 7 is off in latent 0.
    expect(second).toMatchObject({ both: 8, jaccard: 8 / 71 })
    expect(second?.terms).toEqual({ shared: [], jaccard: 0 })
    expect(similar.find(({ id }) => id === 3)?.cosine).toBeCloseTo(1, 6)
  })

  it('form no module where none fire together', async () => {
    const report = await planted.ask('latents.modules', { run: planted.run, aspect: 'BP' })
    expect(report).toMatchObject({ modules: [], compared: 2, alone: 2, cells: cellCount, of: cellCount })
  })
})

describe('a stored result', () => {
  it('can be read beside the one that is shown', async () => {
    const [goatools, own] = await planted.ask('link.list', { run: planted.run })
    const card = (linking: number | null) => planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP', linking })
    expect((await card(null)).linking?.preset).toBe('goatools')
    expect((await card(own?.id ?? 0)).linking?.preset).toBe('latiscope')
    expect((await card(goatools?.id ?? 0)).linking?.preset).toBe('goatools')
    const list = async (linking: number) => planted.ask('latents.list', { run: planted.run, aspect: 'BP', linking })
    const q = async (linking: number): Promise<number | undefined> => (await list(linking))[0]?.topTerm?.qOverall
    expect(await q(own?.id ?? 0)).not.toBe(await q(goatools?.id ?? 0))
    const found = await planted.ask('find.latents', {
      run: null,
      by: 'term',
      key: plantedTerm,
      aspect: null,
      linking: own?.id ?? 0,
    })
    expect(found[0]?.qOverall).toBe((await card(own?.id ?? 0)).terms.find(({ id }) => id === plantedTerm)?.qOverall)
    await expect(card(99)).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
  })
})
