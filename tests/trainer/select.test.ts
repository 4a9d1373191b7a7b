import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { keepLargest, selectBatchTopK, selectTopK, valueAtRank } from '../../src/main/trainer/select'

const coordinates = (selection: { rows: Int32Array; columns: Int32Array }): string[] =>
  Array.from(selection.rows, (row, at) => `${row},${selection.columns[at]}`)

describe('choosing the active latents', () => {
  it('finds every rank of random values as a full sort does', () => {
    const random = seededRandom(1)
    const values = Float64Array.from({ length: 501 }, () => Math.round(random.normal() * 20))
    const sorted = values.slice().sort().reverse()
    for (const rank of [0, 1, 250, 499, 500]) expect(valueAtRank(values.slice(), rank)).toBe(sorted[rank])
  })

  it('keeps the k largest positive values of each row', () => {
    const pre = Float32Array.of(3, -1, 5, 2, -1, -2, 0, -3)
    expect(coordinates(selectTopK(pre, 4, 2))).toEqual(['0,0', '0,2'])
  })

  it('gives equal values to the lower positions, so that the choice never varies', () => {
    expect(Array.from(keepLargest(Float32Array.of(1, 2, 1, 2, 1), 3))).toEqual([0, 1, 3])
    expect(coordinates(selectBatchTopK(Float32Array.of(1, 1, 1, 1, 1, 1), 3, 4))).toEqual(['0,0', '0,1', '0,2', '1,0'])
  })

  it('lets one row take all places of a batch', () => {
    const selection = selectBatchTopK(Float32Array.of(9, 8, 7, 1, 1, 1), 3, 3)
    expect(coordinates(selection)).toEqual(['0,0', '0,1', '0,2'])
    expect(selection.smallest).toBe(7)
  })

  it('turns on only what is positive, even when places are left', () => {
    const selection = selectBatchTopK(Float32Array.of(-1, 0, 2, NaN), 2, 4)
    expect(coordinates(selection)).toEqual(['1,0'])
    expect(selectTopK(Float32Array.of(-1, -2), 2, 2).values).toHaveLength(0)
    expect(selectBatchTopK(Float32Array.of(-1, -2), 2, 1).smallest).toBe(0)
  })
})
