// Which rows each step learns from: shuffled passes over the training rows, every batch full, a pass ending inside a
// batch is continued by the next one. Depends on the seed alone.
import { seededRandom, type SeededRandom } from '../base/random'

const batchStream = 2

export class Batches {
  private readonly order: Uint32Array
  private readonly random: SeededRandom
  private next: number

  constructor(
    train: Uint32Array,
    seed: number,
    private readonly rows: Float32Array,
    private readonly dims: number,
  ) {
    this.order = train.slice()
    this.random = seededRandom(seed, batchStream)
    this.next = this.order.length
  }

  /** The next `count` training rows (count × dims). */
  take(count: number): Float32Array {
    const batch = new Float32Array(count * this.dims)
    for (let taken = 0; taken < count; taken++) {
      if (this.next >= this.order.length) {
        this.random.shuffle(this.order)
        this.next = 0
      }
      const row = this.order[this.next++] as number
      batch.set(this.rows.subarray(row * this.dims, (row + 1) * this.dims), taken * this.dims)
    }
    return batch
  }
}
