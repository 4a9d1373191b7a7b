// Does a gene differ in the same direction in every donor? Cells are not replicates, donors are: the difference of means between
// active and reference cells is taken within each donor, and the donors are compared (Squair 2021).
import { logTwoSidedT } from './distributions'
import type { CellGroups } from './gene-comparison'

export interface DonorConsistency {
  /** Donor codes that have enough cells of both kinds, ascending. */
  readonly donors: readonly number[]
  /** genes × donors: mean over the donor's active cells − mean over its reference cells, in the units of the matrix. */
  readonly differences: Float32Array
  /** Per gene: donors whose difference has the sign of the mean over donors. */
  readonly agreeing: Uint32Array
  /** Per gene: log10 of the two-sided p of a paired t test across donors; NaN without variance between donors. */
  readonly log10P: Float64Array
}

export const fewestDonors = 3
const fewestCells = 3

/** Collects the values of some genes within the donors of one pair of groups; genes come in any order, each once. */
export interface DonorComparison {
  /** The genes it waits for. */
  readonly columns: Uint32Array
  /** @param column one of these @param cells where the gene has a stored value, ascending */
  add(column: number, cells: Uint32Array, values: Float32Array): void
  result(): DonorConsistency
}

/**
 * Null when fewer than three donors have three active and three reference cells.
 * @param codes donor of each cell, −1 missing @param groups both ascending @param columns genes to compare, each once
 */
export function openDonorComparison(
  codes: Int32Array,
  { active, reference }: CellGroups,
  columns: Uint32Array,
): DonorComparison | null {
  const highest = codes.reduce((most, code) => Math.max(most, code), -1)
  const counts = [countCodes(codes, active, highest + 1), countCodes(codes, reference, highest + 1)] as const
  const donors = Array.from(counts[0].keys()).filter((donor) => counts.every((count) => (count[donor] as number) >= fewestCells))
  if (donors.length < fewestDonors) return null
  const slotOf = new Map(Array.from(columns, (gene, slot) => [gene, slot]))
  const placeOf = new Int32Array(highest + 1).fill(-1)
  donors.forEach((donor, place) => (placeOf[donor] = place))
  const means = [new Float64Array(columns.length * donors.length), new Float64Array(columns.length * donors.length)] as const
  return {
    columns,
    add: (column, cells, values) => {
      const slot = (slotOf.get(column) as number) * donors.length
      for (const [side, group] of [active, reference].entries()) {
        const into = means[side] as Float64Array
        const sizes = counts[side] as Uint32Array
        eachShared(group, cells, (cell, at) => {
          const code = codes[cell] as number
          const donor = code < 0 ? -1 : (placeOf[code] as number)
          if (donor < 0) return
          into[slot + donor] = (into[slot + donor] as number) + (values[at] as number) / (sizes[code] as number)
        })
      }
    },
    result: () => ({ donors, ...judge(...means, columns.length, donors.length) }),
  }
}

/** Both ascending. @param take hears each common number and its place in the second */
function eachShared(first: Uint32Array, second: Uint32Array, take: (number: number, at: number) => void): void {
  let at = 0
  for (const number of first) {
    while (at < second.length && (second[at] as number) < number) at++
    if (at === second.length) return
    if (second[at] === number) take(number, at)
  }
}

function countCodes(codes: Int32Array, cells: Uint32Array, donors: number): Uint32Array {
  const counts = new Uint32Array(donors)
  for (const cell of cells) {
    const code = codes[cell] as number
    if (code >= 0) counts[code] = (counts[code] as number) + 1
  }
  return counts
}

function judge(higher: Float64Array, lower: Float64Array, genes: number, donors: number): Omit<DonorConsistency, 'donors'> {
  const differences = new Float32Array(genes * donors)
  const agreeing = new Uint32Array(genes)
  const log10P = new Float64Array(genes).fill(NaN)
  for (let gene = 0; gene < genes; gene++) {
    const own = Float64Array.from(
      { length: donors },
      (_, donor) => (higher[gene * donors + donor] as number) - (lower[gene * donors + donor] as number),
    )
    const mean = own.reduce((sum, value) => sum + value, 0) / donors
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (donors - 1)
    differences.set(own, gene * donors)
    agreeing[gene] = mean === 0 ? 0 : own.filter((value) => Math.sign(value) === Math.sign(mean)).length
    if (variance > 0) log10P[gene] = logTwoSidedT(mean / Math.sqrt(variance / donors), donors - 1) / Math.LN10
  }
  return { differences, agreeing, log10P }
}
