// Sorts one run of a matrix by column and brings it into the form of the pages. Its memory is used again for the next run.
import { escaped, type PageValues } from '../../base/sparse-pages'
import type { CollectedRun } from './run-collector'

/** The parts are only valid until the next run. */
export interface TurnedRun {
  /** Per column its values, and the bytes of their gaps. */
  readonly counts: Uint32Array
  readonly lengths: Uint32Array
  readonly gapBytes: number
  /** Null when the values are plain floats. */
  readonly exceptions: number | null
  /** What goes into the file, in this order (run-reader.ts). */
  readonly parts: readonly (Uint8Array | Uint32Array | Float32Array)[]
}

const mostNarrowRows = 65_536
/** Row numbers take this many bits beside the byte of a value. */
const rowBits = 24
/** Rows of a run at most. */
export const mostRunRows = 1 << rowBits
const rowMask = mostRunRows - 1

type Floats = Extract<PageValues, { floats: unknown }>
type Bytes = Extract<PageValues, { bytes: unknown }>

interface Sorted {
  readonly rows: Uint16Array | Uint32Array
  readonly values: readonly (Uint8Array | Uint32Array | Float32Array)[]
}

export class RunTurning {
  private readonly spaces = { rows: new ArrayBuffer(0), values: new ArrayBuffer(0), gaps: new ArrayBuffer(0) }

  /** @param columns of the whole matrix */
  constructor(private readonly columns: number) {}

  /** Counting sort by column. */
  turn(run: CollectedRun): TurnedRun {
    const { stored } = run
    const counts = new Uint32Array(this.columns)
    for (let at = 0; at < stored; at++) {
      const column = run.columns[at] as number
      counts[column] = (counts[column] as number) + 1
    }
    const next = new Uint32Array(this.columns)
    for (let column = 1; column < this.columns; column++)
      next[column] = (next[column - 1] as number) + (counts[column - 1] as number)
    const { rows, values } =
      'floats' in run.values ? this.sortFloats(run, run.values, next) : this.sortBytes(run, run.values, next)
    const lasts = new Uint32Array(this.columns)
    const lengths = new Uint32Array(this.columns)
    const gaps = new Uint8Array(this.space('gaps', stored * (run.rows <= mostNarrowRows ? 3 : 4)))
    const gapBytes = putColumnGaps({ rows, counts, lasts, lengths }, gaps)
    return {
      counts,
      lengths,
      gapBytes,
      exceptions: 'floats' in run.values ? null : run.values.exceptions.length,
      parts: [counts, lengths, lasts, gaps.subarray(0, gapBytes), ...values],
    }
  }

  /** Narrow row numbers make the scattered writing, which is most of the work, fit the cache better. */
  private sortFloats({ columns, ends, stored, rows: count }: CollectedRun, { floats }: Floats, next: Uint32Array): Sorted {
    const rows =
      count <= mostNarrowRows
        ? new Uint16Array(this.space('rows', stored * 2), 0, stored)
        : new Uint32Array(this.space('rows', stored * 4), 0, stored)
    const sorted = new Float32Array(this.space('values', stored * 4), 0, stored)
    scatterFloats(columns, ends, next, rows, floats, sorted)
    return { rows, values: [sorted] }
  }

  /** Row and value are scattered as one number: each write to another place costs more than the work on it. */
  private sortBytes({ columns, ends, stored }: CollectedRun, values: Bytes, next: Uint32Array): Sorted {
    const rows = new Uint32Array(this.space('rows', stored * 4), 0, stored)
    // Exceptions are met in the order of the rows; their place among the sorted values is noted, then they are sorted by it.
    const moved = new Float64Array(values.exceptions.length)
    scatterBytes({ columns, ends, next, values: values.bytes, out: rows, moved })
    const bytes = new Uint8Array(this.space('values', stored), 0, stored)
    for (let at = 0; at < stored; at++) bytes[at] = (rows[at] as number) >>> rowBits
    moved.sort()
    const count = moved.length
    const exceptions = Float32Array.from(moved, (key) => values.exceptions[key % count] as number)
    return { rows, values: [bytes, Uint32Array.from(moved, (key) => Math.floor(key / count)), exceptions] }
  }

  private space(which: 'rows' | 'values' | 'gaps', bytes: number): ArrayBuffer {
    if (this.spaces[which].byteLength < bytes) this.spaces[which] = new ArrayBuffer(Math.ceil(bytes * 1.2))
    return this.spaces[which]
  }
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
  readonly values: Uint8Array
  /** Filled: row + value · 2^rowBits. */
  readonly out: Uint32Array
  /** Filled: place · number of exceptions + number of the exception. */
  readonly moved: Float64Array
}

function scatterBytes({ columns, ends, next, values, out, moved }: ByteScatter): void {
  let at = 0
  let exception = 0
  for (let row = 0; row < ends.length; row++) {
    for (const end = ends[row] as number; at < end; at++) {
      const column = columns[at] as number
      const to = next[column] as number
      next[column] = to + 1
      const value = values[at] as number
      out[to] = (value << rowBits) | row
      if (value === escaped) {
        moved[exception] = to * moved.length + exception
        exception++
      }
    }
  }
}

interface SortedRows {
  /** Row of each value in the low bits, column after column. */
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
      const row = (rows[at] as number) & rowMask
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
