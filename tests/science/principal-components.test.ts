// Principal components against scikit-learn's exact ones, and what they promise: the same for one seed, stoppable, at most cells − 1.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GeneProducts } from '../../src/main/science/gene-products'
import { principalComponents } from '../../src/main/science/principal-components'
import { shared } from '../shared-folder'
import { golden, openSmallH5ad, relativeError, sparse } from './golden'

interface Exact {
  mean: number[]
  explained_variance: number[]
  components_first3: number[][]
  scores_first5_rows_first3: number[][]
}
interface Scaled {
  explained_variance: number[]
  strongest: { gene: string[]; absolute_loading: number[] }[]
  score_norms: number[]
}

const flat = (cells: number, genes: number): number[][] =>
  Array.from({ length: cells }, (_, cell) => Array.from({ length: genes }, (__, gene) => ((cell * 31 + gene * 17) * 7919) % 101))

describe('principal components', () => {
  it('are the same for the same seed, and others only up to rounding for another', async () => {
    const matrix = sparse(flat(60, 40))
    const [one, again, other] = await Promise.all([0, 0, 1].map((seed) => principalComponents(matrix, 5, seed)))
    expect(again).toEqual(one)
    other?.explainedVariance.forEach((value, axis) =>
      expect(relativeError(value, one?.explainedVariance[axis] ?? NaN)).toBeLessThan(1e-4),
    )
  })

  it('are the same whether the covariance is kept or too many genes forbid that', async () => {
    const few = sparse(flat(60, 40))
    const many = { ...few, columns: 2100 } // the added genes are seen nowhere
    const [kept, passed] = [await principalComponents(few, 5, 0), await principalComponents(many, 5, 0)]
    kept.explainedVariance.forEach((value, axis) =>
      expect(relativeError(passed.explainedVariance[axis] ?? NaN, value)).toBeLessThan(1e-6),
    )
  })

  it('rest on every product of two genes, also of a number of genes that vectors do not divide', async () => {
    const rows = flat(90, 37).map((row) => row.map((value) => (value % 3 === 0 ? 0 : value / 16)))
    const mean = Float64Array.from({ length: 37 }, (_, gene) => rows.reduce((sum, row) => sum + (row[gene] ?? NaN), 0) / 90)
    const products = new GeneProducts(37, 5)
    const matrix = sparse(rows)
    for (let start = 0; start < 90;) start = products.add(matrix, start)
    products.centre(mean, 90)
    const vectors = Float64Array.from({ length: 5 * 37 }, (_, at) => Math.sin(at))
    const found = await products.times(vectors, () => undefined)
    for (const [at, value] of found.entries()) {
      const [vector, gene] = [Math.floor(at / 37), at % 37]
      let wanted = 0
      for (const row of rows) {
        const along = row.reduce((sum, each, to) => sum + (each - (mean[to] ?? NaN)) * (vectors[vector * 37 + to] ?? NaN), 0)
        wanted += (((row[gene] ?? NaN) - (mean[gene] ?? NaN)) * along) / 89
      }
      expect(value).toBeCloseTo(wanted, 8)
    }
  })

  it('are at most one fewer than the cells, and no more than the genes', async () => {
    expect((await principalComponents(sparse(flat(4, 30)), 50, 0)).axes).toBe(3)
    expect((await principalComponents(sparse(flat(30, 6)), 50, 0)).axes).toBe(6)
  })

  it('of cells that are all alike have no variance', async () => {
    const { explainedVariance, scores } = await principalComponents(sparse(Array.from({ length: 9 }, () => [1, 2, 3, 0])), 3, 0)
    expect(Math.max(...explainedVariance, ...scores.map(Math.abs))).toBeLessThan(1e-12)
  })

  it('stop when the work is stopped', async () => {
    const stopped = principalComponents(sparse(flat(30, 6)), 3, 0, () => Promise.reject(new Error('stopped')))
    await expect(stopped).rejects.toThrow('stopped')
  })
})

describe.skipIf(!shared)('principal components against scikit-learn (needs ../shared)', () => {
  it('of a small matrix agree in every number, up to sign', async () => {
    const exact = golden<Exact>('enrichment/pca.json')
    const lines = readFileSync(join(shared ?? '', 'golden/enrichment/pca-matrix.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
    const rows = lines.map((line) => line.split(',').slice(1).map(Number))
    const found = await principalComponents(sparse(rows), 12, 0)
    // The matrix is kept in single precision, so agreement ends at its rounding.
    found.explainedVariance.forEach((value, axis) =>
      expect(relativeError(value, exact.explained_variance[axis] ?? NaN)).toBeLessThan(1e-6),
    )
    found.mean.forEach((value, gene) => expect(value).toBeCloseTo(exact.mean[gene] ?? NaN, 6))
    exact.components_first3.forEach((component, axis) => {
      const ours = found.components.subarray(axis * 12, axis * 12 + 12)
      const sign = Math.sign(component.reduce((sum, value, gene) => sum + value * (ours[gene] ?? NaN), 0))
      component.forEach((value, gene) => expect(sign * (ours[gene] ?? NaN)).toBeCloseTo(value, 6))
      exact.scores_first5_rows_first3.forEach((scores, cell) =>
        expect(sign * (found.scores[cell * 12 + axis] ?? NaN)).toBeCloseTo(scores[axis] ?? NaN, 4),
      )
    })
  })

  it('of X of the 700-cell file have its explained variances, strongest genes and score norms', async () => {
    const exact = golden<Scaled>('enrichment/pca-pbmc68k.json')
    const file = await openSmallH5ad('pbmc68k_reduced.h5ad')
    const values = file.numbers('X')
    const names = file.member('var', 'index').map(String)
    const matrix = sparse(Array.from({ length: 700 }, (_, cell) => values.slice(cell * 765, (cell + 1) * 765)))
    const found = await principalComponents(matrix, 50, 0)
    exact.explained_variance.forEach((value, axis) =>
      expect(relativeError(found.explainedVariance[axis] ?? NaN, value)).toBeLessThan(axis < 20 ? 1e-5 : 1e-4),
    )
    exact.strongest.forEach(({ gene, absolute_loading }, axis) => {
      gene.forEach((name, at) => {
        const loading = Math.abs(found.components[axis * 765 + names.indexOf(name)] ?? NaN)
        expect(Math.abs(loading - (absolute_loading[at] ?? NaN))).toBeLessThan(1e-3)
      })
    })
    exact.score_norms.forEach((norm, axis) => {
      let squares = 0
      for (let cell = 0; cell < 700; cell++) squares += (found.scores[cell * 50 + axis] ?? NaN) ** 2
      expect(relativeError(Math.sqrt(squares), norm)).toBeLessThan(1e-4)
    })
  }, 60_000)
})
