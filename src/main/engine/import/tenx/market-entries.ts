// The entries of a Matrix Market file put into rows of cells, whatever order they are written in.
// Method: entries sorted by cell, as Cell Ranger writes them, are rows already. Others are collected in runs of some million, each
// brought into the order of its genes and given to the external sort that turns matrices; the pieces of a cell, one per run, come out
// beside each other. Invariant: memory is bounded by one run, whatever the number of entries.
import { refuse } from '../../../base/refusal'
import type { Csr } from '../../../base/sparse'
import { rowsOf } from '../../scratch/paged'
import { Turner } from '../../scratch/turner'
import { RowKeeper, sizesFor, type KeptRows } from '../row-keeper'
import { tidyRows } from '../rows'
import type { Spill } from '../spill'

export interface MarketSize {
  readonly cells: number
  readonly genes: number
  readonly entries: number
  readonly fileName: string
  readonly spill: Spill
}

/** Thrown when entries that were taken to be sorted by cell are not. */
export class NotByCell extends Error {}

/** Hears every entry of the file. */
export interface EntryTaker {
  add(cell: number, gene: number, value: number): void
  /** Called between pieces of the file; what takes long happens here. */
  breathe(): Promise<void>
  end(): Promise<KeptRows>
}

/** Positions may repeat and are then added up, but not without end. */
const mostRepeated = 8

/** Entries sorted by cell. `add` throws NotByCell when they are not. */
export class EntriesByCell implements EntryTaker {
  private readonly keeper: RowKeeper
  private readonly mostInCell: number

  constructor(private readonly size: MarketSize) {
    this.keeper = new RowKeeper({ columns: size.genes, spill: size.spill, expected: size.entries })
    this.mostInCell = mostRepeated * Math.max(1, size.genes)
  }

  start(): Promise<void> {
    return this.keeper.checkRoom()
  }

  add(cell: number, gene: number, value: number): void {
    const { keeper } = this
    if (cell !== keeper.count) {
      if (cell < keeper.count) throw new NotByCell()
      while (keeper.count < cell) keeper.endRow()
    }
    keeper.add(gene, value)
    if (keeper.inRow > this.mostInCell) {
      const why = `the cell number ${cell + 1} has more values than the matrix has genes`
      refuse('FILE_DAMAGED', { file: this.size.fileName, why })
    }
  }

  breathe(): Promise<void> {
    return Promise.resolve()
  }

  end(): Promise<KeptRows> {
    while (this.keeper.count < this.size.cells) this.keeper.endRow()
    return this.keeper.end()
  }
}

const runEntries = 6_000_000

/** Entries in any order. */
export class EntriesInAnyOrder implements EntryTaker {
  private cells = new Uint32Array(4096)
  private genes = new Uint32Array(4096)
  private values = new Float32Array(4096)
  private count = 0
  private turner: Turner | null = null

  constructor(
    private readonly size: MarketSize,
    private readonly perRun: number = runEntries,
  ) {}

  /** The runs and what comes of them are on the disk at once. */
  start(): Promise<void> {
    const { entries, spill } = this.size
    return entries > this.perRun ? spill.reserve(entries * 18) : Promise.resolve()
  }

  add(cell: number, gene: number, value: number): void {
    if (value === 0) return
    if (this.count === this.values.length) this.grow()
    this.cells[this.count] = cell
    this.genes[this.count] = gene
    this.values[this.count++] = value
  }

  async breathe(): Promise<void> {
    if (this.count >= this.perRun) await this.endRun()
  }

  async end(): Promise<KeptRows> {
    const { cells, genes, spill } = this.size
    const keeper = new RowKeeper({ columns: genes, spill })
    if (this.turner === null) {
      keeper.addBlock(tidyRows(byMajor(this.cells, this.genes, this.values, this.count, cells, genes)).matrix)
      return keeper.end()
    }
    await this.endRun()
    const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    const { file } = await this.turner.end(breathe)
    for (const { matrix } of rowsOf(spill.scratch, file)) {
      const { indices } = matrix
      for (let at = 0; at < indices.length; at++) indices[at] = (indices[at] as number) % genes
      keeper.addBlock(tidyRows({ ...matrix, columns: genes }).matrix)
      await breathe()
    }
    spill.scratch.removeFile(file.file)
    return keeper.end()
  }

  /** A run is a matrix of all genes × cells; the genes of the next one follow below. */
  private async endRun(): Promise<void> {
    const { cells, genes, spill } = this.size
    this.turner ??= new Turner(spill.scratch, spill.scratch.freshName('entries'), cells, sizesFor(cells))
    await this.turner.add(tidyRows(byMajor(this.genes, this.cells, this.values, this.count, genes, cells)).matrix)
    this.count = 0
  }

  private grow(): void {
    const size = this.count * 2
    const [cells, genes, values] = [new Uint32Array(size), new Uint32Array(size), new Float32Array(size)]
    cells.set(this.cells)
    genes.set(this.genes)
    values.set(this.values)
    this.cells = cells
    this.genes = genes
    this.values = values
  }
}

/** Counting sort by the major position; the order within one stays. */
function byMajor(
  majors: Uint32Array,
  minors: Uint32Array,
  values: Float32Array,
  count: number,
  rows: number,
  columns: number,
): Csr {
  const indptr = new Float64Array(rows + 1)
  for (let at = 0; at < count; at++) {
    const next = (majors[at] as number) + 1
    indptr[next] = (indptr[next] as number) + 1
  }
  for (let row = 0; row < rows; row++) indptr[row + 1] = (indptr[row + 1] as number) + (indptr[row] as number)
  const place = indptr.slice()
  const sorted = { indices: new Uint32Array(count), values: new Float32Array(count) }
  for (let at = 0; at < count; at++) {
    const major = majors[at] as number
    const to = place[major] as number
    place[major] = to + 1
    sorted.indices[to] = minors[at] as number
    sorted.values[to] = values[at] as number
  }
  return { rows, columns, indptr, ...sorted }
}
