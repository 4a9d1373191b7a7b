// Gathers which concepts go with which latents, of each kind in its own units, for the heat map of concepts × latents.
import type { TermFilter } from '@contract'
import { ubiquitousTerms } from '../analysis/labels'
import type { Engine } from '../engine'
import type { StoredLinking } from '../store/linkings'

interface CollectedPair {
  /** Index into `concepts`. */
  readonly concept: number
  readonly latent: number
  readonly strength: number
  readonly leads: boolean
  readonly value: number
  readonly qLatent: number | null
  readonly overlap: number | null
}
interface Details {
  readonly fold: number | null
  readonly genes: string[]
}
export interface Collected {
  /** `name` null: to be looked up. */
  readonly concepts: readonly { readonly key: string; readonly name: string | null; readonly size: number | null }[]
  readonly pairs: readonly CollectedPair[]
  /** What is read only for the pairs that are shown. */
  details(keys: readonly string[]): (key: string, latent: number) => Details
}

const genesShown = 6
const noDetails = (): (() => Details) => () => ({ fold: null, genes: [] })
/** Below what a double can hold, p is as good as this. */
const strongest = 400

/** Strength is −log10 p, because q of the best pairs of a latent are often equal. */
export function collectTerms(engine: Engine, linking: StoredLinking, filter: TermFilter): Collected {
  const { conceptPairs } = engine.project
  const hidden = filter.hideUbiquitous ? ubiquitousTerms(engine, linking) : new Set<string>()
  const rows = conceptPairs.terms(linking.id, filter).filter(({ key }) => !hidden.has(key))
  const { concepts, numberOf } = numbered(rows, ({ size }) => ({ name: null, size }))
  return {
    concepts,
    pairs: rows.map(({ key, latent, log10P, qLatent, qOverall, overlap, redundancy }) => ({
      concept: numberOf(key),
      latent,
      strength: Math.min(strongest, -log10P),
      leads: redundancy === null || redundancy === key,
      value: qOverall,
      qLatent,
      overlap,
    })),
    details: (keys) => {
      const sizes = new Map(concepts.map(({ key, size }) => [key, size ?? 0]))
      const shared = conceptPairs.sharedGenes(linking.id, [...new Set(keys)])
      const found = new Map(
        shared.map(({ key, latent, genes, study }) => {
          const expected = (study * (sizes.get(key) ?? 0)) / linking.backgroundSize
          return [`${key} ${latent}`, { fold: expected > 0 ? genes.length / expected : null, genes: genes.slice(0, genesShown) }]
        }),
      )
      return (key, latent) => found.get(`${key} ${latent}`) ?? { fold: null, genes: [] }
    },
  }
}

/** Strength is how far the AUROC is from telling nothing. */
export function collectGenes(engine: Engine, linking: StoredLinking): Collected {
  const rows = engine.project.conceptPairs.genes(linking.id)
  const { concepts, numberOf } = numbered(rows, ({ key }) => ({ name: key, size: null }))
  return { concepts, pairs: rows.map(({ key, ...row }) => byAuroc(numberOf(key), row)), details: noDetails }
}

export function collectGroups(engine: Engine, run: number): Collected {
  const columns = new Map(engine.project.dataset.columns().map((column) => [column.id, column]))
  const rows = engine.project.conceptPairs.groups(run).flatMap(({ columnId, level, ...row }) => {
    const column = columns.get(columnId)
    const value = column?.levels[level]
    return column === undefined || value === undefined ? [] : [{ ...row, key: `${column.name}=${value}`, name: value }]
  })
  const { concepts, numberOf } = numbered(rows, ({ name }) => ({ name, size: null }))
  return { concepts, pairs: rows.map(({ key, ...row }) => byAuroc(numberOf(key), row)), details: noDetails }
}

const byAuroc = (concept: number, { latent, auroc }: { latent: number; auroc: number }): CollectedPair => ({
  ...{ concept, latent, strength: auroc - 0.5, leads: true, value: auroc },
  ...{ qLatent: null, overlap: null },
})

function numbered<Row extends { readonly key: string }>(
  rows: readonly Row[],
  describe: (row: Row) => { name: string | null; size: number | null },
): { concepts: Collected['concepts']; numberOf: (key: string) => number } {
  const numbers = new Map<string, number>()
  const concepts: Collected['concepts'][number][] = []
  for (const row of rows) if (!numbers.has(row.key)) numbers.set(row.key, concepts.push({ key: row.key, ...describe(row) }) - 1)
  return { concepts, numberOf: (key) => numbers.get(key) as number }
}
