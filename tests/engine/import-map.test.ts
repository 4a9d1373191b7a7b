// The map that is computed where a file brings none: close cells stay close, the same every time, and it can be stopped.
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { computeMap, rowsInMemory } from '../../src/main/engine/import/map/compute-map'
import { divideIntoLists, nearestRows } from '../../src/main/science/neighbours'
import { trustworthiness } from '../trustworthiness'
import { codeOf, read } from './fixtures/reading'

const silent = (): Promise<void> => Promise.resolve()
const sample = resolve(import.meta.dirname, '../../resources/sample/pbmc68k_reduced.h5ad')

/** Five groups of rows in `dims` dimensions. */
function groups(count: number, dims: number, seed = 1): Float32Array {
  const random = seededRandom(seed)
  const centres = Array.from({ length: 5 * dims }, () => 6 * random.normal())
  return Float32Array.from({ length: count * dims }, (_, at) => {
    const [row, dim] = [Math.floor(at / dims), at % dims]
    return (centres[(row % 5) * dims + dim] ?? 0) + random.normal()
  })
}

describe('the map of 700 blood cells', () => {
  it('keeps neighbours about as well as the published UMAP, and is the same twice', async () => {
    const data = await read(sample, { representation: 'obsm/X_pca' })
    const { values, dims, key } = data.representation
    const rows = rowsInMemory(values, dims)
    const map = await computeMap('umap', rows, key, silent)
    expect(map.name).toBe('UMAP of obsm/X_pca, 15 neighbours, distance 0.5, seed 0')
    const ours = trustworthiness(values, dims, map.xy, 15)
    const published = trustworthiness(values, dims, data.map?.xy ?? new Float32Array(1400), 15)
    expect(published).toBeGreaterThan(0.85)
    expect(ours).toBeGreaterThan(published - 0.02)
    expect((await computeMap('umap', rows, key, silent)).xy).toEqual(map.xy)
  })
})

describe('a map of more cells than are fitted', () => {
  it('puts every cell among its own kind', async () => {
    const count = 6000
    const map = await computeMap('umap', rowsInMemory(groups(count, 8), 8), 'emb', silent, { largestFit: 1500 })
    expect(map.name).toContain('fitted on 1,500 cells')
    const middles = Array.from({ length: 5 }, (_, group) => [0, 1].map((axis) => middle(map.xy, group, axis)))
    let strays = 0
    for (let row = 0; row < count; row++) {
      const far = middles.map(([x = 0, y = 0]) => Math.hypot((map.xy[2 * row] ?? 0) - x, (map.xy[2 * row + 1] ?? 0) - y))
      if (far.indexOf(Math.min(...far)) !== row % 5) strays++
    }
    expect(strays).toBeLessThan(count / 500)
  })
})

const middle = (xy: Float32Array, group: number, axis: number): number => {
  const values = Array.from({ length: xy.length / 2 / 5 }, (_, at) => xy[2 * (5 * at + group) + axis] ?? 0)
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

describe('a map', () => {
  it('can be cancelled while it is computed', async () => {
    const stopped = computeMap('umap', rowsInMemory(groups(200, 5), 5), 'emb', (share) =>
      share > 0.3 ? Promise.reject(new Error('stopped')) : Promise.resolve(),
    )
    await expect(stopped).rejects.toThrow('stopped')
  })

  it('of the plane of largest variance shows the two widest directions', async () => {
    const random = seededRandom(3)
    const values = Float32Array.from({ length: 900 }, (_, at) => random.normal() * ([1, 10, 5][at % 3] ?? 0))
    const { xy, name } = await computeMap('pca', rowsInMemory(values, 3), 'emb', silent)
    expect(name).toBe('plane of largest variance of emb')
    for (let row = 0; row < 300; row++) {
      expect(Math.abs((xy[2 * row] ?? 0) - (values[3 * row + 1] ?? 0))).toBeLessThan(3)
      expect(Math.abs((xy[2 * row + 1] ?? 0) - (values[3 * row + 2] ?? 0))).toBeLessThan(3)
    }
  })

  it('of three cells is refused', async () => {
    expect(await codeOf(computeMap('umap', rowsInMemory(new Float32Array(9), 3), 'emb', silent))).toBe('SETTING_OUT_OF_RANGE')
  })
})

describe('nearest rows', () => {
  const rows = { count: 4000, dims: 10, values: groups(4000, 10) }

  it('are found exactly', async () => {
    const found = await nearestRows({ count: 3, dims: 10, values: rows.values.slice(0, 30) }, rows, 4, silent)
    for (let query = 0; query < 3; query++) {
      const far = Array.from({ length: rows.count }, (_, row) =>
        Math.hypot(
          ...Array.from(
            { length: 10 },
            (_none, dim) => (rows.values[row * 10 + dim] ?? 0) - (rows.values[query * 10 + dim] ?? 0),
          ),
        ),
      )
      const expected = [...far.keys()].sort((a, b) => (far[a] ?? 0) - (far[b] ?? 0)).slice(0, 4)
      expect([...found.rows.subarray(query * 4, query * 4 + 4)]).toEqual(expected)
      expect(found.distances[query * 4 + 3]).toBeCloseTo(far[expected[3] ?? 0] ?? 0, 3)
    }
  })

  it('are nearly all found among lists', async () => {
    const lists = await divideIntoLists(rows, seededRandom(0), silent)
    const queries = { count: 200, dims: 10, values: rows.values.slice(0, 2000) }
    const [exact, quick] = [await nearestRows(queries, rows, 10, silent), await lists.nearest(queries, 10, silent)]
    let same = 0
    for (let query = 0; query < 200; query++) {
      const wanted = new Set(exact.rows.subarray(query * 10, query * 10 + 10))
      for (const row of quick.rows.subarray(query * 10, query * 10 + 10)) if (wanted.has(row)) same++
    }
    expect(same / 2000).toBeGreaterThan(0.8)
  })
})
