// p and q of the terms of one list, by counting how often each different p occurs instead of sorting all terms.
// Most (overlap, term size) cells come back in list after list: their order is kept, and only cells new to a table are sorted.
import type { TailTable } from './hypergeometric'

/** One entry per term that shares a gene. */
export interface Steps {
  readonly p: Float64Array
  /** False discovery rate within this list, over the whole family. */
  readonly q: Float64Array
  /** Place of each p among the `steps` different p values of this list, ascending: equal p have equal steps. */
  readonly step: Uint32Array
  readonly steps: number
}

export interface Ladder {
  /** @param cells table cell of every term with an overlap @param tests size of the family */
  climb(cells: Uint32Array, tests: number): Steps
}

/** Cells are put in order anew when this many, and an eighth of the ordered ones, have come up since. */
const fewestNew = 64

export function createLadder(table: TailTable): Ladder {
  /** Place among `ascending`; −1 for a cell never met, −2 for one that waits for the next ordering. */
  const rankOf = new Int32Array(table.cells).fill(-1)
  let ascending = new Float64Array(0)
  let held = new Uint32Array(0)
  let stepOfRank = new Uint32Array(0)
  /** Where the p values of a list and their counts are put together; reused, because allocating them would cost more than filling. */
  let values = new Float64Array(0)
  let counts = new Uint32Array(0)
  let ordered: number[] = []
  let waiting: number[] = []

  const reorder = (): void => {
    ordered = [...ordered, ...waiting]
    waiting = []
    const known = Float64Array.from(ordered, (cell) => table.pOfCell(cell))
    ascending = different(known)
    ordered.forEach((cell, at) => (rankOf[cell] = firstPlace(known[at] as number, ascending)))
    held = new Uint32Array(ascending.length)
    stepOfRank = new Uint32Array(ascending.length)
  }

  const climb = (cells: Uint32Array, tests: number): Steps => {
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] as number
      if (rankOf[cell] !== -1) continue
      rankOf[cell] = -2
      waiting.push(cell)
    }
    if (waiting.length >= fewestNew && waiting.length * 8 >= ordered.length) reorder()
    const rare: number[] = []
    for (let at = 0; at < cells.length; at++) {
      const rank = rankOf[cells[at] as number] as number
      if (rank >= 0) held[rank] = (held[rank] as number) + 1
      else rare.push(table.pOfCell(cells[at] as number))
    }
    if (values.length < ascending.length + rare.length) {
      values = new Float64Array(2 * (ascending.length + rare.length))
      counts = new Uint32Array(values.length)
    }
    const steps = merge({ ascending, held, stepOfRank }, Float64Array.from(rare).sort(), values, counts)
    const present = values.subarray(0, steps)
    const adjusted = adjust(present, counts, cells.length, tests)
    const step = new Uint32Array(cells.length)
    const p = new Float64Array(cells.length)
    const q = new Float64Array(cells.length)
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] as number
      const rank = rankOf[cell] as number
      const own = rank >= 0 ? (stepOfRank[rank] as number) : firstPlace(table.pOfCell(cell), present)
      step[at] = own
      p[at] = values[own] as number
      q[at] = adjusted[own] as number
    }
    return { p, q, step, steps }
  }
  return { climb }
}

interface Order {
  readonly ascending: Float64Array
  /** How often each occurs in the present list; cleared here. */
  readonly held: Uint32Array
  readonly stepOfRank: Uint32Array
}

/**
 * Writes the different p values of one list, ascending, and how often each occurs: those held by the order, merged with the rare
 * ones. Also writes the step of every held rank. Answers how many there are.
 */
function merge({ ascending, held, stepOfRank }: Order, rare: Float64Array, values: Float64Array, counts: Uint32Array): number {
  let steps = 0
  let next = 0
  const takeRare = (below: number): void => {
    while (next < rare.length && (rare[next] as number) < below) {
      const value = rare[next++] as number
      if (steps > 0 && values[steps - 1] === value) counts[steps - 1] = (counts[steps - 1] as number) + 1
      else {
        values[steps] = value
        counts[steps++] = 1
      }
    }
  }
  for (let rank = 0; rank < ascending.length; rank++) {
    const count = held[rank] as number
    if (count === 0) continue
    held[rank] = 0
    const value = ascending[rank] as number
    takeRare(value)
    values[steps] = value
    counts[steps] = count
    stepOfRank[rank] = steps++
    // Equal p of another cell, not yet in the order.
    for (; next < rare.length && rare[next] === value; next++) counts[steps - 1] = (counts[steps - 1] as number) + 1
  }
  takeRare(Infinity)
  return steps
}

/** Ascending, each value once. */
function different(values: Float64Array): Float64Array<ArrayBuffer> {
  const sorted = values.slice().sort()
  return sorted.filter((value, at) => at === 0 || value !== sorted[at - 1])
}

/** Benjamini–Hochberg over ascending p values that occur `counts` times each. */
function adjust(ascending: Float64Array, counts: Uint32Array, total: number, tests: number): Float64Array {
  const adjusted = new Float64Array(ascending.length)
  let rank = total
  let smallest = 1
  for (let at = ascending.length - 1; at >= 0; at--) {
    smallest = Math.min(smallest, ((ascending[at] as number) * tests) / rank)
    adjusted[at] = smallest
    rank -= counts[at] as number
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
