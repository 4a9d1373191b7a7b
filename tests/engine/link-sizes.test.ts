// Sizes that the user may set: how long the list of a latent is, and which terms are tested. The usual ones are kept apart by nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LinkReport, LinkRequest } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import { plantedProject, plantedTerm, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let planted: PlantedProject
beforeAll(async () => void (planted = await plantedProject(folder)))
afterAll(() => {
  planted.engine.closeProject()
  rmSync(folder, { recursive: true, force: true })
})

const link = (change: Partial<LinkRequest> = {}) => planted.finish('link.start', { ...request, ...change }) as Promise<LinkReport>
const card = () => planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP' })
const refusedFor = async (change: Partial<LinkRequest>): Promise<string> =>
  link(change).then(
    () => 'not refused',
    (thrown: unknown) => (thrown instanceof Refusal ? `${thrown.error.code}: ${thrown.error.message}` : String(thrown)),
  )

describe('terms of a size of the user’s', () => {
  it('are those tested, in the family of the correction and on the card, and the methods name it', async () => {
    const usual = await link()
    const small = await link({ termSize: { least: 5, most: 12 } })
    expect(small.tested.terms).not.toBe(usual.tested.terms)
    for (const term of (await card()).terms) expect(term.termSize).toBeLessThanOrEqual(12)
    const methods = await planted.ask('report.methods', { run: planted.run })
    expect(methods.text).toContain('all terms with 5 to 12 genes in the background')
  })

  it('do not change what is stored under the usual ones', async () => {
    const before = await link()
    const linkings = (await planted.ask('link.list', { run: planted.run })).length
    expect(await link()).toEqual(before)
    expect(await planted.ask('link.list', { run: planted.run })).toHaveLength(linkings)
    expect((await planted.ask('report.methods', { run: planted.run })).text).toContain('all terms with 10 to 500 genes')
  })
})

describe('a list as long as the user wants it', () => {
  it('holds so many of the best genes, and is warned of where it is longer than usual', async () => {
    // Of 240 genes usually the best 15 are listed; latent 0 raises 20.
    await link({ studySize: 15 })
    const short = (await card()).terms.find(({ id }) => id === plantedTerm)
    const long = await link({ studySize: 60 })
    const found = (await card()).terms.find(({ id }) => id === plantedTerm)
    expect(short?.studySize).toBe(15)
    expect(found?.studySize).toBeGreaterThan(15)
    expect(found?.overlap).toBeGreaterThan(short?.overlap ?? 0)
    expect(long.warnings.join(' ')).toContain('Lists may hold 60 genes; for this background 15 are usual.')
    expect((await planted.ask('report.methods', { run: planted.run })).text).toContain(
      'in at least 5 % of the active cells; at most 60.',
    )
  })

  it.each([
    [{ studySize: 50, preset: 'goatools' }, 'The rules of goatools fix'],
    [{ termSize: { least: 5, most: 50 }, preset: 'gseapy' }, 'The rules of gseapy fix'],
    [{ studySize: 50, method: 'camera' }, 'all genes by their rank'],
  ] as const)('is refused where it would have no effect: %o', async (change, why) => {
    const refusal = await refusedFor(change)
    expect(refusal).toContain('USAGE')
    expect(refusal).toContain(why)
  })
})
