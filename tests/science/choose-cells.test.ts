// Which cells a latent is judged by, and the shuffled copies.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { chooseCells, makeStrata, type LatentActivation } from '../../src/main/science/choose-cells'
import { shuffleWithinStrata } from '../../src/main/science/permutation'

/** `count` active rows, spread by `step`; the value rises with the row. */
function rising(count: number, step: number): LatentActivation {
  const cells = Uint32Array.from({ length: count }, (_, at) => at * step)
  return { cells, values: Float32Array.from(cells, (cell) => 1 + cell / 1e4) }
}

const noStrata = (rows: number) => makeStrata(null, rows)

describe('the cells a latent is judged by', () => {
  it('are its 5 % most active cells and five times as many inactive ones', () => {
    const activation = rising(2000, 3)
    const chosen = chooseCells(activation, noStrata(20_000), seededRandom(0))
    expect(chosen?.mode).toBe('active-inactive')
    expect(Array.from(chosen?.active ?? [])).toEqual(Array.from(activation.cells.slice(-100)))
    expect(chosen?.reference.length).toBe(500)
    expect(chosen?.matched).toBe(true)
    const on = new Set(activation.cells)
    expect(Array.from(chosen?.reference ?? []).filter((cell) => on.has(cell))).toEqual([])
  })

  it('are at least 50 and at most 2,000, and all when fewer than 50 are active', () => {
    expect(chooseCells(rising(200, 3), noStrata(1000), seededRandom(0))?.active.length).toBe(50)
    expect(chooseCells(rising(30, 3), noStrata(1000), seededRandom(0))?.active.length).toBe(30)
    expect(chooseCells(rising(50_000, 3), noStrata(150_000), seededRandom(0))?.active.length).toBe(2000)
  })

  it('do not exist for a latent active in fewer than 20 cells', () => {
    expect(chooseCells(rising(19, 3), noStrata(1000), seededRandom(0))).toBeNull()
    expect(chooseCells(rising(20, 3), noStrata(1000), seededRandom(0))).not.toBeNull()
  })

  it('come at random from equals, the same for the same seed', () => {
    const flat = { cells: Uint32Array.from({ length: 300 }, (_, at) => at), values: new Float32Array(300).fill(2) }
    const draw = (seed: number) => Array.from(chooseCells(flat, noStrata(1000), seededRandom(seed))?.active ?? [])
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(new Set(draw(1)).size).toBe(50)
    expect(Math.max(...draw(1))).toBeGreaterThan(60)
  })

  it('are matched by donor: five reference cells of a donor for each active one', () => {
    const donors = Int32Array.from({ length: 3000 }, (_, cell) => (cell < 2000 ? 0 : 1))
    const activation = { cells: Uint32Array.from({ length: 60 }, (_, at) => 1960 + at), values: new Float32Array(60).fill(1) }
    const chosen = chooseCells(activation, makeStrata(donors, 3000), seededRandom(4))
    const count = (cells: Uint32Array | undefined, donor: number): number =>
      Array.from(cells ?? []).filter((cell) => donors[cell] === donor).length
    expect(count(chosen?.active, 0)).toBeGreaterThan(25)
    for (const donor of [0, 1]) expect(count(chosen?.reference, donor)).toBe(5 * count(chosen?.active, donor))
    expect(chosen?.matched).toBe(true)
  })

  it('say so when a donor has too few inactive cells to match', () => {
    const donors = Int32Array.from({ length: 1000 }, (_, cell) => (cell < 60 ? 0 : 1))
    const activation = { cells: Uint32Array.from({ length: 50 }, (_, at) => at), values: new Float32Array(50).fill(1) }
    const chosen = chooseCells(activation, makeStrata(donors, 1000), seededRandom(4))
    expect(chosen?.matched).toBe(false)
    expect(chosen?.reference.length).toBeGreaterThanOrEqual(20)
  })

  it('are high against low when the latent is on in more than half of the cells', () => {
    const activation = rising(900, 1)
    const chosen = chooseCells(activation, noStrata(1000), seededRandom(0))
    expect(chosen?.mode).toBe('high-low')
    expect(Array.from(chosen?.active ?? [])).toEqual(Array.from(activation.cells.slice(-50)))
    for (const cell of chosen?.reference ?? []) expect(cell < 400 || cell >= 900).toBe(true)
  })

  it('never hold a cell twice, even when every cell is equally active', () => {
    const activation = { cells: Uint32Array.from({ length: 200 }, (_, at) => at), values: new Float32Array(200).fill(1) }
    const chosen = chooseCells(activation, noStrata(200), seededRandom(0))
    const all = [...(chosen?.active ?? []), ...(chosen?.reference ?? [])]
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBe(50 + 100)
  })
})

describe('a shuffled copy of a latent', () => {
  const donors = Int32Array.from({ length: 500 }, (_, cell) => cell % 5)
  const activation = {
    cells: Uint32Array.from({ length: 80 }, (_, at) => at),
    values: Float32Array.from({ length: 80 }, (_, at) => at + 1),
  }
  const strata = makeStrata(donors, 500)

  it('keeps the values of every donor and moves them to other cells', () => {
    const copy = shuffleWithinStrata(activation, strata, seededRandom(7))
    const valuesOf = (one: LatentActivation, donor: number): number[] =>
      Array.from(one.values)
        .filter((_, at) => donors[one.cells[at] as number] === donor)
        .sort((a, b) => a - b)
    for (let donor = 0; donor < 5; donor++) expect(valuesOf(copy, donor)).toEqual(valuesOf(activation, donor))
    expect(new Set(copy.cells).size).toBe(80)
    expect(Array.from(copy.cells)).toEqual(Array.from(copy.cells).sort((a, b) => a - b))
    expect(Array.from(copy.cells).filter((cell) => cell < 80).length).toBeLessThan(40)
  })

  it('is the same for the same seed', () => {
    expect(shuffleWithinStrata(activation, strata, seededRandom(7))).toEqual(
      shuffleWithinStrata(activation, strata, seededRandom(7)),
    )
  })
})
