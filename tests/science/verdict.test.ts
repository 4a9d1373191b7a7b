// What kind of numbers a matrix holds, decided from the numbers alone; and normalisation.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import type { Csr } from '../../src/main/base/sparse'
import { changeRows, normaliseLog1p } from '../../src/main/science/normalise'
import { judge } from '../../src/main/science/verdict'

const cells = 60
const genes = 80
const random = seededRandom(1)
/** Mostly zeros and ones, a few large counts, and cells of unequal depth, as in real data. */
const table = Array.from({ length: cells }, () => {
  const depth = 1 + random.uniform() * 2
  return Array.from({ length: genes }, (_, gene) => Math.max(0, Math.round(random.normal() * depth * (gene % 20 === 0 ? 12 : 1))))
})

function matrix(rows: readonly (readonly number[])[]): Csr {
  const indptr = [0]
  const indices: number[] = []
  const values: number[] = []
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return
      indices.push(column)
      values.push(value)
    })
    indptr.push(values.length)
  }
  return {
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    indptr: Float64Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  }
}

const perCell = (target: number): number[][] =>
  table.map((row) => {
    const total = row.reduce((sum, value) => sum + value, 0)
    return row.map((value) => (value * target) / total)
  })
const mapped = (rows: readonly (readonly number[])[], change: (value: number) => number): number[][] =>
  rows.map((row) => row.map(change))
const someGenes = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => row.slice(0, 25))

describe('the verdict on a matrix', () => {
  it.each([
    ['counts', 'counts', table],
    ['counts of few molecules', 'counts', mapped(table, (value) => Math.min(3, value))],
    ['log1p of counts per 10,000', 'log1p', mapped(perCell(1e4), Math.log1p)],
    ['log2(1 + x) of counts per 1,500', 'log2', mapped(perCell(1500), (value) => Math.log2(1 + value))],
    ['counts per 10,000', 'normalised', perCell(1e4)],
    ['log1p of some genes', 'log1p', someGenes(mapped(perCell(1e4), Math.log1p))],
    ['log2 of some genes', 'log2', someGenes(mapped(perCell(1e4), (value) => Math.log2(1 + value)))],
    ['counts per 10,000 of some genes', 'normalised', someGenes(perCell(1e4))],
    ['log1p of plain counts', 'log1p', mapped(table, Math.log1p)],
    ['z-scores', 'scaled', mapped(table, (value) => value / 3 - 1.1)],
    ['whole numbers below zero', 'unknown', mapped(table, (value) => value - 1)],
    ['large numbers of no known kind', 'unknown', mapped(table, (value) => value * Math.PI + Math.sqrt(value))],
    ['zeros', 'unknown', mapped(table, () => 0)],
  ] as const)('%s → %s', (_what, expected, rows) => {
    expect(judge(matrix(rows)).verdict).toBe(expected)
  })

  it('names the total it found', () => {
    const found = judge(matrix(mapped(perCell(1e4), Math.log1p)))
    expect(found.target).toBeCloseTo(1e4, 0)
    expect(found.evidence).toContain('10,000')
  })

  it('is not misled by a few missing numbers', () => {
    const holed = matrix(table)
    holed.values[5] = NaN
    holed.values[9] = Infinity
    expect(judge(holed).verdict).toBe('counts')
  })
})

describe('normalisation', () => {
  it('is ln(1 + 10,000 x / total) and leaves empty cells empty', () => {
    const { values } = normaliseLog1p(
      matrix([
        [1, 0, 3],
        [0, 0, 0],
        [0, 5, 0],
      ]),
    )
    expect([...values]).toEqual([Math.log1p(2500), Math.log1p(7500), Math.log1p(10_000)].map(Math.fround))
  })

  it('turns log2(1 + x) into ln(1 + x)', () => {
    const log2 = matrix([[Math.log2(8), 1]])
    changeRows(log2, 'ln2', null)
    expect([...log2.values]).toEqual([Math.fround(Math.fround(3) * Math.LN2), Math.fround(Math.LN2)])
  })
})
