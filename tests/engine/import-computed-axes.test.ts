// A file without an embedding is imported with principal components of its expression when that is asked for, and only then.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectFile } from '../../src/main/engine/import'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read } from './fixtures/reading'

const bare = (change: Parameters<typeof h5ad.written>[2] = () => undefined): Promise<string> =>
  h5ad.written(temporaryFolder(), 'bare.h5ad', (file) => {
    h5ad.frame(file, 'obs', h5ad.cellNames, [])
    h5ad.frame(file, 'var', [...h5ad.geneNames], [])
    h5ad.sparse(file, 'X', h5ad.counts)
    change(file)
  })

describe('a file with counts and no embedding', () => {
  it('is offered the computed one, not suggested, and still has a stop', async () => {
    const { representations, problems } = await inspectFile(await bare(), fewGenes)
    expect(representations).toEqual([
      {
        key: 'pca',
        rows: 10,
        dims: 4,
        usable: true,
        suggested: false,
        reason: 'computed here: PCA of the log values, 4 axes on all genes',
      },
    ])
    const stop = problems.find((problem) => problem.code === 'NO_REPRESENTATION')
    expect(stop).toMatchObject({ level: 'stop' })
    expect(stop?.remedy).toContain('--representation pca')
  })

  it('is refused without the choice, also when the expression is left out', async () => {
    const path = await bare()
    expect(await codeOf(read(path))).toBe('NO_REPRESENTATION')
    expect(await codeOf(read(path, { representation: 'pca', expression: 'none' }))).toBe('NO_REPRESENTATION')
  })

  it('is imported with it: named by how it was made, centred, largest variance first, the same bytes each time', async () => {
    const path = await bare()
    const { representation, report, expression } = await read(path, { representation: 'pca' })
    expect(representation.key).toBe(`pca of X, ${representation.dims} axes, all 4 genes, seed 0`)
    expect(report).toMatchObject({ rows: 10, dims: representation.dims, genes: 4 })
    expect(representation.values.length).toBe(10 * representation.dims)
    const axis = (at: number): number[] =>
      Array.from({ length: 10 }, (_, cell) => representation.values[cell * representation.dims + at] ?? NaN)
    const variances = Array.from(
      { length: representation.dims },
      (_, at) => axis(at).reduce((sum, value) => sum + value ** 2, 0) / 9,
    )
    expect(variances).toEqual([...variances].sort((a, b) => b - a))
    for (let at = 0; at < representation.dims; at++) expect(axis(at).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4)
    expect(variances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(totalVariance(expression?.matrix), 3)
    expect((await read(path, { representation: 'pca' })).representation).toEqual(representation)
  })

  it('can be stopped while it is computed', async () => {
    let computing = false
    const hooks = {
      progress: (phase: string) => void (computing ||= phase === 'Computing principal components'),
      cancelled: () => computing,
    }
    expect(await codeOf(read(await bare(), { representation: 'pca' }, { hooks }))).toBe('CANCELLED')
  })

  it('whose cells hardly differ is refused by name', async () => {
    const path = await bare((file) => {
      h5ad.sparse(
        file.create_group('layers'),
        'same',
        h5ad.counts.map((_, at) => (at % 4) + 1),
      )
    })
    expect(await codeOf(read(path, { representation: 'pca', expression: 'layers/same' }))).toBe('SETTING_OUT_OF_RANGE')
  })
})

describe('a file with more than 2,000 genes', () => {
  it('is reduced to its most variable ones first', async () => {
    const genes = Array.from({ length: 2100 }, (_, gene) => `g${gene}`)
    const values = Array.from({ length: 60 * 2100 }, (_, at) => (Math.imul(at + 1, 2654435761) >>> 28 > 11 ? 1 + (at % 7) : 0))
    const path = await h5ad.written(temporaryFolder(), 'wide.h5ad', (file) => {
      const cells = Array.from({ length: 60 }, (_, cell) => `c${cell}`)
      h5ad.frame(file, 'obs', cells, [])
      h5ad.frame(file, 'var', genes, [])
      h5ad.sparse(file, 'X', values, false, 2100)
    })
    const [offer] = (await inspectFile(path, fewGenes)).representations
    expect(offer?.reason).toBe('computed here: PCA of the log values, 50 axes on the 2,000 most variable genes')
    const { representation } = await read(path, { representation: 'pca' })
    expect(representation.key).toBe('pca of X, 50 axes, 2,000 variable genes, seed 0')
  })
})

describe('a file with an embedding', () => {
  it('is not offered a computed one', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    expect((await inspectFile(path, fewGenes)).representations.map((each) => each.key)).not.toContain('pca')
    expect((await read(path, { representation: 'X_pca' })).representation.key).toBe('obsm/X_pca')
  })
})

describe.skipIf(!shared)('a real 10x file (needs ../shared)', () => {
  it('is imported with 50 principal components', async () => {
    const path = join(shared ?? '', 'data/tenx/filtered_feature_bc_matrix.h5')
    const { representation, report, cellIds } = await read(path, { representation: 'pca' })
    expect(representation.key).toBe('pca of X, 50 axes, all 507 genes, seed 0')
    expect(report).toMatchObject({ rows: 1107, dims: 50, genes: 507, verdict: 'counts' })
    expect(representation.values.length).toBe(cellIds.length * 50)
    expect(representation.values.every(Number.isFinite)).toBe(true)
  })
})

function totalVariance(
  matrix: { rows: number; columns: number; indices: Uint32Array; values: Float32Array } | undefined,
): number {
  if (!matrix) return NaN
  let total = 0
  for (let gene = 0; gene < matrix.columns; gene++) {
    const stored = matrix.values.filter((_, at) => matrix.indices[at] === gene)
    const mean = stored.reduce((sum, value) => sum + value, 0) / matrix.rows
    const apart = stored.reduce((sum, value) => sum + (value - mean) ** 2, 0) + (matrix.rows - stored.length) * mean ** 2
    total += apart / (matrix.rows - 1)
  }
  return total
}
