// Gives an import the map that the file lacks or the user asked for.
import type { ImportChoice } from '@contract'
import { refuse } from '../../base/refusal'
import type { Scratch } from '../scratch/folder'
import type { ImportedData } from './imported-data'
import { computeMap, umapUnaskedUpTo, type MapKind, type SlicedRows } from './map/compute-map'
import { counted, info } from './problems'
import type { ImportHooks } from './tracker'

const steps = 1000
const fewestRows = 10

/** The same data with a map, unless there is one, none is wanted, or there are too few rows to draw. */
export async function withMap<D extends Omit<ImportedData, 'sources'>>(
  data: D,
  choice: ImportChoice,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<D> {
  const { values, dims, key } = data.representation
  const { rows } = data.report
  const asked = choice.map === 'umap' || choice.map === 'pca' ? choice.map : null
  if (data.map !== null || choice.map === 'none' || (asked === null && rows < fewestRows)) return data
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
  const problems = [...data.report.problems]
  if (asked === null && kind === 'pca') {
    const message = `The file has no map. For ${counted(rows)} cells the plane of largest variance is shown, which takes seconds.`
    problems.push(info('MAP_COMPUTED', message, 'A UMAP can be computed at any time (--map umap, or "Compute map").'))
  } else if (asked === null) {
    problems.push(info('MAP_COMPUTED', 'The file has no map, so a UMAP was computed.', 'Nothing needs to be done.'))
  }
  const map = { name, xy: scratch.write(scratch.freshName('computed-map'), xy) }
  return { ...data, map, report: { ...data.report, map: name, problems } }
}
