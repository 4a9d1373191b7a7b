// The gene nearest to each feature that lies in the genome (peaks), from the positions of genes the user gives.
// Invariant: a feature whose name is no place, or that lies too far from any gene, has none.
import type { Problem } from '@contract'
import { parseRegion, readGenePositions } from '../ontology/gene-positions'
import type { ImportedFeature } from './feature-blocks'

export interface NearestGenes {
  of(feature: string): ImportedFeature['nearest']
  readonly problems: readonly Problem[]
}

export const noPositions: NearestGenes = { of: () => null, problems: [] }

/** Peaks are named as in BED, which counts from 0; genes lie where GTF puts them, counting from 1. Refuses like `readGenePositions`. */
export function nearestGenes(path: string | null | undefined): NearestGenes {
  if (!path) return noPositions
  const positions = readGenePositions(path)
  return {
    of: (feature) => {
      const region = parseRegion(feature)
      const found = region && positions.nearest({ ...region, start: Math.min(region.start + 1, region.end) })
      return found ? { symbol: found.gene.name, distance: found.distance } : null
    },
    problems: positions.problems,
  }
}
