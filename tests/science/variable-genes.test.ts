// The most variable genes against scanpy's lists, and the corners of both flavours.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Csr } from '../../src/main/base/sparse'
import { wholeMatrix } from '../../src/main/engine/import/parts'
import { withSource } from '../../src/main/engine/import/readers'
import { keepColumns } from '../../src/main/engine/import/rows'
import { normaliseLog1p } from '../../src/main/science/normalise'
import { normalisedDispersions, SpreadOfGenes, standardisedVariances, topGenes } from '../../src/main/science/variable-genes'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { temporaryFolder } from '../temporary-folder'
import { shared } from '../shared-folder'
import { fewGenes } from '../engine/fixtures/genes'
import { golden, relativeError, sparse } from './golden'

type Listed = [gene: string, score: number][]
type Lists = Record<'tenx' | 'kang2000', { seurat_v3_top50: Listed; seurat_top50: Listed; genes_after_min_cells_3: number }>

describe('variable genes', () => {
  it('a gene that does not vary is never among them', async () => {
    const matrix = sparse([
      [1, 0, 2, 5],
      [1, 0, 4, 0],
      [1, 0, 8, 1],
    ])
    expect([...(await normalisedDispersions(matrix))].map(Number.isNaN)).toEqual([true, true, false, false])
    expect([...(await standardisedVariances(matrix))].slice(0, 2)).toEqual([0, 0])
    expect([...topGenes(await normalisedDispersions(matrix), 10)]).toEqual([2, 3])
  })

  it('come in ascending order, equal scores from the first on', () => {
    expect([...topGenes(Float64Array.of(1, 3, NaN, 3, 3), 2)]).toEqual([1, 3])
  })
})

describe('the spread of genes before the logarithm', () => {
  const rows = [
    [1, 0, 7, 2],
    [2, 0, 0, 2],
    [5, 3, 1, 2],
    [0, 1, 4, 2],
  ]
  const factors = Float64Array.of(1.5, 0.25, 3, 2)

  it.each([
    ['log1p', (value: number, cell: number) => value * (factors[cell] ?? NaN)],
    ['none', (value: number) => Math.expm1(value)],
    ['ln2', (value: number) => 2 ** value - 1],
  ] as const)('is that of all cells, whatever the blocks they come in (%s)', (change, linear) => {
    const spread = new SpreadOfGenes(4)
    spread.add(sparse(rows.slice(0, 1)), change, factors.subarray(0, 1))
    spread.add(sparse(rows.slice(1)), change, factors.subarray(1))
    const { mean, variance } = spread.end()
    for (let gene = 0; gene < 4; gene++) {
      const values = rows.map((row, cell) => linear(row[gene] ?? NaN, cell))
      const centre = values.reduce((sum, value) => sum + value, 0) / 4
      expect(mean[gene]).toBeCloseTo(centre, 12)
      expect(variance[gene]).toBeCloseTo(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 3, 9)
    }
    // The same in every cell, but for the factors.
    if (change !== 'log1p') expect(variance[3]).toBe(0)
  })
})

/** The counts of a reference file without the genes seen in fewer than three cells, as the lists were made. */
async function countsOf(path: string): Promise<{ counts: Csr; names: string[] }> {
  return withSource(join(shared ?? '', 'data', path), fewGenes, async (source) => {
    const found = source.expressions.find((each) => each.key === 'X')
    if (!found?.found.part) throw new Error(`${path} has no matrix`)
    const matrix = await wholeMatrix(found.found.part, () => Promise.resolve(), new Scratch(temporaryFolder()))
    const symbols = found.genes.columns.find((column) => column.name === 'gene_symbols')?.values
    const names = symbols?.kind === 'text' ? symbols.texts : found.genes.index
    const seen = new Uint32Array(matrix.columns)
    for (const gene of matrix.indices) seen[gene] = (seen[gene] ?? 0) + 1
    const kept = Array.from(seen.keys()).filter((gene) => (seen[gene] ?? 0) >= 3)
    return { counts: keepColumns(matrix, kept), names: kept.map((gene) => names[gene] ?? '') }
  })
}

describe.skipIf(!shared).each<['tenx' | 'kang2000', string]>([
  ['tenx', 'tenx/filtered_feature_bc_matrix.h5'],
  ['kang2000', 'h5ad/kang-pbmc-ifnb-2000.h5ad'],
])('the 50 most variable genes of %s as scanpy lists them (needs ../shared)', (name, path) => {
  const compare = (listed: Listed, scores: Float64Array, names: string[], tolerance: number): void => {
    const chosen = new Set(Array.from(topGenes(scores, 50), (gene) => names[gene]))
    expect(chosen.size).toBe(50)
    expect(listed.filter(([gene]) => chosen.has(gene)).length).toBeGreaterThanOrEqual(48)
    for (const [gene, score] of listed) expect(relativeError(scores[names.indexOf(gene)] ?? NaN, score)).toBeLessThan(tolerance)
  }

  it('by normalised dispersion of the log values', async () => {
    const { counts, names } = await countsOf(path)
    const expected = golden<Lists>('enrichment/hvg.json')[name]
    expect(names.length).toBe(expected.genes_after_min_cells_3)
    compare(expected.seurat_top50, await normalisedDispersions(normaliseLog1p(counts)), names, 1e-4)
  })

  it('by variance of the counts beyond their trend', async () => {
    const { counts, names } = await countsOf(path)
    // scanpy's loess interpolates the trend, ours does not: the scores differ a little, the order hardly.
    compare(golden<Lists>('enrichment/hvg.json')[name].seurat_v3_top50, await standardisedVariances(counts), names, 0.1)
  })
})
