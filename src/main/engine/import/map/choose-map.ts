// Which two-dimensional parts of a file may become the map of the project, given what the user asked for.
import { refuse } from '../../../base/refusal'
import type { EmbeddingSource } from '../source-reader'

/** The parts to try, in order; none when the map is to be computed or left out. Refuses with CHOICE_UNKNOWN. */
export function chosenMaps(found: readonly EmbeddingSource[], asked: string | null): readonly EmbeddingSource[] {
  if (asked === null) return found
  const wanted = found.find(({ key }) => key === asked) ?? found.find(({ key }) => key === `obsm/${asked}`)
  if (wanted) return [wanted]
  if (asked === 'umap' || asked === 'pca' || asked === 'none') return []
  const known = [...found.map(({ key }) => key), 'umap', 'pca', 'none'].join(', ')
  return refuse('CHOICE_UNKNOWN', { what: 'map', key: asked, known })
}
