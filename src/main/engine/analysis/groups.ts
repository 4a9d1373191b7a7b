// How each latent goes with the columns of the cells: groups, numbers, and over how many groups it spreads. Needs no genes, so it is
// part of a finished run.
import { judgeBreadth } from '../../science/breadth'
import { createGroupScorer, type GroupScores } from '../../science/group-association'
import { benjaminiHochberg } from '../../science/multiple-testing'
import { createNumberScorer } from '../../science/number-association'
import type { DatasetStore, StoredColumn } from '../store/dataset'
import type { StoredBreadth, StoredGroup, StoredNumber } from '../store/metadata'
import { sparseFile, type AnySparse } from '../store/sparse-file'

const latentsPerBreath = 32

export interface MetadataLinks {
  readonly groups: StoredGroup[]
  readonly numbers: StoredNumber[]
  readonly breadth: StoredBreadth[]
}

/** @param activations latents × cells @param only names of the columns to look at; null for all */
export async function associateMetadata(
  dataset: DatasetStore,
  activations: AnySparse,
  breathe: () => Promise<void>,
  only: readonly string[] | null = null,
): Promise<MetadataLinks> {
  const byLatent = sparseFile(activations)
  const columns = dataset.columns().filter((column) => only === null || only.includes(column.name))
  const categories = columns
    .filter((column) => column.kind === 'category' && column.levels.length > 0)
    .map((column) => ({ column, codes: dataset.codes(column), sizes: levelSizes(dataset.codes(column), column.levels.length) }))
  const score = createGroupScorer(
    categories.map(({ column, codes }) => ({ codes, levels: column.levels.length })),
    byLatent.columns,
  )
  const numbers = columns
    .filter((column) => column.kind === 'number')
    .map((column) => ({ column, scorer: createNumberScorer(dataset.numbers(column)) }))
  const found: MetadataLinks = { groups: [], numbers: [], breadth: [] }
  for (let latent = 0; latent < byLatent.rows; latent++) {
    if (latent % latentsPerBreath === 0) await breathe()
    if (byLatent.indptr[latent] === byLatent.indptr[latent + 1]) continue
    const activation = byLatent.row(latent)
    const scores = score(activation)
    const total = activation.values.reduce((sum, value) => sum + value, 0)
    categories.forEach(({ column, sizes }, at) => {
      const of = scores[at]
      if (!of) return
      found.groups.push(...groupRows(latent, column, of))
      const judged = judgeBreadth({ mass: of.mass, active: of.active, sizes }, total, byLatent.columns)
      if (judged) found.breadth.push({ latent, columnId: column.id, ...judged, information: of.columnInformation })
    })
    for (const { column, scorer } of numbers) found.numbers.push({ latent, columnId: column.id, ...scorer(activation) })
  }
  return { ...found, groups: withRates(found.groups) }
}

function levelSizes(codes: Int32Array, levels: number): Float64Array {
  const sizes = new Float64Array(levels)
  for (const code of codes) if (code >= 0) sizes[code] = (sizes[code] as number) + 1
  return sizes
}

const groupRows = (latent: number, column: StoredColumn, of: GroupScores): StoredGroup[] =>
  column.levels.map((_, level) => ({
    latent,
    columnId: column.id,
    level,
    auroc: defined(of.auroc[level]),
    precision: defined(of.precision[level]),
    recall: defined(of.recall[level]),
    f1: defined(of.f1[level]),
    fold: defined(of.fold[level]),
    log10P: defined(of.log10P[level]),
    qValue: null,
    information: defined(of.information[level]),
  }))

const defined = (value: number | undefined): number | null => (value === undefined || !Number.isFinite(value) ? null : value)

/** Benjamini–Hochberg over all latents × values of each column. */
function withRates(groups: readonly StoredGroup[]): StoredGroup[] {
  const rates = new Map<StoredGroup, number>()
  for (const members of Map.groupBy(groups, (group) => group.columnId).values()) {
    const tested = members.filter((group) => group.log10P !== null)
    benjaminiHochberg(tested.map((group) => 10 ** (group.log10P as number))).forEach((q, at) =>
      rates.set(tested[at] as StoredGroup, q),
    )
  }
  return groups.map((group) => ({ ...group, qValue: rates.get(group) ?? null }))
}
