// The fit of a UMAP (McInnes et al. 2018) by umap-js, from neighbours and starting positions. It has no pauses inside its first step
// (the fuzzy set of 10,000 rows takes seconds), so it belongs into a thread (fit-thread.ts).
// Invariant: the same input gives the same bytes, in a thread or not.
import { UMAP } from 'umap-js'
import { seededRandom } from '../../../base/random'

export interface FitInput {
  readonly count: number
  /** Neighbours of each row: `rows` and `distances` are count × k. */
  readonly k: number
  readonly rows: Int32Array
  readonly distances: Float32Array
  /** count × 2. */
  readonly start: Float32Array
  readonly minDist: number
  readonly seed: number
}

/** One fit in steps. */
export class MapFit {
  readonly epochs: number
  private readonly umap: UMAP
  private readonly count: number

  constructor({ count, k, rows, distances, start, minDist, seed }: FitInput) {
    const random = seededRandom(seed, 8)
    const umap = new UMAP({ nNeighbors: k, minDist, random: () => random.uniform() })
    const nested = (flat: Int32Array | Float32Array): number[][] =>
      Array.from({ length: count }, (_, row) => Array.from(flat.subarray(row * k, (row + 1) * k)))
    umap.setPrecomputedKNN(nested(rows), nested(distances))
    // With neighbours given, umap-js only counts these rows; they need not hold all dimensions.
    this.epochs = umap.initializeFit(Array.from({ length: count }, (_, row) => [start[2 * row] ?? 0, start[2 * row + 1] ?? 0]))
    umap.getEmbedding().forEach((position, row) => {
      position[0] = (start[2 * row] ?? 0) + 1e-4 * random.normal()
      position[1] = (start[2 * row + 1] ?? 0) + 1e-4 * random.normal()
    })
    this.umap = umap
    this.count = count
  }

  step(): void {
    this.umap.step()
  }

  /** count × 2. */
  positions(): Float32Array {
    const xy = new Float32Array(this.count * 2)
    this.umap.getEmbedding().forEach((position, row) => xy.set(position, row * 2))
    return xy
  }
}
