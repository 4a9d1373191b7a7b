// Which latents follow sequencing depth, one donor or one batch. Needs no genes, so it is part of a finished run.
import { createCellFlagger, technicalCause, type FlagGrouping, type TechnicalMeasure } from '../../science/latent-flags'
import type { DatasetStore } from '../store/dataset'
import type { StoredFlag } from '../store/runs'
import { sparseFile, type AnySparse } from '../store/sparse-file'

const latentsPerBreath = 32
const countsPerCell = 'counts per cell'
const detectedGenes = 'genes detected per cell'

/** @param activations latents × cells */
export async function flagLatents(
  dataset: DatasetStore,
  activations: AnySparse,
  breathe: () => Promise<void>,
): Promise<StoredFlag[]> {
  const byLatent = sparseFile(activations)
  const types = dataset.columns().find((column) => column.role === 'cell-type' && column.kind === 'category')
  const judge = createCellFlagger(
    byLatent.columns,
    technicalMeasures(dataset),
    groupings(dataset),
    types ? dataset.codes(types) : null,
  )
  const found: StoredFlag[] = []
  for (let latent = 0; latent < byLatent.rows; latent++) {
    if (latent % latentsPerBreath === 0) await breathe()
    for (const flag of judge(byLatent.row(latent))) found.push({ latent, ...flag })
  }
  return found
}

/**
 * Columns named like counts, genes, mitochondrial share or doublet scores, and counts and genes per cell as the import found them.
 */
function technicalMeasures(dataset: DatasetStore): TechnicalMeasure[] {
  const measures = dataset.columns().flatMap((column): TechnicalMeasure[] => {
    const flag = column.kind === 'number' ? technicalCause(column.name) : null
    return flag === null ? [] : [{ name: column.name, flag, values: dataset.numbers(column) }]
  })
  const depth = dataset.parts.depth()
  if (depth) {
    const counts: TechnicalMeasure = { name: countsPerCell, flag: 'depth', values: depth.total }
    return [...measures, counts, { name: detectedGenes, flag: 'depth', values: depth.detected }]
  }
  const detected = dataset.detectedGenes()
  return detected ? [...measures, { name: detectedGenes, flag: 'depth', values: detected }] : measures
}

function groupings(dataset: DatasetStore): FlagGrouping[] {
  return dataset.columns().flatMap((column) => {
    if (column.kind !== 'category' || (column.role !== 'donor' && column.role !== 'batch')) return []
    return [{ flag: column.role, levels: column.levels, codes: dataset.codes(column) }]
  })
}
