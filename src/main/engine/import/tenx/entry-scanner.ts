// Lines of a Matrix Market file straight from its bytes: plain entries are read digit by digit, everything else as text.
// Invariant: a line read the fast way gives the same numbers as the same line read as text; no line grows without end.
import { refuse } from '../../../base/refusal'

const [tab, newline, carriageReturn, space, point, digit0, digit9] = [9, 10, 13, 32, 46, 48, 57]
const longestLine = 1024 * 1024
/** Decimals whose quotient by a power of ten is exact to the last bit of a double. */
const mostDigits = 15
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, power) => 10 ** power)

export interface LineTaker {
  /** A line "row column value" of plain digits; numbers from 1, as written. */
  entry(row: number, column: number, value: number, line: number): void
  /** Any other line that is not blank. */
  text(text: string, line: number): void
}

export class EntryScanner {
  private rest = new Uint8Array(0)
  private line = 1
  private readonly numbers = new Float64Array(3)

  constructor(
    private readonly fileName: string,
    private readonly taker: LineTaker,
  ) {}

  push(piece: Uint8Array): void {
    const bytes = joined(this.rest, piece)
    let at = 0
    for (;;) {
      const next = this.plainEntry(bytes, at)
      if (next > 0) {
        const [row, column, value] = this.numbers as unknown as [number, number, number]
        this.taker.entry(row, column, value, this.line++)
        at = next
        continue
      }
      const end = bytes.indexOf(newline, at)
      if (end < 0) break
      this.asText(bytes.subarray(at, end))
      at = end + 1
    }
    this.rest = bytes.slice(at)
    if (this.rest.length > longestLine) {
      const looksLike = 'it has no line ends for many letters, so it is no matrix as text'
      refuse('FILE_NOT_RECOGNISED', { file: this.fileName, looksLike })
    }
  }

  end(): void {
    if (this.rest.length > 0) this.asText(this.rest)
    this.rest = new Uint8Array(0)
  }

  /** The place after a line of three plain numbers that ends within `bytes`, or -1 for anything else. */
  private plainEntry(bytes: Uint8Array, start: number): number {
    let at = start
    for (let field = 0; field < 3; field++) {
      const first = at
      let number = 0
      let byte = bytes[at] as number
      while (byte >= digit0 && byte <= digit9) {
        number = number * 10 + byte - digit0
        byte = bytes[++at] as number
      }
      let digits = at - first
      if (digits === 0) return -1
      if (byte === point && field === 2) {
        const from = at + 1
        byte = bytes[++at] as number
        while (byte >= digit0 && byte <= digit9) {
          number = number * 10 + byte - digit0
          byte = bytes[++at] as number
        }
        digits += at - from
        if (digits > mostDigits) return -1
        number /= powersOfTen[at - from] as number
      } else if (digits > mostDigits) return -1
      this.numbers[field] = number
      if (field < 2 && byte !== space && byte !== tab) return -1
      if (field < 2) at++
    }
    if (bytes[at] === carriageReturn) at++
    return bytes[at] === newline ? at + 1 : -1
  }

  /** Old line ends may stand within what the new ones divide. */
  private asText(bytes: Uint8Array): void {
    const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\r')
    if (lines.length > 1 && lines.at(-1) === '') lines.pop()
    for (const text of lines) {
      if (text.includes('\0')) {
        refuse('FILE_NOT_RECOGNISED', { file: this.fileName, looksLike: 'it holds zero bytes, so it is not a text table' })
      }
      if (text.trim() !== '') this.taker.text(text, this.line)
      this.line++
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
