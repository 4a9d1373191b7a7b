// The sorting half of turning a matrix: takes collected runs, writes them sorted by column, and strings the pieces of each column
// together at the end. Works in the thread it is called in; turner-thread.ts gives it one of its own.
import { closeSync, openSync, rmSync } from 'node:fs'
import { pageValues, partsOfPage, type PageValues } from '../../base/sparse-pages'
import { readFully, type FileWriter, type Scratch } from './folder'
import { PageWriter, type PagedFile } from './paged'
import type { CollectedRun } from './run-collector'
import { RunReader, type Run } from './run-reader'
import { RunTurning } from './run-turning'

/** Hears the values just strung together, and the pages they are in; may stop the work by throwing. */
export type Work = (values: number, pages: PagedFile) => void | Promise<void>

export interface Turned {
  readonly file: PagedFile
  /** Stored values of each column. */
  readonly stored: Float64Array
}

export class RunSorter {
  private readonly stored: Float64Array
  private readonly bytes: Float64Array
  private readonly out: FileWriter
  private readonly runs: Run[] = []
  private readonly file: string
  private turning: RunTurning | null
  private rows = 0
  /** Used again for every page. */
  private gapSpace = new Uint8Array(0)
  private byteSpace = new Uint8Array(0)

  /** @param columns of the matrix given; @param windowBytes of pieces are read at once while stringing them together */
  constructor(
    private readonly scratch: Scratch,
    private readonly name: string,
    private readonly columns: number,
    private readonly windowBytes: number,
  ) {
    this.file = `${name}.runs`
    this.out = scratch.writer(this.file, 'utf8')
    this.stored = new Float64Array(columns)
    this.bytes = new Float64Array(columns)
    this.turning = new RunTurning(columns)
  }

  /** Runs follow each other in the order of their rows. */
  add(run: CollectedRun): void {
    if (!this.turning) throw new Error('a run came after the end')
    const { parts, counts, lengths, gapBytes, exceptions } = this.turning.turn(run)
    const position = this.out.written
    this.out.addAll(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)))
    const width = exceptions === null ? 4 : 1
    for (let column = 0; column < this.columns; column++) {
      const count = counts[column] as number
      this.stored[column] = (this.stored[column] as number) + count
      this.bytes[column] = (this.bytes[column] as number) + count * width + (lengths[column] as number)
    }
    this.runs.push({ start: run.start, position, stored: run.stored, gapBytes, exceptions })
    this.rows += run.rows
  }

  /** The columns as pages. */
  async end(work: Work): Promise<Turned> {
    this.turning = null
    this.out.end()
    const pages = new PageWriter(this.scratch, this.name, this.rows)
    const path = this.scratch.path(this.file)
    const handle = openSync(path, 'r')
    try {
      const readers = this.runs.map((run) => new RunReader(run, this.columns, (into, at) => readFully(handle, into, at)))
      for (let start = 0; start < this.columns;) {
        let window = 0
        let stop = start
        while (stop < this.columns && (stop === start || window + (this.bytes[stop] as number) <= this.windowBytes))
          window += this.bytes[stop++] as number
        for (const reader of readers) reader.load(start, stop)
        await this.mergeWindow(readers, start, stop, pages, work)
        start = stop
      }
    } finally {
      closeSync(handle)
      rmSync(path, { force: true })
    }
    return { file: pages.end(), stored: this.stored }
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
      await work(values, pages.fresh())
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
