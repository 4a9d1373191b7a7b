// Which cell groups each latent follows, over every categorical column. Needs no genes, so it is part of a finished run.
import { createGroupScorer } from '../../science/group-association'
import type { DatasetStore } from '../store/dataset'
import type { StoredGroup } from '../store/runs'
import { sparseFile, type AnySparse } from '../store/sparse-file'

const latentsPerBreath = 32

/** @param activations latents × cells */
export async function associateGroups(
  dataset: DatasetStore,
  activations: AnySparse,
  breathe: () => Promise<void>,
): Promise<StoredGroup[]> {
  const byLatent = sparseFile(activations)
  const columns = dataset.columns().filter((column) => column.kind === 'category' && column.levels.length > 0)
  const score = createGroupScorer(
    columns.map((column) => ({ codes: dataset.codes(column), levels: column.levels.length })),
    byLatent.columns,
  )
  const found: StoredGroup[] = []
  for (let latent = 0; latent < byLatent.rows; latent++) {
    if (latent % latentsPerBreath === 0) await breathe()
    if (byLatent.indptr[latent] === byLatent.indptr[latent + 1]) continue
    const scores = score(byLatent.row(latent))
    columns.forEach((column, at) => {
      const of = scores[at]
      if (!of) return
      for (let level = 0; level < column.levels.length; level++) {
        found.push({
          latent,
          columnId: column.id,
          level,
          auroc: defined(of.auroc[level]),
          precision: defined(of.precision[level]),
          recall: defined(of.recall[level]),
          f1: defined(of.f1[level]),
        })
      }
    })
  }
  return found
}

const defined = (value: number | undefined): number | null => (value === undefined || !Number.isFinite(value) ? null : value)
