// Latents that fire together: counts against a table of all cells, and modules found without a random start.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { countTogether, findCoActive, jaccardOf, phiOf, type CoActivationRule } from '../../src/main/science/co-activation'
import { findModules } from '../../src/main/science/modules'

const cells = 600
const latents = 12
/** Latents 0–3 follow cells 0–149, 4–6 cells 150–299, the others nothing; each errs in one cell of ten. */
const random = seededRandom(3, 0)
const on = Array.from({ length: cells }, (_, cell) =>
  Array.from({ length: latents }, (_, latent) => {
    const programme = latent < 4 ? cell < 150 : latent < 7 ? cell >= 150 && cell < 300 : random.below(5) === 0
    return random.below(10) === 0 ? !programme : programme
  }),
)
const activations: Csr = (() => {
  const indptr = new Float64Array(cells + 1)
  const indices = on.flatMap((row, cell) => {
    const own = row.flatMap((is, latent) => (is ? [latent] : []))
    indptr[cell + 1] = (indptr[cell] as number) + own.length
    return own
  })
  return {
    rows: cells,
    columns: latents,
    indptr,
    indices: Uint32Array.from(indices),
    values: new Float32Array(indices.length).fill(1),
  }
})()
const byLatent = transpose(activations)
const both = (a: number, b: number, step = 1): number => on.filter((row, cell) => cell % step === 0 && row[a] && row[b]).length

function coActive(rule: Partial<CoActivationRule> = {}) {
  const steps = findCoActive(activations, byLatent, { fewestCells: 20, leastPhi: 0.05, mostPairs: 1e9, ...rule })
  let next = steps.next()
  while (!next.done) next = steps.next()
  return next.value
}

describe('two latents', () => {
  it('are counted together as a look at every cell counts them', () => {
    const counts = countTogether(activations, byLatent, 2)
    for (let other = 0; other < latents; other++) expect(counts[other]).toBe(both(2, other))
  })

  it('have the phi of Pearson over on and off, and Jaccard of their cells', () => {
    const overlap = { first: 30, second: 20, both: 12, cells: 100 }
    // (100 · 12 − 30 · 20) / √(30 · 20 · 70 · 80).
    expect(phiOf(overlap)).toBeCloseTo(0.3273268353539886, 12)
    expect(jaccardOf(overlap)).toBeCloseTo(12 / 38, 12)
    expect(phiOf({ ...overlap, both: 0 })).toBeLessThan(0)
    expect(jaccardOf({ first: 0, second: 0, both: 0, cells: 9 })).toBeNaN()
  })
})

describe('pairs', () => {
  it('are those above the least phi, each once, with the phi of a full table', () => {
    const found = coActive()
    const expected: [number, number, number][] = []
    for (let a = 0; a < latents; a++)
      for (let b = a + 1; b < latents; b++) {
        const phi = phiOf({ first: both(a, a), second: both(b, b), both: both(a, b), cells })
        if (phi >= 0.05) expected.push([a, b, phi])
      }
    expect(Array.from(found.first, (a, at) => [a, found.second[at], found.phi[at]])).toEqual(expected)
  })

  it('are looked for in evenly spaced cells when there are too many', () => {
    const found = coActive({ mostPairs: 1000 })
    expect(found.cells).toBeLessThan(cells)
    const step = Math.round(cells / found.cells)
    const [a, b] = [found.first[0] as number, found.second[0] as number]
    const phi = phiOf({ first: both(a, a, step), second: both(b, b, step), both: both(a, b, step), cells: found.cells })
    expect(found.phi[0]).toBeCloseTo(phi, 12)
  })

  it('leave out latents that are rarely on', () => {
    expect(coActive({ fewestCells: 150 }).compared).not.toContain(9)
  })
})

describe('modules', () => {
  const pairsOf = (list: readonly (readonly [number, number, number])[]) => ({
    first: Uint32Array.from(list, (pair) => pair[0]),
    second: Uint32Array.from(list, (pair) => pair[1]),
    phi: Float64Array.from(list, (pair) => pair[2]),
  })

  it('are the planted ones, and nothing else', () => {
    const found = findModules(latents, coActive(), 0.2)
    expect(found.map(({ members }) => members.toSorted((a, b) => a - b))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ])
    expect(found[0]?.cohesion).toBeGreaterThan(0.4)
  })

  it('do not chain through single links', () => {
    // 0–1–2–3 in a row: each is like its neighbour only, so the ends never share a module.
    const chain = pairsOf([
      [0, 1, 0.6],
      [1, 2, 0.5],
      [2, 3, 0.6],
    ])
    expect(findModules(4, chain, 0.2).map(({ members }) => members)).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  it('are those of average linkage by the book', () => {
    // By hand: 0–1 at 0.9, 2–3 at 0.8, both at (0.5 + 0.4 + 0.3 + 0.2) / 4 = 0.35; 4 joins at 0.1.
    const list = [
      [0, 1, 0.9],
      [2, 3, 0.8],
      [0, 2, 0.5],
      [0, 3, 0.4],
      [1, 2, 0.3],
      [1, 3, 0.2],
      [3, 4, 0.4],
    ] as const
    const sets = (least: number): number[][] => findModules(5, pairsOf(list), least).map(({ members }) => members.toSorted())
    expect(sets(0.36)).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(sets(0.35)).toEqual([[0, 1, 2, 3]])
    expect(sets(0.1)).toEqual([[0, 1, 2, 3, 4]])
    expect(sets(0.11)).toEqual([[0, 1, 2, 3]])
  })

  it('do not depend on the order of the pairs, ties included', () => {
    const list = [
      [0, 1, 0.5],
      [1, 2, 0.5],
      [0, 2, 0.5],
      [2, 3, 0.5],
      [3, 4, 0.5],
      [5, 6, 0.3],
    ] as const
    expect(findModules(7, pairsOf(list.toReversed()), 0.3)).toEqual(findModules(7, pairsOf(list), 0.3))
  })

  it('agree with a plain search of all pairs of groups on random similarities', () => {
    const draw = seededRandom(8, 1)
    const list: [number, number, number][] = []
    for (let a = 0; a < 60; a++)
      for (let b = a + 1; b < 60; b++) if (draw.below(4) === 0) list.push([a, b, 0.05 + draw.below(1_000_000) / 1_100_000])
    const similarity = Array.from({ length: 60 }, () => new Float64Array(60))
    for (const [a, b, phi] of list) (similarity[a] as Float64Array)[b] = (similarity[b] as Float64Array)[a] = phi
    let groups = Array.from({ length: 60 }, (_, one) => [one])
    for (;;) {
      let best = { mean: 0.2, a: -1, b: -1 }
      groups.forEach((one, a) =>
        groups.forEach((other, b) => {
          if (b <= a) return
          const sum = one.reduce(
            (total, x) => total + other.reduce((part, y) => part + ((similarity[x] as Float64Array)[y] as number), 0),
            0,
          )
          const mean = sum / (one.length * other.length)
          if (mean > best.mean) best = { mean, a, b }
        }),
      )
      if (best.a < 0) break
      const joined = [...(groups[best.a] as number[]), ...(groups[best.b] as number[])]
      groups = [...groups.filter((_, at) => at !== best.a && at !== best.b), joined]
    }
    const byText = (sets: readonly (readonly number[])[]): string[] =>
      sets.map((set) => set.toSorted((a, b) => a - b).join(' ')).sort()
    expect(byText(findModules(60, pairsOf(list), 0.2).map(({ members }) => members))).toEqual(
      byText(groups.filter((group) => group.length > 1)),
    )
  })
})
