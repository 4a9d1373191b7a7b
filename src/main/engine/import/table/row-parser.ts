// One record of a text table as numbers and texts. Plain records are read letter by letter, since a large table has a billion of them.
// Invariants: both ways of reading give the same; what is kept of a record never keeps the whole record in memory.
import type { Dialect } from './dialect'
import { numberIn } from './numbers'
import { fieldsOf } from './records'

export type ColumnKind = 'number' | 'text' | 'id'

/** Text where a number is expected. */
export interface OddField {
  /** Among the columns of numbers. */
  readonly column: number
  readonly text: string
}

const [minus, point, digit0, digit9] = [45, 46, 48, 57]
const mostDigits = 15
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, power) => 10 ** power)
const mostRemembered = 50_000

export class RowParser {
  /** Of the columns of numbers, in the record read last; missing is NaN. */
  readonly values: Float64Array
  /** Of the columns of text. */
  readonly texts: string[]
  id = ''
  odd: OddField[] = []
  /** Column of each field among those of its kind; -1 for what is neither number nor text. */
  private readonly numberAt: Int32Array
  private readonly textAt: Int32Array
  private readonly delimiter: number
  private readonly isPlain: boolean
  private readonly remembered = new Map<string, string>()

  constructor(
    private readonly dialect: Dialect,
    kinds: readonly ColumnKind[],
  ) {
    const placed = (kind: ColumnKind): Int32Array => {
      let next = 0
      return Int32Array.from({ length: dialect.width }, (_, at) => (kinds[at] === kind ? next++ : -1))
    }
    this.numberAt = placed('number')
    this.textAt = placed('text')
    this.values = new Float64Array(kinds.filter((kind) => kind === 'number').length)
    this.texts = kinds.filter((kind) => kind === 'text').map(() => '')
    this.delimiter = dialect.delimiter.charCodeAt(0)
    this.isPlain = dialect.style.groups === ''
  }

  /** Reads a record; answers how many fields it has, and has read it only when they are as many as the table is wide. */
  read(text: string): number {
    if (this.odd.length > 0) this.odd = []
    if (this.isPlain && !text.includes('"')) return this.readPlain(text)
    const fields = fieldsOf(text, this.dialect.delimiter)
    if (fields.length === this.dialect.width) fields.forEach((field, at) => this.take(at, field))
    return fields.length
  }

  private readPlain(text: string): number {
    const { numberAt, values, delimiter } = this
    const { width } = this.dialect
    const { length } = text
    let at = 0
    for (let field = 0; field < width; field++) {
      const column = numberAt[field] as number
      const start = at
      let isRead = false
      if (column >= 0) {
        let letter = text.charCodeAt(at)
        const isNegative = letter === minus
        if (isNegative) letter = text.charCodeAt(++at)
        const first = at
        const lead = letter
        let number = 0
        while (letter >= digit0 && letter <= digit9) {
          number = number * 10 + letter - digit0
          letter = text.charCodeAt(++at)
        }
        let digits = at - first
        // 007 is a text, 0 and 0.5 are numbers.
        let isFit = digits > 0 && (lead !== digit0 || digits === 1)
        if (letter === point) {
          const from = at + 1
          letter = text.charCodeAt(++at)
          while (letter >= digit0 && letter <= digit9) {
            number = number * 10 + letter - digit0
            letter = text.charCodeAt(++at)
          }
          const decimals = at - from
          digits += decimals
          isFit &&= decimals > 0 && digits <= mostDigits
          if (isFit) number /= powersOfTen[decimals] as number
        }
        if (isFit && digits <= mostDigits && (at >= length || letter === delimiter)) {
          values[column] = isNegative ? -number : number
          isRead = true
        }
      }
      if (!isRead) {
        const found = text.indexOf(this.dialect.delimiter, start)
        at = found < 0 ? length : found
        this.take(field, text.slice(start, at))
      }
      if (at >= length) return field + 1
      at++
    }
    return fieldsOf(text, this.dialect.delimiter).length
  }

  private take(field: number, token: string): void {
    const column = this.numberAt[field] as number
    if (column >= 0) {
      const value = numberIn(token, this.dialect.style)
      if (value === null) this.odd.push({ column, text: alone(token) })
      this.values[column] = value ?? NaN
      return
    }
    const text = this.textAt[field] as number
    if (text >= 0) this.texts[text] = this.known(token)
    else if (field === this.dialect.idColumn) this.id = alone(token)
  }

  /** The same word is kept once. */
  private known(token: string): string {
    const known = this.remembered.get(token)
    if (known !== undefined) return known
    const text = alone(token)
    if (this.remembered.size < mostRemembered) this.remembered.set(text, text)
    return text
  }
}

/** A part of a long text keeps all of it in memory; a copy does not. Short ones are copies already. */
export const alone = (text: string): string => (text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le'))
