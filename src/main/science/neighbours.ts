// Nearest rows by Euclidean distance: exactly, block by block, or among the lists of a coarse partition for many queries.
// Invariant: the result does not depend on the sizes of the blocks; equal distances are ordered by row number.
import type { SeededRandom } from '../base/random'

/** Row-major, count × dims. */
export interface DenseRows {
  readonly count: number
  readonly dims: number
  readonly values: Float32Array
}

/** For each query its `k` nearest rows, nearest first. */
export interface Neighbours {
  readonly k: number
  /** queries × k. */
  readonly rows: Int32Array
  /** queries × k, Euclidean. */
  readonly distances: Float32Array
}

/** Called between blocks with the number of queries done. */
type Breathe = (done: number) => Promise<void>

const queryBlock = 64
const rowBlock = 512

/** Exact: queries · rows · dims multiplications. A query that is one of the rows finds itself first. */
export async function nearestRows(queries: DenseRows, rows: DenseRows, k: number, breathe: Breathe): Promise<Neighbours> {
  const found = emptyNeighbours(queries.count, Math.min(k, rows.count))
  const lengths = squaredLengths(rows)
  for (let start = 0; start < queries.count; start += queryBlock) {
    const stop = Math.min(queries.count, start + queryBlock)
    for (let first = 0; first < rows.count; first += rowBlock) {
      const last = Math.min(rows.count, first + rowBlock)
      for (let query = start; query < stop; query++) {
        for (let row = first; row < last; row++) offer(found, query, row, separation(queries, query, rows, row, lengths))
      }
    }
    await breathe(stop)
  }
  return finished(found, queries)
}

const passesOfPartition = 6
const listsSearched = 8

/** Searches among lists instead of all rows. */
export interface ListSearch {
  nearest(queries: DenseRows, k: number, breathe: Breathe): Promise<Neighbours>
}

/**
 * Nearly exact and much faster for many queries: rows are divided into about √rows lists around centres (k-means), and a query
 * looks into the 8 lists whose centres are nearest (an inverted file, as in Jégou et al. 2011, without compression).
 */
export async function divideIntoLists(rows: DenseRows, random: SeededRandom, breathe: () => Promise<void>): Promise<ListSearch> {
  const lists = await partition(rows, Math.max(1, Math.round(Math.sqrt(rows.count))), random, breathe)
  const lengths = squaredLengths(rows)
  const centreLengths = squaredLengths(lists.centres)
  const far = new Float64Array(lists.centres.count)
  const order = Int32Array.from({ length: lists.centres.count }, (_, list) => list)
  return {
    async nearest(queries, k, breatheQueries) {
      const found = emptyNeighbours(queries.count, Math.min(k, rows.count))
      for (let query = 0; query < queries.count; query++) {
        for (let list = 0; list < far.length; list++) {
          far[list] = separation(queries, query, lists.centres, list, centreLengths)
        }
        order.sort((a, b) => (far[a] as number) - (far[b] as number) || a - b)
        let seen = 0
        for (let at = 0; at < order.length && (at < listsSearched || seen < found.k); at++) {
          const members = lists.members[order[at] as number] as Int32Array
          for (const row of members) offer(found, query, row, separation(queries, query, rows, row, lengths))
          seen += members.length
        }
        if (query % queryBlock === 0) await breatheQueries(query)
      }
      return finished(found, queries)
    },
  }
}

interface Partition {
  readonly centres: DenseRows
  readonly members: readonly Int32Array[]
}

async function partition(rows: DenseRows, count: number, random: SeededRandom, breathe: () => Promise<void>): Promise<Partition> {
  const { dims } = rows
  const all = Uint32Array.from({ length: rows.count }, (_, row) => row)
  const chosen = random.sample(all, count)
  const centres = { count: chosen.length, dims, values: new Float32Array(chosen.length * dims) }
  chosen.forEach((row, list) => centres.values.set(rows.values.subarray(row * dims, (row + 1) * dims), list * dims))
  let nearest = await nearestRows(rows, centres, 1, breathe)
  for (let pass = 1; pass < passesOfPartition; pass++) {
    moveCentres(centres, rows, nearest.rows)
    nearest = await nearestRows(rows, centres, 1, breathe)
  }
  const members: number[][] = Array.from({ length: centres.count }, () => [])
  nearest.rows.forEach((list, row) => members[list]?.push(row))
  return { centres, members: members.map((list) => Int32Array.from(list)) }
}

/** Each centre becomes the mean of its rows; one without rows stays where it is. */
function moveCentres(centres: DenseRows, rows: DenseRows, listOf: Int32Array): void {
  const { dims } = rows
  const sums = new Float64Array(centres.count * dims)
  const counts = new Uint32Array(centres.count)
  listOf.forEach((list, row) => {
    counts[list] = (counts[list] as number) + 1
    for (let dim = 0; dim < dims; dim++) {
      const at = list * dims + dim
      sums[at] = (sums[at] as number) + (rows.values[row * dims + dim] as number)
    }
  })
  for (let list = 0; list < centres.count; list++) {
    const size = counts[list] as number
    if (size === 0) continue
    for (let dim = 0; dim < dims; dim++) centres.values[list * dims + dim] = (sums[list * dims + dim] as number) / size
  }
}

interface Growing {
  readonly k: number
  readonly rows: Int32Array
  /** Squared distances less the query's own squared length, which orders alike. */
  readonly keys: Float64Array
}

const emptyNeighbours = (queries: number, k: number): Growing => ({
  k,
  rows: new Int32Array(queries * k).fill(-1),
  keys: new Float64Array(queries * k).fill(Infinity),
})

function squaredLengths({ count, dims, values }: DenseRows): Float64Array {
  const lengths = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    let sum = 0
    for (let at = row * dims; at < (row + 1) * dims; at++) sum += (values[at] as number) * (values[at] as number)
    lengths[row] = sum
  }
  return lengths
}

/** |row|² − 2 query·row */
function separation(queries: DenseRows, query: number, rows: DenseRows, row: number, lengths: Float64Array): number {
  const { dims } = rows
  const [left, right] = [queries.values, rows.values]
  let [from, to] = [query * dims, row * dims]
  let dot = 0
  for (let dim = 0; dim < dims; dim++) dot += (left[from++] as number) * (right[to++] as number)
  return (lengths[row] as number) - 2 * dot
}

/** Keeps the k smallest keys of a query in ascending order. */
function offer({ k, rows, keys }: Growing, query: number, row: number, key: number): void {
  let at = query * k + k - 1
  if (key >= (keys[at] as number)) return
  for (; at > query * k && (keys[at - 1] as number) > key; at--) {
    keys[at] = keys[at - 1] as number
    rows[at] = rows[at - 1] as number
  }
  keys[at] = key
  rows[at] = row
}

function finished({ k, rows, keys }: Growing, queries: DenseRows): Neighbours {
  const own = squaredLengths(queries)
  const distances = Float32Array.from(keys, (key, at) => Math.sqrt(Math.max(0, key + (own[Math.floor(at / k)] as number))))
  return { k, rows, distances }
}
