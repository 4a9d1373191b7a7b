// Latents against metadata: information, fold, p, numbers, breadth and ordered groups, against definitions and scipy.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { judgeBreadth } from '../../src/main/science/breadth'
import { createGroupScorer } from '../../src/main/science/group-association'
import { upperTail } from '../../src/main/science/hypergeometric'
import { cramersV } from '../../src/main/science/linked-columns'
import { createNumberScorer } from '../../src/main/science/number-association'
import { createTrajectoryScorer } from '../../src/main/science/trajectory'
import { mannWhitney } from '../../src/main/science/two-groups'
import { spearman } from '../../src/main/science/correlation'

const random = seededRandom(4)
const rows = 200
const dense = Float32Array.from({ length: rows }, () => (random.uniform() < 0.6 ? 0 : Math.ceil(random.uniform() * 5)))
const codes = Int32Array.from({ length: rows }, (_, cell) => (cell % 9 === 0 ? -1 : random.below(3)))
const latent = (values: Float32Array) => {
  const cells = Uint32Array.from(values.keys()).filter((cell) => (values[cell] as number) > 0)
  return { cells, values: cells.length === 0 ? new Float32Array(0) : Float32Array.from(cells, (cell) => values[cell] as number) }
}

describe('a latent and a value of a column', () => {
  const [scores] = createGroupScorer([{ codes, levels: 3 }], rows)(latent(dense))
  const on = Array.from(dense, (value) => value > 0)
  const count = (test: (cell: number) => boolean): number => on.filter((_, cell) => test(cell)).length

  it('have fold, hypergeometric p and mutual information as defined', () => {
    for (let level = 0; level < 3; level++) {
      const size = count((cell) => codes[cell] === level)
      const both = count((cell) => codes[cell] === level && on[cell] === true)
      const active = count((cell) => on[cell] === true)
      expect(scores?.fold[level]).toBeCloseTo(both / active / (size / rows), 12)
      expect(scores?.log10P[level]).toBeCloseTo(upperTail(both, size, active, rows).log10p, 12)
      let information = 0
      for (const isOn of [true, false])
        for (const has of [true, false]) {
          const joint = count((cell) => on[cell] === isOn && (codes[cell] === level) === has) / rows
          const margins = (count((cell) => on[cell] === isOn) / rows) * (count((cell) => (codes[cell] === level) === has) / rows)
          if (joint > 0) information += joint * Math.log2(joint / margins)
        }
      expect(scores?.information[level]).toBeCloseTo(information, 12)
    }
  })

  it('share one bit when the latent is the value and half of the cells have it, and none when it is on everywhere', () => {
    const half = Int32Array.from({ length: rows }, (_, cell) => cell % 2)
    const [same] = createGroupScorer([{ codes: half, levels: 2 }], rows)(latent(Float32Array.from(half)))
    expect([same?.information[1], same?.columnInformation]).toEqual([1, 1])
    const [every] = createGroupScorer([{ codes: half, levels: 2 }], rows)(latent(new Float32Array(rows).fill(1)))
    expect([every?.information[1], every?.columnInformation]).toEqual([0, 0])
  })
})

describe('a latent and a numeric column', () => {
  it('have Spearman over all and over active cells, and AUROC of on against off, without the unknown cells', () => {
    const numbers = Float64Array.from(dense, (value, cell) => (cell % 11 === 0 ? NaN : value + random.below(4)))
    const found = createNumberScorer(numbers)(latent(dense))
    const known = Array.from(numbers.keys()).filter((cell) => !Number.isNaN(numbers[cell]))
    const active = known.filter((cell) => (dense[cell] as number) > 0)
    const pick = (of: ArrayLike<number>, cells: readonly number[]): number[] => cells.map((cell) => of[cell] as number)
    expect(found.spearman).toBeCloseTo(spearman(pick(dense, known), pick(numbers, known))?.r as number, 12)
    expect(found.spearmanActive).toBeCloseTo(spearman(pick(dense, active), pick(numbers, active))?.r as number, 12)
    const off = known.filter((cell) => dense[cell] === 0)
    expect(found.auroc).toBeCloseTo(mannWhitney(pick(numbers, active), pick(numbers, off)).auroc as number, 12)
  })

  it('have nothing to say where the latent is never on', () => {
    expect(createNumberScorer(dense)(latent(new Float32Array(rows)))).toEqual({
      spearman: null,
      spearmanActive: null,
      auroc: null,
    })
  })
})

describe('the breadth of a latent', () => {
  const sizes = Float64Array.of(100, 100, 100, 100, 4)
  const of = (...mass: number[]) =>
    judgeBreadth(
      { mass: Float64Array.from(mass), sizes, active: Float64Array.from(mass, (one) => Math.round(one / 2)) },
      mass.reduce((sum, one) => sum + one, 0),
      404,
    )
  it('is local in one value, regional in a few, global when even, and a value of few cells is not judged', () => {
    expect(of(50, 0, 0, 0, 0)).toMatchObject({ breadth: 'local', marked: [0], effective: 1 })
    expect(of(50, 30, 1, 1, 0)).toMatchObject({ breadth: 'regional', marked: [0, 1] })
    expect(of(90, 12, 1, 1, 0)).toMatchObject({ breadth: 'local', marked: [0] })
    expect(of(50, 50, 50, 50, 0)).toMatchObject({ breadth: 'global', marked: [], effective: expect.closeTo(4, 12) as number })
    expect(of(10, 10, 10, 10, 400)?.marked).toEqual([])
    expect(of(8, 0, 0, 0, 0)?.marked).toEqual([])
    expect(of(0, 0, 0, 0, 0)).toBeNull()
  })
})

describe('a latent along ordered groups', () => {
  it('rises step by step where it does, with the trend of all pairs of cells', () => {
    const places = Int32Array.from({ length: 120 }, (_, cell) => (cell % 5 === 4 ? -1 : Math.floor(cell / 40)))
    const values = Float32Array.from({ length: 120 }, (_, cell) =>
      random.uniform() < 0.4 ? 0 : Math.round(Math.floor(cell / 40) * 2 + random.uniform() * 3),
    )
    const found = createTrajectoryScorer(places, 3)(latent(values))
    let concordant = 0
    let pairs = 0
    for (let a = 0; a < 120; a++)
      for (let b = 0; b < 120; b++) {
        if ((places[a] as number) < 0 || (places[b] as number) <= (places[a] as number)) continue
        pairs++
        concordant += Math.sign((values[b] as number) - (values[a] as number))
      }
    expect(found.trend).toBeCloseTo(concordant / pairs, 12)
    expect([found.rising, found.falling]).toEqual([true, false])
    const back = createTrajectoryScorer(
      places.map((place) => (place < 0 ? -1 : 2 - place)),
      3,
    )(latent(values))
    expect([back.trend, back.z]).toEqual([expect.closeTo(-found.trend, 12), expect.closeTo(-found.z, 9)])
    expect(back.falling).toBe(true)
  })

  it('has for two groups the z of Wilcoxon with ties', () => {
    const places = Int32Array.from({ length: 90 }, (_, cell) => (cell < 40 ? 0 : 1))
    const values = Float32Array.from({ length: 90 }, (_, cell) =>
      random.uniform() < 0.5 ? 0 : random.below(4) + (cell < 40 ? 0 : 1),
    )
    const found = createTrajectoryScorer(places, 2)(latent(values))
    const u = mannWhitney(Array.from(values.slice(40)), Array.from(values.slice(0, 40)))
    expect(found.trend).toBeCloseTo(2 * (u.auroc as number) - 1, 12)
    const plain = u.twoSidedPlain?.p as number
    // Two-sided normal p of z.
    expect(Math.abs(found.z)).toBeGreaterThan(0)
    expect(erfc(Math.abs(found.z) / Math.SQRT2)).toBeCloseTo(plain, 6)
  })

  it('is even for a latent that is never on', () => {
    const found = createTrajectoryScorer(Int32Array.of(0, 0, 1, 1), 2)({ cells: new Uint32Array(0), values: new Float32Array(0) })
    expect(found).toMatchObject({ means: [0, 0], trend: 0, rising: false, falling: false })
  })
})

/** Abramowitz & Stegun 7.1.26: good to 1.5e-7. */
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x)
  return t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x)
}

describe('two columns', () => {
  const cells = (table: readonly (readonly number[])[]) => {
    const pairs = table.flatMap((row, a) => row.flatMap((count, b) => Array.from({ length: count }, () => [a, b] as const)))
    return [Int32Array.from(pairs, ([a]) => a), Int32Array.from(pairs, ([, b]) => b)] as const
  }

  it("have the Cramér's V of scipy.stats.contingency.association", () => {
    const small = [
      [30, 2, 1],
      [4, 25, 3],
    ]
    const large = [
      [12, 7, 9, 4],
      [3, 20, 5, 11],
      [8, 8, 8, 1],
    ]
    expect(cramersV(...cells(small))).toBeCloseTo(0.7890514208935655, 12)
    expect(cramersV(...cells(large))).toBeCloseTo(0.3279796920783162, 12)
  })

  it('are 1 where one gives the other, 0 where they are independent, and unknown where one has a single value', () => {
    expect(cramersV(Int32Array.of(0, 0, 1, 1, 2), Int32Array.of(0, 0, 1, 1, 1))).toBeCloseTo(1, 12)
    expect(cramersV(Int32Array.of(0, 0, 1, 1, -1), Int32Array.of(0, 1, 0, 1, 0))).toBeCloseTo(0, 12)
    expect(cramersV(Int32Array.of(0, 0), Int32Array.of(0, 1))).toBeNull()
  })
})
