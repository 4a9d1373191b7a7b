// One pass over all records of a table: names of the rows, columns of numbers and columns of text.
// Invariants: rows of another length refuse the table (nothing is shifted); numbers are kept without their zeros, on the disk when
// they are many, so that memory grows with the names and words of a table only.
import { limits } from '@contract'
import { refuse } from '../../../base/refusal'
import { plural } from '../problems'
import { pulse } from '../pulse'
import { RowKeeper, type KeptRows } from '../row-keeper'
import type { Spill } from '../spill'
import { isComment, type Dialect } from './dialect'
import { numberIn } from './numbers'
import { fieldsOf, type TextRecord } from './records'
import { RowParser, type ColumnKind } from './row-parser'

export interface OddText {
  readonly row: number
  readonly line: number
  readonly column: string
  readonly text: string
}

export interface NumberColumn {
  readonly name: string
  /** Text among the numbers, which stands as NaN in the matrix. */
  readonly oddTexts: readonly OddText[]
}

export interface TextColumn {
  readonly name: string
  readonly texts: readonly string[]
}

export interface Collected {
  readonly rows: number
  /** Null when the table has no column that names the rows. */
  readonly ids: readonly string[] | null
  readonly numbers: readonly NumberColumn[]
  /** Rows × number columns; missing is NaN. */
  readonly matrix: KeptRows
  readonly texts: readonly TextColumn[]
}

const keptOddTexts = 1000
/** In all columns together. */
const mostOddTexts = 1_000_000
const rowsBetweenSigns = 100

/** Reads all records after the header. Refuses with TABLE_RAGGED, PART_UNREADABLE when there are too many rows, or NOT_ENOUGH_DISK. */
export async function collect(
  records: AsyncIterable<TextRecord>,
  dialect: Dialect,
  sample: readonly TextRecord[],
  fileName: string,
  spill: Spill,
): Promise<Collected> {
  const kinds = kindsOf(dialect, sample)
  const named = (kind: ColumnKind): string[] => kinds.flatMap((each, at) => (each === kind ? [dialect.names[at] ?? ''] : []))
  const ids: string[] = []
  const texts = named('text').map((name) => ({ name, texts: [] as string[] }))
  const numbers = named('number').map((name) => ({ name, oddTexts: [] as OddText[] }))
  const keeper = new RowKeeper({ columns: numbers.length, spill })
  const ragged = new RaggedRows(dialect, fileName)
  const parser = new RowParser(dialect, kinds)
  const { values } = parser
  let odd = 0
  for await (const { line, text } of records) {
    if (line <= dialect.headerLine) continue
    if (text.startsWith('#') && dialect.width > 1 && isComment(fieldsOf(text, dialect.delimiter))) continue
    const found = parser.read(text)
    if (found !== dialect.width) {
      ragged.note(line, found)
      continue
    }
    const row = keeper.count
    if (dialect.idColumn !== null) ids.push(parser.id)
    texts.forEach((column, at) => column.texts.push(parser.texts[at] ?? ''))
    for (const { column, text: token } of parser.odd) {
      const of = numbers[column]
      if (!of || of.oddTexts.length >= keptOddTexts || ++odd > mostOddTexts) continue
      of.oddTexts.push({ row, line, column: of.name, text: token })
    }
    for (let column = 0; column < values.length; column++) keeper.add(column, values[column] as number)
    keeper.endRow()
    if (row % rowsBetweenSigns === 0) pulse()
    if (row >= limits.rows) refuse('PART_UNREADABLE', { part: 'the rows', why: `there are more than ${limits.rows}` })
  }
  ragged.refuseIfAny()
  const matrix = await keeper.end()
  return { rows: matrix.rows, ids: dialect.idColumn === null ? null : ids, numbers, matrix, texts }
}

/** A column is of numbers when the sample holds more numbers than texts in it. */
function kindsOf(dialect: Dialect, sample: readonly TextRecord[]): ColumnKind[] {
  const counts = dialect.names.map(() => ({ numbers: 0, texts: 0 }))
  for (const { line, text } of sample) {
    if (line <= dialect.headerLine) continue
    const fields = fieldsOf(text, dialect.delimiter)
    if (fields.length !== dialect.width) continue
    counts.forEach((count, at) => {
      const value = numberIn(fields[at] ?? '', dialect.style)
      if (value === null) count.texts++
      else if (!Number.isNaN(value)) count.numbers++
    })
  }
  return counts.map(({ numbers, texts }, at) =>
    at === dialect.idColumn ? 'id' : numbers > texts || (texts === 0 && sample.length < 3) ? 'number' : 'text',
  )
}

/** Collects the rows of another length, to name them all at once. */
class RaggedRows {
  private readonly lines: string[] = []
  private count = 0

  constructor(
    private readonly dialect: Dialect,
    private readonly fileName: string,
  ) {
    const { unfitNames, width, headerLine } = dialect
    if (unfitNames !== null) this.note(headerLine, unfitNames, width)
  }

  note(line: number, found: number, wanted = this.dialect.width): void {
    this.count++
    const difference = found - wanted
    const amount = `${plural(Math.abs(difference), 'value')} too ${difference > 0 ? 'many' : 'few'}`
    if (this.lines.length < 5) this.lines.push(`line ${line} has ${amount}`)
  }

  refuseIfAny(): void {
    if (this.count === 0) return
    const more = this.count > this.lines.length ? ` and ${plural(this.count - this.lines.length, 'more line')}` : ''
    refuse('TABLE_RAGGED', { file: this.fileName, why: this.lines.join(', ') + more })
  }
}
