// Whether what biologists do with a representation still works on its reconstruction: are neighbours still neighbours, is
// a cell type still told apart. On a fixed, seeded sample of rows, so that the cost does not grow with the data.
import type { RunDetails } from '@contract'
import { seededRandom } from '../base/random'
import { balancedAccuracy, fitProbe, type Labelled } from '../science/linear-probe'
import type { DenseMath } from './dense-math'
import type { Pause } from './encode'
import type { Rows } from './rows'

/** Cell types of all rows, −1 = unknown. */
export interface Labels {
  readonly column: string
  readonly classes: number
  readonly codes: Int32Array
}

const neighbourCount = 15
export const sampledOfEach = 1024
export const fittedRows = 4096
/** Beyond this many dimensions the covariance of the probe would cost more than the training. */
export const mostProbedDims = 2048
const sampleStream = 11

export class ReconstructionChecks {
  /** Sampled rows, ascending. */
  readonly sample: Uint32Array
  private readonly place: Map<number, number>
  private readonly copies: Float32Array

  constructor(
    private readonly rows: Rows,
    private readonly isHeldOut: Uint8Array,
    private readonly labels: Labels | null,
    private readonly seed: number,
  ) {
    const [train, heldOut] = [this.rowsOf(0), this.rowsOf(1)]
    const random = seededRandom(seed, sampleStream)
    const chosen = [...random.sample(train, sampledOfEach), ...random.sample(heldOut, sampledOfEach)]
    this.sample = Uint32Array.from(chosen).sort()
    this.place = new Map(Array.from(this.sample, (row, at) => [row, at]))
    this.copies = new Float32Array(this.sample.length * rows.dims)
  }

  /** Keeps the reconstruction of a row if it was sampled. */
  see(row: number, reconstruction: Float64Array): void {
    const at = this.place.get(row)
    if (at !== undefined) this.copies.set(reconstruction, at * this.rows.dims)
  }

  /** Share of the nearest rows of the sample (Euclidean) that are also among the nearest of the reconstruction. */
  async neighbours(math: DenseMath, pause: Pause): Promise<RunDetails['neighbours']> {
    const cells = this.sample.length
    if (cells <= 2 * neighbourCount) return null
    await pause()
    const before = nearest(math, this.originals(), cells, this.rows.dims)
    await pause()
    const after = nearest(math, this.copies, cells, this.rows.dims)
    const kept = [0, 0]
    const counts = [0, 0]
    for (let cell = 0; cell < cells; cell++) {
      const group = this.isHeldOut[this.sample[cell] as number] as number
      const mine = new Set(before.subarray(cell * neighbourCount, (cell + 1) * neighbourCount))
      for (let at = cell * neighbourCount; at < (cell + 1) * neighbourCount; at++)
        if (mine.has(after[at] as number)) kept[group] = (kept[group] as number) + 1
      counts[group] = (counts[group] as number) + neighbourCount
    }
    const share = (group: number): number | null => (counts[group] ? (kept[group] as number) / (counts[group] as number) : null)
    const chance = neighbourCount / (cells - 1)
    return { count: neighbourCount, cells, kept: { train: share(0), heldOut: share(1) }, chance }
  }

  /** A probe fitted to training rows, applied to held-out rows and to their reconstruction. */
  probe(): RunDetails['probe'] {
    const { labels } = this
    const { dims } = this.rows
    if (labels === null || dims > mostProbedDims) return null
    const fitted = seededRandom(this.seed, sampleStream + 1).sample(this.rowsOf(0), fittedRows)
    const classify = fitProbe({ rows: this.gather(fitted), dims, labels: codesOf(labels, fitted) }, labels.classes)
    const tested = this.sample.filter((row) => this.isHeldOut[row] === 1)
    if (classify === null || tested.length === 0) return null
    const codes = codesOf(labels, tested)
    const copies = new Float32Array(tested.length * dims)
    tested.forEach((row, at) => {
      const from = (this.place.get(row) as number) * dims
      copies.set(this.copies.subarray(from, from + dims), at * dims)
    })
    const accuracy = (rows: Float32Array): number | null => {
      const table: Labelled = { rows, dims, labels: codes }
      return balancedAccuracy(classify, table, labels.classes)
    }
    const onData = accuracy(this.gather(tested))
    const onReconstruction = accuracy(copies)
    if (onData === null || onReconstruction === null) return null
    const known = codes.filter((code) => code >= 0)
    const classes = new Set(known).size
    return { column: labels.column, classes, cells: known.length, onData, onReconstruction, chance: 1 / classes }
  }

  private rowsOf(group: number): Uint32Array {
    let count = 0
    for (const held of this.isHeldOut) if (held === group) count++
    const found = new Uint32Array(count)
    let at = 0
    for (let row = 0; row < this.isHeldOut.length; row++) if (this.isHeldOut[row] === group) found[at++] = row
    return found
  }

  private originals(): Float32Array {
    return this.gather(this.sample)
  }

  private gather(chosen: Uint32Array): Float32Array {
    const { dims } = this.rows
    const out = new Float32Array(chosen.length * dims)
    chosen.forEach((row, at) => out.set(this.rows.read(row, 1), at * dims))
    return out
  }
}

const codesOf = (labels: Labels, rows: Uint32Array): Int32Array => Int32Array.from(rows, (row) => labels.codes[row] as number)

/** The nearest other rows of each row, [rows, neighbourCount]; of equal distances the lower row wins. */
export function nearest(math: DenseMath, table: Float32Array, rows: number, dims: number): Uint32Array {
  const held = math.hold(table, rows, dims)
  const products = math.multiply(held, held, false, true)
  math.release(held)
  const squares = Float64Array.from({ length: rows }, (_, row) => products[row * rows + row] as number)
  const found = new Uint32Array(rows * neighbourCount)
  const distances = new Float64Array(neighbourCount)
  for (let row = 0; row < rows; row++) {
    let filled = 0
    const mine = found.subarray(row * neighbourCount, (row + 1) * neighbourCount)
    for (let other = 0; other < rows; other++) {
      if (other === row) continue
      const distance = (squares[other] as number) - 2 * (products[row * rows + other] as number)
      if (filled === neighbourCount && distance >= (distances[neighbourCount - 1] as number)) continue
      let at = filled < neighbourCount ? filled++ : neighbourCount - 1
      for (; at > 0 && (distances[at - 1] as number) > distance; at--) {
        distances[at] = distances[at - 1] as number
        mine[at] = mine[at - 1] as number
      }
      distances[at] = distance
      mine[at] = other
    }
  }
  return found
}
