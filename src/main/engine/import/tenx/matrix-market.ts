// Matrix Market files (.mtx, also gzipped) in coordinate form, read in one streamed pass, in two where their order surprises.
// Invariants: the number of entries promised is compared with those found; every position is checked against the shape.
import { refuse } from '../../../base/refusal'
import { counted } from '../problems'
import { pulse } from '../pulse'
import type { KeptRows } from '../row-keeper'
import type { Spill } from '../spill'
import { filePieces, type TextFile } from '../table/text-pieces'
import { EntryScanner } from './entry-scanner'
import { EntriesByCell, EntriesInAnyOrder, NotByCell, type EntryTaker, type MarketSize } from './market-entries'

export interface Market {
  /** Cells × genes. */
  readonly matrix: KeptRows
  /** Sum of the values of each cell. */
  readonly totals: Float64Array
}

/** Says of a shape whether its columns are the cells; refuses when neither its rows nor its columns can be. */
export type Orientation = (rows: number, columns: number) => boolean

const largestShape = 2 ** 31

/** Refuses with FILE_DAMAGED when header and entries disagree, PART_UNREADABLE for other kinds of Matrix Market files. */
export async function readMatrixMarket(file: TextFile, cellsAreColumns: Orientation, spill: Spill): Promise<Market> {
  try {
    return await new MarketReading(file, cellsAreColumns, spill, EntriesByCell).read()
  } catch (thrown) {
    if (!(thrown instanceof NotByCell)) throw thrown
    return new MarketReading(file, cellsAreColumns, spill, EntriesInAnyOrder).read()
  }
}

interface Opened {
  readonly rows: number
  readonly columns: number
  readonly promised: number
  readonly turned: boolean
  readonly totals: Float64Array
  readonly taker: EntryTaker & { start(): Promise<void> }
}

/** One pass over the file. */
class MarketReading {
  private opened: Opened | null = null
  private starting: Promise<void> | null = null
  private pattern = false
  private found = 0

  constructor(
    private readonly file: TextFile,
    private readonly cellsAreColumns: Orientation,
    private readonly spill: Spill,
    private readonly Taker: new (size: MarketSize) => Opened['taker'],
  ) {}

  async read(): Promise<Market> {
    const scanner = new EntryScanner(this.file.fileName, {
      entry: (row, column, value, line) => this.entry(row, column, value, line),
      text: (text, line) => this.text(text, line),
    })
    for await (const bytes of filePieces(this.file)) {
      scanner.push(bytes)
      await this.starting
      this.starting = null
      await this.opened?.taker.breathe()
      pulse()
    }
    scanner.end()
    const { opened, found } = this
    if (opened === null) return this.damaged('it does not give the shape of the matrix')
    const { promised, taker, totals } = opened
    if (found !== promised) this.damaged(`its header promises ${counted(promised)} entries, but the file holds ${counted(found)}`)
    return { matrix: await taker.end(), totals }
  }

  private entry(row: number, column: number, value: number, line: number): void {
    const { opened } = this
    // Three whole numbers are an entry only after the line of the shape.
    if (opened === null) this.text(`${row} ${column} ${value}`, line)
    else this.take(opened, row, column, this.pattern ? 1 : value, line)
  }

  private text(text: string, line: number): void {
    if (text.startsWith('%')) {
      if (line === 1) this.pattern = checkedBanner(text, this.file.fileName)
      return
    }
    const parts = text.trim().split(/\s+/)
    const [row, column] = [Number(parts[0]), Number(parts[1])]
    const { opened } = this
    if (opened === null) {
      const promised = Number(parts[2])
      const whole = [row, column, promised].every((each) => Number.isSafeInteger(each) && each >= 0 && each < largestShape)
      if (!whole || parts.length !== 3) this.damaged(`line ${line} does not give the shape of the matrix`)
      this.open(row, column, promised)
      return
    }
    if (parts.length < (this.pattern ? 2 : 3)) this.damaged(`line ${line} is incomplete`)
    this.take(opened, row, column, this.pattern ? 1 : Number(parts[2]), line)
  }

  private open(rows: number, columns: number, promised: number): void {
    const turned = !this.cellsAreColumns(rows, columns)
    const [cells, genes] = turned ? [rows, columns] : [columns, rows]
    const taker = new this.Taker({ cells, genes, entries: promised, fileName: this.file.fileName, spill: this.spill })
    this.opened = { rows, columns, promised, turned, totals: new Float64Array(cells), taker }
    this.starting = taker.start()
    // Its error is met after the piece of the file that is being read.
    this.starting.catch(() => undefined)
  }

  private take(
    { rows, columns, promised, turned, totals, taker }: Opened,
    row: number,
    column: number,
    value: number,
    line: number,
  ): void {
    const inside =
      Number.isInteger(row) && Number.isInteger(column) && row >= 1 && row <= rows && column >= 1 && column <= columns
    if (!inside) this.damaged(`line ${line} names row ${row} and column ${column}, but the matrix has ${rows} × ${columns}`)
    if (this.found >= promised) this.damaged(`its header promises ${counted(promised)} entries, but there are more`)
    this.found++
    const cell = (turned ? row : column) - 1
    totals[cell] = (totals[cell] as number) + value
    taker.add(cell, (turned ? column : row) - 1, value)
  }

  private damaged(why: string): never {
    return refuse('FILE_DAMAGED', { file: this.file.fileName, why })
  }
}

/** Is it a matrix of ones only? Refuses kinds that are no sparse matrix of real numbers. */
function checkedBanner(text: string, fileName: string): boolean {
  const [, object, form, field, symmetry] = text.toLowerCase().trim().split(/\s+/)
  const known = object === 'matrix' && form === 'coordinate' && field !== 'complex' && symmetry === 'general'
  if (!known) {
    const why = `it is a Matrix Market file of the kind "${text.slice(0, 80).trim()}", where "matrix coordinate … general" is needed`
    refuse('PART_UNREADABLE', {
      part: fileName,
      why,
      next: 'Write it again as a sparse matrix, for example with scipy.io.mmwrite.',
    })
  }
  return field === 'pattern'
}
