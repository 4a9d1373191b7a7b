// False discovery rate over all tested lists × all terms, exact without keeping the pairs: few different (study size, term size,
// overlap) triples occur, so p values are counted per triple. Pairs without overlap have p = 1 and only enter the number of tests.
import { benjaminiHochbergCounted } from './multiple-testing'
import type { Enrichment, EnrichmentTester } from './over-representation'
import type { TermHits } from './term-hits'

export interface OverallRate {
  /** Counts one list; every tested list exactly once. */
  add(result: Enrichment): void
  /** Writes qOverall into every hit, when all lists are counted. */
  fill(lists: readonly { readonly hits: TermHits; readonly studySize: number }[]): void
}

export function createOverallRate(tester: EnrichmentTester): OverallRate {
  /** Per study size: how often each cell of its table occurred. */
  const counts = new Map<number, Float64Array>()
  let tests = 0
  return {
    add: (result) => {
      tests += result.tests
      const own = counts.get(result.studySize) ?? new Float64Array(result.table.cells)
      counts.set(result.studySize, own)
      for (const cell of result.cells) own[cell] = (own[cell] as number) + 1
    },
    fill: (all) => {
      const tables = tester.tables().filter((table) => counts.has(table.studySize))
      const seen = tables.flatMap((table) => {
        const own = counts.get(table.studySize) as Float64Array
        return Array.from(own.keys())
          .filter((cell) => own[cell] !== 0)
          .map((cell) => ({ table, cell, count: own[cell] as number }))
      })
      const adjusted = benjaminiHochbergCounted(
        seen.map(({ table, cell }) => table.pOfCell(cell)),
        seen.map((one) => one.count),
        tests,
      )
      const rates = new Map(tables.map((table) => [table.studySize, { table, q: new Float64Array(table.cells).fill(1) }]))
      seen.forEach(({ table, cell }, at) => {
        const rate = rates.get(table.studySize)
        if (rate) rate.q[cell] = adjusted[at] as number
      })
      for (const { hits, studySize } of all) {
        const rate = rates.get(studySize)
        if (!rate) continue
        for (let at = 0; at < hits.qOverall.length; at++)
          hits.qOverall[at] = rate.q[rate.table.cell(hits.overlaps[at] as number, hits.termSizes[at] as number)] as number
      }
    },
  }
}
