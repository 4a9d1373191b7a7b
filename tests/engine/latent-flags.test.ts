// Flags through a project file: judged from its own columns and expression, stored with the run, shown in list and card.
import { copyFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { EngineMethod, EngineParams, EngineResult, TrainSettings } from '@contract'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { flagLatents } from '../../src/main/engine/analysis/flags'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { applicationId, currentVersion } from '../../src/main/engine/project/database'
import { migrate } from '../../src/main/engine/project/migration'
import { firstTables } from '../../src/main/engine/project/migrations/0001-first-tables'
import { createProject, openProject, type Project } from '../../src/main/engine/project/project'
import { openMatrices } from '../../src/main/engine/store/matrices'
import { openRunStore } from '../../src/main/engine/store/runs'
import { temporaryFolder } from '../temporary-folder'
import { linkReport } from './fixtures/link-report'
import { smallImport, store, type WholeImport } from './imported-data'

const cells = 120
const latents = 5
const genes = [...Array.from({ length: 15 }, (_, at) => `RPL${at + 3}`), ...Array.from({ length: 15 }, (_, at) => `GENE${at}`)]
const settings = { arch: 'topk', latents, k: 1, seed: 0 } as TrainSettings
/** Donor of each cell: 30 cells each, in turn. */
const donorOf = (cell: number): number => cell % 4
/** Cells lose genes in an order that has nothing to do with their donor. */
const detectedOf = (cell: number): number => 5 + Math.floor(cell / 5)

function csr(rows: number, columns: number, value: (row: number, column: number) => number): Csr {
  const indptr = new Float64Array(rows + 1)
  const indices: number[] = []
  const values: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const found = value(row, column)
      if (found === 0) continue
      indices.push(column)
      values.push(found)
    }
    indptr[row + 1] = indices.length
  }
  return { rows, columns, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) }
}

/** 0 library size, 1 one donor, 2 ribosomal by its genes, 3 clean, 4 on in 8 cells of one donor. */
const activations = csr(cells, latents, (cell, latent) => {
  if (latent === 0) return 1 + cell
  if (latent === 1) return donorOf(cell) === 2 ? 2 : 0
  if (latent === 4) return donorOf(cell) === 1 && cell < 32 ? 1 : 0
  return (cell * 7) % 10 < 3 ? 1 + ((cell * 11) % 5) : 0
})

function planted(logScale: boolean): WholeImport {
  const small = smallImport()
  const [type, depth] = small.columns
  if (!type || !depth || !small.expression) throw new Error('the small import has two columns and expression')
  return {
    ...small,
    cellIds: Array.from({ length: cells }, (_, cell) => `c${cell}`),
    representation: { key: 'obsm/X_pca', dims: 2, values: new Float32Array(cells * 2) },
    expression: {
      ...small.expression,
      logScale,
      genes: genes.map((name) => ({ name: `ENSG-${name}`, symbol: name, gene: null, method: 'symbol', detectedCells: 9 })),
      matrix: csr(cells, genes.length, (cell, gene) => (gene < detectedOf(cell) ? 1 : 0)),
    },
    columns: [
      {
        ...type,
        name: 'donor_id',
        role: 'donor',
        levels: ['D1', 'D2', 'D3', 'D4'],
        colours: null,
        codes: Int32Array.from({ length: cells }, (_, cell) => donorOf(cell)),
      },
      { ...depth, name: 'pseudotime', numbers: Float32Array.from({ length: cells }, (_, cell) => cell) },
    ],
    map: null,
  }
}

async function finish(project: Project): Promise<number> {
  const byLatent = transpose(activations)
  const run = project.runs.start(settings, 'f', '0', new Date())
  const weights = {
    encoder: new Float32Array(latents * 2),
    decoder: new Float32Array(latents * 2).fill(1),
    encoderBias: new Float32Array(latents),
    decoderBias: new Float32Array(2),
    mean: new Float32Array(2),
  }
  const flags = await flagLatents(project.dataset, byLatent, async () => {})
  const outcome = { metrics: {}, controls: {}, backend: { name: 'cpu', version: '1' } } as never
  project.runs.finish(run, { outcome, weights, activations, byLatent, densityHistogram: [1], groups: [], flags }, new Date())
  return run
}

function link(project: Project, run: number): void {
  const ranked = (latent: number, order: readonly number[]) =>
    order.map((gene, rank) => ({
      latent,
      rank,
      gene,
      auroc: 0.9 - rank / 100,
      log2Difference: 1,
      detectedActive: 1,
      detectedReference: 0,
    }))
  const forward = Array.from(genes.keys())
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
        tested: { latents: 4, terms: 1 },
        background: { kind: 'detected', genes: genes.length },
        significant: { latents: 0, pairs: 0 },
        shuffled: { copies: 0, withTerm: 0, within: 'all cells' },
      }),
      studies: [],
      genes: [...ranked(2, forward), ...ranked(3, forward.toReversed()), ...ranked(4, forward)],
      terms: [],
    },
    new Date(),
  )
}

const engineOn = (project: Project, folder: string): Engine => {
  const engine = new Engine({ resources: resolve(import.meta.dirname, '../../resources'), cache: folder }, '0', () => {})
  engine.useProject(project)
  return engine
}
const ask = async <M extends EngineMethod>(engine: Engine, method: M, params: EngineParams<M>): Promise<EngineResult<M>> =>
  handlers[method](params, engine)

describe('planted latents in a project', () => {
  it('get their flag in the list and on the card, and a clean one gets none', async () => {
    const folder = temporaryFolder()
    const project = createProject(join(folder, 'p.latiscope'), 'P', '0')
    await store(project, planted(true))
    const run = await finish(project)
    link(project, run)
    const engine = engineOn(project, folder)
    const rows = await ask(engine, 'latents.list', { run, aspect: 'BP' })
    expect(rows.map((row) => row.flags)).toEqual([['dense', 'depth'], ['donor'], ['ribosomal'], [], ['rare']])
    const evidence = async (latent: number) =>
      (await ask(engine, 'latents.card', { run, latent, aspect: 'BP' })).flagEvidence.map(({ flag, source }) => [flag, source])
    expect(await evidence(0)).toEqual([['depth', 'genes detected per cell']])
    expect(await evidence(1)).toEqual([['donor', 'D3']])
    expect(await evidence(2)).toEqual([['ribosomal', '20 best genes']])
    expect([await evidence(3), await evidence(4)]).toEqual([[], []])
    await engine.closeProject()
  })

  it('have no depth flag where a stored value does not mean that a gene was found', async () => {
    const project = createProject(join(temporaryFolder(), 'p.latiscope'), 'P', '0')
    await store(project, planted(false))
    const flags = await flagLatents(project.dataset, transpose(activations), async () => {})
    expect(flags.map(({ latent, flag }) => [latent, flag])).toEqual([[1, 'donor']])
    project.close()
  })
})

describe('a project of the first layout', () => {
  /** As version 1 wrote it: the tables of the first step, one finished run with a named latent. */
  function firstLayout(): string {
    const file = join(temporaryFolder(), 'old.latiscope')
    const db = new Database(file)
    db.pragma(`application_id = ${applicationId}`)
    migrate(db, file, [firstTables])
    db.exec(`
      INSERT INTO meta VALUES ('name', 'Old');
      INSERT INTO run (id, state, settings, seed, data_fingerprint, app_version, created_at)
        VALUES (1, 'done', '{"latents":2}', 0, 'f', '0', '2026-01-01T00:00:00Z');
      INSERT INTO latent VALUES (1, 0, 40, 0.4, 'my name'), (1, 1, 0, 0, NULL);
    `)
    db.close()
    return file
  }

  it('is brought up to date, keeps its runs and names, and has no flags for them', () => {
    const file = firstLayout()
    const project = openProject(file)
    expect(existsSync(`${file}.backup-v1`)).toBe(true)
    expect(project.name).toBe('Old')
    expect(project.runs.list().map(({ id, state }) => ({ id, state }))).toEqual([{ id: 1, state: 'done' }])
    expect(project.runs.latents(1).map(({ activeCells, label }) => [activeCells, label])).toEqual([
      [40, 'my name'],
      [0, null],
    ])
    expect([project.runs.flags(1), project.runs.flagsOfLatent(1, 0)]).toEqual([[], []])
    project.close()
    const db = new Database(file, { readonly: true })
    expect(db.pragma('user_version', { simple: true })).toBe(currentVersion)
    db.close()
  })

  it('that cannot be written is read as it is', () => {
    const file = firstLayout()
    copyFileSync(file, `${file}.copy`)
    const db = new Database(`${file}.copy`, { readonly: true })
    const runs = openRunStore(db, openMatrices(db, 'old'))
    expect(runs.latents(1)).toHaveLength(2)
    expect([runs.flags(1), runs.flagsOfLatent(1, 0)]).toEqual([[], []])
    db.close()
  })
})
