// One-to-one matching of the rows of two dictionaries by cosine, so that the sum of cosines is as large as possible
// ("PW-MCC", arXiv 2505.20254). Up to 1,024 rows the assignment is exact (Jonker–Volgenant, the library's); above, an
// auction over each row's nearest candidates (Bertsekas 1988), whose result is proven to be within `gap` per row of the
// best matching among the candidates. Deterministic: the same input gives the same pairs.
import { linearSumAssignment } from 'linear-sum-assignment'
import type { DenseMath } from './dense-math'
import type { Pause } from './encode'
import { unitRows } from './weight-health'

export interface Matching {
  /** For each row of the first dictionary its partner in the second; −1 = none. */
  readonly partner: Int32Array
  /** Cosine with the partner; 0 without one. */
  readonly cosine: Float32Array
  /** How far the mean cosine may be from the best possible; 0 = exact. */
  readonly gap: number
}

const exactUpTo = 1024
const candidatesPerRow = 24
const blockRows = 512
/** Smallest step of a bid: the auction ends within this of the best sum for every row. */
const step = 1e-3

/** Matches `first` (rows × dims) with `second` (rows × dims); rows need not have length 1. */
export async function matchRows(
  math: DenseMath,
  first: Float32Array,
  second: Float32Array,
  dims: number,
  pause: Pause,
  exactLimit = exactUpTo,
): Promise<Matching> {
  const [a, b] = [unitRows(first, dims), unitRows(second, dims)]
  const [n, m] = [a.length / dims, b.length / dims]
  if (n === 0 || m === 0) return { partner: new Int32Array(n).fill(-1), cosine: new Float32Array(n), gap: 0 }
  if (Math.max(n, m) <= exactLimit) return exactly(await cosines(math, a, b, dims, pause), n, m)
  const candidates = await nearestRows(math, a, b, dims, pause)
  return { ...auction(candidates, n, m), gap: step }
}

async function cosines(math: DenseMath, a: Float32Array, b: Float32Array, dims: number, pause: Pause): Promise<Float32Array> {
  await pause()
  const [left, right] = [math.hold(a, a.length / dims, dims), math.hold(b, b.length / dims, dims)]
  try {
    return math.multiply(left, right, false, true)
  } finally {
    math.release(left)
    math.release(right)
  }
}

function exactly(table: Float32Array, n: number, m: number): Matching {
  const rows = Array.from({ length: n }, (_, row) => Float64Array.from(table.subarray(row * m, (row + 1) * m)))
  const { rowAssignments } = linearSumAssignment(rows, { maximaze: true })
  const partner = Int32Array.from(rowAssignments)
  const cosine = Float32Array.from(partner, (other, row) => (other < 0 ? 0 : (table[row * m + other] as number)))
  return { partner, cosine, gap: 0 }
}

interface Candidates {
  /** n × perRow, best first; −1 behind the last one. */
  readonly columns: Int32Array
  readonly values: Float32Array
  readonly perRow: number
}

/** The nearest rows of `b` for every row of `a`. */
async function nearestRows(math: DenseMath, a: Float32Array, b: Float32Array, dims: number, pause: Pause): Promise<Candidates> {
  const [n, m] = [a.length / dims, b.length / dims]
  const perRow = Math.min(candidatesPerRow, m)
  const columns = new Int32Array(n * perRow).fill(-1)
  const values = new Float32Array(n * perRow).fill(-Infinity)
  const all = math.hold(b, m, dims)
  try {
    for (let start = 0; start < n; start += blockRows) {
      await pause()
      const count = Math.min(blockRows, n - start)
      const block = math.hold(a.slice(start * dims, (start + count) * dims), count, dims)
      const table = math.multiply(block, all, false, true)
      math.release(block)
      for (let row = 0; row < count; row++) {
        const to = (start + row) * perRow
        for (let other = 0; other < m; other++) {
          const value = table[row * m + other] as number
          if (value <= (values[to + perRow - 1] as number)) continue
          let at = to + perRow - 1
          for (; at > to && (values[at - 1] as number) < value; at--) {
            values[at] = values[at - 1] as number
            columns[at] = columns[at - 1] as number
          }
          values[at] = value
          columns[at] = other
        }
      }
    }
  } finally {
    math.release(all)
  }
  return { columns, values, perRow }
}

/**
 * Every row bids for the candidate that is worth most to it after its price; a bid raises the price by what the second
 * best would have been worth less, plus `step`. A row may also stay alone, which is worth 0. Prices start at 0, so what is
 * never bid for stays free, and the result is within rows · step of the best sum.
 */
function auction({ columns, values, perRow }: Candidates, n: number, m: number): Pick<Matching, 'partner' | 'cosine'> {
  const price = new Float64Array(m)
  const owner = new Int32Array(m).fill(-1)
  const partner = new Int32Array(n).fill(-1)
  const cosine = new Float32Array(n)
  const waiting = Array.from({ length: n }, (_, row) => n - 1 - row)
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    let best = 0
    let second = 0
    let chosen = -1
    for (let at = row * perRow; at < (row + 1) * perRow; at++) {
      const column = columns[at] as number
      if (column < 0) break
      const worth = (values[at] as number) - (price[column] as number)
      if (worth > best) {
        second = best
        best = worth
        chosen = at
      } else if (worth > second) second = worth
    }
    if (chosen < 0) continue
    const column = columns[chosen] as number
    price[column] = (price[column] as number) + best - second + step
    const before = owner[column] as number
    if (before >= 0) {
      partner[before] = -1
      cosine[before] = 0
      waiting.push(before)
    }
    owner[column] = row
    partner[row] = column
    cosine[row] = values[chosen] as number
  }
  return { partner, cosine }
}
