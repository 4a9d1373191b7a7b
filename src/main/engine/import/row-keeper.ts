// Takes the rows of a matrix one value after the other, as text gives them, and keeps them for any number of readings: in memory
// while they are few, as pages of a scratch file beyond. Invariant: memory is bounded by `mostInMemory` values and one block.
import type { Csr } from '../../base/sparse'
import { decodePage } from '../../base/sparse-pages'
import { PageWriter, pagesOf, rowsOf, type PagedFile } from '../scratch/paged'
import type { Scratch } from '../scratch/folder'
import { Turner, type TurnerSizes } from '../scratch/turner'
import { blockPart, matricesOf, memoryPart } from './parts'
import { keepRows, stackRows, tidyRows } from './rows'
import { wholeUpTo } from './sampling'
import { blockValues, type MatrixPart } from './source-reader'
import type { Spill } from './spill'

/** Rows of a block, where they hold few values. */
const blockRows = 262_144
/** About what a value takes in a page; counts take less. */
const bytesOfValue = 6

export interface Keeping {
  readonly columns: number
  readonly spill: Spill
  /** Values expected, where the file says: their room on the disk is checked before the first page. */
  readonly expected?: number
  /** Values kept in memory; more than this go to the disk. */
  readonly mostInMemory?: number
}

/** What was kept: readable as often as wanted until the spill is removed. */
export interface KeptRows {
  readonly rows: number
  readonly columns: number
  /** Values that are not zero. */
  readonly stored: number
  /** All of it where it is in memory, otherwise null. */
  readonly whole: Csr | null
  part(key: string, dense: boolean): MatrixPart
}

export class RowKeeper {
  private indices = new Uint32Array(4096)
  private values = new Float32Array(4096)
  private ends: number[] = [0]
  private filled = 0
  private blocks: Csr[] = []
  private inMemory = 0
  private pages: PageWriter | null = null
  private rows = 0

  constructor(private readonly keeping: Keeping) {}

  /** Values of a row may come in any order; repeated places are added up, zeros are not kept. */
  add(column: number, value: number): void {
    if (value === 0) return
    if (this.filled === this.values.length) this.grow()
    this.indices[this.filled] = column
    this.values[this.filled++] = value
  }

  endRow(): void {
    this.ends.push(this.filled)
    this.rows++
    if (this.filled >= blockValues || this.ends.length > blockRows) this.flush()
  }

  /** Rows that follow those given before; to be called between rows. */
  addBlock(block: Csr): void {
    this.flush()
    this.rows += block.rows
    this.keep({ ...block, indices: block.indices.slice(), values: block.values.slice() })
  }

  /** Values of the row that is not ended yet. */
  get inRow(): number {
    return this.filled - (this.ends.at(-1) ?? 0)
  }

  get count(): number {
    return this.rows
  }

  async end(): Promise<KeptRows> {
    this.flush()
    const { rows } = this
    const { columns, spill } = this.keeping
    if (this.pages) return pagedRows(spill.scratch, this.pages.end())
    const whole = stackRows(this.blocks, columns)
    this.blocks = []
    return Promise.resolve({
      rows,
      columns,
      stored: whole.values.length,
      whole,
      part: (key, dense) => memoryPart(key, whole, dense),
    })
  }

  /** Refuses with NOT_ENOUGH_DISK when the values expected will neither fit into memory nor on the disk. */
  async checkRoom(): Promise<void> {
    const { spill, expected = 0, mostInMemory = wholeUpTo } = this.keeping
    if (expected > mostInMemory) await spill.reserve(expected * bytesOfValue)
  }

  private flush(): void {
    const rows = this.ends.length - 1
    if (rows === 0) return
    const { filled } = this
    const block = {
      rows,
      columns: this.keeping.columns,
      indptr: Float64Array.from(this.ends),
      indices: this.indices.slice(0, filled),
      values: this.values.slice(0, filled),
    }
    this.ends = [0]
    this.filled = 0
    this.keep(tidyRows(block).matrix)
  }

  private keep(block: Csr): void {
    const { spill, columns, mostInMemory = wholeUpTo } = this.keeping
    if (this.pages) return this.pages.add(block)
    this.blocks.push(block)
    this.inMemory += block.values.length
    if (this.inMemory <= mostInMemory) return
    this.pages = new PageWriter(spill.scratch, spill.scratch.freshName('rows'), columns)
    for (const each of this.blocks) this.pages.add(each)
    this.blocks = []
  }

  private grow(): void {
    const size = this.filled * 2
    const [indices, values] = [new Uint32Array(size), new Float32Array(size)]
    indices.set(this.indices)
    values.set(this.values)
    this.indices = indices
    this.values = values
  }
}

/** A matrix in a scratch file as what was kept. */
export function pagedRows(scratch: Scratch, file: PagedFile): KeptRows {
  const { rows, columns, stored } = file
  const part = (key: string, dense: boolean): MatrixPart =>
    blockPart({
      key,
      rows,
      columns,
      dense,
      stored,
      sample: (wanted) => Promise.resolve(sampleOf(scratch, file, wanted)),
      async *blocks(tick) {
        for (const { start, matrix } of rowsOf(scratch, file)) {
          yield { start, matrix }
          await tick(matrix.values.length)
        }
      },
    })
  return { rows, columns, stored, whole: null, part }
}

/** Runs of the external sort: longer for many columns, whose lists go with each of them, but never beyond memory. */
export const sizesFor = (columns: number): TurnerSizes => ({
  runValues: Math.max(4_000_000, Math.min(32 * columns, 24_000_000)),
  windowBytes: 64 * 1024 * 1024,
})

/** The same matrix with rows and columns exchanged, by external sort. */
export async function turnedRows(kept: KeptRows, scratch: Scratch): Promise<KeptRows> {
  const turner = new Turner(scratch, scratch.freshName('turned'), kept.columns, sizesFor(kept.columns))
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  for await (const block of matricesOf(kept.part('', false).blocks(breathe, scratch))) await turner.add(block)
  const { file } = await turner.end(breathe)
  return pagedRows(scratch, file)
}

/** Only the pages that hold rows wanted are unpacked. */
function sampleOf(scratch: Scratch, file: PagedFile, wanted: Uint32Array): Csr {
  const found: Csr[] = []
  let at = 0
  for (const { firstRow, rows, bytes } of pagesOf(scratch, file, (first, count) => within(wanted, first, first + count))) {
    const from = at
    while (at < wanted.length && (wanted[at] as number) < firstRow + rows) at++
    const matrix = { rows, columns: file.columns, ...decodePage(bytes, file.columns) }
    found.push(
      keepRows(
        matrix,
        Uint32Array.from(wanted.subarray(from, at), (row) => row - firstRow),
      ),
    )
  }
  return stackRows(found, file.columns)
}

/** Is one of the ascending rows in [start, stop)? */
function within(rows: Uint32Array, start: number, stop: number): boolean {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as number) < start) low = middle + 1
    else high = middle
  }
  return (rows[low] ?? Infinity) < stop
}
