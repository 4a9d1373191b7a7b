// Which latents of two dictionaries belong together, and what chance would give.
import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { plainMath } from '../../src/main/trainer/dense-math'
import { shareLatents, shuffledCopy } from '../../src/main/trainer/match-dictionaries'
import { initialModel, normaliseRows } from '../../src/main/trainer/model'
import { matchRows } from '../../src/main/trainer/one-to-one'
import { temporaryFolder } from '../temporary-folder'

const go = async (): Promise<void> => {}
const math = plainMath()
const random = (rows: number, dims: number, seed: number): Float32Array => initialModel(rows, dims, seed).decoder
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The rows in another order, turned a little; `order[i]` is where row i went. */
function disguised(rows: Float32Array, dims: number, noise: number): { rows: Float32Array; order: Uint32Array } {
  const count = rows.length / dims
  const draw = seededRandom(5)
  const order = draw.shuffle(Uint32Array.from({ length: count }, (_, row) => row))
  const out = new Float32Array(rows.length)
  order.forEach((to, row) => {
    for (let dim = 0; dim < dims; dim++) out[to * dims + dim] = (rows[row * dims + dim] as number) + noise * draw.normal()
  })
  normaliseRows(out, dims)
  return { rows: out, order }
}

describe('matching two dictionaries one-to-one', () => {
  it.each([
    ['exactly', 1024],
    ['by auction', 0],
  ])('finds a model again whose latents are in another order (%s)', async (_, exactLimit) => {
    const rows = random(300, 24, 1)
    const other = disguised(rows, 24, 0)
    const { partner, cosine } = await matchRows(math, rows, other.rows, 24, go, exactLimit)
    expect(partner).toEqual(Int32Array.from(other.order))
    expect(mean(cosine)).toBeCloseTo(1, 5)
  })

  it('gives rows that have nothing in common the known chance level', async () => {
    const { cosine } = await matchRows(math, random(128, 64, 1), random(128, 64, 2), 64, go)
    expect(mean(cosine)).toBeGreaterThan(0.28)
    expect(mean(cosine)).toBeLessThan(0.32)
    expect(cosine.filter((value) => value > 0.7)).toHaveLength(0)
  })

  it('is within its stated gap of the exact matching when it goes by auction, and uses no row twice', async () => {
    const [a, b] = [random(400, 16, 3), disguised(random(400, 16, 3), 16, 0.18).rows]
    const exact = await matchRows(math, a, b, 16, go)
    const bid = await matchRows(math, a, b, 16, go, 0)
    expect(exact.gap).toBe(0)
    expect(mean(bid.cosine)).toBeGreaterThanOrEqual(mean(exact.cosine) - bid.gap)
    const used = bid.partner.filter((other) => other >= 0)
    expect(new Set(used).size).toBe(used.length)
  })

  it('leaves rows without a partner where one dictionary is smaller', async () => {
    const rows = random(40, 16, 4)
    const { partner, cosine } = await matchRows(math, rows, rows.slice(10 * 16, 25 * 16), 16, go)
    expect(partner.filter((other) => other >= 0)).toHaveLength(15)
    expect(Array.from(partner.subarray(10, 25))).toEqual(Array.from({ length: 15 }, (_, at) => at))
    expect(cosine[0]).toBe(0)
  })

  it('matches nothing with nothing', async () => {
    const { partner } = await matchRows(math, random(3, 4, 1), new Float32Array(0), 4, go)
    expect(Array.from(partner)).toEqual([-1, -1, -1])
  })

  it('has a chance level that respects which dimensions are used much', () => {
    const rows = Float32Array.from(random(200, 8, 6), (value, at) => value * (at % 8 === 0 ? 10 : 1))
    const copy = shuffledCopy(rows, 8, seededRandom(1))
    const share = (table: Float32Array): number =>
      table.reduce((sum, value, at) => sum + (at % 8 === 0 ? value * value : 0), 0) / 200
    normaliseRows(rows, 8)
    expect(share(copy)).toBeCloseTo(share(rows), 1)
    expect(copy).not.toEqual(rows)
  })
})

describe('latents that several dictionaries share', () => {
  it('are found whichever dictionary they are first seen in', async () => {
    const scratch = temporaryFolder()
    const dims = 20
    const pool = random(30, dims, 8)
    const part = (...ids: number[]): Float32Array =>
      Float32Array.from(ids.flatMap((id) => [...pool.subarray(id * dims, (id + 1) * dims)]))
    const parts = [part(0, 1, 2, 3), part(3, 2, 4, 5), part(4, 3, 6)]
    parts.forEach((rows, at) => writeFileSync(join(scratch, `decoder-${at}.f32`), rows))
    const work = { kind: 'consensus', scratch, dims, latents: [4, 4, 3], same: 0.9 } as const
    const members = await shareLatents(work, math, go)
    expect(members).toEqual(new Int32Array(new Uint8Array(readFileSync(join(scratch, 'members.i32'))).buffer))
    const groups = Array.from({ length: members.length / 3 }, (_, at) => Array.from(members.subarray(3 * at, 3 * at + 3)))
    expect(groups).toEqual([
      [0, -1, -1],
      [1, -1, -1],
      [2, 1, -1],
      [3, 0, 1],
      [-1, 2, 0],
      [-1, 3, -1],
      [-1, -1, 2],
    ])
  })
})
