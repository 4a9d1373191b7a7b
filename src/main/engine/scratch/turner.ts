// Turns a sparse matrix that may be larger than memory: rows go in, in order; pages of its columns come out.
// Method: external sort. Every few million values are turned in memory and written as a run, sorted by column and already in the form
// of the pages; at the end the pieces of a column are strung together from all runs. Invariant: memory is bounded by a run and a
// merge window, whatever the size.
import { closeSync, openSync, rmSync } from 'node:fs'
import type { Csr } from '../../base/sparse'
import { pageEnd, pageValues, partsOfPage, RowPacker, type PageValues } from '../../base/sparse-pages'
import { readFully, type FileWriter, type Scratch } from './folder'
import { PageWriter, type PagedFile } from './paged'
import { RunReader, type Run } from './turner-run'
import { RunBuffer } from './turner-buffer'

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

type Work = (values: number) => void | Promise<void>

export class Turner {
  /** Stored values of each column; complete after `end`. */
  readonly stored: Float64Array
  private readonly bytes: Float64Array
  private readonly out: FileWriter
  private readonly runs: Run[] = []
  private readonly file: string
  private readonly buffer: RunBuffer
  private readonly packer = new RowPacker()
  private rows = 0
  /** Used again for every page. */
  private gapSpace = new Uint8Array(0)
  private byteSpace = new Uint8Array(0)

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
    this.buffer = new RunBuffer(columns)
  }

  /** Rows that follow those given before. */
  add(block: Csr): void {
    for (let start = 0; start < block.rows;) {
      const stop = pageEnd(block.indptr, start, block.rows)
      const [from, to] = [block.indptr[start] as number, block.indptr[stop] as number]
      const ends = Uint32Array.from(block.indptr.subarray(start + 1, stop + 1), (end) => end - from)
      this.addPacked(block.indices.subarray(from, to), ends, this.packer.packValues(block.values, from, to))
      start = stop
    }
  }

  /** The same with the values packed already: their columns, and where each row ends among them. */
  addPacked(columns: Uint32Array, ends: Uint32Array, values: PageValues): void {
    if (this.buffer.stored > 0 && this.buffer.stored + columns.length > this.sizes.runValues) this.writeRun()
    this.buffer.add(columns, ends, values)
    this.rows += ends.length
  }

  /** The columns as pages. To be called once, after the last block; `work` hears the values done and may stop by throwing. */
  async end(work: Work = () => undefined): Promise<PagedFile> {
    if (this.buffer.rows > 0) this.writeRun()
    this.buffer.release()
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
    work: Work,
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

  private mergePage(readers: readonly RunReader[], first: number, last: number, window: number, count: number): Uint8Array[] {
    const ends = new Uint32Array(last - first)
    const gapEnds = new Uint32Array(last - first)
    let space = 0
    // The gap before a piece may need more bytes than it had in its run.
    for (let column = first; column < last; column++) space += (this.bytes[column] as number) + 5 * readers.length
    if (this.gapSpace.length < space) this.gapSpace = new Uint8Array(space)
    if (this.byteSpace.length < count) this.byteSpace = new Uint8Array(count)
    const gaps = this.gapSpace
    const values = this.runs.some((run) => run.exceptions === null)
      ? { floats: new Float32Array(count) }
      : { bytes: this.byteSpace.subarray(0, count), places: [] as number[], exceptions: [] as number[] }
    let at = 0
    let gapAt = 0
    for (let column = first; column < last; column++) {
      let next = 0
      for (const reader of readers) {
        const piece = reader.piece(column - window)
        if (piece === 0) continue
        if ('floats' in values) reader.floats(values.floats, at)
        else reader.bytes(values, at)
        at += piece
        gapAt = reader.gaps(gaps, gapAt, next)
        next = reader.nextRow
      }
      ends[column - first] = at
      gapEnds[column - first] = gapAt
    }
    return partsOfPage({ ends, gapEnds, values: finished(values), gaps: gaps.subarray(0, gapAt) })
  }

  private writeRun(): void {
    const { start, ...run } = this.buffer.turned()
    const position = this.out.written
    this.out.addAll(run.parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)))
    const width = run.exceptions === null ? 4 : 1
    for (let column = 0; column < this.columns; column++) {
      const count = run.counts[column] as number
      this.stored[column] = (this.stored[column] as number) + count
      this.bytes[column] = (this.bytes[column] as number) + count * width + (run.lengths[column] as number)
    }
    this.runs.push({ start, position, stored: this.buffer.stored, gapBytes: run.gapBytes, exceptions: run.exceptions })
    this.buffer.clear()
  }
}

type MergedValues = { floats: Float32Array } | { bytes: Uint8Array; places: number[]; exceptions: number[] }

function finished(values: MergedValues): PageValues {
  if ('floats' in values) return values
  return {
    bytes: values.bytes,
    places: Uint32Array.from(values.places),
    exceptions: Float32Array.from(values.exceptions),
  }
}
