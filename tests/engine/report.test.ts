// The methods paragraph and the report say what was run, with the control beside the find.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asHtml, asMarkdown } from '../../src/main/engine/report/document'
import { plantedProject, plantedTerm, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let planted: PlantedProject
beforeAll(async () => {
  planted = await plantedProject(folder)
  await planted.ask('latents.rename', { run: planted.run, latent: 1, label: '<b>mine</b> | other' })
  await planted.finish('link.start', request)
  await planted.finish('link.start', { ...request, preset: 'goatools', shuffles: 0, evidence: 'no-iea' })
})
afterAll(async () => {
  await planted.engine.closeProject()
  rmSync(folder, { recursive: true })
})

const shown = async (preset: string): Promise<number> =>
  (await planted.ask('link.list', { run: planted.run })).find((one) => one.report.preset === preset)?.id ?? -1

describe('the methods paragraph', () => {
  it('names data, model, test, background, release, families, seed and version of what is shown', async () => {
    const methods = await planted.ask('report.methods', { run: null })
    expect(methods.sections.map(({ title }) => title)).toEqual(['Data', 'Sparse autoencoder', 'Links to biological process'])
    expect(methods.text).toContain('320 cells with a representation of 3 dimensions')
    expect(methods.text).toMatch(/A TopK sparse autoencoder \[1\] with 4 latents, 1 on per cell/)
    expect(methods.text).toContain('two-sided Fisher test by the rules of GOATOOLS')
    expect(methods.text).toContain('all evidence codes but automatic ones (IEA)')
    const { release, annotations } = planted.engine.ontology.info
    expect(methods.text).toContain(`release ${release}, annotations of ${annotations}`)
    expect(methods.text).toContain('No shuffled copies were tested.')
    expect(methods.text).toContain('Seed 0; Latiscope 0')
    expect(methods.citations.join(' ')).toContain('GOATOOLS')
    const numbers = [...methods.text.matchAll(/\[([\d, ]+)\]/g)].flatMap(([, inner]) => (inner ?? '').split(', ').map(Number))
    expect(new Set(numbers)).toEqual(new Set(methods.citations.map((_, at) => at + 1)))
  })

  it('describes another stored result when it is asked for', async () => {
    const methods = await planted.ask('report.methods', { run: planted.run, linkings: [await shown('latiscope')] })
    expect(methods.text).toContain('one-sided hypergeometric test')
    expect(methods.text).toMatch(/10 latents were shuffled within each value of donor .*: \d+ reached a term/)
    expect(methods.text).not.toContain('GOATOOLS')
    await expect(planted.ask('report.methods', { run: planted.run, linkings: [99] })).rejects.toMatchObject({
      error: { code: 'NOTHING_FOUND' },
    })
  })

  it('counts the genes all latents were compared with, once that was done', async () => {
    await planted.finish('associate.start', { run: null })
    const { text } = await planted.ask('report.methods', { run: null })
    expect(text).toContain('Activations were compared with 240 genes over all 320 cells')
  })
})

describe('the report', () => {
  const written = async (name: string): Promise<string> => {
    const out = join(folder, name)
    const answer = await planted.ask('export.table', { run: null, what: 'report', file: planted.grant(out, 'export') })
    expect(answer.written).toEqual([{ path: out, bytes: readFileSync(out).length }])
    return readFileSync(out, 'utf8')
  }

  it('is one HTML file that loads and runs nothing, with the latents and what chance does', async () => {
    await planted.ask('link.show', { linking: await shown('latiscope') })
    const html = await written('report.html')
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).not.toMatch(/<script|<link|<img|src=|href=|url\(/)
    expect(html).toContain(`(${plantedTerm};`)
    expect(html).toMatch(/\d+ of 10 shuffled copies reach a term/)
    expect(html).toContain('&lt;b&gt;mine&lt;/b&gt; | other')
    expect(html).not.toContain('<b>mine')
    expect(html).toContain('one-sided hypergeometric test')
  })

  it('is Markdown where the name says so, with the same words and tables that hold', async () => {
    const text = await written('report.md')
    expect(text).toContain('\\<b\\>mine\\</b\\> \\| other')
    const tables = text.split('\n').filter((line) => line.startsWith('|'))
    const columns = tables.map((line) => line.replaceAll('\\|', '').split('|').length)
    expect(new Set(columns.slice(-4)).size).toBe(1)
    expect(text).toContain('## Methods')
  })

  it('keeps words of users apart from its own marks', () => {
    const blocks = [{ kind: 'text', text: '# not a [title](x) & "more"\n`code`' } as const]
    expect(asMarkdown(blocks)).toBe('\\# not a \\[title\\](x) & "more" \\`code\\`\n')
    expect(asHtml('</title><script>', blocks)).toContain('<title>&lt;/title&gt;&lt;script&gt;</title>')
  })
})

describe('a linking with gene sets of a file', () => {
  it('is described by its file, not as the ontology', async () => {
    const gmt = join(folder, 'my sets.gmt')
    const names = planted.engine.project.dataset.genes().map(({ name }) => name)
    const sets = [0, 1, 2].map((at) => [`Set ${at}`, '', ...names.slice(at * 15, at * 15 + 15)].join('\t'))
    writeFileSync(gmt, `${sets.join('\n')}\n`)
    const files = { obo: null, associations: null, gmt: planted.grant(gmt, 'data') }
    await planted.finish('link.start', { ...request, shuffles: 0, files })
    const [newest] = await planted.ask('link.list', { run: planted.run })
    const { text } = await planted.ask('report.methods', { run: null, linkings: [newest?.id ?? -1] })
    expect(text).toMatch(/Terms: the gene sets my sets\.gmt \(SHA-256 of their content [0-9a-f]{16}\)\./)
    expect(text).not.toContain('Gene Ontology')
  })
})
