// Turns a sparse matrix that may be larger than memory: rows go in, in order; pages of its columns come out.
// Method: external sort. Every few million values are turned in memory and written as a run, sorted by column and already in the form
// of the pages; at the end the pieces of a column are strung together from all runs. Invariant: memory is bounded by two runs and a
// merge window, whatever the size; with a thread and without one the result is the same bytes.
import type { Csr } from '../../base/sparse'
import { pageEnd, RowPacker, type PageValues } from '../../base/sparse-pages'
import type { Scratch } from './folder'
import { RunCollector, type CollectedRun } from './run-collector'
import { mostRunRows } from './run-turning'
import { RunSorter, type Turned, type Work } from './run-sorter'
import { SorterThread } from './sorter-thread'

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

/** Where runs are sorted: here, or in a thread. */
export interface Sorter {
  add(run: CollectedRun): void | Promise<void>
  end(work: Work): Promise<Turned>
}

export class Turner {
  private sorter: Promise<Sorter> | null = null
  private readonly packer = new RowPacker()
  private collector: RunCollector
  /** The collector whose run is being sorted, and the end of that. */
  private busy: { readonly collector: RunCollector; readonly done: Promise<void> } | null = null
  private rows = 0

  /** @param columns of the matrix given, which are the rows of the one that comes out */
  constructor(
    private readonly scratch: Scratch,
    private readonly name: string,
    private readonly columns: number,
    private readonly sizes: TurnerSizes = usualSizes(columns),
  ) {
    this.collector = new RunCollector(sizes.runValues)
  }

  /** Rows that follow those given before. */
  async add(block: Csr): Promise<void> {
    for (let start = 0; start < block.rows;) {
      const stop = pageEnd(block.indptr, start, block.rows)
      const [from, to] = [block.indptr[start] as number, block.indptr[stop] as number]
      const ends = Uint32Array.from(block.indptr.subarray(start + 1, stop + 1), (end) => end - from)
      await this.addPacked(block.indices.subarray(from, to), ends, this.packer.packValues(block.values, from, to))
      start = stop
    }
  }

  /** The same with the values packed already: their columns, and where each row ends among them. */
  async addPacked(columns: Uint32Array, ends: Uint32Array, values: PageValues): Promise<void> {
    const { collector } = this
    // A thread takes a moment to start, and a single run is sorted sooner without one.
    if (collector.stored > this.sizes.runValues / 4) this.sorter ??= this.startSorter(this.scratch.sorterThread)
    const full = collector.stored + columns.length > this.sizes.runValues || collector.rows + ends.length > mostRunRows
    if (collector.rows > 0 && full) await this.sortRun()
    this.collector.add(columns, ends, values)
    this.rows += ends.length
  }

  /** The columns as pages. To be called once, after the last block. */
  async end(work: Work = () => undefined): Promise<Turned> {
    if (this.collector.rows > 0) await this.sortRun()
    await this.busy?.done
    this.busy = null
    this.collector = new RunCollector(this.sizes.runValues)
    return (await this.presentSorter()).end(work)
  }

  /** Hands the collected run over; waits only while the one before is still being sorted. */
  private async sortRun(): Promise<void> {
    const sorter = await this.presentSorter()
    await this.busy?.done
    const next = this.busy?.collector ?? new RunCollector(this.sizes.runValues)
    const done = Promise.resolve(sorter.add(this.collector.run()))
    // Its error is met where it is waited for.
    done.catch(() => undefined)
    this.busy = { collector: this.collector, done }
    this.collector = next
    this.collector.begin(this.rows)
  }

  private presentSorter(): Promise<Sorter> {
    return (this.sorter ??= this.startSorter(null))
  }

  /** In a thread where there is one to be had. */
  private async startSorter(thread: string | null): Promise<Sorter> {
    const { scratch, name, columns } = this
    const { windowBytes } = this.sizes
    if (thread !== null) {
      const started = new SorterThread(thread, { folder: scratch.folder, name, columns, windowBytes })
      if (await started.ready) return started
    }
    return new RunSorter(scratch, name, columns, windowBytes)
  }
}
