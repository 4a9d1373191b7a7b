// The 2-D map of a project where the file brings none, or when the user asks for one: UMAP, or the plane of largest variance.
// Invariant: deterministic; the name of the map says how it was made.
import { mainPlane, positionsIn } from '../../../science/main-plane'
import { refuse } from '../../../base/refusal'
import { counted } from '../problems'
import { pick, umapOf, umapSettings, type MapProgress, type SlicedRows } from './umap'

export type { MapProgress, SlicedRows } from './umap'
export type MapKind = 'umap' | 'pca'

export interface ComputedMap {
  readonly name: string
  /** Rows × 2. */
  readonly xy: Float32Array
}

/** A UMAP is made unasked for up to so many cells (seconds); beyond, the plane of largest variance until the user asks for more. */
export const umapUnaskedUpTo = 5000
const fewestRows = 4
const rowsOfPlane = 50_000

export interface MapOptions {
  /** More rows than this are not fitted, but placed. */
  readonly largestFit?: number
  /** Path of the built fit-thread-entry.ts; null fits in the thread of the caller. */
  readonly thread?: string | null
}

/** `key` names the representation. Refuses with SETTING_OUT_OF_RANGE below 4 rows, CANCELLED through `progress`. */
export async function computeMap(
  kind: MapKind,
  rows: SlicedRows,
  key: string,
  progress: MapProgress,
  { largestFit = umapSettings.largestFit, thread = null }: MapOptions = {},
): Promise<ComputedMap> {
  if (rows.count < fewestRows) {
    refuse('SETTING_OUT_OF_RANGE', {
      setting: 'The number of cells of a map',
      range: `at least ${fewestRows}`,
      value: rows.count,
    })
  }
  if (kind === 'pca') return { name: `plane of largest variance of ${key}`, xy: await planeOf(rows, progress) }
  const fitted = rows.count > largestFit ? `, fitted on ${counted(largestFit)} cells` : ''
  const settings = `${umapSettings.neighbours} neighbours, distance ${umapSettings.minDist}, seed ${umapSettings.seed}${fitted}`
  return { name: `UMAP of ${key}, ${settings}`, xy: await umapOf(rows, largestFit, progress, thread) }
}

async function planeOf(rows: SlicedRows, progress: MapProgress): Promise<Float32Array> {
  const step = Math.max(1, Math.ceil(rows.count / rowsOfPlane))
  const chosen = Uint32Array.from({ length: Math.ceil(rows.count / step) }, (_, at) => at * step)
  const plane = await mainPlane(pick(rows, chosen), () => progress(0.1, 'Computing the map (PCA)'))
  const xy = new Float32Array(rows.count * 2)
  const atOnce = 10_000
  for (let start = 0; start < rows.count; start += atOnce) {
    const stop = Math.min(rows.count, start + atOnce)
    xy.set(positionsIn(plane, { count: stop - start, dims: rows.dims, values: rows.read(start, stop) }), start * 2)
    await progress(stop / rows.count, 'Computing the map (PCA)')
  }
  return xy
}

/** Rows that are in memory. */
export const rowsInMemory = (values: Float32Array, dims: number): SlicedRows => ({
  count: values.length / dims,
  dims,
  read: (start, stop) => values.subarray(start * dims, stop * dims),
})
