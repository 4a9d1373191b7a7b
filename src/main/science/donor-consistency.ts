// Does a gene differ in the same direction in every donor? Cells are not replicates, donors are: the difference of means between
// active and reference cells is taken within each donor, and the donors are compared (Squair 2021).
import type { Csr } from '../base/sparse'
import { logTwoSidedT } from './distributions'

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

/**
 * Null when fewer than three donors have three active and three reference cells.
 * @param codes donor of each cell, −1 missing @param columns genes to compare, each once
 */
export function compareDonors(
  matrix: Csr,
  codes: Int32Array,
  cells: { readonly active: Uint32Array; readonly reference: Uint32Array },
  columns: Uint32Array,
): DonorConsistency | null {
  const highest = codes.reduce((most, code) => Math.max(most, code), -1)
  const active = countCodes(codes, cells.active, highest + 1)
  const reference = countCodes(codes, cells.reference, highest + 1)
  const donors = Array.from(active.keys()).filter(
    (donor) => (active[donor] as number) >= fewestCells && (reference[donor] as number) >= fewestCells,
  )
  if (donors.length < fewestDonors) return null
  const slotOf = new Map(Array.from(columns, (gene, slot) => [gene, slot]))
  const placeOf = new Int32Array(highest + 1).fill(-1)
  donors.forEach((donor, place) => (placeOf[donor] = place))
  const sum = (group: Uint32Array, counts: Uint32Array): Float64Array => {
    const means = new Float64Array(columns.length * donors.length)
    for (const cell of group) {
      const code = codes[cell] as number
      const donor = code < 0 ? -1 : (placeOf[code] as number)
      if (donor < 0) continue
      for (let at = matrix.indptr[cell] as number; at < (matrix.indptr[cell + 1] as number); at++) {
        const slot = slotOf.get(matrix.indices[at] as number)
        if (slot === undefined) continue
        const into = slot * donors.length + donor
        means[into] = (means[into] as number) + (matrix.values[at] as number) / (counts[code] as number)
      }
    }
    return means
  }
  const higher = sum(cells.active, active)
  const lower = sum(cells.reference, reference)
  return { donors, ...judge(higher, lower, columns.length, donors.length) }
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
