// Linking through a project: the evidence on the card, results that never change, backgrounds and presets, labels and their history.
import { imputedWarning } from '../../src/main/engine/analysis/link-words'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LinkReport } from '@contract'
import { linkedColumnWarnings } from '../../src/main/engine/analysis/linked-columns'
import { plantedProject, plantedTerm, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-link-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let planted: PlantedProject
let report: LinkReport
beforeAll(async () => {
  planted = await plantedProject(folder)
  report = (await planted.finish('link.start', request)) as LinkReport
})
afterAll(() => planted.engine.closeProject())
const card = (latent: number) => planted.ask('latents.card', { run: planted.run, latent, aspect: 'BP' })

describe('the card of a linked latent', () => {
  it('has its term first, with the test of every gene and how it is to be read', async () => {
    const { terms, topGenes, linking } = await card(0)
    expect(terms[0]).toMatchObject({ id: plantedTerm, group: plantedTerm, score: null })
    const [best] = topGenes
    expect(best?.cohensD).toBeGreaterThan(1)
    expect(best?.wilcoxon?.score).toBeGreaterThan(4)
    expect(best?.wilcoxon?.log10P).toBeCloseTo(Math.log10(best?.wilcoxon?.pValue ?? 1), 9)
    expect(best?.wilcoxon?.qValue).toBeGreaterThanOrEqual(best?.wilcoxon?.pValue ?? 1)
    expect(best?.welch?.t).toBeGreaterThan(4)
    expect(linking?.geneNote).toContain('chosen by the feature')
    expect(linking?.outdated).toBe(false)
  })

  it('has the genes that are lowest where it is on, lowest first, apart from the best ones', async () => {
    const { topGenes, lowerGenes } = await card(0)
    expect([topGenes.length, lowerGenes.length]).toEqual([200, 25])
    const aurocs = lowerGenes.map(({ auroc }) => auroc)
    expect(aurocs).toEqual(aurocs.toSorted((a, b) => a - b))
    expect(Math.max(...aurocs)).toBeLessThanOrEqual(Math.min(...topGenes.map(({ auroc }) => auroc)))
    const best = new Set(topGenes.map(({ gene }) => gene))
    expect(lowerGenes.filter(({ gene }) => best.has(gene))).toEqual([])
    const [lowest] = lowerGenes
    expect(lowest?.log2Difference).toBeLessThan(0)
    expect(lowest?.wilcoxon?.score).toBeLessThan(0)
    const found = await planted.ask('find.latents', { run: null, by: 'gene', key: lowest?.gene ?? '', aspect: null })
    expect(found.map(({ id }) => id)).not.toContain(0)
  })

  it('says in how many of four donors its genes are higher, donor by donor', async () => {
    const { topGenes, linking } = await card(0)
    expect(linking?.donors).toEqual(['D1', 'D2', 'D3', 'D4'])
    expect(topGenes[0]?.donors).toMatchObject({ agreeing: 4, of: 4 })
    expect(topGenes[0]?.donors?.differences.every((difference) => (difference ?? 0) > 0)).toBe(true)
  })

  it('has fold, q and information of its groups, its breadth and its numeric columns', async () => {
    const { groups, breadth, numbers } = await card(0)
    const group = groups.find((one) => one.value === 'B cell')
    expect(group).toMatchObject({ precision: 1, fold: 4 })
    expect(group?.qValue).toBeLessThan(1e-20)
    expect(group?.information).toBeGreaterThan(0.5)
    expect(breadth.find((one) => one.column === 'cell_type')).toMatchObject({ breadth: 'local', marked: ['B cell'] })
    expect(numbers[0]).toMatchObject({ column: 'pseudotime' })
    expect(numbers[0]?.auroc).toBeLessThan(0.1)
    expect((await card(1)).breadth.find((one) => one.column === 'cell_type')?.breadth).toBe('global')
  })

  it('warns of columns that say nearly the same, and of none where donors have every type', () => {
    const { dataset } = planted.project
    expect(linkedColumnWarnings(dataset)).toEqual([])
    const nested = dataset.columns().find(({ name }) => name === 'cell_type')
    const codes = (): Int32Array => dataset.codes(nested as NonNullable<typeof nested>)
    expect(linkedColumnWarnings({ columns: () => dataset.columns(), codes })).toEqual([
      "cell_type and donor are strongly linked in these cells (Cramér's V 1.00): features cannot separate them.",
    ])
  })

  it('tells what chance gives and what other backgrounds would change', async () => {
    expect(report.sentence).toMatch(/of \d tested features .* shuffled within each value of donor, \d+ of 10 did/)
    expect(report.backgrounds.map((one) => one.kind)).toEqual(['detected', 'annotated'])
    expect((await card(0)).linking?.backgrounds[0]?.significant).toBeGreaterThan(0)
    expect(report.chance).toHaveLength(5)
    expect(report.warnings[0]).toContain('background holds 240 genes')
  })
})

/** Everything a linking stored, without the time it was made. */
function dump(file: string): unknown[] {
  const db = new Database(file, { readonly: true })
  const rows = ['latent_study', 'latent_gene', 'latent_term'].map((table) => db.prepare(`SELECT * FROM ${table}`).raw().all())
  const linkings = db.prepare('SELECT settings, settings_hash, report, donors FROM linking').all()
  db.close()
  return [...rows, linkings]
}

describe('results', () => {
  it('are the same bytes when computed again elsewhere, and found instead of repeated here', async () => {
    const other = await plantedProject(folder, 'other')
    await other.finish('link.start', request)
    await other.engine.closeProject()
    const again = await planted.finish('link.start', request)
    expect(again).toEqual(report)
    expect(await planted.ask('link.list', { run: planted.run })).toHaveLength(1)
    await planted.engine.closeProject()
    expect(dump(join(folder, 'p.latiscope'))).toEqual(dump(join(folder, 'other.latiscope')))
    await planted.ask('project.open', { file: planted.grantProject(join(folder, 'p.latiscope')) })
  })

  it('of other presets, methods and backgrounds stand beside each other; the one asked for last is shown', async () => {
    const list = join(folder, 'list.txt')
    writeFileSync(
      list,
      (await card(0)).topGenes
        .slice(0, 150)
        .map((gene) => gene.gene)
        .join('\n'),
    )
    const own = (await planted.finish('link.start', { ...request, preset: 'goatools' })) as LinkReport
    expect(own).toMatchObject({ preset: 'goatools', warnings: [expect.stringContaining('two-sided'), expect.anything()] })
    const ranked = (await planted.finish('link.start', { ...request, method: 'camera' })) as LinkReport
    expect(ranked.warnings[0]).toContain('camera')
    expect((await card(0)).terms.some((term) => term.score !== null)).toBe(true)
    const file = (await planted.finish('link.start', {
      ...request,
      background: 'file',
      backgroundFile: planted.grant(list, 'data'),
    })) as LinkReport
    expect(file.background).toEqual({ kind: 'file', genes: 150 })
    expect(file.backgrounds.map((one) => [one.kind, one.genes])).toEqual([
      ['file', 150],
      ['detected', 240],
      ['annotated', 240],
    ])
    const all = await planted.ask('link.list', { run: planted.run })
    expect(all.map((one) => [one.report.preset, one.report.method, one.report.background.kind, one.shown])).toEqual([
      ['latiscope', 'ora', 'file', true],
      ['latiscope', 'camera', 'detected', false],
      ['goatools', 'ora', 'detected', false],
      ['latiscope', 'ora', 'detected', false],
    ])
    await planted.ask('link.show', { linking: all.at(-1)?.id ?? 0 })
    expect((await card(0)).linking).toMatchObject({ preset: 'latiscope', method: 'ora', background: 'detected' })
  })

  it('shuffled within cell types show what the type alone gives', async () => {
    const strict = (await planted.finish('link.start', { ...request, null: 'type' })) as LinkReport
    expect(strict.shuffled.within).toBe('each value of cell_type and donor')
    expect(strict.shuffled.withTerm).toBeGreaterThan(report.shuffled.withTerm)
    expect(strict.sentence).toContain('only restates the cell type')
    await planted.finish('link.start', request)
  })

  it('cannot be asked for with what the data lack or what contradicts itself', async () => {
    const ask = (change: object) => planted.ask('link.start', { ...request, ...change })
    const code = (wanted: string) => ({ error: { code: wanted } })
    await expect(ask({ method: 'gsea', preset: 'goatools' })).rejects.toMatchObject(code('USAGE'))
    await expect(ask({ background: 'file' })).rejects.toMatchObject(code('USAGE'))
    const list = join(folder, 'other.txt')
    writeFileSync(list, 'NOTAGENE1\nNOTAGENE2\n')
    await expect(ask({ background: 'file', backgroundFile: planted.grant(list, 'data') })).rejects.toMatchObject(code('NO_GENES'))
  })

  it('of another ontology release are marked and stay as they are', async () => {
    const before = (await card(0)).terms
    await planted.engine.closeProject()
    const db = new Database(join(folder, 'p.latiscope'))
    db.exec("UPDATE linking SET ontology_release = '2020-01-01'")
    db.close()
    await planted.ask('project.open', { file: planted.grantProject(join(folder, 'p.latiscope')) })
    const after = await card(0)
    expect(after.linking).toMatchObject({ outdated: true, ontologyRelease: '2020-01-01' })
    expect(after.terms).toEqual(before)
  })
})

describe('results of several ontologies', () => {
  it('stand beside each other on the card, and a linking against other sets hides no built-in term', async () => {
    const symbols = (await card(0)).topGenes.slice(0, 14).map(({ gene }) => gene)
    const gmt = join(folder, 'panel.gmt')
    writeFileSync(gmt, `Planted panel\tfrom a file\t${symbols.join('\t')}\n`)
    const shownBefore = (await card(0)).linkings.find(({ chosen }) => chosen)?.id ?? 0
    const before = await planted.ask('find.latents', { run: null, by: 'term', key: plantedTerm, aspect: null })
    const files = { obo: null, associations: null, gmt: planted.grant(gmt, 'data') }
    await planted.finish('link.start', { ...request, files })

    const { linkings, terms } = await card(0)
    expect(terms.map(({ name }) => name)).toEqual(['Planted panel'])
    const [own] = linkings
    expect(own).toMatchObject({ name: 'panel.gmt', shown: true, chosen: true, significant: 1 })
    expect(own?.topTerm).toMatchObject({ name: 'Planted panel' })
    const builtIn = linkings.find(
      ({ name, preset, method }) => name !== 'panel.gmt' && preset === 'latiscope' && method === 'ora',
    )
    expect(builtIn).toMatchObject({ shown: false, chosen: false, topTerm: { id: plantedTerm } })
    const read = await planted.ask('latents.card', { run: planted.run, latent: 0, aspect: 'BP', linking: builtIn?.id ?? null })
    expect(read.linkings.find(({ chosen }) => chosen)?.id).toBe(builtIn?.id)
    expect(read.terms[0]?.id).toBe(plantedTerm)

    const find = (key: string) => planted.ask('find.latents', { run: null, by: 'term', key, aspect: null })
    expect((await find('planted panel'))[0]).toMatchObject({ id: 0, overlap: 14 })
    expect((await find(plantedTerm)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    const hits = await planted.ask('find.search', { run: planted.run, text: 'B cell receptor signaling pathway' })
    expect(hits.find(({ key }) => key === plantedTerm)?.note).toContain('in 1 feature')

    await planted.ask('link.show', { linking: shownBefore })
    expect((await card(0)).linkings.find(({ shown }) => shown)?.id).toBe(shownBefore)
  })
})

describe('a label', () => {
  const history = () => planted.ask('labels.history', { run: planted.run, latent: 0 })
  const decide = (decision: 'accept' | 'reject') =>
    planted.ask('labels.decide', { run: planted.run, latent: 0, decision, aspect: 'BP' })

  it('is proposed from the evidence, the same in list and card, and can be accepted, edited and cleared', async () => {
    const { proposal } = await card(0)
    expect(proposal).toMatchObject({ text: 'B cell: B cell receptor signaling pathway', grade: 'strong', rejected: false })
    const [row] = await planted.ask('latents.list', { run: planted.run, aspect: 'BP' })
    expect(row).toMatchObject({ label: null, labelState: 'none', proposal })
    await decide('accept')
    expect(await card(0)).toMatchObject({ label: proposal?.text, labelState: 'accepted' })
    await planted.ask('latents.rename', { run: planted.run, latent: 0, label: 'my B cells' })
    expect(await card(0)).toMatchObject({ label: 'my B cells', labelState: 'edited' })
    await planted.ask('latents.rename', { run: planted.run, latent: 0, label: null })
    expect(await card(0)).toMatchObject({ label: null, labelState: 'none', proposal })
  })

  it('that was rejected is remembered until it is accepted', async () => {
    await decide('reject')
    expect((await card(0)).proposal?.rejected).toBe(true)
    expect((await card(0)).label).toBeNull()
    await decide('accept')
    expect((await card(0)).proposal?.rejected).toBe(false)
    expect((await history()).map((event) => event.action)).toEqual(['accepted', 'edited', 'cleared', 'rejected', 'accepted'])
    expect((await history())[0]).toMatchObject({
      grade: 'strong',
      evidence: [expect.stringContaining('100 %'), expect.anything()],
    })
  })

  it('is not proposed for a latent that is rarely or never on', async () => {
    await expect(
      planted.ask('labels.decide', { run: planted.run, latent: 3, decision: 'accept', aspect: 'BP' }),
    ).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
  })
})

describe('a latent along ordered groups', () => {
  it('is found by its rise, the steepest first', async () => {
    const found = await planted.ask('latents.trajectory', {
      run: planted.run,
      column: 'cell_type',
      values: ['Monocyte', 'T cell', 'B cell'],
    })
    expect(found[0]).toMatchObject({ id: 0, falling: false })
    expect(found[0]?.trend).toBeGreaterThan(0.5)
    await expect(
      planted.ask('latents.trajectory', { run: planted.run, column: 'cell_type', values: ['B cell', 'Z cell'] }),
    ).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
  })
})

describe('expression almost without zeros', () => {
  it('is called imputed, with what follows; measured values are not', () => {
    expect(imputedWarning([100, 96, 95], 100)[0]).toContain('3 % of the expression values are 0')
    expect(imputedWarning([100, 40, 10], 100)).toEqual([])
  })
})
