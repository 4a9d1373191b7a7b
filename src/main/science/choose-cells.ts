// Which cells a latent is judged by: its most active cells against inactive cells of the same donors or batches.
// Rules and reasons: docs/linking.md. The same seed and latent always give the same cells.
import type { SeededRandom } from '../base/random'

export interface Strata {
  /** Members of each stratum, ascending. */
  readonly members: readonly Uint32Array[]
  /** Stratum of each row. */
  readonly codes: Int32Array
}

/** A latent's active rows, ascending, with their activations (> 0). */
export interface LatentActivation {
  readonly cells: Uint32Array
  readonly values: Float32Array
}

export interface ChosenCells {
  /** `high-low`: the latent is on in more than half of the rows, so its strongest rows face its weaker half. */
  readonly mode: 'active-inactive' | 'high-low'
  /** Both ascending, without common members. */
  readonly active: Uint32Array
  readonly reference: Uint32Array
  /** True when every stratum could give its full share of reference rows. */
  readonly matched: boolean
}

export const fewestActive = 20
const activeShare = 0.05
const leastChosen = 50
const mostChosen = 2000
const referenceRatio = 5
const denseShare = 0.5

/** Groups rows by code; code −1 (missing) is a stratum of its own; null puts all rows into one. */
export function makeStrata(codes: Int32Array | null, rows: number): Strata {
  const numbers = new Map<number, number>()
  const own = new Int32Array(rows)
  const lists: number[][] = []
  for (let cell = 0; cell < rows; cell++) {
    const code = codes === null ? 0 : (codes[cell] as number)
    let stratum = numbers.get(code)
    if (stratum === undefined) {
      stratum = lists.push([]) - 1
      numbers.set(code, stratum)
    }
    own[cell] = stratum
    lists[stratum]?.push(cell)
  }
  return { members: lists.map((list) => Uint32Array.from(list)), codes: own }
}

/** Null when fewer than 20 rows are active. */
export function chooseCells(activation: LatentActivation, strata: Strata, random: SeededRandom): ChosenCells | null {
  const count = activation.cells.length
  const rows = strata.codes.length
  if (count < fewestActive) return null
  const wanted = Math.min(mostChosen, Math.max(leastChosen, Math.ceil(activeShare * count)))
  const dense = count > denseShare * rows
  const size = Math.min(wanted, count, dense ? Math.floor(rows / 4) : count)
  if (size < fewestActive) return null
  const active = strongest(activation, size, random)
  const pool = dense ? weakerHalf(activation, active, rows, random) : inactiveRows(activation.cells, rows)
  const { reference, matched } = drawReference(active, pool, strata, random)
  if (reference.length < fewestActive) {
    const any = random.sample(pool, referenceRatio * active.length)
    return any.length < fewestActive
      ? null
      : { mode: dense ? 'high-low' : 'active-inactive', active, reference: any, matched: false }
  }
  return { mode: dense ? 'high-low' : 'active-inactive', active, reference, matched }
}

/** The `size` rows of greatest activation; among equals at the edge, a random choice. */
function strongest(activation: LatentActivation, size: number, random: SeededRandom): Uint32Array {
  const { cells, values } = activation
  if (size >= cells.length) return cells.slice()
  const edge = Float32Array.from(values).sort()[values.length - size] as number
  const sure = cells.filter((_, at) => (values[at] as number) > edge)
  const equal = cells.filter((_, at) => values[at] === edge)
  return joined(sure, random.sample(equal, size - sure.length))
}

/** The half of all rows with the smallest activation, inactive rows first, chosen rows never; equals at the edge by chance. */
function weakerHalf(activation: LatentActivation, chosen: Uint32Array, rows: number, random: SeededRandom): Uint32Array {
  const inactive = inactiveRows(activation.cells, rows)
  const taken = new Set(chosen)
  const left = Uint32Array.from(activation.cells, (_, at) => at).filter((at) => !taken.has(activation.cells[at] as number))
  const rest = {
    cells: left.map((at) => activation.cells[at] as number),
    values: Float32Array.from(left, (at) => -(activation.values[at] as number)),
  }
  return joined(inactive, strongest(rest, Math.floor(rows / 2) - inactive.length, random))
}

function joined(some: Uint32Array, more: Uint32Array): Uint32Array {
  const all = new Uint32Array(some.length + more.length)
  all.set(some)
  all.set(more, some.length)
  return all.sort()
}

function inactiveRows(active: Uint32Array, rows: number): Uint32Array {
  const inactive = new Uint32Array(rows - active.length)
  let next = 0
  let filled = 0
  for (let cell = 0; cell < rows; cell++) {
    if (next < active.length && active[next] === cell) next++
    else inactive[filled++] = cell
  }
  return inactive
}

/** From every stratum five times as many rows as it has active ones, or all it has. */
function drawReference(
  active: Uint32Array,
  pool: Uint32Array,
  strata: Strata,
  random: SeededRandom,
): { reference: Uint32Array; matched: boolean } {
  const share = new Uint32Array(strata.members.length)
  for (const cell of active) share[strata.codes[cell] as number] = (share[strata.codes[cell] as number] as number) + 1
  const pools = strata.members.map((): number[] => [])
  for (const cell of pool) pools[strata.codes[cell] as number]?.push(cell)
  const drawn: number[] = []
  let matched = true
  pools.forEach((candidates, stratum) => {
    const wanted = referenceRatio * (share[stratum] as number)
    if (wanted > candidates.length) matched = false
    if (wanted > 0) for (const cell of random.sample(Uint32Array.from(candidates), wanted)) drawn.push(cell)
  })
  return { reference: Uint32Array.from(drawn).sort(), matched }
}
