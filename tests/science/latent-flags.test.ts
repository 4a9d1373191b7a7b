// Planted latents: each technical cause gets its own flag, a clean latent none.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { createSparseSpearman, spearman } from '../../src/main/science/correlation'
import { familyFlags } from '../../src/main/science/gene-families'
import { createCellFlagger, technicalCause, type FlagGrouping } from '../../src/main/science/latent-flags'

const random = seededRandom(3)
const cells = 600
const counts = Float64Array.from({ length: cells }, () => Math.round(1_000 * Math.exp(random.normal())))
const donors = Int32Array.from({ length: cells }, () => random.below(4))
const batches = Int32Array.from({ length: cells }, () => (random.uniform() < 0.2 ? 1 : 0))
const groupings: FlagGrouping[] = [
  { flag: 'donor', levels: ['D1', 'D2', 'D3', 'D4'], codes: donors },
  { flag: 'batch', levels: ['first', 'second'], codes: batches },
]
const judge = createCellFlagger(cells, [{ name: 'total_counts', flag: 'depth', values: counts }], groupings)
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
        { name: 'flat', flag: 'depth', values: new Float64Array(cells).fill(1) },
        { name: 'n_counts', flag: 'depth', values: counts },
        { name: 'unknown', flag: 'depth', values: new Float64Array(cells).fill(NaN) },
      ],
      [],
    )
    expect(several(latentOf((cell) => counts[cell] as number))).toEqual([{ flag: 'depth', source: 'n_counts', value: 1 }])
  })
})

describe('a planted latent that is rarely on', () => {
  const deepest = Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number))
  const types = Int32Array.from({ length: cells }, () => random.below(5))
  /** Type 0 has large cells: ten times the counts of the others. */
  const sized = counts.map((count, cell) => (types[cell] === 0 ? 10 * count : count))
  const withTypes = createCellFlagger(cells, [{ name: 'n_counts', flag: 'depth', values: sized }], [], types)

  it.each([0.04, 0.06])('in the deepest %d of the cells is flagged depth, though zeros tie in Spearman', (share) => {
    const on = new Set(deepest.slice(0, Math.round(share * cells)))
    const latent = latentOf((cell) => (on.has(cell) ? 1 + random.uniform() : 0))
    expect(createSparseSpearman(counts)(latent.cells, latent.values)).toBeLessThan(0.5)
    expect(judge(latent)).toMatchObject([{ flag: 'depth', source: 'total_counts' }])
    expect(judge(latent)[0]?.value).toBeGreaterThan(0.9)
  })

  it('in the shallowest cells is flagged too, in any other twentieth never', () => {
    const shallow = new Set(deepest.slice(-30))
    expect(words((cell) => (shallow.has(cell) ? 1 : 0))).toEqual(['depth'])
    for (let turn = 0; turn < 40; turn++) expect(words(() => (random.uniform() < 0.05 ? 1 : 0))).toEqual([])
  })

  it('and marks a type of large cells is clean where types are known, and one that follows size within types is not', () => {
    const ofType = latentOf((cell) => (types[cell] === 0 && random.uniform() < 0.8 ? 1 + random.uniform() : 0))
    expect(createCellFlagger(cells, [{ name: 'n_counts', flag: 'depth', values: sized }], [])(ofType)).toMatchObject([
      { flag: 'depth' },
    ])
    expect(withTypes(ofType)).toEqual([])
    const limit = [0, 1, 2, 3, 4].map((type) => {
      const own = Array.from(sized).filter((_, cell) => types[cell] === type)
      return own.sort((a, b) => b - a)[Math.round(own.length / 20)] as number
    })
    const large = latentOf((cell) => ((sized[cell] as number) > (limit[types[cell] as number] as number) ? 1 : 0))
    expect(withTypes(large)).toMatchObject([{ flag: 'depth', source: 'n_counts within cell types' }])
  })

  it('in cells of two types with the counts of both is doublet-like, in one of them alone it is not', () => {
    const even = Float64Array.from(
      { length: cells },
      (_, cell) => 1000 + 500 * random.uniform() + ((types[cell] as number) === 3 ? 1 : 0),
    )
    const chosen = (of: readonly number[]) =>
      new Set(Array.from(types.keys()).filter((cell) => of.includes(types[cell] as number) && cell % 4 === 0))
    const twice = (of: readonly number[]) => {
      const on = chosen(of)
      const noisy = even.map((count, cell) => (on.has(cell) && cell % 3 !== 0 ? 1.7 * count : count))
      const flagger = createCellFlagger(cells, [{ name: 'n_counts', flag: 'depth', values: noisy }], [], types)
      return flagger(latentOf((cell) => (on.has(cell) ? 1 : 0))).map(({ flag }) => flag)
    }
    expect([twice([1, 3]), twice([1])]).toEqual([['depth', 'doublet'], ['depth']])
  })

  it('where a doublet score is high is flagged doublet', () => {
    const score = Float64Array.from({ length: cells }, () => random.uniform())
    const flagger = createCellFlagger(cells, [{ name: 'doublet_score', flag: 'doublet', values: score }], [])
    expect(flagger(latentOf((cell) => ((score[cell] as number) > 0.93 ? 1 : 0))).map(({ flag }) => flag)).toEqual(['doublet'])
    expect(flagger(latentOf((cell) => ((score[cell] as number) < 0.07 ? 1 : 0)))).toEqual([])
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

  it('that are small need only a few of the best genes', () => {
    const flags = (...genes: string[]) => familyFlags([...genes, ...others]).map(({ flag }) => flag)
    expect(flags('HBB', 'HBA1', 'HBA2')).toEqual(['haemoglobin'])
    expect(flags('FOS', 'JUN', 'EGR1', 'HSPA1A', 'DUSP1')).toEqual(['stress'])
    expect(flags('HLA-DRA', 'HLA-DRB1', 'HLA-DPA1', 'HLA-DPB1', 'HLA-DQA1', 'CD74')).toEqual(['hla'])
    expect(flags('XIST', 'TSIX')).toEqual(['sex'])
    expect(flags('TOP2A', 'MKI67', 'CENPF', 'TYMS', 'PCNA', 'MCM5', 'BIRC5', 'UBE2C', 'CDK1', 'NUSAP1', 'TPX2')).toEqual([
      'cell-cycle',
    ])
    expect(flags('HBB', 'FOS', 'XIST', 'HLA-A', 'TOP2A', 'HBEGF', 'HBP1')).toEqual([])
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
    const more = ['nFeature_RNA', 'Library size']
    expect([...known, ...more].filter((name) => technicalCause(name) !== 'depth')).toEqual([])
    const mito = ['percent_mito', 'percent.mt', 'pct_counts_mt', 'mito_frac']
    expect(mito.filter((name) => technicalCause(name) !== 'mito-share')).toEqual([])
    const doublet = ['doublet_score', 'doublet_scores', 'scDblFinder.score', 'pANN_0.25_0.09_913']
    expect(doublet.filter((name) => technicalCause(name) !== 'doublet')).toEqual([])
  })

  it('of other names are left alone', () => {
    const other = ['pseudotime', 'age', 'S_score', 'n_cells', 'G2M_score', 'gene_module', 'counts_of_visits', 'percent_ribo']
    expect(other.filter((name) => technicalCause(name) !== null)).toEqual([])
  })
})
