// A finished project of a million cells: what the first picture needs is answered within a second of engine time, one gene within 0.3 s.
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { EngineMethod, EngineParams, EngineResult, TrainSettings } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { createProject, openProject, type Project } from '../../src/main/engine/project/project'
import { linkReport } from '../engine/fixtures/link-report'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { TwoWayWriter } from '../../src/main/engine/scratch/two-ways'

const cells = 1_000_000
const genes = 20_000
const genesPerCell = 30
const dims = 50
const latents = 4_096
const perCell = 8
const levels = 24
const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
const file = join(folder, 'large.latiscope')
let engine: Engine

/** Rows with about so many stored values each, in ascending columns. */
function rows(count: number, columns: number, each: number, seed: number): Csr {
  const random = seededRandom(seed)
  const indices = new Uint32Array(count * each)
  for (let row = 0; row < count; row++) {
    for (let at = 0; at < each; at++) {
      indices[row * each + at] = Math.floor(((at + random.uniform()) * columns) / each)
    }
  }
  return {
    rows: count,
    columns,
    indptr: Float64Array.from({ length: count + 1 }, (_, row) => row * each),
    indices,
    values: Float32Array.from(indices, (column) => 1 + (column % 5)),
  }
}

async function writeData(project: Project): Promise<void> {
  const scratch = new Scratch(join(folder, 'scratch'))
  const numbers = (name: string, length: number) =>
    scratch.write(
      name,
      Float32Array.from({ length }, (_, at) => Math.sin(at)),
    )
  const codes = (name: string, count: number) =>
    scratch.write(
      name,
      Int32Array.from({ length: cells }, (_, cell) => cell % count),
    )
  const writer = new TwoWayWriter(scratch, { byRow: 'by-cell', byColumn: 'by-gene' }, genes)
  for (let block = 0; block < 20; block++) await writer.add(rows(cells / 20, genes, genesPerCell, block))
  const { byRow, byColumn, storedPerColumn } = await writer.end(() => undefined)
  const category = (name: string, role: 'cell-type' | 'donor' | null, count: number) => ({
    name,
    kind: 'category' as const,
    role,
    levels: Array.from({ length: count }, (_, level) => `${name} ${level}`),
    colours: null,
    values: codes(name, count),
  })
  await project.dataset.write(
    {
      folder: scratch.folder,
      sources: [{ name: 'large.h5ad', bytes: 1, sha256: 'a', part: 'rows' }],
      fingerprint: 'f',
      cellIds: scratch.writeTexts(
        'cells',
        Array.from({ length: cells }, (_, cell) => `AAACCTGAGAAACC${cell}-1`),
      ),
      representation: { key: 'obsm/X_pca', dims, values: numbers('representation', cells * dims) },
      expression: {
        key: 'X',
        verdict: 'counts',
        verdictSaid: false,
        scale: 'log1p of counts per 10,000',
        logScale: true,
        genes: Array.from({ length: genes }, (_, gene) => ({
          name: `G${gene}`,
          symbol: `G${gene}`,
          gene: gene < 15_000 ? gene : null,
          method: 'symbol',
          detectedCells: storedPerColumn[gene] ?? 0,
        })),
        byCell: byRow,
        byGene: byColumn,
        detected: scratch.write('detected', new Uint32Array(cells).fill(genesPerCell)),
        change: 'log1p',
        factors: scratch.write('factors', new Float64Array(cells).fill(100)),
      },
      columns: [
        category('cell type', 'cell-type', levels),
        category('donor', 'donor', 40),
        { name: 'depth', kind: 'number', role: null, levels: [], colours: null, values: numbers('depth', cells) },
      ],
      map: { name: 'X_umap', xy: numbers('map', cells * 2) },
      rowGenes: null,
      depth: null,
      blocks: [],
      report: {
        rows: cells,
        dims,
        genes,
        verdict: 'counts',
        matched: { both: cells, onlyFile: 0, onlyProject: 0 },
        mapped: { genes: 15_000, of: genes },
        problems: [],
        rowKind: 'cells',
        countsFrom: null,
        map: 'X_umap',
      },
    },
    new Date(),
    () => Promise.resolve(),
  )
}

function writeRun(project: Project): void {
  const activations = rows(cells, latents, perCell, 99)
  const run = project.runs.start({ arch: 'topk', latents, k: perCell, seed: 0 } as TrainSettings, 'f', '0', new Date())
  const groups = Array.from({ length: latents * levels }, (_, at) => {
    const latent = Math.floor(at / levels)
    return {
      latent,
      columnId: 1,
      level: at % levels,
      auroc: ((at * 7) % 100) / 100,
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      fold: 1,
      log10P: -3,
      qValue: 0.01,
      information: 0.1,
    }
  })
  project.runs.finish(
    run,
    {
      outcome: { metrics: {}, controls: {}, seconds: 1, stepsPerSecond: 1, backend: { name: 'cpu', version: '1' } } as never,
      weights: {
        encoder: new Float32Array(latents * dims),
        decoder: new Float32Array(latents * dims).fill(0.1),
        encoderBias: new Float32Array(latents),
        decoderBias: new Float32Array(dims),
        mean: new Float32Array(dims),
      },
      activations,
      byLatent: transpose(activations),
      densityHistogram: [1],
      groups,
      flags: [],
    },
    new Date(),
  )
  const each = <T>(count: number, make: (latent: number, rank: number) => T): T[] =>
    Array.from({ length: latents * count }, (_, at) => make(Math.floor(at / count), at % count))
  project.linkings.write(
    {
      run,
      settings: { aspect: 'BP', background: 'detected', evidence: 'all', shuffles: 0, seed: 0 },
      settingsHash: 'h',
      ontologyRelease: 'r',
      annotationRelease: 'a',
      appVersion: '0',
      report: linkReport({ run, tested: { latents, terms: 6_000 } }),
      studies: [],
      genes: each(200, (latent, rank) => ({
        latent,
        rank,
        gene: (latent * 31 + rank) % genes,
        auroc: 0.9,
        log2Difference: 1,
        detectedActive: 0.5,
        detectedReference: 0.1,
      })),
      terms: each(50, (latent, rank) => ({
        latent,
        termId: `GO:${String(rank).padStart(7, '0')}`,
        overlap: 3,
        termSize: 10,
        pValue: 1e-3,
        log10P: -3,
        qLatent: 0.01 * rank,
        qOverall: 0.01,
        genes: ['G1'],
      })),
    },
    new Date(),
  )
}

beforeAll(async () => {
  const project = createProject(file, 'large', '0')
  await writeData(project)
  writeRun(project)
  project.close()
  engine = new Engine({ resources: resolve(import.meta.dirname, '../../resources'), cache: folder }, '0', () => {})
}, 600_000)
afterAll(() => {
  engine.closeProject()
  rmSync(folder, { recursive: true, force: true })
})

async function timed<M extends EngineMethod>(
  method: M,
  params: EngineParams<M>,
): Promise<{ ms: number; result: EngineResult<M> }> {
  const start = performance.now()
  const result = (await handlers[method](params, engine)) as EngineResult<M>
  return { ms: performance.now() - start, result }
}

describe('a finished project of a million cells', () => {
  it('gives the first picture within a second', async () => {
    const start = performance.now()
    engine.useProject(openProject(file))
    const open = performance.now() - start
    const asked = [
      (await timed('project.summary', {})).ms,
      (await timed('map.read', {})).ms,
      (await timed('column.read', { name: 'cell type' })).ms,
      (await timed('latents.list', { run: 1, aspect: 'BP' })).ms,
      (await timed('latents.activation', { run: 1, latent: 7 })).ms,
    ]
    const total = open + asked.reduce((sum, ms) => sum + ms, 0)
    expect(total, `open ${open}, summary, map, column, latents, activation ${asked.join(', ')} ms`).toBeLessThan(1_000)
  })

  it('shows one gene within 0.3 seconds, names of cells at once', async () => {
    const gene = await timed('gene.read', { gene: 'G123' })
    expect(gene.ms).toBeLessThan(300)
    expect(gene.result.values.length).toBe(cells)
    expect(gene.result.detected).toBe(gene.result.values.filter((value) => value > 0).length)
    const names = await timed('cells.names', { cells: [0, 999_999] })
    expect(names.ms).toBeLessThan(50)
    expect(names.result.names).toEqual(['AAACCTGAGAAACC0-1', 'AAACCTGAGAAACC999999-1'])
  })
})
