// One study list against every term of a family: overlaps counted through the terms of each study gene, p by the upper tail.
// p depends on (overlap, term size) only, and a list meets a few hundred different pairs in thousands of terms: p is worked out
// and sorted once per pair, never per term.
import { TailTable } from './hypergeometric'
import type { TermFamily } from './term-sets'

/** Family terms that share at least one gene with the study list; all others have overlap 0 and p = q = 1. */
export interface Enrichment {
  readonly studySize: number
  /** Places in the family, ascending. */
  readonly places: Uint32Array
  readonly overlaps: Uint32Array
  readonly p: Float64Array
  /** False discovery rate within this list, over the whole family. */
  readonly q: Float64Array
  /** Place of each p among the `steps` different p values of this list, ascending: equal p have equal steps. */
  readonly step: Uint32Array
  readonly steps: number
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

export function createEnrichmentTester(family: TermFamily): EnrichmentTester {
  const { indptr, indices } = family.termsOfGene
  const familySize = family.terms.length
  const counts = new Uint32Array(familySize)
  const largest = family.sizes.reduce((most, size) => Math.max(most, size), 0)
  const tables = new Map<number, TailTable>()
  const ladder = createLadder()
  const tableFor = (size: number): TailTable => {
    const table = tables.get(size) ?? new TailTable(size, family.backgroundSize, largest)
    tables.set(size, table)
    return table
  }
  const test = (study: Uint32Array): Enrichment => {
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
    const table = tableFor(study.length)
    const places = new Uint32Array(touched)
    const overlaps = new Uint32Array(touched)
    const cells = new Uint32Array(touched)
    for (let place = 0, at = 0; at < touched; place++) {
      const overlap = counts[place] as number
      if (overlap === 0) continue
      counts[place] = 0
      places[at] = place
      overlaps[at] = overlap
      cells[at++] = table.cell(overlap, family.sizes[place] as number)
    }
    return { studySize: study.length, places, overlaps, ...ladder.climb(cells, table, familySize), table, cells }
  }
  return { family, test, tables: () => [...tables.values()] }
}

interface Ladder {
  climb(cells: Uint32Array, table: TailTable, tests: number): Pick<Enrichment, 'p' | 'q' | 'step' | 'steps'>
}

/** p, q (Benjamini–Hochberg over `tests`) and the step of every cell, by counting how often each different p occurs. */
function createLadder(): Ladder {
  /** 1 + place in `different` of a cell of the present list; 0 elsewhere. Cleared after each list. */
  let seen = new Uint32Array(0)
  let different = new Uint32Array(0)
  return {
    climb: (cells, table, tests) => {
      if (seen.length < table.cells) seen = new Uint32Array(table.cells)
      if (different.length < cells.length) different = new Uint32Array(cells.length)
      let count = 0
      for (let at = 0; at < cells.length; at++) {
        const cell = cells[at] as number
        if (seen[cell] !== 0) continue
        different[count++] = cell
        seen[cell] = count
      }
      const values = new Float64Array(count)
      for (let one = 0; one < count; one++) values[one] = table.pOfCell(different[one] as number)
      const ascending = values.slice().sort()
      const stepOf = new Uint32Array(count)
      for (let one = 0; one < count; one++) stepOf[one] = firstPlace(values[one] as number, ascending)
      const step = new Uint32Array(cells.length)
      const held = new Uint32Array(count)
      for (let at = 0; at < cells.length; at++) {
        const own = stepOf[(seen[cells[at] as number] as number) - 1] as number
        step[at] = own
        held[own] = (held[own] as number) + 1
      }
      for (let one = 0; one < count; one++) seen[different[one] as number] = 0
      const adjusted = adjust(ascending, held, cells.length, tests)
      const p = new Float64Array(cells.length)
      const q = new Float64Array(cells.length)
      for (let at = 0; at < cells.length; at++) {
        const own = step[at] as number
        p[at] = ascending[own] as number
        q[at] = adjusted[own] as number
      }
      return { p, q, step, steps: count }
    },
  }
}

/** Benjamini–Hochberg over ascending p values that occur `held` times each. */
function adjust(ascending: Float64Array, held: Uint32Array, total: number, tests: number): Float64Array {
  const adjusted = new Float64Array(ascending.length)
  let rank = total
  let smallest = 1
  for (let one = ascending.length - 1; one >= 0; one--) {
    if (rank > 0) smallest = Math.min(smallest, ((ascending[one] as number) * tests) / rank)
    adjusted[one] = smallest
    rank -= held[one] as number
  }
  return adjusted
}

/** First place of a member of an ascending list. */
function firstPlace(value: number, ascending: Float64Array): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
