// Sorting of floats together with the number of their cell, as the ranking of genes does it.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { createColumnSorter } from '../../src/main/science/packed-sort'

describe('sorting a column', () => {
  const random = seededRandom(4)
  const sort = createColumnSorter()

  it.each([0, 1, 2, 255, 256, 257, 5000, 40])(
    'orders %i values of either sign with their cells, ties and extremes included',
    (count) => {
      const extremes = [3.4e38, -3.4e38, 1e-45, -1e-45, 1, 1, -1]
      const values = Float32Array.from({ length: count }, (_, at) => extremes[at] ?? (Math.round(random.normal() * 100) || 1) / 8)
      const cells = Uint32Array.from({ length: count }, (_, at) => 3 * at + 500_000_000)
      const { count: found, ...sorted } = sort(cells, values)
      expect(found).toBe(count)
      expect([...sorted.values.subarray(0, count)]).toEqual([...values].sort((a, b) => a - b))
      expect(new Set(sorted.cells.subarray(0, count)).size).toBe(count)
      sorted.cells.subarray(0, count).forEach((cell, at) => expect(values[(cell - 500_000_000) / 3]).toBe(sorted.values[at]))
    },
  )

  it('leaves what it was given as it was', () => {
    const values = Float32Array.from({ length: 400 }, () => random.normal())
    const before = values.slice()
    sort(new Uint32Array(400), values)
    expect(values).toEqual(before)
  })
})
