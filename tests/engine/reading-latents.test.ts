// What the window reads of a linked run: list, card, search in both directions. On data small enough to check by hand.
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { laterSettings, type EngineMethod, type EngineParams, type EngineResult, type TrainSettings } from '@contract'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { Engine } from '../../src/main/engine/engine'
import { associateMetadata } from '../../src/main/engine/analysis/groups'
import { handlers } from '../../src/main/engine/handlers'
import { csvCell } from '../../src/main/engine/export/csv'
import { createProject } from '../../src/main/engine/project/project'
import { linkReport } from './fixtures/link-report'
import { smallImport, store } from './imported-data'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-read-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const engine = new Engine({ resources: resolve(import.meta.dirname, '../../resources'), cache: folder }, '0', () => {})
const ask = async <M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>> =>
  handlers[method](params, engine)

const settings: TrainSettings = {
  arch: 'topk',
  latents: 3,
  k: 1,
  steps: 1,
  batch: 1,
  learningRate: 1e-3,
  warmUp: 0,
  decay: 0,
  auxCoefficient: 0,
  auxK: 0,
  deadAfter: 1,
  heldOut: 0,
  heldOutBy: null,
  seed: 0,
  ...laterSettings,
}
/** Latent 0 is on in both B cells and one without type, latent 1 in both T cells, latent 2 never. */
const activations: Csr = {
  rows: 6,
  columns: 3,
  indptr: Float64Array.of(0, 1, 2, 3, 4, 5, 6),
  indices: Uint32Array.of(0, 0, 0, 1, 1, 0),
  values: Float32Array.of(3, 2, 1, 5, 4, 0.5),
}
const term = (latent: number, termId: string, p: number) => ({
  latent,
  termId,
  overlap: 3,
  termSize: 10,
  pValue: p,
  log10P: Math.log10(p),
  qLatent: p,
  qOverall: p,
  genes: ['CD79A', 'MS4A1', 'LOC1'],
})

beforeAll(async () => {
  const project = createProject(join(folder, 'p.latiscope'), 'P', '0')
  engine.useProject(project)
  await store(project, smallImport())
  const run = project.runs.start(settings, 'f', '0', new Date())
  const byLatent = transpose(activations)
  const outcome = {
    metrics: { dead: 1 },
    controls: {},
    seconds: 1,
    stepsPerSecond: 1,
    scale: 1,
    threshold: 0,
    backend: { name: 'cpu', version: '1' },
  }
  const weights = {
    encoder: new Float32Array(6),
    decoder: Float32Array.of(1, 0, 0.6, 0.8, 0, 1),
    encoderBias: new Float32Array(3),
    decoderBias: new Float32Array(2),
    mean: new Float32Array(2),
  }
  const metadata = await associateMetadata(project.dataset, byLatent, async () => {})
  project.runs.finish(
    run,
    { outcome: outcome as never, weights, activations, byLatent, densityHistogram: [1], ...metadata, flags: [] },
    new Date(),
  )
  project.linkings.write(
    {
      run,
      settings: { aspect: 'BP', background: 'detected', evidence: 'all', shuffles: 0, seed: 0 },
      settingsHash: 'h',
      ontologyRelease: 'r',
      annotationRelease: 'a',
      appVersion: '0',
      report: linkReport({
        run,
        aspect: 'BP',
        tested: { latents: 2, terms: 100 },
        background: { kind: 'detected', genes: 2 },
        significant: { latents: 1, pairs: 1 },
        shuffled: { copies: 20, withTerm: 0, within: 'all cells' },
      }),
      studies: [{ latent: 0, mode: 'active-inactive', activeUsed: 4, referenceUsed: 2, studySize: 3, notTested: null }],
      genes: [
        { latent: 0, rank: 0, gene: 1, auroc: 0.9, log2Difference: 2, detectedActive: 1, detectedReference: 0 },
        { latent: 1, rank: 0, gene: 1, auroc: 0.95, log2Difference: 2, detectedActive: 1, detectedReference: 0 },
      ],
      terms: [term(0, 'GO:0050853', 1e-6), term(0, 'GO:0042113', 1e-3), term(1, 'GO:0051607', 0.2)],
    },
    new Date(),
  )
})
afterAll(() => engine.closeProject())

describe('the list of latents', () => {
  it('shows where each is on, its best group, genes and term, and which are dead', async () => {
    const rows = await ask('latents.list', { run: 1, aspect: 'BP' })
    expect(rows[0]).toMatchObject({
      id: 0,
      activeCells: 4,
      topGroup: { column: 'type', value: 'B' },
      topGenes: ['MS4A1'],
      topTerm: { id: 'GO:0050853', name: 'B cell receptor signaling pathway' },
    })
    expect(rows[1]).toMatchObject({ id: 1, activeCells: 2, topGroup: { value: 'T', auroc: 1 } })
    expect(rows[2]).toMatchObject({ id: 2, activeCells: 0, density: 0, flags: ['dead'], topGroup: null, topTerm: null })
  })
})

describe('the card of a latent', () => {
  it('has terms by p, precision and recall of groups, and the nearest decoder row', async () => {
    const card = await ask('latents.card', { run: 1, latent: 0, aspect: 'BP' })
    expect(card.terms.map((each) => each.id)).toEqual(['GO:0050853', 'GO:0042113'])
    expect(card.groups.find((group) => group.value === 'B')).toMatchObject({ precision: 0.75, recall: 1 })
    expect(card.similar[0]?.id).toBe(1)
    expect(card.similar[0]?.cosine).toBeCloseTo(0.6, 6)
    expect(card.linking).toMatchObject({ backgroundSize: 2, studySize: 3, shuffled: { copies: 20, withTerm: 0 } })
  })

  it('for an aspect that is not linked has no terms, but its genes', async () => {
    const card = await ask('latents.card', { run: 1, latent: 0, aspect: 'MF' })
    expect([card.linking, card.terms.length, card.topGenes.length]).toEqual([null, 0, 1])
  })
})

describe('searching', () => {
  it('a word puts terms that features carry first and says how many carry them', async () => {
    const hits = await ask('find.search', { run: 1, text: 'B cell' })
    const terms = hits.filter((hit) => hit.kind === 'term')
    expect(terms[0]).toMatchObject({ key: 'GO:0050853', note: 'GO:0050853 · BP · in 1 feature' })
    expect(terms[1]).toMatchObject({ key: 'GO:0042113' })
  })

  it('finds genes by the start of their name, cell groups and features', async () => {
    expect(await ask('find.search', { run: 1, text: 'ms4' })).toMatchObject([{ kind: 'gene', key: 'MS4A1' }])
    expect(await ask('find.search', { run: 1, text: 'f1' })).toContainEqual({ kind: 'latent', key: '1', title: 'F1', note: 'F1' })
    expect(await ask('find.search', { run: 1, text: '  ' })).toEqual([])
  })

  it('goes from a gene, a term or a group to the latents, best first', async () => {
    const of = (by: 'gene' | 'term' | 'group', key: string) => ask('find.latents', { run: 1, by, key, aspect: null })
    expect((await of('gene', 'MS4A1')).map((match) => match.id)).toEqual([1, 0])
    expect(await of('term', 'GO:0042113')).toMatchObject([{ id: 0, overlap: 3, qLatent: 1e-3 }])
    expect((await of('group', 'type=T'))[0]).toMatchObject({ id: 1, precision: 1, recall: 1, f1: 1 })
    await expect(of('gene', 'nothing')).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
    await expect(of('group', 'type')).rejects.toMatchObject({ error: { code: 'NOTHING_FOUND' } })
  })
})

describe('an exported table', () => {
  it('is written whole or not at all, and only where the user chose', async () => {
    const token = 'b'.repeat(32)
    await expect(ask('export.table', { run: 1, what: 'terms', file: token })).rejects.toMatchObject({
      error: { code: 'BAD_REQUEST' },
    })
    engine.grant({ token, path: join(folder, 'terms.csv'), purpose: 'export' })
    await ask('export.table', { run: 1, what: 'terms', file: token })
    const lines = readFileSync(join(folder, 'terms.csv'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toContain('GO:0050853')
  })

  it('cannot run formulas in a spreadsheet', () => {
    expect(csvCell('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"')
    expect([csvCell('@a'), csvCell('-1'), csvCell(-1), csvCell(null), csvCell('a,b')]).toEqual(["'@a", "'-1", '-1', '', '"a,b"'])
  })
})
