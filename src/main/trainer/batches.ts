// Which rows each step learns from: shuffled passes over the training rows, every batch full, a pass ending inside a
// batch is continued by the next one. The order of a pass follows from the seed and the number of the pass alone, so the
// position of a run is two numbers. Small data are shuffled as a whole; above 1 GiB blocks of neighbouring rows are
// shuffled, then the rows within windows of 1,024 blocks, so that a window can be read in long pieces.
import { seededRandom } from '../base/random'
import { pieceBytes, type Rows } from './rows'

const firstPassStream = 1000
/** Training rows of more bytes than this are shuffled by windows. Depends on the data alone, never on the machine. */
const wholeShuffleBytes = 2 ** 30
const blocksPerWindow = 1024

export interface BatchPosition {
  /** 0-based; −1 before the first batch. */
  readonly pass: number
  /** Rows of the pass already used. */
  readonly used: number
}

/** The order of the rows `train` in a pass. `windowRows`: length of a window, or null to shuffle all at once. */
export function passOrder(train: Uint32Array, seed: number, pass: number, blockRows: number | null): Uint32Array {
  const random = seededRandom(seed, firstPassStream + pass)
  if (blockRows === null) return random.shuffle(train.slice())
  const blocks = random.shuffle(Uint32Array.from({ length: Math.ceil(train.length / blockRows) }, (_, block) => block))
  const order = new Uint32Array(train.length)
  let filled = 0
  for (let first = 0; first < blocks.length; first += blocksPerWindow) {
    const start = filled
    for (const block of blocks.subarray(first, first + blocksPerWindow)) {
      const rows = train.subarray(block * blockRows, (block + 1) * blockRows)
      order.set(rows, filled)
      filled += rows.length
    }
    random.shuffle(order.subarray(start, filled))
  }
  return order
}

export class Batches {
  private readonly blockRows: number | null
  private order: Uint32Array
  private pass = -1
  private used: number
  /** Rows in order, from `from` on; only where they are streamed. */
  private window = new Float32Array(0)
  private from = 0
  private to = 0

  /** `blockRows` is for tests; null: all rows are shuffled at once. */
  constructor(
    private readonly train: Uint32Array,
    private readonly seed: number,
    private readonly rows: Rows,
    blockRows?: number | null,
  ) {
    const rowBytes = rows.dims * 4
    const byBlocks = train.length * rowBytes > wholeShuffleBytes ? Math.max(1, Math.floor(pieceBytes / rowBytes)) : null
    this.blockRows = blockRows === undefined ? byBlocks : blockRows
    this.order = new Uint32Array(0)
    this.used = 0
  }

  get position(): BatchPosition {
    return { pass: this.pass, used: this.used }
  }

  /** Goes on where a run stood. */
  moveTo({ pass, used }: BatchPosition): void {
    this.begin(pass)
    this.used = used
  }

  /** The next `count` training rows (count × dims). */
  take(count: number): Float32Array {
    const { dims } = this.rows
    const batch = new Float32Array(count * dims)
    for (let taken = 0; taken < count; taken++) {
      if (this.used >= this.order.length) this.begin(this.pass + 1)
      batch.set(this.rowAt(this.used++), taken * dims)
    }
    return batch
  }

  private begin(pass: number): void {
    this.pass = pass
    this.used = 0
    this.order = pass < 0 ? new Uint32Array(0) : passOrder(this.train, this.seed, pass, this.blockRows)
    ;[this.from, this.to] = [0, 0]
  }

  private rowAt(place: number): Float32Array {
    if (!this.rows.isStreamed) return this.rows.read(this.order[place] as number, 1)
    if (place < this.from || place >= this.to) this.fillWindow(place)
    const { dims } = this.rows
    return this.window.subarray((place - this.from) * dims, (place - this.from + 1) * dims)
  }

  /** Reads the rows of the window around `place` in the order in which they lie in the file. */
  private fillWindow(place: number): void {
    const { dims } = this.rows
    const length = (this.blockRows ?? 1) * blocksPerWindow
    this.from = Math.floor(place / length) * length
    this.to = Math.min(this.order.length, this.from + length)
    const count = this.to - this.from
    if (this.window.length < count * dims) this.window = new Float32Array(count * dims)
    const places = Float64Array.from({ length: count }, (_, at) => (this.order[this.from + at] as number) * length + at).sort()
    for (const one of places) {
      this.window.set(this.rows.read(Math.floor(one / length), 1), (one % length) * dims)
    }
  }
}
