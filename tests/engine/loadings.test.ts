// Decoder rows read out on genes by loadings: those of the sample file against numpy, and those of components computed on import.
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { laterSettings, type AssociationReport, type DecoderReadOut, type TrainSettings } from '@contract'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { associateRun } from '../../src/main/engine/analysis/associate'
import { readDecoder } from '../../src/main/engine/analysis/read-out'
import { Engine } from '../../src/main/engine/engine'
import { readForImport } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { createProject } from '../../src/main/engine/project/project'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { nothing } from './fixtures/reading'
import { wholeOf } from './imported-data'

const resources = resolve(import.meta.dirname, '../../resources')
const sample = join(resources, 'sample/pbmc68k_reduced.h5ad')
const { genes } = loadOntology(join(resources, 'ontology'), new Date('2023-01-01'))
const hooks = { progress: () => undefined, cancelled: () => false }
const breathe = (): Promise<void> => Promise.resolve()
const settings: TrainSettings = {
  ...laterSettings,
  ...{ arch: 'topk', latents: 1, k: 1, steps: 1, batch: 64, learningRate: 0.001, warmUp: 0, decay: 0.2 },
  ...{ auxCoefficient: 0, auxK: 0, deadAfter: 1000, heldOut: 0.2, heldOutBy: null, seed: 0 },
}
const scale = 2
const usual = 1.5

/** The sample with one latent, on with `usual` in every second cell, whose decoder row is `decoder`. */
async function withDecoder(decoder: (dims: number) => Float32Array) {
  const folder = temporaryFolder()
  const project = createProject(join(folder, 'p.latiscope'), 'P', '0')
  const request = { path: sample, choice: { ...nothing, representation: 'obsm/X_pca', map: 'none' } }
  const data = await readForImport(request, genes, hooks, new Scratch(temporaryFolder()))
  await project.dataset.write(data, new Date(), breathe)
  const { dims } = data.representation
  const rows = data.cellIds.ends.length
  const on = Uint32Array.from({ length: rows / 2 }, (_, at) => 2 * at)
  const byLatent: Csr = {
    ...{ rows: 1, columns: rows, indptr: Float64Array.of(0, on.length) },
    ...{ indices: on, values: new Float32Array(on.length).fill(usual) },
  }
  const run = project.runs.start(settings, 'f', '0', new Date())
  const weights = {
    ...{ encoder: new Float32Array(dims), decoder: decoder(dims), encoderBias: new Float32Array(1) },
    ...{ decoderBias: new Float32Array(dims), mean: new Float32Array(dims) },
  }
  const outcome = { metrics: {}, controls: {}, scale, backend: { name: 'cpu', version: '1' } } as never
  const nothingFound = { flags: [], groups: [], numbers: [], breadth: [] }
  const finished = { outcome, weights, activations: transpose(byLatent), byLatent, densityHistogram: [1], ...nothingFound }
  project.runs.finish(run, finished, new Date())
  const engine = new Engine({ resources, cache: folder }, '0', () => undefined)
  engine.useProject(project)
  const context = { progress: () => undefined, breathe } as never
  const report: AssociationReport = await associateRun({ engine, project, context, run })
  const found = readDecoder(engine, run, 0) as DecoderReadOut
  const loadings = project.dataset.parts.loadings(data.representation.key)
  engine.closeProject()
  return { report, found, loadings }
}

describe('the read-out of a decoder row', () => {
  it('is the row times varm/PCs where the file has these, equal to numpy, with no effect for genes outside the PCA', async () => {
    const row = (dims: number): Float32Array => Float32Array.from({ length: dims }, (_, at) => (((at * 7) % 11) - 5) / 8)
    const { report, found, loadings } = await withDecoder(row)
    expect(report.readOut).toMatchObject({ source: 'loadings' })
    expect(report.readOut?.note).toMatch(/varm\/PCs \(309 genes have a loading\).*As a check, a ridge regression/)
    expect(found.source).toBe('loadings')
    // numpy: (decoder · 1.5 / 2) @ PCs.T over the 309 of 765 genes whose row of PCs is no NaN.
    const expected = {
      ...{ DPEP2: 0.34514609996040235, OAS1: 0.3106997694267193, KLF3: 0.3005725702023483 },
      ...{ CD27: -0.281229309282935, MPP1: -0.3032019534839492, CD8A: -0.3353044924006099, SLC11A1: -0.33582531528008985 },
    }
    for (const [gene, effect] of Object.entries(expected)) {
      const own = found.genes.find((each) => each.gene === gene)
      expect(Math.abs((own?.effect ?? NaN) / effect - 1)).toBeLessThan(1e-6)
    }
    expect(found.genes.at(-1)?.gene).toBe('SLC11A1')
    expect(found.genes).toHaveLength(100)
    expect(loadings?.values.filter(Number.isNaN)).toHaveLength(50 * (765 - 309))
  }, 30_000)
})

describe('components computed on import', () => {
  it('keep the weights of their genes: the centred values times these are the places of the cells', async () => {
    const path = await h5ad.written(temporaryFolder(), 'bare.h5ad', (file) => {
      h5ad.frame(file, 'obs', h5ad.cellNames, [])
      h5ad.frame(file, 'var', [...h5ad.geneNames], [])
      h5ad.sparse(file, 'X', h5ad.counts)
    })
    const scratch = new Scratch(temporaryFolder())
    const data = await readForImport(
      { path, choice: { ...nothing, representation: 'pca', map: 'none' } },
      fewGenes,
      hooks,
      scratch,
    )
    const { dims, values, loadings } = data.representation
    if (!loadings) throw new Error('computed components have loadings')
    expect(scratch.readTexts(loadings.from)).toEqual(['the principal components computed on import'])
    const weights = new Float32Array(scratch.read(loadings.values))
    const scores = new Float32Array(scratch.read(values))
    const matrix = wholeOf(data).expression?.matrix as Csr
    const rows = Array.from({ length: matrix.rows }, (_, cell) => {
      const row = new Float64Array(matrix.columns)
      for (let at = matrix.indptr[cell] as number; at < (matrix.indptr[cell + 1] as number); at++)
        row[matrix.indices[at] as number] = matrix.values[at] as number
      return row
    })
    const mean = (gene: number): number => rows.reduce((sum, row) => sum + (row[gene] as number), 0) / rows.length
    const means = Array.from({ length: matrix.columns }, (_, gene) => mean(gene))
    rows.forEach((row, cell) => {
      for (let axis = 0; axis < dims; axis++) {
        const place = means.reduce(
          (sum, own, gene) => sum + ((row[gene] as number) - own) * (weights[axis * matrix.columns + gene] as number),
          0,
        )
        expect(place).toBeCloseTo(scores[cell * dims + axis] as number, 5)
      }
    })
  })
})
