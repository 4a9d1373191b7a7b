// Genes and peaks of the same cells: genes are the expression, peaks a block of their own with totals, detection and values.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { File } from 'h5wasm/node'
import { inspectFile } from '../../src/main/engine/import'
import { createProject } from '../../src/main/engine/project/project'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { read } from './fixtures/reading'
import { store } from './imported-data'

const peaks = ['chr1:100-200', 'chr2:300-400', 'chr2:300-400']
/** Row-major, cells × 3. */
const peakCounts = Array.from({ length: 30 }, (_, at) => (at * 5) % 4)

function tenx(out: File): void {
  const values = h5ad.cellNames.flatMap((_, cell) => [
    ...h5ad.counts.slice(cell * 4, cell * 4 + 4),
    ...peakCounts.slice(cell * 3, cell * 3 + 3),
  ])
  const group = h5ad.sparse(out, 'matrix', values, false, 7)
  group.create_dataset({ name: 'barcodes', data: h5ad.cellNames })
  group.create_dataset({ name: 'shape', data: new Int32Array([7, 10]) })
  const features = group.create_group('features')
  features.create_dataset({ name: 'id', data: [...h5ad.geneNames, ...peaks] })
  features.create_dataset({ name: 'name', data: [...h5ad.geneNames, ...peaks] })
  features.create_dataset({
    name: 'feature_type',
    data: [...h5ad.geneNames.map(() => 'Gene Expression'), ...peaks.map(() => 'Peaks')],
  })
}

/** Cells of rna in file order; atac lacks the first cell and lies in the opposite order. */
function mudata(out: File): void {
  h5ad.frame(out, 'obs', h5ad.cellNames, [])
  const maps = out.create_group('obsmap')
  maps.create_dataset({ name: 'rna', data: Uint32Array.from(h5ad.cellNames, (_, cell) => cell + 1) })
  maps.create_dataset({ name: 'atac', data: Uint32Array.from(h5ad.cellNames, (_, cell) => (cell === 0 ? 0 : 10 - cell)) })
  const mod = out.create_group('mod')
  const rna = mod.create_group('rna')
  h5ad.frame(rna, 'obs', h5ad.cellNames, [])
  h5ad.frame(rna, 'var', [...h5ad.geneNames], [])
  rna.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, h5ad.dims] })
  h5ad.sparse(rna, 'X', h5ad.counts)
  const atac = mod.create_group('atac')
  const order = h5ad.cellNames
    .map((_, cell) => cell)
    .slice(1)
    .reverse()
  h5ad.frame(
    atac,
    'obs',
    order.map((cell) => `cell-${cell}`),
    [],
  )
  h5ad.frame(atac, 'var', [...new Set(peaks)], [])
  h5ad.sparse(
    atac,
    'X',
    order.flatMap((cell) => peakCounts.slice(cell * 3, cell * 3 + 2)),
    false,
    2,
  )
}

describe('a 10x file with genes and peaks', () => {
  it('uses the genes and keeps the peaks beside them, each with totals of its own', async () => {
    const path = await h5ad.written(temporaryFolder(), 'multi.h5', tenx)
    const found = await inspectFile(path, fewGenes)
    expect(found.expression.map((each) => [each.key, each.columns, each.suggested])).toEqual([
      ['X', 4, true],
      ['Peaks', 3, false],
    ])
    const shown = { key: 'Peaks', type: 'Peaks', features: 3, verdict: 'counts', examples: peaks }
    expect(found.features).toEqual([shown])
    expect(found.report).toContain('Beside the genes: Peaks, 3 features, counts (chr1:100-200')
    const data = await read(path, { representation: 'pca' })
    expect(data.expression?.genes).toHaveLength(4)
    const sums = (values: readonly number[], width: number): number[] =>
      h5ad.cellNames.map((_, cell) => values.slice(cell * width, (cell + 1) * width).reduce((sum, value) => sum + value, 0))
    expect([...(data.depth?.total ?? [])]).toEqual(sums(h5ad.counts, 4))
    const [block] = data.blocks
    expect(block).toMatchObject({ key: 'Peaks', type: 'Peaks', verdict: 'counts' })
    expect([...(block?.depth.total ?? [])]).toEqual(sums(peakCounts, 3))
    expect(block?.features.map((feature) => feature.name)).toEqual(['chr1:100-200', 'chr2:300-400', 'chr2:300-400-1'])
    expect(block?.features[0]?.detectedCells).toBe(peakCounts.filter((count, at) => at % 3 === 0 && count > 0).length)
  })

  it('stores the peaks in the project, linked to their nearest gene where it is known', async () => {
    const data = await read(await h5ad.written(temporaryFolder(), 'multi.h5', tenx), { representation: 'pca' })
    const project = createProject(join(temporaryFolder(), 'p.latiscope'), 'P', '0')
    const blocks = data.blocks.map((block) => ({
      ...block,
      features: block.features.map((feature) => ({
        ...feature,
        nearest: feature.name.startsWith('chr1') ? { symbol: 'CD3D', distance: 1200 } : null,
      })),
    }))
    await store(project, { ...data, blocks })
    const { parts } = project.dataset
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / 10
    const perRow = { total: mean(peakCounts), detected: mean(peakCounts.map((count) => Number(count > 0))) }
    expect(parts.blocks()).toEqual([{ key: 'Peaks', type: 'Peaks', verdict: 'counts', features: 3, linked: 1, perRow }])
    expect(parts.perRow()?.total).toBeCloseTo(mean(h5ad.counts), 5)
    const peak = parts.findFeature('Peaks', 'chr1:100-200')
    expect(peak).toMatchObject({ geneSymbol: 'CD3D', geneDistance: 1200 })
    const values = new Float32Array(10)
    const stored = peak && parts.featureValues(peak)
    stored?.indices.forEach((cell, at) => (values[cell] = stored.values[at] ?? 0))
    expect([...values]).toEqual(peakCounts.filter((_, at) => at % 3 === 0))
    project.close()
  })
})

describe('peaks with a file of gene positions', () => {
  it('are linked to the nearest gene of their chromosome, and the file is a source of the project', async () => {
    const folder = temporaryFolder()
    const positions = join(folder, 'genes.tsv')
    // In the manner of BED: from 0, the end outside.
    const lines = [
      ['chr1', '350', '900', 'CD3D'],
      ['1', '2000', '2500', 'LYZ'],
      ['chr3', '10', '20', 'NKG7'],
    ]
    writeFileSync(positions, lines.map((fields) => fields.join('\t')).join('\n'))
    const path = await h5ad.written(folder, 'multi.h5', tenx)
    const data = await read(path, { representation: 'pca' }, { beside: { genePositions: positions } })
    expect(data.blocks[0]?.features.map((feature) => feature.nearest)).toEqual([{ symbol: 'CD3D', distance: 151 }, null, null])
    expect(data.sources.map(({ name, part }) => [name, part])).toEqual([
      ['multi.h5', 'rows'],
      ['genes.tsv', 'genes'],
    ])
    const without = await read(path, { representation: 'pca' })
    expect(without.blocks[0]?.features[0]?.nearest).toBeNull()
  })
})

describe('a MuData file with rna and atac', () => {
  it('matches the peaks to the cells through obsmap, and counts the cells without any', async () => {
    const data = await read(await h5ad.written(temporaryFolder(), 'multi.h5mu', mudata))
    const [block] = data.blocks
    expect(block).toMatchObject({ key: 'mod/atac/X', type: 'atac' })
    h5ad.cellNames.forEach((_, cell) => {
      const expected = cell === 0 ? 0 : (peakCounts[cell * 3] ?? 0) + (peakCounts[cell * 3 + 1] ?? 0)
      expect(block?.depth.total[cell]).toBe(expected)
    })
    const messages = data.report.problems.map((problem) => problem.message)
    expect(messages).toContain('1 of 10 cells have no atac; they count as having none of its features.')
    expect(messages.join()).toContain('rna is read, atac is kept beside it as further features')
  })
})
