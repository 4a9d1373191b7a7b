// A UMAP of rows (McInnes et al. 2018) by umap-js: neighbours found here, positions started on the main plane, seeded, in small steps.
// Invariants: the same rows and seed give the same bytes; rows beyond the largest fit are placed among their neighbours of the sample.
import { seededRandom } from '../../../base/random'
import { mainPlane, positionsIn } from '../../../science/main-plane'
import { fitMap } from './fit-thread'
import { divideIntoLists, nearestRows, type DenseRows, type ListSearch, type Neighbours } from '../../../science/neighbours'

/** Rows that can be read in slices, row-major. */
export interface SlicedRows {
  readonly count: number
  readonly dims: number
  read(start: number, stop: number): Float32Array
}

/** Hears how far the whole is (0 to 1) and lets other work run; throws when the user cancelled. */
export type MapProgress = (share: number, phase: string) => Promise<void>

export const umapSettings = { neighbours: 15, minDist: 0.5, seed: 0, largestFit: 10_000 } as const
const exactUpTo = 3000
const sliceValues = 4_000_000
/** Half-width of the starting positions, as umap-learn has it. */
const startWidth = 10

/** Rows × 2. Needs at least 4 rows. @param thread as `fitMap` takes it */
export async function umapOf(
  rows: SlicedRows,
  largestFit: number,
  progress: MapProgress,
  thread: string | null,
): Promise<Float32Array> {
  const random = seededRandom(umapSettings.seed, 7)
  const everyRow = Uint32Array.from({ length: rows.count }, (_, row) => row)
  const chosen = random.sample(everyRow, Math.min(rows.count, largestFit))
  const sample = pick(rows, chosen)
  const k = Math.min(umapSettings.neighbours, sample.count - 1)
  const sampled = chosen.length < rows.count
  const fitShare = sampled ? 0.6 : 0.95
  const lists =
    sampled || sample.count > exactUpTo ? await divideIntoLists(sample, random, () => progress(0.01, 'Finding neighbours')) : null
  const neighbours = await search(sample, sample, lists, k, (share) => progress(0.02 + 0.1 * share, 'Finding neighbours'))
  const fitted = await fit(sample, neighbours, thread, (share) =>
    progress(0.12 + (fitShare - 0.12) * share, 'Computing the map (UMAP)'),
  )
  if (!sampled || lists === null) return fitted
  return placeAll(rows, lists, fitted, (share) => progress(fitShare + (1 - fitShare) * share, 'Placing all cells on the map'))
}

const search = (
  queries: DenseRows,
  rows: DenseRows,
  lists: ListSearch | null,
  k: number,
  tell: (share: number) => Promise<void>,
): Promise<Neighbours> => {
  const breathe = (done: number): Promise<void> => tell(done / queries.count)
  return lists ? lists.nearest(queries, k, breathe) : nearestRows(queries, rows, k, breathe)
}

async function fit(
  sample: DenseRows,
  { k, rows, distances }: Neighbours,
  thread: string | null,
  tell: (share: number) => Promise<void>,
): Promise<Float32Array> {
  const plane = await mainPlane(sample, () => tell(0))
  const start = scaledToStart(positionsIn(plane, sample))
  const { minDist, seed } = umapSettings
  return fitMap({ count: sample.count, k, rows, distances, start, minDist, seed }, thread, tell)
}

function scaledToStart(xy: Float32Array): Float32Array {
  const widest = xy.reduce((best, value) => Math.max(best, Math.abs(value)), 0)
  return xy.map((value) => (widest > 0 ? (value / widest) * startWidth : 0))
}

/** Every row at the mean of its nearest fitted rows, weighted by nearness; a fitted row finds itself and stays. */
async function placeAll(
  rows: SlicedRows,
  lists: ListSearch,
  fitted: Float32Array,
  tell: (share: number) => Promise<void>,
): Promise<Float32Array> {
  const xy = new Float32Array(rows.count * 2)
  const atOnce = Math.max(1, Math.floor(sliceValues / rows.dims))
  for (let start = 0; start < rows.count; start += atOnce) {
    const stop = Math.min(rows.count, start + atOnce)
    const slice = { count: stop - start, dims: rows.dims, values: rows.read(start, stop) }
    const near = await lists.nearest(slice, neighboursOfPlaced, (done) => tell((start + done) / rows.count))
    for (let row = 0; row < slice.count; row++) xy.set(placeOf(near, row, fitted), (start + row) * 2)
  }
  return xy
}

const neighboursOfPlaced = 5

function placeOf({ k, rows, distances }: Neighbours, query: number, fitted: Float32Array): [number, number] {
  const first = query * k
  const nearest = distances[first] as number
  if (nearest === 0) return [fitted[2 * (rows[first] as number)] as number, fitted[2 * (rows[first] as number) + 1] as number]
  let [x, y, sum] = [0, 0, 0]
  for (let at = first; at < first + k; at++) {
    const weight = Math.exp(-((distances[at] as number) - nearest) / nearest)
    x += weight * (fitted[2 * (rows[at] as number)] as number)
    y += weight * (fitted[2 * (rows[at] as number) + 1] as number)
    sum += weight
  }
  return [x / sum, y / sum]
}

/** Rows named in ascending order, read in slices. */
export function pick(rows: SlicedRows, chosen: Uint32Array): DenseRows {
  const { dims } = rows
  const values = new Float32Array(chosen.length * dims)
  const atOnce = Math.max(1, Math.floor(sliceValues / dims))
  let to = 0
  for (let start = 0; start < rows.count; start += atOnce) {
    const stop = Math.min(rows.count, start + atOnce)
    if ((chosen[to] ?? Infinity) >= stop) continue
    const slice = rows.read(start, stop)
    for (; to < chosen.length && (chosen[to] as number) < stop; to++) {
      const at = ((chosen[to] as number) - start) * dims
      values.set(slice.subarray(at, at + dims), to * dims)
    }
  }
  return { count: chosen.length, dims, values }
}
