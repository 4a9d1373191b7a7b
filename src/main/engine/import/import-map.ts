// Gives an import the map that the file lacks or the user asked for.
import type { ImportChoice, Problem } from '@contract'
import { refuse } from '../../base/refusal'
import type { Scratch } from '../scratch/folder'
import type { ImportedData } from './imported-data'
import { computeMap, umapUnaskedUpTo, type MapKind, type SlicedRows } from './map/compute-map'
import { counted, info } from './problems'
import type { ImportHooks } from './tracker'

const steps = 1000
const fewestRows = 10

/** A map of the representation, or null where none is wanted or there are too few rows to draw; with what is to be said of it. */
export async function computedMap(
  { values, dims, key }: ImportedData['representation'],
  choice: ImportChoice,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<{ map: ImportedData['map']; problems: readonly Problem[] }> {
  const rows = values.length / dims
  const asked = choice.map === 'umap' || choice.map === 'pca' ? choice.map : null
  if (choice.map === 'none' || (asked === null && rows < fewestRows)) return { map: null, problems: [] }
  const kind: MapKind = asked ?? (rows <= umapUnaskedUpTo ? 'umap' : 'pca')
  const sliced: SlicedRows = {
    count: rows,
    dims,
    read: (start, stop) => new Float32Array(scratch.slice(values, start * dims, stop * dims)),
  }
  const breathe = async (share: number, phase: string): Promise<void> => {
    hooks.progress(phase, Math.floor(share * steps), steps)
    await new Promise(setImmediate)
    if (hooks.cancelled()) refuse('CANCELLED')
  }
  const { name, xy } = await computeMap(kind, sliced, key, breathe, { thread: hooks.mapThread ?? null })
  const problems: Problem[] = []
  if (asked === null && kind === 'pca') {
    const message = `The file has no map. For ${counted(rows)} cells the plane of largest variance is shown, which takes seconds.`
    problems.push(info('MAP_COMPUTED', message, 'A UMAP can be computed at any time (--map umap, or "Compute map").'))
  } else if (asked === null) {
    problems.push(info('MAP_COMPUTED', 'The file has no map, so a UMAP was computed.', 'Nothing needs to be done.'))
  }
  return { map: { name, xy: scratch.write(scratch.freshName('computed-map'), xy) }, problems }
}
