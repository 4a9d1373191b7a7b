import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { chooseHeldOut } from '../../src/main/science/held-out'
import { densityHistogram } from '../../src/main/science/density'

describe('setting cells aside', () => {
  it('takes exactly the wanted number of cells and leaves the rest for training', () => {
    const { train, heldOut, byGroup } = chooseHeldOut(700, 140, null, seededRandom(0))
    expect([heldOut.length, train.length, byGroup]).toEqual([140, 560, false])
    expect(new Set([...train, ...heldOut]).size).toBe(700)
    expect([...train]).toEqual([...train].sort((a, b) => a - b))
  })

  it('takes whole donors when there are enough of them', () => {
    const donors = Int32Array.from({ length: 1000 }, (_, row) => row % 10)
    const { heldOut, byGroup } = chooseHeldOut(1000, 200, donors, seededRandom(0))
    expect(byGroup).toBe(true)
    expect(heldOut.length).toBe(200)
    expect(new Set(Array.from(heldOut, (row) => donors[row])).size).toBe(2)
  })

  it('takes single cells when one donor would be more than 40 %', () => {
    const donors = Int32Array.from({ length: 100 }, (_, row) => row % 2)
    expect(chooseHeldOut(100, 20, donors, seededRandom(0))).toMatchObject({ byGroup: false })
  })
})

it('the density histogram counts dead latents apart and the rest by quarter decade', () => {
  const counts = densityHistogram({
    rows: 3,
    columns: 100,
    indptr: Float64Array.of(0, 0, 1, 101),
  })
  expect(counts[0]).toBe(1)
  expect(counts[1 + 8]).toBe(1)
  expect(counts[16]).toBe(1)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3)
})
