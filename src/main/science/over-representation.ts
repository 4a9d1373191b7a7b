// One study list against every term of a family: overlaps counted through the terms of each study gene, p by the upper tail.
// p depends on (overlap, term size) only: it is worked out and sorted once per pair, never per term (p-ladder.ts).
import { TailTable, type CountTest } from './hypergeometric'
import { createLadder, type Ladder, type Steps } from './p-ladder'
import type { TermFamily } from './term-sets'

/** How a list is tested; the default is the program's own rule. */
export interface ListRule {
  /** p from the counts; by default the upper tail of the hypergeometric distribution. */
  readonly test?: CountTest
  /** Terms without a shared gene are tested too (a two-sided p of such a term may be below 1). */
  readonly untouched?: boolean
  /** Only terms that share a gene enter the correction, as some tools do. */
  readonly familyTouchedOnly?: boolean
}

/** The tested terms of one list; terms left out have overlap 0 and p = q = 1. */
export interface Enrichment extends Steps {
  readonly studySize: number
  /** Size of the family p was corrected for. */
  readonly tests: number
  /** Places in the family, ascending. */
  readonly places: Uint32Array
  readonly overlaps: Uint32Array
  /** The table the p values came from, and the cell of each. */
  readonly table: TailTable
  readonly cells: Uint32Array
}

export interface EnrichmentTester {
  readonly family: TermFamily
  /** @param study places in the background, each once */
  test(study: Uint32Array): Enrichment
  /** All p value tables made so far, one per size of study list. */
  tables(): TailTable[]
}

export function createEnrichmentTester(family: TermFamily, rule: ListRule = {}): EnrichmentTester {
  const { indptr, indices } = family.termsOfGene
  const familySize = family.terms.length
  const counts = new Uint32Array(familySize)
  const tables = new Map<number, TailTable>()
  const ladders = new Map<TailTable, Ladder>()
  const ladderFor = (table: TailTable): Ladder => {
    const ladder = ladders.get(table) ?? createLadder(table)
    ladders.set(table, ladder)
    return ladder
  }
  const tableFor = (size: number): TailTable => {
    const table = tables.get(size) ?? new TailTable(size, family.backgroundSize, family.sizes, rule.test)
    tables.set(size, table)
    return table
  }
  const countOverlaps = (study: Uint32Array): number => {
    let touched = 0
    for (let member = 0; member < study.length; member++) {
      const gene = study[member] as number
      const end = indptr[gene + 1] as number
      for (let at = indptr[gene] as number; at < end; at++) {
        const place = indices[at] as number
        const before = counts[place] as number
        if (before === 0) touched++
        counts[place] = before + 1
      }
    }
    return touched
  }
  const test = (study: Uint32Array): Enrichment => {
    const touched = countOverlaps(study)
    const table = tableFor(study.length)
    const tested = rule.untouched ? familySize : touched
    const places = new Uint32Array(tested)
    const overlaps = new Uint32Array(tested)
    const cells = new Uint32Array(tested)
    for (let place = 0, at = 0; at < tested; place++) {
      const overlap = counts[place] as number
      if (overlap === 0 && !rule.untouched) continue
      counts[place] = 0
      places[at] = place
      overlaps[at] = overlap
      cells[at++] = table.cell(overlap, family.sizes[place] as number)
    }
    const tests = rule.familyTouchedOnly ? touched : familySize
    return { studySize: study.length, tests, places, overlaps, ...ladderFor(table).climb(cells, tests), table, cells }
  }
  return { family, test, tables: () => [...tables.values()] }
}
