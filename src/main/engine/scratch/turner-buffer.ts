// The values of one run of a turned matrix, collected row by row and then sorted by column. Its memory is used again for the next run.
import { escaped, type PageValues } from '../../base/sparse-pages'

export interface TurnedRun {
  /** The first row. */
  readonly start: number
  /** Per column its values, and the bytes of their gaps. */
  readonly counts: Uint32Array
  readonly lengths: Uint32Array
  readonly gapBytes: number
  /** Null when the values are plain floats. */
  readonly exceptions: number | null
  /** What goes into the file, in this order (turner-run.ts). */
  readonly parts: readonly (Uint8Array | Uint32Array | Float32Array)[]
}

/** More exceptions than this share of the values, and floats are as good. */
const mostExceptions = 3 / 8
const mostNarrowRows = 65_536

export class RunBuffer {
  stored = 0
  rows = 0
  private start = 0
  private columnOf = new Uint32Array(0)
  private byteOf = new Uint8Array(0)
  /** Filled instead of `byteOf` once the values are no small counts. */
  private floatOf = new Float32Array(0)
  private asFloats = false
  private ends: number[] = []
  private places: number[] = []
  private exceptions: number[] = []
  private readonly spaces = { rows: new ArrayBuffer(0), values: new ArrayBuffer(0), gaps: new ArrayBuffer(0) }

  constructor(private readonly columns: number) {}

  add(columns: Uint32Array, ends: Uint32Array, values: PageValues): void {
    const at = this.stored
    this.reserve(at + columns.length)
    this.columnOf.set(columns, at)
    if ('floats' in values || this.places.length + values.places.length > mostExceptions * (at + columns.length)) this.useFloats()
    if (this.asFloats) putFloats(values, this.floatOf, at)
    else if (!('floats' in values)) {
      this.byteOf.set(values.bytes, at)
      for (let each = 0; each < values.places.length; each++) {
        this.places.push(at + (values.places[each] as number))
        this.exceptions.push(values.exceptions[each] as number)
      }
    }
    for (const end of ends) this.ends.push(at + end)
    this.stored += columns.length
    this.rows += ends.length
  }

  /** Ready for the next run, whose values are likely of the same kind. */
  clear(): void {
    this.start += this.rows
    this.rows = 0
    this.stored = 0
    this.ends = []
    this.places = []
    this.exceptions = []
  }

  /** Gives the memory back. */
  release(): void {
    this.columnOf = new Uint32Array(0)
    this.byteOf = new Uint8Array(0)
    this.floatOf = new Float32Array(0)
    for (const which of ['rows', 'values', 'gaps'] as const) this.spaces[which] = new ArrayBuffer(0)
  }

  /** Counting sort by column. The parts are only valid until the next run. */
  turned(): TurnedRun {
    const { stored, columnOf } = this
    const counts = new Uint32Array(this.columns)
    for (let at = 0; at < stored; at++) {
      const column = columnOf[at] as number
      counts[column] = (counts[column] as number) + 1
    }
    const next = new Uint32Array(this.columns)
    for (let column = 1; column < this.columns; column++)
      next[column] = (next[column - 1] as number) + (counts[column - 1] as number)
    // Narrow row numbers make the scattered writing, which is most of the work, fit the cache better.
    const narrow = this.rows <= mostNarrowRows
    const rows = narrow
      ? new Uint16Array(this.space('rows', stored * 2), 0, stored)
      : new Uint32Array(this.space('rows', stored * 4), 0, stored)
    const values = this.scatter(next, rows)
    const lasts = new Uint32Array(this.columns)
    const lengths = new Uint32Array(this.columns)
    const gaps = new Uint8Array(this.space('gaps', stored * (narrow ? 3 : 5)))
    const gapBytes = putColumnGaps({ rows, counts, lasts, lengths }, gaps)
    const exceptions = this.asFloats ? null : this.exceptions.length
    return {
      start: this.start,
      counts,
      lengths,
      gapBytes,
      exceptions,
      parts: [counts, lengths, lasts, gaps.subarray(0, gapBytes), ...values],
    }
  }

  private scatter(next: Uint32Array, rows: Uint16Array | Uint32Array): (Uint8Array | Uint32Array | Float32Array)[] {
    const { columnOf, stored } = this
    const ends = Uint32Array.from(this.ends)
    if (this.asFloats) {
      const floats = new Float32Array(this.space('values', stored * 4), 0, stored)
      scatterFloats(columnOf, ends, next, rows, this.floatOf, floats)
      return [floats]
    }
    const bytes = new Uint8Array(this.space('values', stored), 0, stored)
    // Exceptions are met in the order of the rows; their place among the sorted values is noted, then they are sorted by it.
    const moved = new Float64Array(this.exceptions.length)
    scatterBytes({ columns: columnOf, ends, next, rows, values: this.byteOf, out: bytes, moved })
    moved.sort()
    const count = moved.length
    const exceptions = Float32Array.from(moved, (key) => this.exceptions[key % count] as number)
    return [bytes, Uint32Array.from(moved, (key) => Math.floor(key / count)), exceptions]
  }

  /** Memory that is used again by the next run. */
  private space(which: 'rows' | 'values' | 'gaps', bytes: number): ArrayBuffer {
    if (this.spaces[which].byteLength < bytes) this.spaces[which] = new ArrayBuffer(Math.ceil(bytes * 1.2))
    return this.spaces[which]
  }

  private useFloats(): void {
    if (this.asFloats) return
    this.asFloats = true
    this.floatOf = new Float32Array(this.columnOf.length)
    for (let at = 0; at < this.stored; at++) this.floatOf[at] = this.byteOf[at] as number
    this.places.forEach((place, each) => (this.floatOf[place] = this.exceptions[each] as number))
    this.byteOf = new Uint8Array(0)
    this.places = []
    this.exceptions = []
  }

  private reserve(count: number): void {
    if (this.columnOf.length >= count) return
    const size = Math.ceil(count * 1.5)
    this.columnOf = grown(this.columnOf, new Uint32Array(size))
    if (this.asFloats) this.floatOf = grown(this.floatOf, new Float32Array(size))
    else this.byteOf = grown(this.byteOf, new Uint8Array(size))
  }
}

function grown<T extends Uint8Array | Uint32Array | Float32Array>(old: T, fresh: T): T {
  fresh.set(old)
  return fresh
}

function putFloats(values: PageValues, out: Float32Array, to: number): void {
  if ('floats' in values) {
    out.set(values.floats, to)
    return
  }
  out.set(values.bytes, to)
  for (let each = 0; each < values.places.length; each++)
    out[to + (values.places[each] as number)] = values.exceptions[each] as number
}

function scatterFloats(
  columns: Uint32Array,
  ends: Uint32Array,
  next: Uint32Array,
  rows: Uint16Array | Uint32Array,
  values: Float32Array,
  out: Float32Array,
): void {
  let at = 0
  for (let row = 0; row < ends.length; row++) {
    for (const end = ends[row] as number; at < end; at++) {
      const column = columns[at] as number
      const to = next[column] as number
      next[column] = to + 1
      rows[to] = row
      out[to] = values[at] as number
    }
  }
}

interface ByteScatter {
  readonly columns: Uint32Array
  readonly ends: Uint32Array
  readonly next: Uint32Array
  readonly rows: Uint16Array | Uint32Array
  readonly values: Uint8Array
  readonly out: Uint8Array
  /** Filled: place · number of exceptions + number of the exception. */
  readonly moved: Float64Array
}

function scatterBytes({ columns, ends, next, rows, values, out, moved }: ByteScatter): void {
  let at = 0
  let exception = 0
  for (let row = 0; row < ends.length; row++) {
    for (const end = ends[row] as number; at < end; at++) {
      const column = columns[at] as number
      const to = next[column] as number
      next[column] = to + 1
      rows[to] = row
      const value = values[at] as number
      out[to] = value
      if (value === escaped) {
        moved[exception] = to * moved.length + exception
        exception++
      }
    }
  }
}

interface SortedRows {
  /** Row of each value, column after column. */
  readonly rows: Uint16Array | Uint32Array
  readonly counts: Uint32Array
  /** Filled: the last row of each column, and the bytes of its gaps. */
  readonly lasts: Uint32Array
  readonly lengths: Uint32Array
}

/** The gaps of all columns, one after the other; answers how many bytes they are. The form is that of base/sparse-pages.ts. */
function putColumnGaps({ rows, counts, lasts, lengths }: SortedRows, gaps: Uint8Array): number {
  let to = 0
  let at = 0
  for (let column = 0; column < counts.length; column++) {
    const end = at + (counts[column] as number)
    if (end === at) continue
    const from = to
    let next = 0
    for (; at < end; at++) {
      const row = rows[at] as number
      let gap = row - next
      next = row + 1
      while (gap > 127) {
        gaps[to++] = (gap & 127) | 128
        gap >>>= 7
      }
      gaps[to++] = gap
    }
    lasts[column] = next - 1
    lengths[column] = to - from
  }
  return to
}
