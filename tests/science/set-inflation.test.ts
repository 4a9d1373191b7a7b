// How far co-expressed genes widen a term's score, and that the rank test keeps its level once that is allowed for.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import type { Csr } from '../../src/main/base/sparse'
import { testSets } from '../../src/main/science/rank-set-tests'
import { inflationOfTerms } from '../../src/main/science/set-inflation'
import type { TermFamily } from '../../src/main/science/term-sets'
import { sourceOf } from '../row-source'

const cells = 1500
const genes = 200
const size = 20

/** Terms of 20 neighbouring genes each. */
const family: TermFamily = {
  terms: Uint32Array.from({ length: genes / size }, (_, term) => term),
  sizes: new Uint32Array(genes / size).fill(size),
  backgroundSize: genes,
  termsOfGene: {
    indptr: Uint32Array.from({ length: genes + 1 }, (_, gene) => gene),
    indices: Uint32Array.from({ length: genes }, (_, gene) => Math.floor(gene / size)),
  },
}
const background = {
  columns: Uint32Array.from({ length: genes }, (_, at) => at),
  genes: Int32Array.from({ length: genes }, (_, at) => at),
}

const draw = seededRandom(5, 0)
const normal = (): number =>
  Math.sqrt(-2 * Math.log((draw.below(1e9) + 1) / 1e9)) * Math.cos((2 * Math.PI * draw.below(1e9)) / 1e9)
const dense = (value: (cell: number, gene: number) => number): Csr => {
  const values = Float32Array.from({ length: cells * genes }, (_, at) => value(Math.floor(at / genes), at % genes))
  return {
    rows: cells,
    columns: genes,
    indptr: Float64Array.from({ length: cells + 1 }, (_, cell) => cell * genes),
    indices: Uint32Array.from(values, (_, at) => at % genes),
    values,
  }
}
const oneStratum = new Int32Array(cells)
const correlation = 0.2
const shared = Array.from({ length: cells }, () => normal())
/** Genes of term 0 share a programme; cells of two donors differ in everything. */
const expression = dense((cell, gene) =>
  gene < size ? 5 + Math.sqrt(correlation) * (shared[cell] as number) + Math.sqrt(1 - correlation) * normal() : 5 + normal(),
)

describe('the inflation of a term', () => {
  it('is 1 + (m − 1) ρ for genes correlated by ρ, and 1 for independent ones', () => {
    const found = inflationOfTerms(sourceOf(expression), oneStratum, background, family)
    // Σ of 20 genes has variance 20 (1 + 19 · 0.2); the others add their own part of 1/180.
    const expected = ((1 + (size - 1) * correlation) / size + 1 / (genes - size)) / (1 / size + 1 / (genes - size))
    expect((found[0] as number) / expected).toBeGreaterThan(0.9)
    expect((found[0] as number) / expected).toBeLessThan(1.1)
    for (const factor of found.subarray(1)) expect(factor).toBeLessThan(1.15)
    for (const factor of found) expect(factor).toBeGreaterThanOrEqual(1)
  })

  it('does not count what all genes share, nor what separates strata', () => {
    const codes = Int32Array.from({ length: cells }, (_, cell) => cell % 2)
    const sized = dense((cell, gene) => 5 + normal() + 3 * (shared[cell] as number) + (gene < size ? 40 * (cell % 2) : 0))
    for (const factor of inflationOfTerms(sourceOf(sized), codes, background, family)) expect(factor).toBeLessThan(1.15)
    expect(inflationOfTerms(sourceOf(sized), oneStratum, background, family)[0]).toBeGreaterThan(3)
  })

  it('is 1 where genes do not vary', () => {
    const flat = dense(() => 2)
    expect([...inflationOfTerms(sourceOf(flat), oneStratum, background, family)]).toEqual(Array.from(family.sizes, () => 1))
  })
})

describe('the rank test', () => {
  it('keeps its level on co-expressed genes with the inflation, and not without', () => {
    const inflation = inflationOfTerms(sourceOf(expression), oneStratum, background, family)
    const tries = 300
    const below = { plain: 0, widened: 0 }
    for (let one = 0; one < tries; one++) {
      // 60 cells at random against all: the difference of means of each gene, in standard deviations.
      const scores = new Float64Array(genes)
      for (let pick = 0; pick < 60; pick++) {
        const from = draw.below(cells) * genes
        for (let gene = 0; gene < genes; gene++)
          scores[gene] = (scores[gene] as number) + (expression.values[from + gene] as number) - 5
      }
      const p = (factor: Float64Array | null): number => testSets('auroc', family, scores, draw, factor).p[0] as number
      if (p(null) < 0.05) below.plain++
      if (p(inflation) < 0.05) below.widened++
    }
    expect(below.plain / tries).toBeGreaterThan(0.25)
    expect(below.widened / tries).toBeLessThan(0.09)
    expect(below.widened / tries).toBeGreaterThan(0.01)
  })
})
