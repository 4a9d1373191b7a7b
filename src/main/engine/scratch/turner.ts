// Turns a sparse matrix that may be larger than memory: rows go in, in order; pages of its columns come out.
// Method: external sort. Every few million values are turned in memory and written as a run, sorted by column and already in the form
// of the pages; at the end the pieces of a column are strung together from all runs. Invariant: memory is bounded by a run and a
// merge window, whatever the size.
import { closeSync, openSync, rmSync } from 'node:fs'
import { joinPage, packValues, pageValues, putGaps } from '../../base/sparse-pages'
import type { Csr } from '../../base/sparse'
import { readFully, type FileWriter, type Scratch } from './folder'
import { PageWriter, type PagedFile } from './paged'
import { RunReader, type Run } from './turner-run'

export interface TurnerSizes {
  /** Stored values of a run. */
  readonly runValues: number
  /** Bytes of pieces read at once while stringing them together. */
  readonly windowBytes: number
}

/** Lists over all columns accompany each run: with many columns a run must be longer to be worth them. */
const usualSizes = (columns: number): TurnerSizes => ({
  runValues: Math.max(4_000_000, 32 * columns),
  windowBytes: 64 * 1024 * 1024,
})

export class Turner {
  private readonly out: FileWriter
  private readonly runs: Run[] = []
  private readonly file: string
  private waiting: { start: number; block: Csr }[] = []
  private waitingValues = 0
  private rows = 0
  /** Stored values of each column so far. */
  readonly stored: Float64Array
  private readonly bytes: Float64Array

  /** @param columns of the matrix given, which are the rows of the one that comes out */
  constructor(
    private readonly scratch: Scratch,
    private readonly name: string,
    private readonly columns: number,
    private readonly sizes: TurnerSizes = usualSizes(columns),
  ) {
    this.file = `${name}.runs`
    this.out = scratch.writer(this.file, 'utf8')
    this.stored = new Float64Array(columns)
    this.bytes = new Float64Array(columns)
  }

  /** Rows that follow those given before. The block must not change afterwards. */
  add(block: Csr): void {
    this.waiting.push({ start: this.rows, block })
    this.waitingValues += block.indices.length
    this.rows += block.rows
    if (this.waitingValues >= this.sizes.runValues) this.writeRun()
  }

  /** The columns as pages. To be called once, after the last block; `work` hears the values done and may stop by throwing. */
  async end(work: (values: number) => void | Promise<void> = () => undefined): Promise<PagedFile> {
    if (this.waiting.length > 0) this.writeRun()
    this.out.end()
    const pages = new PageWriter(this.scratch, this.name, this.rows)
    const path = this.scratch.path(this.file)
    const handle = openSync(path, 'r')
    try {
      const readers = this.runs.map((run) => new RunReader(run, this.columns, (into, at) => readFully(handle, into, at)))
      for (let start = 0; start < this.columns;) {
        let window = 0
        let stop = start
        while (stop < this.columns && (stop === start || window + (this.bytes[stop] as number) <= this.sizes.windowBytes))
          window += this.bytes[stop++] as number
        for (const reader of readers) reader.load(start, stop)
        await this.mergeWindow(readers, start, stop, pages, work)
        start = stop
      }
    } finally {
      closeSync(handle)
      rmSync(path, { force: true })
    }
    return pages.end()
  }

  private async mergeWindow(
    readers: readonly RunReader[],
    start: number,
    stop: number,
    pages: PageWriter,
    work: (values: number) => void | Promise<void>,
  ): Promise<void> {
    for (let first = start; first < stop;) {
      let values = this.stored[first] as number
      let last = first + 1
      while (last < stop && values + (this.stored[last] as number) <= pageValues) values += this.stored[last++] as number
      pages.addPage(this.mergePage(readers, first, last, start, values), last - first, values)
      await work(values)
      first = last
    }
  }

  private mergePage(readers: readonly RunReader[], first: number, last: number, window: number, count: number): Uint8Array {
    const ends = new Uint32Array(last - first)
    const gapEnds = new Uint32Array(last - first)
    const values = new Float32Array(count)
    let space = 0
    // The gap before a piece may need more bytes than it had in its run.
    for (let column = first; column < last; column++) space += (this.bytes[column] as number) + 5 * readers.length
    const gaps = new Uint8Array(space)
    let at = 0
    let gapAt = 0
    for (let column = first; column < last; column++) {
      let next = 0
      for (const reader of readers) {
        const piece = reader.piece(column - window)
        if (piece === 0) continue
        reader.values(values, at)
        at += piece
        gapAt = reader.gaps(gaps, gapAt, next)
        next = reader.nextRow
      }
      ends[column - first] = at
      gapEnds[column - first] = gapAt
    }
    const bytes = packValues(values, 0, count)
    return joinPage({ ends, gapEnds, values: bytes.places ? bytes : { floats: values }, gaps: gaps.subarray(0, gapAt) })
  }

  /** Counting sort of the waiting rows by column, written as one run. */
  private writeRun(): void {
    const start = this.waiting[0]?.start ?? 0
    const count = this.waitingValues
    const counts = new Uint32Array(this.columns)
    for (const { block } of this.waiting) {
      const { indices } = block
      for (let at = 0; at < indices.length; at++) {
        const column = indices[at] as number
        counts[column] = (counts[column] as number) + 1
      }
    }
    const next = new Uint32Array(this.columns)
    for (let column = 1; column < this.columns; column++)
      next[column] = (next[column - 1] as number) + (counts[column - 1] as number)
    const rows = new Uint32Array(count)
    const values = new Float32Array(count)
    for (const { start: first, block } of this.waiting) scatter(block, first - start, next, rows, values)
    this.store(start, counts, next, rows, values)
    this.waiting = []
    this.waitingValues = 0
  }

  /** `ends`: where each column ends in `rows` and `values`. */
  private store(start: number, counts: Uint32Array, ends: Uint32Array, rows: Uint32Array, values: Float32Array): void {
    const gaps = new Uint8Array(rows.length * 5)
    const gapBytes = new Uint32Array(this.columns)
    const lasts = new Uint32Array(this.columns)
    let at = 0
    for (let column = 0; column < this.columns; column++) {
      const count = counts[column] as number
      if (count === 0) continue
      const end = ends[column] as number
      const from = at
      at = putGaps(rows, end - count, end, gaps, at)
      gapBytes[column] = at - from
      lasts[column] = rows[end - 1] as number
      this.stored[column] = (this.stored[column] as number) + count
      this.bytes[column] = (this.bytes[column] as number) + (at - from)
    }
    const packed = packValues(values, 0, values.length)
    const position = this.out.written
    const parts = packed.places ? [packed.bytes, packed.places, packed.exceptions] : [values]
    for (const part of [counts, gapBytes, lasts, gaps.subarray(0, at), ...parts]) this.out.add(part)
    for (let column = 0; column < this.columns; column++) {
      const width = packed.places ? 1 : 4
      this.bytes[column] = (this.bytes[column] as number) + (counts[column] as number) * width
    }
    this.runs.push({ start, position, stored: values.length, gapBytes: at, exceptions: packed.places?.length ?? null })
  }
}

function scatter(block: Csr, offset: number, next: Uint32Array, rows: Uint32Array, values: Float32Array): void {
  const { indptr, indices, values: from } = block
  for (let row = 0; row < block.rows; row++) {
    const end = indptr[row + 1] as number
    for (let at = indptr[row] as number; at < end; at++) {
      const column = indices[at] as number
      const to = next[column] as number
      next[column] = to + 1
      rows[to] = row + offset
      values[to] = from[at] as number
    }
  }
}
