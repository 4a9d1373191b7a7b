// The whole job on real cells through the built command line: import, train, link, read.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatentCard, LatentRow, LinkReport, Match, Run, TrajectoryLatent } from '@contract'
import { cli, cliAnswer, hasNative, sampleFile } from '../run-cli'
import { shared } from '../shared-folder'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-job-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Trained = Pick<Run, 'metrics' | 'controls' | 'settings'> & { run: number }

async function wholeJob(
  project: string,
  file: string,
  latents: number,
  seed: number,
): Promise<{ trained: Trained; linked: LinkReport }> {
  await cliAnswer('new', project)
  await cliAnswer('import', project, file, '--representation', 'obsm/X_pca')
  const trained = await cliAnswer<Trained>(
    'train',
    project,
    '--arch',
    'batchtopk',
    '--latents',
    String(latents),
    '--k',
    '8',
    '--seed',
    String(seed),
  )
  return { trained, linked: await cliAnswer<LinkReport>('link', project) }
}

/** A project is held by one command at a time, so the cards are read one after the other. */
async function cardsOf(project: string, matches: readonly Match[]): Promise<LatentCard[]> {
  const cards: LatentCard[] = []
  for (const { id } of matches) cards.push(await cliAnswer<LatentCard>('latent', project, '--id', String(id)))
  return cards
}
/** Of latents dealt anew among the cells, which have no link to genes, at most 5 % may reach a term. */
async function expectFewTermsByChance(project: string): Promise<void> {
  const { shuffled } = await cliAnswer<LinkReport>('link', project, '--shuffles', '200')
  expect(shuffled.copies).toBe(200)
  expect(shuffled.withTerm / shuffled.copies).toBeLessThanOrEqual(0.05)
}

const rowsOf = async (project: string): Promise<LatentRow[]> =>
  (await cliAnswer<{ latents: LatentRow[] }>('latents', project)).latents

describe.skipIf(!hasNative)('700 blood cells, 64 latents, 8 per cell (needs the native TensorFlow)', () => {
  const project = join(folder, 'blood.latiscope')
  let trained: Trained
  let linked: LinkReport
  beforeAll(async () => {
    ;({ trained, linked } = await wholeJob(project, sampleFile, 64, 0))
  }, 300_000)

  it('explain at least 70 % of new cells with at most 5 % dead, more than both controls', () => {
    const { metrics, controls } = trained
    expect(metrics?.explainedVariance.heldOut).toBeGreaterThanOrEqual(0.7)
    expect(metrics?.dead).toBeLessThanOrEqual(0.05 * 64)
    expect(metrics?.l0.train).toBeCloseTo(8, 1)
    expect(metrics?.explainedVariance.heldOut).toBeGreaterThan(controls?.untrained.explainedVariance.heldOut ?? 1)
  })

  it('hold a B-cell latent with the B-cell genes on top and a B-cell term first', async () => {
    const matches = (await cliAnswer<{ matches: Match[] }>('find', project, '--group', 'bulk_labels=CD19+ B')).matches
    const order = ['CD14+ Monocyte', 'Dendritic', 'CD19+ B'].flatMap((value) => ['--order', `bulk_labels=${value}`])
    const along = (await cliAnswer<{ matches: TrajectoryLatent[] }>('find', project, ...order)).matches
    expect(along[0]?.trend).toBeGreaterThan(0.3)
    expect(along.at(-1)?.trend).toBeLessThan(-0.3)
    expect(along[0]?.means).toHaveLength(3)
    expect((await cli('find', project, '--order', 'bulk_labels=Dendritic')).code).toBe(2)
    const best = matches.filter((match) => (match.auroc ?? 0) >= 0.8)
    expect(best.length).toBeGreaterThan(0)
    const cards = await cardsOf(project, best.slice(0, 3))
    const fitting = cards.filter((card) => {
      const genes = card.topGenes.slice(0, 10).map((gene) => gene.gene)
      return ['CD79A', 'CD79B', 'MS4A1'].every((gene) => genes.includes(gene)) && /B cell/.test(card.terms[0]?.name ?? '')
    })
    expect(
      fitting.length,
      JSON.stringify(cards.map((card) => [card.topGenes.slice(0, 10).map((g) => g.gene), card.terms[0]?.name])),
    ).toBeGreaterThan(0)
  })

  it('are found by term and by gene', async () => {
    const rows = await rowsOf(project)
    const term = rows.map((row) => row.topTerm).find((top) => top !== null)
    expect((await cliAnswer<{ matches: Match[] }>('find', project, '--term', term?.id ?? '')).matches.length).toBeGreaterThan(0)
    expect(
      (await cliAnswer<{ matches: Match[] }>('find', project, '--gene', 'ENSG00000156738')).matches[0]?.auroc,
    ).toBeGreaterThan(0.8)
  })

  it('give the same latents again with the same seed', async () => {
    const again = join(folder, 'again.latiscope')
    await wholeJob(again, sampleFile, 64, 0)
    expect(await rowsOf(again)).toEqual(await rowsOf(project))
    const paths = [project, again].map((each) => join(folder, `${each.endsWith('again.latiscope') ? 'b' : 'a'}.csv`))
    await cliAnswer('export', project, '--what', 'activations', '--out', paths[0] as string)
    await cliAnswer('export', again, '--what', 'activations', '--out', paths[1] as string)
    expect(readFileSync(paths[0] as string).equals(readFileSync(paths[1] as string))).toBe(true)
  }, 300_000)

  it('are tested against every term of the family, with the chance check beside', () => {
    expect(linked.tested.terms).toBeGreaterThan(500)
    expect(linked.background.genes).toBeGreaterThan(600)
    expect(linked.shuffled.copies).toBe(20)
  })

  it('reach a term in at most 5 % of 200 shuffled copies', async () => {
    await expectFewTermsByChance(project)
  }, 120_000)

  it('can be trained in nested levels and with gates too', async () => {
    const train = (arch: string) => cli('train', project, '--arch', arch, '--latents', '64', '--k', '8', '--steps', '600')
    const nested = await train('matryoshka')
    expect([nested.code, (nested.json['metrics'] as Run['metrics'])?.l0.train]).toEqual([0, 8])
    const gated = await train('gated')
    expect([gated.code, (gated.json['settings'] as Run['settings']).arch]).toEqual([0, 'gated'])
  }, 120_000)

  it('are not trained over another process that holds the project', async () => {
    const held = await import('better-sqlite3').then(({ default: Database }) => new Database(project))
    held.exec('BEGIN EXCLUSIVE')
    const { code, json } = await cli('latents', project)
    held.close()
    expect([code, (json['error'] as { code: string }).code]).toEqual([3, 'FILE_LOCKED'])
  })
})

describe.skipIf(!hasNative || shared === null)(
  '2,000 cells with and without interferon (needs the native TensorFlow and ../shared)',
  () => {
    it('hold a latent of stimulated cells with the interferon genes and the antiviral response', async () => {
      const project = join(folder, 'kang.latiscope')
      await wholeJob(project, join(shared as string, 'data/h5ad/kang-pbmc-ifnb-2000.h5ad'), 128, 0)
      const matches = (await cliAnswer<{ matches: Match[] }>('find', project, '--group', 'condition=stim')).matches
      const stimulated = matches.filter((match) => (match.precision ?? 0) >= 0.75)
      const cards = await cardsOf(project, stimulated.slice(0, 12))
      const fitting = cards.filter(
        (card) =>
          card.activeCells >= 100 &&
          card.topGenes.some((gene) => ['ISG15', 'RSAD2', 'CXCL10'].includes(gene.gene) && gene.auroc >= 0.95) &&
          card.terms.slice(0, 20).some((term) => term.id === 'GO:0051607' && term.qOverall < 1e-4),
      )
      expect(fitting.length).toBeGreaterThan(0)
      await expectFewTermsByChance(project)
    }, 600_000)
  },
)
