// How often the doublet and depth flags and the breadth of a latent are right, on synthetic cells made independently of the rules:
// other seeds, sizes, depth distributions, numbers of types and donors. The measured rates stand in docs/linking.md.
import { describe, expect, it } from 'vitest'
import { seededRandom, type SeededRandom } from '../../src/main/base/random'
import { judgeBreadth } from '../../src/main/science/breadth'
import type { LatentActivation } from '../../src/main/science/choose-cells'
import { createCellFlagger } from '../../src/main/science/latent-flags'

type Depth = 'narrow' | 'wide' | 'skewed' | 'two lanes'
const depths: readonly Depth[] = ['narrow', 'wide', 'skewed', 'two lanes']
const sizes = [700, 2_500, 9_000]
const typeCounts = [3, 7, 14]
const perScene = 12

interface Scene {
  readonly cells: number
  readonly types: Int32Array
  readonly typeCount: number
  readonly counts: Float64Array
  /** The other type of a doublet, −1 for a single cell. */
  readonly partner: Int32Array
  readonly random: SeededRandom
}

const draw: Readonly<Record<Depth, (random: SeededRandom) => number>> = {
  narrow: (random) => Math.exp(0.25 * random.normal()),
  wide: (random) => Math.exp(0.7 * random.normal()),
  skewed: (random) => -Math.log(1 - random.uniform()) - Math.log(1 - random.uniform()),
  'two lanes': (random) => (random.uniform() < 0.5 ? 1 : 2.2) * Math.exp(0.3 * random.normal()),
}

/** Cells of uneven types whose sizes differ up to fourfold; 6 % are the sum of two cells of different types, labelled as one of both. */
function scene(cells: number, typeCount: number, depth: Depth, seed: number): Scene {
  const random = seededRandom(seed)
  const weight = Array.from({ length: typeCount }, () => 0.3 + random.uniform())
  const size = Array.from({ length: typeCount }, () => 2 ** (2 * random.uniform()))
  const total = weight.reduce((a, b) => a + b, 0)
  const pick = (): number => {
    let at = random.uniform() * total
    let type = 0
    while (type < typeCount - 1 && (at -= weight[type] as number) > 0) type++
    return type
  }
  const types = Int32Array.from({ length: cells }, pick)
  const partner = Int32Array.from(types, (type) =>
    random.uniform() < 0.06 ? (type + 1 + random.below(typeCount - 1)) % typeCount : -1,
  )
  const one = (type: number): number => 3_000 * (size[type] as number) * draw[depth](random)
  const counts = Float64Array.from(types, (type, cell) => {
    const other = partner[cell] as number
    return Math.round(one(type) + (other < 0 ? 0 : one(other)))
  })
  return { cells, types, typeCount, counts, partner, random }
}

function latent({ cells, random }: Scene, chance: (cell: number) => number): LatentActivation {
  const on = Array.from({ length: cells }, (_, cell) => cell).filter((cell) => random.uniform() < chance(cell))
  return { cells: Uint32Array.from(on), values: Float32Array.from(on, () => Math.exp(0.5 * random.normal())) }
}

const scenes = depths.flatMap((depth, d) =>
  sizes.flatMap((cells, s) => typeCounts.map((types, t) => ({ depth, cells, types, seed: 1_000 + 100 * d + 10 * s + t }))),
)

/** Share of latents of each kind that get the flag, by kind and depth. */
function flagRates(withTypes: boolean): Record<string, { of: number; depth: number; doublet: number }> {
  const tally = new Map<string, { of: number; depth: number; doublet: number }>()
  for (const { depth, cells, types, seed } of scenes) {
    const made = scene(cells, types, depth, seed)
    const { counts, partner, typeCount, random } = made
    const judge = createCellFlagger(cells, [{ name: 'counts', flag: 'depth', values: counts }], [], withTypes ? made.types : null)
    const order = Float64Array.from(counts).sort()
    const share = (cell: number): number => order.findLastIndex((value) => value <= (counts[cell] as number)) / cells
    const ranks = cells <= 2_500 ? Float64Array.from({ length: cells }, (_, cell) => share(cell)) : null
    const enter = (kind: string, activation: LatentActivation): void => {
      if (activation.cells.length < 20) return
      const words = judge(activation).map(({ flag }) => flag)
      const known = tally.get(`${kind} · ${depth}`) ?? { of: 0, depth: 0, doublet: 0 }
      tally.set(`${kind} · ${depth}`, {
        of: known.of + 1,
        depth: known.depth + Number(words.includes('depth')),
        doublet: known.doublet + Number(words.includes('doublet')),
      })
    }
    for (let turn = 0; turn < perScene; turn++) {
      const a = random.below(typeCount)
      const b = (a + 1 + random.below(typeCount - 1)) % typeCount
      const isOf = (cell: number): boolean => made.types[cell] === a || made.types[cell] === b
      const isPair = (cell: number): boolean =>
        (made.types[cell] === a && partner[cell] === b) || (made.types[cell] === b && partner[cell] === a)
      enter(
        'doublets of two types, 90 % pure',
        latent(made, (cell) => (isPair(cell) ? 0.9 : isOf(cell) ? 0.002 : 0)),
      )
      enter(
        'doublets of two types, 50 % pure',
        latent(made, (cell) => (isPair(cell) ? 0.9 : isOf(cell) ? 0.02 : 0)),
      )
      enter(
        'one type',
        latent(made, (cell) => (made.types[cell] === a ? 0.7 : 0.01)),
      )
      enter(
        'two types',
        latent(made, (cell) => (isOf(cell) ? 0.5 : 0.005)),
      )
      enter(
        'few cells of two types',
        latent(made, (cell) => (isOf(cell) ? 0.04 : 0)),
      )
      enter(
        'some cells of all types',
        latent(made, () => 0.1),
      )
      if (ranks)
        enter(
          'follows depth',
          latent(made, (cell) => 0.3 * Math.max(0, (ranks[cell] as number) - 0.5)),
        )
    }
  }
  return Object.fromEntries(
    Array.from(tally, ([kind, { of, depth, doublet }]) => [kind, { of, depth: depth / of, doublet: doublet / of }]),
  )
}

/** What share of latents planted in one, some or all types is judged so. */
function breadthRates(leak: number): Record<string, Record<string, number>> {
  const tally: Record<string, Record<string, number>> = {}
  for (const { depth, cells, types, seed } of scenes.filter(({ types }) => types > 3)) {
    const made = scene(cells, types, depth, 7_000 + seed)
    const { random } = made
    const enter = (kind: string, holds: ReadonlySet<number>): void => {
      const strength = new Map(Array.from(holds, (type) => [type, 0.3 + 0.6 * random.uniform()]))
      const { cells: on, values } = latent(made, (cell) => Math.max(leak, strength.get(made.types[cell] as number) ?? 0))
      const sums = { mass: new Float64Array(types), sizes: new Float64Array(types), active: new Float64Array(types) }
      for (const type of made.types) sums.sizes[type] = (sums.sizes[type] as number) + 1
      on.forEach((cell, at) => {
        const type = made.types[cell] as number
        sums.mass[type] = (sums.mass[type] as number) + (values[at] as number)
        sums.active[type] = (sums.active[type] as number) + 1
      })
      const judged = judgeBreadth(
        sums,
        values.reduce((a, b) => a + b, 0),
        cells,
      )
      const row = (tally[kind] ??= {})
      const word = judged?.breadth ?? 'none'
      row[word] = (row[word] ?? 0) + 1
    }
    for (let turn = 0; turn < perScene; turn++) {
      const order = random.shuffle(Uint32Array.from({ length: types }, (_, at) => at))
      const regional = 2 + random.below(Math.floor(types / 2) - 1)
      enter('local', new Set(order.subarray(0, 1)))
      enter('regional', new Set(order.subarray(0, regional)))
      enter('global', new Set(order))
    }
  }
  return Object.fromEntries(
    Object.entries(tally).map(([kind, row]) => {
      const of = Object.values(row).reduce((a, b) => a + b, 0)
      return [kind, Object.fromEntries(Object.entries(row).map(([word, count]) => [word, count / of]))]
    }),
  )
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length

describe('judgements on cells the rules were not made on', () => {
  it('where types are known, call doublets doublet-like and single cells not', () => {
    const rates = flagRates(true)
    const rate = (kind: string, flag: 'depth' | 'doublet') =>
      mean(depths.map((depth) => rates[`${kind} · ${depth}`]?.[flag] ?? NaN))
    expect(rate('doublets of two types, 90 % pure', 'doublet')).toBeGreaterThan(0.9)
    expect(rate('doublets of two types, 50 % pure', 'doublet')).toBeGreaterThan(0.2)
    for (const clean of ['one type', 'two types', 'few cells of two types', 'some cells of all types']) {
      expect(rate(clean, 'doublet'), clean).toBeLessThan(0.01)
      expect(rate(clean, 'depth'), clean).toBeLessThan(0.01)
    }
    expect(rate('follows depth', 'doublet')).toBeLessThan(0.08)
    expect(rate('follows depth', 'depth')).toBeGreaterThan(0.4)
  })

  it('without types, find what follows depth, and sometimes take a type of large cells for it', () => {
    const rates = flagRates(false)
    const rate = (kind: string, flag: 'depth' | 'doublet') =>
      mean(depths.map((depth) => rates[`${kind} · ${depth}`]?.[flag] ?? NaN))
    expect(rate('follows depth', 'depth')).toBeGreaterThan(0.95)
    expect(rate('some cells of all types', 'depth')).toBe(0)
    expect(rate('one type', 'depth') + rate('one type', 'doublet')).toBeLessThan(0.15)
  })

  it.each([
    [0.01, 0.97],
    [0.05, 0.93],
    [0.15, 0.88],
  ])('tell one type, some and all apart when a share of %d is on elsewhere', (leak, least) => {
    const rates = breadthRates(leak)
    for (const kind of ['local', 'regional', 'global']) expect(rates[kind]?.[kind], kind).toBeGreaterThan(least)
  })
})
