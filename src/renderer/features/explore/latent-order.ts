// The order of the feature list. Pure; several keys, missing evidence always last, ties by number of the latent.
import type { LatentRow } from '@contract'

export type SortKey = 'feature' | 'group' | 'density' | 'q' | 'stability' | 'rank'
export interface SortStep {
  readonly key: SortKey
  readonly descending: boolean
}

const firstDirection: Record<SortKey, boolean> = {
  feature: false,
  group: true,
  density: true,
  q: false,
  stability: true,
  rank: false,
}

/** Sorting by a column: a click replaces the order or turns it round, with Shift the column becomes a further key. */
export function nextOrder(order: readonly SortStep[], key: SortKey, asFurtherKey: boolean): SortStep[] {
  const at = order.findIndex((step) => step.key === key)
  const known = order[at]
  if (known !== undefined && (asFurtherKey || order.length === 1)) {
    return order.map((step) => (step.key === key ? { key, descending: !known.descending } : step))
  }
  const step = { key, descending: firstDirection[key] }
  return asFurtherKey ? [...order, step] : [step]
}

/** The order a list opens with: best term first when linked, otherwise the clearest cell types first. */
export function defaultOrder(rows: readonly LatentRow[]): SortStep[] {
  if (rows.some((row) => row.stability !== null)) return [{ key: 'stability', descending: true }]
  if (rows.some((row) => row.topTerm !== null)) return [{ key: 'q', descending: false }]
  return [{ key: 'group', descending: true }]
}

export function sortLatents(
  rows: readonly LatentRow[],
  order: readonly SortStep[],
  ranks: ReadonlyMap<number, number>,
): LatentRow[] {
  return [...rows].sort((a, b) => {
    for (const step of order) {
      const difference = compare(valueOf(a, step.key, ranks), valueOf(b, step.key, ranks), step.descending)
      if (difference !== 0) return difference
    }
    return a.id - b.id
  })
}

function valueOf(row: LatentRow, key: SortKey, ranks: ReadonlyMap<number, number>): number | null {
  switch (key) {
    case 'feature':
      return row.id
    case 'group':
      return row.topGroup?.auroc ?? null
    case 'density':
      return row.density
    case 'q':
      return row.topTerm?.qOverall ?? null
    case 'stability':
      return row.stability
    case 'rank':
      return ranks.get(row.id) ?? null
  }
}

function compare(a: number | null, b: number | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return descending ? b - a : a - b
}
