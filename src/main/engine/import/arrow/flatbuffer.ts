// Reads and checks the descriptions in Arrow messages (FlatBuffers). The library that decodes them afterwards believes every length,
// so each list and each table is walked here first. Invariant: what passes lies within its message and holds a bounded number of parts.
import { refuse } from '../../../base/refusal'

export interface MessageHead {
  /** 1 schema, 2 dictionary, 3 batch. */
  readonly type: number
  /** Bytes of the body. */
  readonly body: number
  /** Rows of a batch. */
  readonly rows: number
}

const mostParts = 2_000_000
const deepest = 16
/** Type numbers of the format. */
const types = { union: 14 } as const

/** The head of a message, checked with everything below it. Refuses with FILE_DAMAGED, PART_UNREADABLE for the other byte order. */
export function messageHead(bytes: Uint8Array, file: string): MessageHead {
  try {
    return new Checker(bytes, file).head()
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return refuse('FILE_DAMAGED', { file, why: 'a message does not describe itself' })
  }
}

/** A DataView throws a RangeError for every place beyond the message, which is what ends the walk. */
class Checker {
  private readonly view: DataView
  private parts = 0

  constructor(
    bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  head(): MessageHead {
    const message = this.table(0)
    const [kind, header, length] = [message(1), message(2), message(3)]
    this.metadata(message(4))
    const type = kind === 0 ? 0 : this.view.getUint8(kind)
    const body = this.long(length)
    if (header === 0 || body < 0) return this.damaged()
    if (type === 1) this.schema(this.table(header))
    const rows = type === 3 ? this.batch(this.table(header)) : 0
    if (type === 2) {
      const data = this.table(header)(1)
      if (data !== 0) this.batch(this.table(data))
    }
    return { type, body, rows }
  }

  private schema(schema: (slot: number) => number): void {
    const order = schema(0)
    if (order !== 0 && this.view.getInt16(order, true) === 1)
      refuse('PART_UNREADABLE', {
        part: this.file,
        why: 'it was written on an unusual computer, with its bytes in the other order',
      })
    this.each(schema(1), 4, (place) => this.field(place, 0))
    this.metadata(schema(2))
  }

  private field(place: number, depth: number): void {
    if (depth > deepest) this.damaged()
    const field = this.table(place)
    this.text(field(0))
    const [kind, type] = [field(2), field(3)]
    if (kind === 0 || type === 0) return this.damaged()
    const details = this.table(type)
    if (this.view.getUint8(kind) === types.union) this.each(details(1), 4, () => undefined)
    if (field(4) !== 0) this.table(field(4))
    this.each(field(5), 4, (child) => this.field(child, depth + 1))
    this.metadata(field(6))
  }

  private batch(batch: (slot: number) => number): number {
    const rows = this.long(batch(0))
    if (rows < 0) this.damaged()
    this.each(batch(1), 16, (place) => {
      if (this.long(place) < 0 || this.long(place + 8) < 0) this.damaged()
    })
    const buffers = this.each(batch(2), 16, () => undefined)
    this.each(batch(4), 8, (place) => {
      const count = this.long(place)
      if (count < 0 || count > buffers) this.damaged()
    })
    return rows
  }

  private metadata(place: number): void {
    this.each(place, 4, (entry) => {
      const pair = this.table(entry)
      this.text(pair(0))
      this.text(pair(1))
    })
  }

  /** The table that the offset at `place` leads to: gives the place of a field by its slot, 0 when it is absent. */
  private table(place: number): (slot: number) => number {
    this.count(1)
    const start = place + this.view.getInt32(place, true)
    const list = start - this.view.getInt32(start, true)
    const size = this.view.getUint16(list, true)
    return (slot) => {
      const at = 4 + slot * 2
      const offset = at < size ? this.view.getUint16(list + at, true) : 0
      return offset === 0 ? 0 : start + offset
    }
  }

  /** Visits the entries of a list and says how many there are. */
  private each(place: number, stride: number, visit: (place: number) => void): number {
    if (place === 0) return 0
    const start = place + this.view.getInt32(place, true)
    const count = this.view.getInt32(start, true)
    if (count < 0 || start + 4 + count * stride > this.view.byteLength) this.damaged()
    this.count(count)
    for (let at = 0; at < count; at++) visit(start + 4 + at * stride)
    return count
  }

  private text(place: number): void {
    this.each(place, 1, () => undefined)
  }

  private long(place: number): number {
    return place === 0 ? 0 : Number(this.view.getBigInt64(place, true))
  }

  private count(parts: number): void {
    this.parts += parts
    if (this.parts > mostParts + this.view.byteLength) this.damaged()
  }

  private damaged(): never {
    return refuse('FILE_DAMAGED', { file: this.file, why: 'a message describes more than it holds' })
  }
}
