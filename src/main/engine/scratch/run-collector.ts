// Collects the values of one run of a matrix that is to be turned, row by row. Its memory is shared, so that a thread can sort the run
// while the next one is collected, and is used again afterwards.
import type { PageValues } from '../../base/sparse-pages'

/** The rows of a run, ready to be sorted; can be sent to a thread. */
export interface CollectedRun {
  /** The first row. */
  readonly start: number
  readonly rows: number
  readonly stored: number
  readonly columns: Uint32Array
  /** Where each row ends. */
  readonly ends: Uint32Array
  /** Bytes with exceptions (places within the run), or floats. */
  readonly values: PageValues
}

/** More exceptions than this share of the values, and floats are as good. */
const mostExceptions = 3 / 8
/** Values up to which memory grows with what was collected. */
const smallRun = 1_000_000

export class RunCollector {
  stored = 0
  rows = 0
  private start = 0
  private columns = new Uint32Array(new SharedArrayBuffer(0))
  private bytes = new Uint8Array(new SharedArrayBuffer(0))
  /** Filled instead of `bytes` once the values are no small counts. */
  private floats = new Float32Array(new SharedArrayBuffer(0))
  private asFloats = false
  private ends: number[] = []
  private places: number[] = []
  private exceptions: number[] = []

  /** @param usual values of a run */
  constructor(private readonly usual: number) {}

  /** Starts a run; the values are likely of the same kind as those of the run before. */
  begin(start: number): void {
    this.start = start
    this.rows = 0
    this.stored = 0
    this.ends = []
    this.places = []
    this.exceptions = []
  }

  add(columns: Uint32Array, ends: Uint32Array, values: PageValues): void {
    const at = this.stored
    this.reserve(at + columns.length)
    this.columns.set(columns, at)
    const fewExceptions =
      !('floats' in values) && this.places.length + values.places.length <= mostExceptions * (at + columns.length)
    if (!fewExceptions) this.useFloats()
    if (this.asFloats) putFloats(values, this.floats, at)
    else if (!('floats' in values)) {
      this.bytes.set(values.bytes, at)
      for (let each = 0; each < values.places.length; each++) {
        this.places.push(at + (values.places[each] as number))
        this.exceptions.push(values.exceptions[each] as number)
      }
    }
    for (const end of ends) this.ends.push(at + end)
    this.stored += columns.length
    this.rows += ends.length
  }

  /** What was collected; it shares the memory of the collector, which must not begin anew before it was sorted. */
  run(): CollectedRun {
    const { start, rows, stored } = this
    return {
      start,
      rows,
      stored,
      columns: this.columns.subarray(0, stored),
      ends: Uint32Array.from(this.ends),
      values: this.asFloats
        ? { floats: this.floats.subarray(0, stored) }
        : {
            bytes: this.bytes.subarray(0, stored),
            places: Uint32Array.from(this.places),
            exceptions: Float32Array.from(this.exceptions),
          },
    }
  }

  private useFloats(): void {
    if (this.asFloats) return
    this.asFloats = true
    this.floats = new Float32Array(new SharedArrayBuffer(this.columns.length * 4))
    for (let at = 0; at < this.stored; at++) this.floats[at] = this.bytes[at] as number
    this.places.forEach((place, each) => (this.floats[place] = this.exceptions[each] as number))
    this.bytes = new Uint8Array(new SharedArrayBuffer(0))
    this.places = []
    this.exceptions = []
  }

  private reserve(count: number): void {
    if (this.columns.length >= count) return
    // Fresh memory is dear: a matrix that is not small gets the memory of a whole run at once.
    const size = count > smallRun ? Math.max(this.usual, count) : Math.min(smallRun, count * 4)
    this.columns = grown(this.columns, new Uint32Array(new SharedArrayBuffer(size * 4)))
    if (this.asFloats) this.floats = grown(this.floats, new Float32Array(new SharedArrayBuffer(size * 4)))
    else this.bytes = grown(this.bytes, new Uint8Array(new SharedArrayBuffer(size)))
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
