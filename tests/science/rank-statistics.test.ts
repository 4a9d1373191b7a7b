// Tests on ranks and groups against scipy, scikit-learn, limma and gseapy, and small cases by hand.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pearson, spearman } from '../../src/main/science/correlation'
import { logNormalTail, logTwoSidedT } from '../../src/main/science/distributions'
import { benjaminiHochberg } from '../../src/main/science/multiple-testing'
import { rank } from '../../src/main/science/ranks'
import { camera, runningScore } from '../../src/main/science/set-scores'
import { cohensD, mannWhitney, mannWhitneyExact, welch } from '../../src/main/science/two-groups'
import { shared } from '../shared-folder'
import { golden, relativeError } from './golden'

type Value = number | { nonfinite: string } | undefined
type Comparison = Record<string, Value> & { case: string }
interface TwoGroups {
  comparisons: Comparison[]
  correlations: (Record<'pearson' | 'pearson_p' | 'spearman' | 'spearman_p', Value> & { a: string; b: string })[]
}

const rowsOf = (name: string): string[][] =>
  readFileSync(join(shared ?? '', 'golden/enrichment', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(/[,\t]/))

/** Equal to 1e-9, or null where the reference is undefined. */
function expectSame(ours: number | null | undefined, theirs: Value): void {
  if (typeof theirs !== 'number') expect(ours).toBeNull()
  else expect(relativeError(ours ?? NaN, theirs)).toBeLessThanOrEqual(1e-9)
}

const reference = shared ? golden<TwoGroups>('enrichment/two-groups.json') : { comparisons: [], correlations: [] }

describe.skipIf(!shared)('two groups of numbers (needs ../shared)', () => {
  const table = shared ? rowsOf('two-groups.csv').slice(1) : []
  const values = (name: string, group: string): number[] =>
    table.filter(([one, member]) => one === name && member === group).map((row) => Number(row[2]))

  it.each(reference.comparisons.map((one) => [one.case, one] as const))('%s equals scipy and scikit-learn', (name, theirs) => {
    const [a, b] = [values(name, 'a'), values(name, 'b')]
    expect([a.length, b.length]).toEqual([theirs['n_a'], theirs['n_b']])
    const u = mannWhitney(a, b)
    expectSame(u.u, theirs['mwu_U_a'])
    expectSame(u.auroc, theirs['auroc_a_over_b'])
    expectSame(u.twoSided.p, theirs['mwu_p_two_sided_continuity'])
    expectSame(u.twoSidedPlain?.p ?? null, theirs['mwu_p_two_sided_no_continuity'])
    expectSame(u.greater.p, theirs['mwu_p_greater_continuity'])
    const logs = [theirs['mwu_log10_p_two_sided_continuity'], theirs['mwu_log10_p_two_sided_no_continuity']] as const
    if (typeof logs[0] === 'number') expect(Math.abs(u.twoSided.log10p - logs[0])).toBeLessThanOrEqual(1e-9)
    if (typeof logs[1] === 'number') expect(Math.abs((u.twoSidedPlain?.log10p ?? NaN) - logs[1])).toBeLessThanOrEqual(1e-9)
    if (theirs['mwu_p_exact_two_sided'] !== undefined) expectSame(mannWhitneyExact(a, b), theirs['mwu_p_exact_two_sided'])
    const t = welch(a, b)
    expectSame(t?.t ?? null, theirs['welch_t'])
    if (t) expectSame(t.freedom, theirs['welch_df'])
    expectSame(t?.twoSided.p ?? null, theirs['welch_p'])
    const log = theirs['welch_log10_p']
    if (typeof log === 'number') expect(Math.abs((t?.twoSided.log10p ?? NaN) - log)).toBeLessThanOrEqual(1e-9)
    expectSame(cohensD(a, b), theirs['cohens_d_pooled'])
  })

  const columns = shared ? rowsOf('correlation.csv') : [[]]
  const column = (name: string): number[] => columns.slice(1).map((row) => Number(row[(columns[0] ?? []).indexOf(name)]))

  it.each(reference.correlations.map((one) => [one.b, one] as const))('x and %s correlate as in scipy', (_, theirs) => {
    const [x, y] = [column(theirs.a), column(theirs.b)]
    const [r, rho] = [pearson(x, y), spearman(x, y)]
    expectSame(r?.r ?? null, theirs.pearson)
    expectSame(r?.twoSided?.p ?? null, theirs.pearson_p)
    expectSame(rho?.r ?? null, theirs.spearman)
    expectSame(rho?.twoSided?.p ?? null, theirs.spearman_p)
  })
})

interface CameraFile {
  scores: number[]
  sets: Record<string, number[]>
  results: {
    inter_gene_correlation: number
    use_ranks: boolean
    sets: { name: string; n: number; direction: string; p: number; bh: number }[]
  }[]
}

describe.skipIf(!shared)('camera equals limma (needs ../shared)', () => {
  const file = shared ? golden<CameraFile>('enrichment/camera.json') : { scores: [], sets: {}, results: [] }
  it.each(file.results.map((one) => [`correlation ${one.inter_gene_correlation}, ranks ${one.use_ranks}`, one] as const))(
    '%s',
    (_, { inter_gene_correlation, use_ranks, sets }) => {
      const ours = sets.map(({ name }) => {
        const members = (file.sets[name] ?? []).map((gene) => gene - 1)
        return camera(file.scores, members, inter_gene_correlation, use_ranks)
      })
      sets.forEach(({ direction, p }, at) => {
        expect(ours[at]?.direction).toBe(direction)
        expectSame(ours[at]?.twoSided.p, p)
      })
      const q = benjaminiHochberg(ours.map((one) => one?.twoSided.p ?? NaN))
      sets.forEach(({ bh }, at) => expectSame(q[at], bh))
      expect(sets.length).toBeGreaterThan(2)
    },
  )
})

interface PrerankFile {
  sets: Record<string, string[]>
  results: { term: string; weight: number; size_in_list: number; ES: number; lead_genes: string[] }[]
}

describe.skipIf(!shared)('the running score equals that of gseapy (needs ../shared)', () => {
  const file = shared ? golden<PrerankFile>('enrichment/gseapy-prerank.json') : { sets: {}, results: [] }
  const ranking = shared ? rowsOf('prerank.rnk') : []
  it.each(file.results.map((one) => [`${one.term}, weight ${one.weight}`, one] as const))('%s', (_, theirs) => {
    const set = new Set(file.sets[theirs.term])
    const members = ranking.map(([gene]) => (set.has(gene ?? '') ? 1 : 0))
    expect(members.filter((one) => one === 1).length).toBe(theirs.size_in_list)
    const ours = runningScore(
      ranking.map((row) => Number(row[1])),
      members,
      theirs.weight,
    )
    expect(Math.abs((ours?.score ?? NaN) - theirs.ES)).toBeLessThanOrEqual(1e-9)
    const { score, peak } = ours ?? { score: 0, peak: 0 }
    const leading = ranking.filter((_row, place) => members[place] === 1 && (score > 0 ? place <= peak : place >= peak))
    expect(leading.map(([gene]) => gene).sort()).toEqual([...theirs.lead_genes].sort())
  })
})

describe('distributions', () => {
  it('equal known tails', () => {
    expect(relativeError(Math.exp(logNormalTail(1.959963984540054)), 0.025)).toBeLessThan(1e-13)
    expect(relativeError(Math.exp(logNormalTail(-1.959963984540054)), 0.975)).toBeLessThan(1e-14)
    // Cauchy: one degree of freedom. P(|T| > t) = 1 − 2 atan(t)/π; two degrees: 1 − t/√(2 + t²).
    for (const t of [0.01, 0.5, 1, 1.7, 1.8, 5, 100]) {
      expect(relativeError(Math.exp(logTwoSidedT(t, 1)), (2 * Math.atan(1 / t)) / Math.PI)).toBeLessThan(1e-13)
      expect(relativeError(Math.exp(logTwoSidedT(t, 2)), 1 - t / Math.sqrt(2 + t * t))).toBeLessThan(1e-11)
    }
    expect(relativeError(Math.exp(logTwoSidedT(2, 1e9)), Math.exp(logTwoSidedT(2, Infinity)))).toBeLessThan(1e-8)
  })

  it('join without a step where one method follows another', () => {
    for (const z of [2.5 * Math.SQRT2, -2.5 * Math.SQRT2])
      expect(Math.abs(logNormalTail(z * (1 - 1e-13)) - logNormalTail(z * (1 + 1e-13)))).toBeLessThan(1e-11)
  })
})

describe('what is not defined', () => {
  it('is null, not 0', () => {
    expect([welch([1, 1], [2, 2]), welch([1], [2, 3]), cohensD([1, 1], [1, 1]), pearson([1, 1, 1], [1, 2, 3])]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(mannWhitney([], [1]).auroc).toBeNull()
    expect(mannWhitneyExact([1, 2], [2, 3])).toBeNull()
    expect([runningScore([1, 0.5], [0, 0]), runningScore([1, 0.5], [1, 1]), camera([1, 2, 3], [])]).toEqual([null, null, null])
  })

  it('ties share ranks and count half', () => {
    expect(Array.from(rank([3, 1, 3, 2]).ranks)).toEqual([3.5, 1, 3.5, 2])
    expect(rank([3, 1, 3, 2]).ties).toBe(6)
    expect(mannWhitney([1, 2], [2, 0]).u).toBe(2.5)
  })
})
