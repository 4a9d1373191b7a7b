// Gene ranking against scikit-learn and scipy values and against the definition of AUROC.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { shared } from '../shared-folder'
import { rankBetween } from './rank-between'
import { golden, openSmallH5ad, relativeError, sparse } from './golden'

interface Comparison {
  case: string
  auroc_a_over_b: number
  mean_a: number | { nonfinite: string }
}

function readGroups(): Map<string, { a: number[]; b: number[] }> {
  const groups = new Map<string, { a: number[]; b: number[] }>()
  for (const line of readFileSync(join(shared ?? '', 'golden/enrichment/two-groups.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    const [name = '', group, value] = line.split(',')
    const one = groups.get(name) ?? { a: [], b: [] }
    groups.set(name, one)
    one[group === 'a' ? 'a' : 'b'].push(Number(value))
  }
  return groups
}

const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, at) => from + at)

describe.skipIf(!shared)('ranking of genes equals reference values (needs ../shared)', () => {
  const comparisons = shared ? golden<{ comparisons: Comparison[] }>('enrichment/two-groups.json').comparisons : []
  const groups = shared ? readGroups() : new Map<string, { a: number[]; b: number[] }>()

  it.each(comparisons.map((one) => [one.case, one] as const))('AUROC of %s', (name, one) => {
    const { a, b } = groups.get(name) ?? { a: [], b: [] }
    const rank = rankBetween(sparse([...a, ...b].map((value) => [value])))
    const effects = rank(range(0, a.length), range(a.length, a.length + b.length))
    expect(relativeError(effects.auroc[0] as number, one.auroc_a_over_b)).toBeLessThanOrEqual(1e-9)
  })

  it('AUROC of every marker of every cell type of the 700-cell file', async () => {
    const file = await openSmallH5ad('pbmc68k_reduced.h5ad')
    const genes = file.member('raw.var', 'index').map(String)
    const types = file.strings('uns/bulk_labels_categories')
    const codes = file.member('obs', 'bulk_labels').map(Number)
    const rank = rankBetween(file.matrix('raw.X', genes.length))
    const { groups: expected } = golden<{ groups: Record<string, { markers: [string, number, number][] }> }>(
      'endtoend/pbmc68k-markers-go.json',
    )
    let compared = 0
    types.forEach((type, code) => {
      const inside = Uint32Array.from(codes.keys()).filter((cell) => codes[cell] === code)
      const outside = Uint32Array.from(codes.keys()).filter((cell) => codes[cell] !== code)
      const { auroc } = rank(inside, outside)
      for (const [gene, , reference] of expected[`bulk_labels=${type}`]?.markers ?? []) {
        expect(relativeError(auroc[genes.indexOf(gene)] as number, reference)).toBeLessThanOrEqual(1e-9)
        compared++
      }
    })
    expect(compared).toBe(1000)
  })
})

describe('ranking of genes', () => {
  const random = seededRandom(3)
  /** Negative values, stored ties, many zeros: the shape of scaled and of count data together. */
  const rows = Array.from({ length: 60 }, () =>
    Array.from({ length: 25 }, () => (random.uniform() < 0.5 ? 0 : Math.round(random.normal() * 3) / 2)),
  )
  const rank = rankBetween(sparse(rows))
  const active = Uint32Array.of(1, 5, 9, 20, 21, 22, 59)
  const reference = Uint32Array.of(0, 2, 3, 30, 31, 32, 33, 34, 40, 58)

  it('equals the definition with negative values, ties and zeros', () => {
    const effects = rank(active, reference)
    for (let gene = 0; gene < 25; gene++) {
      const of = (cells: Uint32Array): number[] => Array.from(cells, (cell) => rows[cell]?.[gene] as number)
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
      const wins = of(active).flatMap((a) => of(reference).map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))
      expect(effects.auroc[gene]).toBeCloseTo(mean(wins), 12)
      expect(effects.meanDifference[gene]).toBeCloseTo(mean(of(active)) - mean(of(reference)), 12)
      expect(effects.detectedActive[gene]).toBeCloseTo(mean(of(active).map((value) => (value > 0 ? 1 : 0))), 12)
      expect(effects.detectedReference[gene]).toBeCloseTo(mean(of(reference).map((value) => (value > 0 ? 1 : 0))), 12)
    }
  })

  it('gives mirrored values when the groups change places, also after other comparisons', () => {
    const forward = rank(active, reference)
    const backward = rank(reference, active)
    forward.auroc.forEach((value, gene) => expect(value + (backward.auroc[gene] as number)).toBeCloseTo(1, 12))
    expect(rank(active, reference)).toEqual(forward)
  })

  it('says 0.5 when a group is empty', () => {
    expect(new Set(rank(active, new Uint32Array(0)).auroc)).toEqual(new Set([0.5]))
  })
})
