// One pass over all records of a table: names of the rows, columns of numbers and columns of text.
// Invariants: rows of another length refuse the table (nothing is shifted); numbers of wide tables are kept without their zeros.
import { limits } from '@contract'
import { refuse } from '../../../base/refusal'
import type { Csr } from '../../../base/sparse'
import { plural } from '../problems'
import { isComment, type Dialect } from './dialect'
import { numberIn, type NumberStyle } from './numbers'
import { fieldsOf, type TextRecord } from './records'

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
  readonly matrix: Csr
  readonly texts: readonly TextColumn[]
}

/** More numbers than this belong into a file made for them. */
const mostStored = 250_000_000
const keptOddTexts = 1000

/** Reads all records after the header. Refuses with TABLE_RAGGED, or PART_UNREADABLE when the table is too large. */
export async function collect(
  records: AsyncIterable<TextRecord>,
  dialect: Dialect,
  sample: readonly TextRecord[],
  fileName: string,
): Promise<Collected> {
  const kinds = kindsOf(dialect, sample)
  const ids: string[] = []
  const builder = new MatrixBuilder(fileName)
  const ragged = new RaggedRows(dialect, fileName)
  const texts = kinds.flatMap((kind, at) =>
    kind === 'text' ? [{ at, name: dialect.names[at] ?? '', texts: [] as string[] }] : [],
  )
  const numbers = kinds.flatMap((kind, at) =>
    kind === 'number' ? [{ at, name: dialect.names[at] ?? '', oddTexts: [] as OddText[] }] : [],
  )
  let row = 0
  for await (const { line, text } of records) {
    if (line <= dialect.headerLine) continue
    const fields = fieldsOf(text, dialect.delimiter)
    if (isComment(fields) && dialect.width > 1) continue
    if (fields.length !== dialect.width) {
      ragged.note(line, fields.length)
      continue
    }
    if (dialect.idColumn !== null) ids.push(fields[dialect.idColumn] ?? '')
    for (const column of texts) column.texts.push(fields[column.at] ?? '')
    numbers.forEach(({ at, name, oddTexts }, column) => {
      const token = fields[at] ?? ''
      const value = quickNumber(token, dialect.style)
      if (value === null && oddTexts.length < keptOddTexts) oddTexts.push({ row, line, column: name, text: token })
      builder.add(column, value ?? NaN)
    })
    builder.endRow()
    row++
    if (row > limits.rows) refuse('PART_UNREADABLE', { part: 'the rows', why: `there are more than ${limits.rows}` })
  }
  ragged.refuseIfAny()
  return { rows: row, ids: dialect.idColumn === null ? null : ids, numbers, matrix: builder.finish(numbers.length), texts }
}

const plainDigits = /^-?\d+(?:\.\d+)?$/

/** The common case first: most tokens of a matrix are plain digits. */
function quickNumber(token: string, style: NumberStyle): number | null {
  if (token === '0') return 0
  if (style.groups === '' && plainDigits.test(token) && (token.charCodeAt(0) !== 48 || token.charCodeAt(1) === 46))
    return Number(token)
  return numberIn(token, style)
}

/** A column is of numbers when the sample holds more numbers than texts in it. */
function kindsOf(dialect: Dialect, sample: readonly TextRecord[]): ('number' | 'text' | 'id')[] {
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

/** Compressed rows that grow. */
class MatrixBuilder {
  private indices = new Uint32Array(1024)
  private values = new Float32Array(1024)
  private readonly ends: number[] = [0]
  private stored = 0

  constructor(private readonly fileName: string) {}

  add(column: number, value: number): void {
    if (value === 0) return
    if (this.stored === this.values.length) this.grow()
    this.indices[this.stored] = column
    this.values[this.stored++] = value
  }

  endRow(): void {
    this.ends.push(this.stored)
  }

  finish(columns: number): Csr {
    return {
      rows: this.ends.length - 1,
      columns,
      indptr: Float64Array.from(this.ends),
      indices: this.indices.slice(0, this.stored),
      values: this.values.slice(0, this.stored),
    }
  }

  private grow(): void {
    if (this.stored >= mostStored) {
      const next = 'Write it as an .h5ad file, which needs much less memory.'
      refuse('PART_UNREADABLE', { part: this.fileName, why: 'the table holds too many numbers for a text file', next })
    }
    const size = Math.min(mostStored, this.stored * 2)
    const [indices, values] = [new Uint32Array(size), new Float32Array(size)]
    indices.set(this.indices)
    values.set(this.values)
    this.indices = indices
    this.values = values
  }
}
