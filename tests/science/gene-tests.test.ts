// Every gene between two groups of cells: Wilcoxon, Welch, Cohen's d, donors and correlations, against scanpy, scipy and definitions.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { createAssociator } from '../../src/main/science/association'
import { pearson, spearman } from '../../src/main/science/correlation'
import { openDonorComparison, type DonorConsistency } from '../../src/main/science/donor-consistency'
import { logNormalTail } from '../../src/main/science/distributions'
import { createGeneRanker } from '../../src/main/science/gene-ranking'
import { testGenes } from '../../src/main/science/gene-tests'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import { cohensD, mannWhitney, welch } from '../../src/main/science/two-groups'
import { transpose } from '../../src/main/base/sparse'
import { sourceOf } from '../row-source'
import { shared } from '../shared-folder'
import { rankBetween } from './rank-between'
import { golden, openSmallH5ad, relativeError, sparse } from './golden'

type Row = [string, number, number, number, number]
interface RankGenes {
  group_sizes: Record<string, number>
  wilcoxon_tie_correct: Record<string, Row[]>
  wilcoxon_no_tie_correct: Record<string, Row[]>
  t_test: Record<string, Row[]>
}

describe.skipIf(!shared)('genes of the 700-cell file between one cell type and all others (needs ../shared)', () => {
  it('have the scores, p and q of scanpy: Wilcoxon with and without tie correction, and t test', async () => {
    const file = await openSmallH5ad('pbmc68k_reduced.h5ad')
    const genes = file.member('raw.var', 'index').map(String)
    const types = file.strings('uns/bulk_labels_categories')
    const codes = file.member('obs', 'bulk_labels').map(Number)
    const rank = rankBetween(file.matrix('raw.X', genes.length))
    const reference = golden<RankGenes>('enrichment/rank-genes.json')
    let compared = 0
    for (const [type, size] of Object.entries(reference.group_sizes)) {
      const code = types.indexOf(type)
      const inside = Uint32Array.from(codes.keys()).filter((cell) => codes[cell] === code)
      const outside = Uint32Array.from(codes.keys()).filter((cell) => codes[cell] !== code)
      expect(inside.length).toBe(size)
      const [n, m] = [inside.length, outside.length]
      const effects = rank(inside, outside)
      const testsOf = (rows: readonly Row[]) =>
        testGenes(
          effects,
          n,
          m,
          Uint32Array.from(rows, ([gene]) => genes.indexOf(gene)),
        )
      const tied = reference.wilcoxon_tie_correct[type] ?? []
      testsOf(tied).wilcoxonScore.forEach((score, at) => {
        const [, theirs, p] = tied[at] as Row
        expect(relativeError(score, theirs)).toBeLessThanOrEqual(1e-5)
        // scanpy makes no continuity correction, so its p is compared with that of the score.
        expect(relativeError(2 * Math.exp(logNormalTail(Math.abs(score))), p)).toBeLessThanOrEqual(1e-3)
        compared++
      })
      for (const [gene, theirs] of reference.wilcoxon_no_tie_correct[type] ?? []) {
        const away = ((effects.auroc[genes.indexOf(gene)] as number) - 0.5) * n * m
        expect(relativeError(away / Math.sqrt((n * m * (n + m + 1)) / 12), theirs)).toBeLessThanOrEqual(1e-5)
        compared++
      }
      const means = reference.t_test[type] ?? []
      const ours = testsOf(means)
      means.forEach(([, t, p, q], at) => {
        expect(relativeError(ours.welchT[at] as number, t)).toBeLessThanOrEqual(1e-5)
        expect(relativeError(10 ** (ours.welchLog10P[at] as number), p)).toBeLessThanOrEqual(1e-4)
        expect(relativeError(ours.welchQ[at] as number, q)).toBeLessThanOrEqual(1e-4)
        compared++
      })
    }
    expect(compared).toBe(600)
  })
})

describe('genes between two groups of cells', () => {
  const random = seededRandom(5)
  const rows = Array.from({ length: 80 }, (_, cell) =>
    Array.from({ length: 30 }, (_, gene) =>
      gene === 29
        ? 2
        : random.uniform() < 0.4
          ? 0
          : Math.fround(Math.round(random.normal() * 4 + (cell < 20 ? gene / 10 : 0)) / 2),
    ),
  )
  const matrix = sparse(rows)
  const active = Uint32Array.from({ length: 20 }, (_, at) => at)
  const reference = Uint32Array.from({ length: 50 }, (_, at) => 25 + at)
  const of = (cells: Uint32Array, gene: number): number[] => Array.from(cells, (cell) => rows[cell]?.[gene] as number)
  const everyGene = Uint32Array.from({ length: 30 }, (_, gene) => gene)
  const effects = rankBetween(matrix)(active, reference)
  const tests = testGenes(effects, 20, 50, everyGene)

  it('have the Wilcoxon, Welch and d of the plain lists of numbers, with ties, zeros and negative values', () => {
    for (let gene = 0; gene < 29; gene++) {
      const [a, b] = [of(active, gene), of(reference, gene)]
      const u = mannWhitney(a, b)
      const t = welch(a, b)
      expect(relativeError(tests.wilcoxonLog10P[gene] as number, u.twoSided.log10p)).toBeLessThan(1e-9)
      expect(Math.sign(tests.wilcoxonScore[gene] as number)).toBe(Math.sign((u.auroc as number) - 0.5))
      expect(relativeError(tests.welchT[gene] as number, t?.t as number)).toBeLessThan(1e-9)
      expect(relativeError(tests.welchLog10P[gene] as number, t?.twoSided.log10p as number)).toBeLessThan(1e-9)
      expect(relativeError(tests.cohensD[gene] as number, cohensD(a, b) as number)).toBeLessThan(1e-9)
    }
  })

  it('have no statistic where all values are equal, and such genes count as tests', () => {
    expect([tests.wilcoxonScore[29], tests.welchT[29], tests.cohensD[29]]).toEqual([NaN, NaN, NaN])
    expect(effects.auroc[29]).toBe(0.5)
    const p = Array.from(tests.wilcoxonLog10P, (log) => (Number.isNaN(log) ? 1 : 10 ** log))
    benjaminiHochberg(p).forEach((q, gene) => expect(tests.wilcoxonQ[gene]).toBeCloseTo(q, 12))
  })

  it('are ranked alike whether pairs of groups go through the genes one by one or together', () => {
    const groups = [
      { active, reference },
      { active: reference, reference: active },
      { active: Uint32Array.of(3), reference },
    ]
    const pass = createGeneRanker(sourceOf(transpose(matrix))).rank(groups)
    let next = pass.next()
    while (!next.done) next = pass.next()
    groups.forEach((group, at) => expect(next.value[at]).toEqual(rankBetween(matrix)(group.active, group.reference)))
  })

  const compareDonors = (codes: Int32Array, columns: Uint32Array): DonorConsistency | null => {
    const comparison = openDonorComparison(codes, { active, reference }, columns)
    const genes = sourceOf(transpose(matrix)).rowsAt(columns.slice().sort())
    for (const { row, indices, values } of genes) comparison?.add(row, indices, values)
    return comparison && comparison.result()
  }

  it('agree across donors where every donor shows the difference, and only donors with enough cells speak', () => {
    const codes = Int32Array.from({ length: 80 }, (_, cell) => (cell === 79 ? -1 : cell === 78 ? 4 : cell % 4))
    const found = compareDonors(codes, Uint32Array.of(28, 0))
    expect(found?.donors).toEqual([0, 1, 2, 3])
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    const expected = [0, 1, 2, 3].map(
      (donor) =>
        mean(
          of(
            active.filter((cell) => codes[cell] === donor),
            28,
          ),
        ) -
        mean(
          of(
            reference.filter((cell) => codes[cell] === donor),
            28,
          ),
        ),
    )
    expected.forEach((value, donor) => expect(found?.differences[donor]).toBeCloseTo(value, 5))
    expect(found?.agreeing[0]).toBe(expected.filter((value) => value > 0).length)
    expect(found?.agreeing[0]).toBe(4)
    expect(10 ** (found?.log10P[0] as number)).toBeLessThan(0.05)
    const two = codes.map((code) => code % 2)
    expect(compareDonors(two, Uint32Array.of(28))).toBeNull()
  })
})

describe('correlation of all latents with all genes', () => {
  const random = seededRandom(6)
  const cells = 120
  const activations = Array.from({ length: cells }, () =>
    Array.from({ length: 7 }, (_, latent) =>
      latent === 5 ? 0 : latent === 6 ? 1 : random.uniform() < 0.3 ? Math.fround(Math.ceil(random.uniform() * 6) / 2) : 0,
    ),
  )
  const genes = Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: 9 }, (_, gene) =>
      gene === 8
        ? 3
        : random.uniform() < 0.5
          ? 0
          : Math.fround((activations[cell]?.[gene % 5] as number) + Math.round(random.normal() * 2)),
    ),
  )
  const byGene = transpose(sparse(genes))
  const associate = createAssociator(sparse(activations))
  const ofGene = (gene: number) => {
    const [from, to] = [byGene.indptr[gene] as number, byGene.indptr[gene + 1] as number]
    return associate({ cells: byGene.indices.subarray(from, to), values: byGene.values.subarray(from, to) })
  }

  it('equals Pearson, Spearman and AUROC of the full lists, for negative values and ties too', () => {
    for (let gene = 0; gene < 8; gene++) {
      const found = ofGene(gene)
      const y = genes.map((row) => row[gene] as number)
      for (let latent = 0; latent < 5; latent++) {
        const x = activations.map((row) => row[latent] as number)
        expect(found.pearson[latent]).toBeCloseTo(pearson(x, y)?.r as number, 9)
        expect(found.spearman[latent]).toBeCloseTo(spearman(x, y)?.r as number, 9)
        const on = y.filter((_, cell) => (x[cell] as number) > 0)
        const off = y.filter((_, cell) => x[cell] === 0)
        expect(found.auroc[latent]).toBeCloseTo(mannWhitney(on, off).auroc as number, 12)
      }
    }
  })

  it('is not defined for a latent that is never on or always alike, nor for a constant gene', () => {
    const found = ofGene(0)
    expect([found.pearson[5], found.spearman[5], found.auroc[5]]).toEqual([NaN, NaN, NaN])
    expect([found.pearson[6], found.spearman[6], found.auroc[6]]).toEqual([NaN, NaN, NaN])
    const constant = ofGene(8)
    expect([constant.pearson[0], constant.spearman[0]]).toEqual([NaN, NaN])
  })
})

describe.skipIf(!shared)('correlations of reference lists (needs ../shared)', () => {
  it('equal scipy to 1e-9 where both lists are activations and expression', async () => {
    const file = await openSmallH5ad('pbmc68k_reduced.h5ad')
    const names = file.member('raw.var', 'index').map(String)
    const byGene = transpose(file.matrix('raw.X', names.length))
    const column = (gene: number): Float64Array => {
      const dense = new Float64Array(byGene.columns)
      for (let at = byGene.indptr[gene] as number; at < (byGene.indptr[gene + 1] as number); at++)
        dense[byGene.indices[at] as number] = byGene.values[at] as number
      return dense
    }
    const latents = [3, 70, 400]
    const associate = createAssociator(
      sparse(Array.from({ length: byGene.columns }, (_, cell) => latents.map((gene) => column(gene)[cell] as number))),
    )
    for (const gene of [0, 12, 500, 764]) {
      const [from, to] = [byGene.indptr[gene] as number, byGene.indptr[gene + 1] as number]
      const found = associate({ cells: byGene.indices.subarray(from, to), values: byGene.values.subarray(from, to) })
      latents.forEach((latent, at) => {
        expect(relativeError(found.pearson[at] as number, pearson(column(latent), column(gene))?.r as number)).toBeLessThan(1e-9)
        expect(relativeError(found.spearman[at] as number, spearman(column(latent), column(gene))?.r as number)).toBeLessThan(
          1e-9,
        )
      })
    }
  })
})
