// One run of a turned matrix while the runs are strung together: a cursor that goes through its columns once, window by window.
export interface Run {
  /** The first row of the matrix that is in it. */
  readonly start: number
  readonly position: number
  readonly stored: number
  readonly gapBytes: number
  /** Number of values listed beside their bytes; null when the values are plain floats. */
  readonly exceptions: number | null
}

const exceptionsAtOnce = 4096

type Read = (into: Uint8Array, position: number) => void

const none = { words: new Uint32Array(0), bytes: new Uint8Array(0), floats: new Float32Array(0) }

/**
 * The parts of a run in the file, in this order: per column its values, bytes of gaps and last row (u32, rows counted from `start`);
 * all gaps; the values, as floats or as bytes with places and exceptions.
 */
export class RunReader {
  private counts: Uint32Array = none.words
  private lengths: Uint32Array = none.words
  private lasts: Uint32Array = none.words
  private gapPart = none.bytes
  private bytePart = none.bytes
  private floatPart = none.floats
  /** A stretch of the exceptions, the first of them being number `exceptionsBefore`. */
  private places = none.words
  private exceptions = none.floats
  private exceptionsBefore = 0
  /** Values and gaps before the window, and within it. */
  private valuesBefore = 0
  private gapsBefore = 0
  private valueAt = 0
  private gapAt = 0
  private exception = 0
  private column = 0

  constructor(
    private readonly run: Run,
    private readonly columns: number,
    private readonly read: Read,
  ) {}

  private get gapPosition(): number {
    return this.run.position + this.columns * 12
  }

  private get valuePosition(): number {
    return this.gapPosition + this.run.gapBytes
  }

  /** Reads the columns [start, stop), which follow those read before. */
  load(start: number, stop: number): void {
    this.valuesBefore += this.valueAt
    this.gapsBefore += this.gapAt
    this.valueAt = 0
    this.gapAt = 0
    const list = (which: number): Uint32Array => {
      const out = new Uint32Array(stop - start)
      this.read(bytesOf(out), this.run.position + (which * this.columns + start) * 4)
      return out
    }
    this.counts = list(0)
    this.lengths = list(1)
    this.lasts = list(2)
    const values = this.counts.reduce((sum, count) => sum + count, 0)
    this.gapPart = new Uint8Array(this.lengths.reduce((sum, length) => sum + length, 0))
    this.read(this.gapPart, this.gapPosition + this.gapsBefore)
    if (this.run.exceptions === null) {
      this.floatPart = new Float32Array(values)
      this.read(bytesOf(this.floatPart), this.valuePosition + this.valuesBefore * 4)
    } else {
      this.bytePart = new Uint8Array(values)
      this.read(this.bytePart, this.valuePosition + this.valuesBefore)
    }
  }

  /** Moves to a column of the window; answers how many values it has. Columns are asked for in order. */
  piece(column: number): number {
    this.column = column
    return this.counts[column] as number
  }

  /** Copies the values of the present column as floats. */
  floats(out: Float32Array, to: number): void {
    const { from, count } = this.take()
    if (this.run.exceptions === null) {
      out.set(this.floatPart.subarray(from, from + count), to)
      return
    }
    for (let at = 0; at < count; at++) out[to + at] = this.bytePart[from + at] as number
    const first = this.valuesBefore + from
    for (let place = this.nextPlace(); place < first + count; place = this.nextPlace())
      out[to + place - first] = this.exceptions[this.exception++] as number
  }

  /** Copies the values of the present column as bytes, with their exceptions. */
  bytes(out: { readonly bytes: Uint8Array; readonly places: number[]; readonly exceptions: number[] }, to: number): void {
    const { from, count } = this.take()
    copyBytes(this.bytePart, from, count, out.bytes, to)
    const first = this.valuesBefore + from
    for (let place = this.nextPlace(); place < first + count; place = this.nextPlace()) {
      out.places.push(to + place - first)
      out.exceptions.push(this.exceptions[this.exception++] as number)
    }
  }

  private take(): { from: number; count: number } {
    const from = this.valueAt
    const count = this.counts[this.column] as number
    this.valueAt += count
    return { from, count }
  }

  /** Where the next exception is among the values of the run; infinite after the last. */
  private nextPlace(): number {
    if (this.exception === this.places.length) {
      const all = this.run.exceptions ?? 0
      this.exceptionsBefore += this.places.length
      this.exception = 0
      const count = Math.min(exceptionsAtOnce, all - this.exceptionsBefore)
      this.places = new Uint32Array(count)
      this.exceptions = new Float32Array(count)
      const at = this.valuePosition + this.run.stored
      this.read(bytesOf(this.places), at + this.exceptionsBefore * 4)
      this.read(bytesOf(this.exceptions), at + (all + this.exceptionsBefore) * 4)
    }
    return this.places[this.exception] ?? Infinity
  }

  /** Copies the gaps of the present column, the first one counted from row `next` of the matrix; answers where they end. */
  gaps(out: Uint8Array, to: number, next: number): number {
    const length = this.lengths[this.column] as number
    let from = this.gapAt
    const end = from + length
    this.gapAt = end
    let gap = 0
    let byte = 128
    for (let shift = 0; byte > 127; shift += 7) {
      byte = this.gapPart[from++] as number
      gap += (byte & 127) * 2 ** shift
    }
    gap += this.run.start - next
    while (gap > 127) {
      out[to++] = (gap & 127) | 128
      gap >>>= 7
    }
    out[to++] = gap
    copyBytes(this.gapPart, from, end - from, out, to)
    return to + end - from
  }

  /** The row after the last one of the present column. */
  get nextRow(): number {
    return this.run.start + (this.lasts[this.column] as number) + 1
  }
}

/** Most pieces are short: a loop beats the call of a library function for them. */
function copyBytes(source: Uint8Array, from: number, count: number, out: Uint8Array, to: number): void {
  if (count > 64) out.set(source.subarray(from, from + count), to)
  else for (let at = 0; at < count; at++) out[to + at] = source[from + at] as number
}

const bytesOf = (values: Uint32Array | Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
