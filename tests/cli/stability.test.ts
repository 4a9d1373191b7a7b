// Repeats, searches, applications and models of other tools through the built command line, on real cells.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApplyReport, LatentRow, ModelImportReport, RunJudgement, SearchReport, SeedsReport } from '@contract'
import { cli, cliAnswer, hasNative, sampleFile } from '../run-cli'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-stability-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasNative)('a run on 700 blood cells (needs the native TensorFlow)', () => {
  const project = join(folder, 'blood.latiscope')
  beforeAll(async () => {
    await cliAnswer('new', project)
    await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
    const size = ['--arch', 'topk', '--latents', '32', '--k', '6', '--steps', '400']
    const trained = await cliAnswer<{ verdict: RunJudgement[] }>('train', project, ...size)
    expect(trained.verdict.length).toBeGreaterThan(0)
  }, 120_000)

  it('is repeated with another seed, which fills the stability of its latents and stays no default', async () => {
    const report = await cliAnswer<SeedsReport>('seeds', project, '--seeds', '2')
    expect(report).toMatchObject({ run: 1, repeats: [2], same: 0.7 })
    expect(report.agreement).toBeGreaterThan(report.chance.mean)
    const { run, latents } = await cliAnswer<{ run: number; latents: LatentRow[] }>('latents', project)
    expect(run).toBe(1)
    expect(latents.filter((row) => (row.stability ?? 0) >= 0.7)).toHaveLength(report.reproducible)
  }, 60_000)

  it('is compared with other k in a job with progress', async () => {
    const { code, json, stderr } = await cli('find-k', project, '--values', '4,8', '--latents', '32', '--steps', '40')
    expect(code).toBe(0)
    const report = json as unknown as SearchReport
    expect([report.what, report.trials.map(({ k }) => k)]).toEqual(['k', [4, 8]])
    expect(report.remedy).not.toBe('')
    expect(stderr).toMatch(/"phase":"trying numbers per cell"/)
    expect((await cli('find-size', project, '--values', '16,x')).code).toBe(2)
  }, 60_000)

  it('is applied to the cells it was trained on, which are in range', async () => {
    const out = join(folder, 'applied.csv')
    const report = await cliAnswer<ApplyReport>('apply', project, sampleFile, '--run', '1', '--out', out)
    expect(report).toMatchObject({ verdict: 'in-range', rows: 700, representation: 'obsm/X_pca', written: [{ path: out }] })
  }, 60_000)

  it('comes back from a dictionary_learning folder with the same activations', async () => {
    const model = join(folder, 'model')
    await cliAnswer('export', project, '--run', '1', '--what', 'dictionary-learning', '--out', model)
    const report = await cliAnswer<ModelImportReport>('import-model', project, model)
    expect(report).toMatchObject({ format: 'dictionary-learning', parity: { rows: 700 } })
    expect(report.parity.maxRelativeDifference).toBeLessThan(1e-5)
  }, 60_000)
})
