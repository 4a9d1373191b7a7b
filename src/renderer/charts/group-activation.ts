// How strongly a latent is on in each group of cells, as numbers: shares, quantiles, a thinned set of values.
// Pure. Only cells that are on count for the quantiles; groups without cells are left out.
import { sortedQuantile } from './cell-map-scale'

export interface GroupActivation {
  readonly name: string
  readonly code: number
  readonly cells: number
  readonly on: number
  /** Values at 5, 25, 50, 75 and 95 % of the cells that are on; null when fewer than `fewestForBox` are. */
  readonly box: readonly [number, number, number, number, number] | null
  readonly median: number | null
  /** At most `dotsPerGroup` of the values, evenly taken. */
  readonly dots: Float32Array
}

export const fewestForBox = 8
export const dotsPerGroup = 90
const shares = [0.05, 0.25, 0.5, 0.75, 0.95] as const

/** One entry per group with at least one cell, the group with the largest share of cells on first. */
export function activationByGroup(
  activation: { readonly cells: Uint32Array; readonly values: Float32Array },
  codes: Int32Array,
  levels: readonly string[],
): GroupActivation[] {
  const sizes = new Uint32Array(levels.length)
  for (const code of codes) if (code >= 0) sizes[code] = (sizes[code] ?? 0) + 1
  const values: number[][] = levels.map(() => [])
  for (let at = 0; at < activation.cells.length; at++) {
    const value = activation.values[at] ?? 0
    if (value > 0) values[codes[activation.cells[at] ?? -1] ?? -1]?.push(value)
  }
  return levels
    .map((name, code) => summary(name, code, sizes[code] ?? 0, Float32Array.from(values[code] ?? [])))
    .filter((group) => group.cells > 0)
    .sort((a, b) => b.on / b.cells - a.on / a.cells || b.on - a.on || a.code - b.code)
}

function summary(name: string, code: number, cells: number, values: Float32Array): GroupActivation {
  const sorted = values.slice().sort()
  const at = (share: number): number => sortedQuantile(sorted, share)
  const stride = Math.max(1, Math.ceil(values.length / dotsPerGroup))
  return {
    name,
    code,
    cells,
    on: values.length,
    box: values.length < fewestForBox ? null : [at(shares[0]), at(shares[1]), at(shares[2]), at(shares[3]), at(shares[4])],
    median: values.length === 0 ? null : at(0.5),
    dots: values.filter((_, index) => index % stride === 0),
  }
}
