// Planted latents: each technical cause gets its own flag, a clean latent none.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { createSparseSpearman, spearman } from '../../src/main/science/correlation'
import { createCellFlagger, familyFlags, measuresDepth, type FlagGrouping } from '../../src/main/science/latent-flags'

const random = seededRandom(3)
const cells = 600
const counts = Float64Array.from({ length: cells }, () => Math.round(1_000 * Math.exp(random.normal())))
const donors = Int32Array.from({ length: cells }, () => random.below(4))
const batches = Int32Array.from({ length: cells }, () => (random.uniform() < 0.2 ? 1 : 0))
const groupings: FlagGrouping[] = [
  { flag: 'donor', levels: ['D1', 'D2', 'D3', 'D4'], codes: donors },
  { flag: 'batch', levels: ['first', 'second'], codes: batches },
]
const judge = createCellFlagger(cells, [{ name: 'total_counts', values: counts }], groupings)
const latentOf = (strength: (cell: number) => number) => {
  const all = Array.from({ length: cells }, (_, cell) => [cell, strength(cell)] as const).filter(([, value]) => value > 0)
  return { cells: Uint32Array.from(all, ([cell]) => cell), values: Float32Array.from(all, ([, value]) => value) }
}
const words = (strength: (cell: number) => number): string[] => judge(latentOf(strength)).map(({ flag }) => flag)

describe('a planted latent', () => {
  it('that follows library size is flagged depth, rising or falling', () => {
    const noise = Float64Array.from({ length: cells }, () => random.normal())
    expect(words((cell) => Math.log(counts[cell] as number) - 6.9 + 0.3 * (noise[cell] as number))).toEqual(['depth'])
    const falling = judge(latentOf((cell) => 7 - Math.log(counts[cell] as number)))
    expect(falling).toMatchObject([{ flag: 'depth', source: 'total_counts' }])
    expect(falling[0]?.value).toBeLessThan(-0.8)
  })

  it('that is on in one donor is flagged donor and names who', () => {
    const found = judge(latentOf((cell) => (donors[cell] === 2 ? 1 + random.uniform() : random.uniform() < 0.05 ? 0.5 : 0)))
    expect(found).toMatchObject([{ flag: 'donor', source: 'D3' }])
    expect(found[0]?.value).toBeGreaterThan(0.8)
  })

  it('that is on in one batch is flagged batch', () => {
    expect(words((cell) => (batches[cell] === 1 ? 1 + random.uniform() : 0))).toEqual(['batch'])
  })

  it('that is on in cells of every donor, batch and size is clean', () => {
    expect(words(() => (random.uniform() < 0.3 ? random.uniform() : 0))).toEqual([])
  })

  it('held by a batch with most of the cells is clean: that is where the cells are', () => {
    expect(words((cell) => (batches[cell] === 0 && cell % 3 === 0 ? 1 : 0))).toEqual([])
  })

  it('that is on in fewer than 20 cells is not judged', () => {
    const first = Array.from(donors.keys()).filter((cell) => donors[cell] === 2)
    const among = (number: number) => new Set(first.slice(0, number))
    const [nineteen, twenty] = [among(19), among(20)]
    expect(words((cell) => (nineteen.has(cell) ? 1 : 0))).toEqual([])
    expect(words((cell) => (twenty.has(cell) ? 1 : 0))).toEqual(['donor'])
  })

  it('is judged by the strongest of several measures', () => {
    const several = createCellFlagger(
      cells,
      [
        { name: 'flat', values: new Float64Array(cells).fill(1) },
        { name: 'n_counts', values: counts },
        { name: 'unknown', values: new Float64Array(cells).fill(NaN) },
      ],
      [],
    )
    expect(several(latentOf((cell) => counts[cell] as number))).toEqual([{ flag: 'depth', source: 'n_counts', value: 1 }])
  })
})

describe('shares at the edge', () => {
  const flagsFor = (members: number, massInside: number): number => {
    const codes = Int32Array.from({ length: 100 }, (_, cell) => (cell < members ? 0 : -1))
    const judgeOne = createCellFlagger(100, [], [{ flag: 'donor', levels: ['A'], codes }])
    const active = Uint32Array.from({ length: 20 }, (_, at) => (at < 10 ? at : 80 + at))
    return judgeOne({ cells: active, values: Float32Array.from(active, (cell) => (cell < 10 ? massInside : 100 - massInside)) })
      .length
  }
  it('need more than 80 % of the activation and less than 40 % of the cells, cells without a donor counting as others', () => {
    expect([flagsFor(39, 81), flagsFor(39, 80), flagsFor(40, 81)]).toEqual([1, 0, 0])
  })
})

describe('Spearman of a sparse list', () => {
  it('equals Spearman of the full lists, with ties and without the unknown entries', () => {
    const draw = seededRandom(8)
    for (const share of [0.1, 0.5, 1]) {
      const dense = Float32Array.from({ length: 200 }, () => (draw.uniform() < share ? 1 + draw.below(6) : 0))
      const fixed = Float64Array.from(dense, (value) => (draw.uniform() < 0.1 ? NaN : draw.below(30) + value))
      const on = Uint32Array.from(dense.keys()).filter((at) => (dense[at] as number) > 0)
      const found = createSparseSpearman(fixed)(
        on,
        Float32Array.from(on, (at) => dense[at] as number),
      )
      const known = Array.from(fixed.keys()).filter((at) => !Number.isNaN(fixed[at]))
      const full = spearman(
        known.map((at) => dense[at] as number),
        known.map((at) => fixed[at] as number),
      )
      expect(found).toBeCloseTo(full?.r ?? NaN, 12)
    }
  })

  it('is not defined for a constant list', () => {
    const on = Uint32Array.of(0, 1)
    expect(createSparseSpearman([2, 2, 2])(on, Float32Array.of(1, 2))).toBeNull()
    expect(createSparseSpearman([1, 2, 3])(new Uint32Array(0), new Float32Array(0))).toBeNull()
  })
})

describe('gene families', () => {
  const others = Array.from({ length: 20 }, (_, at) => `GENE${at}`)
  const ribosome = ['RPL3', 'RPS27A', 'RPLP0', 'RPSA', 'RPS4Y1', 'RPL36AL', 'RPL7L1', 'RPL10A', 'RPS2', 'RPL13A', 'Rpl41']
  it('are flagged from more than half of the 20 best genes on', () => {
    expect(familyFlags([...ribosome, ...others])).toEqual([{ flag: 'ribosomal', source: '20 best genes', value: 0.55 }])
    expect(familyFlags([...ribosome.slice(1), ...others])).toEqual([])
    expect(familyFlags([...others, ...ribosome])).toEqual([])
    const own = ['MT-CO1', 'MT-ND1', 'mt-Atp6', 'MT.CYB', 'MT-ND2', 'MT-ND3', 'MT-ND4', 'MT-ND5', 'MT-CO2', 'MT-CO3']
    expect(familyFlags(own).map(({ flag }) => flag)).toEqual(['mitochondrial'])
  })

  it('are not taken from genes that only share the letters', () => {
    const alike = ['RPS6KA1', 'RPS6KB2', 'RPS19BP1', 'RPLOL', 'MT1X', 'MT2A', 'MTOR', 'RPN1', 'RPS6KA3', 'RPS6KC1', 'RPS6KL1']
    expect(familyFlags(alike)).toEqual([])
  })

  it('say nothing with fewer than 10 ranked genes', () => {
    expect(familyFlags(ribosome.slice(0, 9))).toEqual([])
  })
})

describe('numeric columns', () => {
  it('are known as depth by the names the common tools give them', () => {
    const known = ['n_counts', 'total_counts', 'log1p_total_counts', 'nCount_RNA', 'nUMI', 'n_genes', 'n_genes_by_counts']
    const more = ['nFeature_RNA', 'percent_mito', 'percent.mt', 'pct_counts_mt', 'Library size', 'mito_frac']
    expect([...known, ...more].filter((name) => !measuresDepth(name))).toEqual([])
  })

  it('of other names are left alone', () => {
    const other = ['pseudotime', 'age', 'S_score', 'n_cells', 'G2M_score', 'gene_module', 'counts_of_visits', 'percent_ribo']
    expect(other.filter(measuresDepth)).toEqual([])
  })
})
