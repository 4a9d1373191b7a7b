// The map from a representation to genes, and the lists of strongest genes.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { fitRidgeMap, readOut, type RidgeMap } from '../../src/main/science/ridge-map'
import { createTopLists } from '../../src/main/science/top-lists'
import { sourceOf } from '../row-source'
import { sparse } from './golden'

function fit(rows: number, dims: number, matrix: readonly (readonly number[])[], x: Float32Array): RidgeMap | null {
  const steps = fitRidgeMap(x, dims, sourceOf(sparse(matrix)), seededRandom(1))
  for (;;) {
    const next = steps.next()
    if (next.done) return next.value
  }
}

describe('the map from representation to genes', () => {
  const random = seededRandom(9)
  const [rows, dims] = [500, 4]
  const x = Float32Array.from({ length: rows * dims }, () => random.normal())
  const weights = [
    [1, 0, 0.5],
    [0, 2, 0.5],
    [0, 0, 0],
    [-1, 0, 0],
  ]
  /** Gene 0: linear and exact; 1: with noise of the same size as the signal; 2: only noise; 3: constant. */
  const matrix = Array.from({ length: rows }, (_, row) => {
    const of = (gene: number): number =>
      weights.reduce((sum, own, dim) => sum + (x[row * dims + dim] as number) * (own[gene] ?? 0), 0)
    return [5 + of(0), 10 + of(1) + 2 * random.normal(), 3 + random.normal(), 1]
  })
  const map = fit(rows, dims, matrix, x)

  it('recovers the weights where genes are linear in it', () => {
    expect(map).not.toBeNull()
    for (let dim = 0; dim < dims; dim++) expect(map?.weights[dim * 4]).toBeCloseTo(weights[dim]?.[0] as number, 1)
  })

  it('says how much it explains on cells that were left out: all, half, nothing, not defined', () => {
    expect(map?.r2[0]).toBeGreaterThan(0.999)
    expect(map?.r2[1]).toBeGreaterThan(0.35)
    expect(map?.r2[1]).toBeLessThan(0.65)
    expect(map?.r2[2]).toBeLessThan(0.05)
    expect(map?.r2[3]).toBeNaN()
    expect([map?.fitRows, map?.testRows]).toEqual([300, 100])
  })

  it('has the R² of predicting every left-out cell', () => {
    // The same split again: rows are drawn and dealt by the same seed.
    const draw = seededRandom(1)
    const order = draw.shuffle(
      draw.sample(
        Uint32Array.from({ length: rows }, (_, row) => row),
        20_000,
      ),
    )
    const [train, test] = [Array.from(order.slice(0, 300)), Array.from(order.slice(400))]
    const mean = (of: (row: number) => number, list: readonly number[]): number =>
      list.reduce((sum, row) => sum + of(row), 0) / list.length
    const y = (row: number): number => Math.fround(matrix[row]?.[1] as number)
    const centre = mean(y, train)
    const centres = Array.from({ length: dims }, (_, dim) => mean((row) => x[row * dims + dim] as number, train))
    const predicted = (row: number): number =>
      centres.reduce(
        (sum, at, dim) => sum + ((x[row * dims + dim] as number) - at) * (map?.weights[dim * 4 + 1] as number),
        centre,
      )
    const own = mean(y, test)
    const left = test.reduce((sum, row) => sum + (y(row) - predicted(row)) ** 2, 0)
    const all = test.reduce((sum, row) => sum + (y(row) - own) ** 2, 0)
    expect(map?.r2[1]).toBeCloseTo(1 - left / all, 5)
  })

  it('is not fitted on a few cells, and carries a direction to genes', () => {
    expect(fit(20, dims, matrix.slice(0, 20), x.slice(0, 20 * dims))).toBeNull()
    expect(Array.from(readOut(Float32Array.of(1, 2, 3, 4), 2, [10, 1]))).toEqual([13, 24])
  })
})

describe('the lists of strongest genes', () => {
  it('hold the greatest and the least of every measure, each gene once, with all measures', () => {
    const random = seededRandom(2)
    const [latents, genes, length] = [3, 200, 5]
    const values = Array.from({ length: genes }, () =>
      [0, 1].map(() => Float64Array.from({ length: latents }, () => (random.uniform() < 0.1 ? NaN : random.normal()))),
    )
    const lists = createTopLists(latents, 2, length)
    values.forEach((measures, gene) => lists.offer(gene, measures))
    for (let latent = 0; latent < latents; latent++) {
      const expected = new Set<number>()
      for (const measure of [0, 1]) {
        const known = Array.from(values.keys()).filter((gene) => !Number.isNaN(values[gene]?.[measure]?.[latent]))
        known.sort((a, b) => (values[b]?.[measure]?.[latent] as number) - (values[a]?.[measure]?.[latent] as number))
        for (const gene of [...known.slice(0, length), ...known.slice(-length)]) expected.add(gene)
      }
      const found = lists.of(latent)
      expect(Array.from(found.genes)).toEqual([...expected].sort((a, b) => a - b))
      found.genes.forEach((gene, at) => expect(found.measures[1]?.[at]).toBe(Math.fround(values[gene]?.[1]?.[latent] as number)))
    }
  })
})
