// From text to records: line breaks of every kind, quoted fields with line breaks inside, and the fields of one record.
// Invariant: no record grows beyond `longestRecord` letters, so a file without line breaks stops early.
import { refuse } from '../../../base/refusal'

export interface TextRecord {
  /** Line of the file at which it starts, from 1. */
  readonly line: number
  readonly text: string
}

const longestRecord = 32 * 1024 * 1024
const mostLinesInQuotes = 1000
const lineEnd = /[\r\n]/
const quoteStartsField = /(?:^|[,;\t ])"/

/** Splits pieces of text into records. */
export async function* recordsOf(pieces: AsyncIterable<string>, fileName: string): AsyncGenerator<TextRecord> {
  const splitter = new RecordSplitter(fileName)
  for await (const piece of pieces) yield* splitter.push(piece, false)
  yield* splitter.push('', true)
}

class RecordSplitter {
  private rest = ''
  /** Pieces of a line whose end was not seen yet, and their letters: joined once. */
  private waiting: string[] = []
  private letters = 0
  private line = 0
  private open: { line: number; lines: string[]; letters: number } | null = null

  constructor(private readonly fileName: string) {}

  *push(piece: string, last: boolean): Generator<TextRecord> {
    if (piece.includes('\0')) {
      refuse('FILE_NOT_RECOGNISED', { file: this.fileName, looksLike: 'it holds zero bytes, so it is not a text table' })
    }
    this.letters += piece.length
    if (this.letters > longestRecord) this.tooLong()
    if (!last && !lineEnd.test(piece)) {
      this.waiting.push(piece)
      return
    }
    const text = [this.rest, ...this.waiting, piece].join('')
    this.waiting = []
    // A carriage return at the very end may be the first half of a Windows line end.
    const usable = !last && text.endsWith('\r') ? text.length - 1 : text.length
    const lines = text.slice(0, usable).split(/\r\n|\n|\r/)
    const unfinished = lines.pop() ?? ''
    this.rest = unfinished + text.slice(usable)
    this.letters = this.rest.length
    for (const line of lines) yield* this.add(line)
    if (!last) return
    if (this.rest !== '') yield* this.add(this.rest)
    if (this.open) this.unclosed(this.open.line)
  }

  private *add(text: string): Generator<TextRecord> {
    this.line++
    if (!this.open) {
      if (text.includes('"') && quoteStartsField.test(text) && oddQuotes(text))
        this.open = { line: this.line, lines: [text], letters: text.length }
      else if (text.trim() !== '') yield { line: this.line, text }
      return
    }
    this.open.lines.push(text)
    this.open.letters += text.length
    if (this.open.lines.length > mostLinesInQuotes || this.open.letters > longestRecord) this.unclosed(this.open.line)
    if (!oddQuotes(text)) return
    const { line, lines } = this.open
    this.open = null
    yield { line, text: lines.join('\n') }
  }

  private unclosed(line: number): never {
    return refuse('FILE_DAMAGED', { file: this.fileName, why: `a quotation mark opened in line ${line} is never closed` })
  }

  private tooLong(): never {
    const looksLike = 'it has no line ends for many millions of letters, so it is not a text table'
    return refuse('FILE_NOT_RECOGNISED', { file: this.fileName, looksLike })
  }
}

function oddQuotes(text: string): boolean {
  let odd = false
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd
  return odd
}

/**
 * How many fields a record has, without making them. Read letter by letter: a line is a part of a longer text, and to search such a
 * part again and again for the next separator takes time with the square of its length.
 */
export function fieldCount(text: string, delimiter: string): number {
  const [separator, quote] = [delimiter.charCodeAt(0), 34]
  let count = 1
  let [starts, inside] = [true, false]
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (inside) {
      // A doubled quotation mark ends the quotes and starts them again.
      if (letter === quote && text.charCodeAt(at + 1) === quote) at++
      else if (letter === quote) inside = false
    } else if (letter === separator) {
      count++
      starts = true
      continue
    } else if (starts && letter === quote) inside = true
    starts = false
  }
  return count
}

/** The fields of one record; doubled quotation marks inside quotes stand for one. */
export function fieldsOf(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter)
  const fields: string[] = []
  let at = 0
  while (at <= text.length) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at)
      fields.push(text.slice(at, end < 0 ? text.length : end))
      at = end < 0 ? text.length + 1 : end + 1
      continue
    }
    let field = ''
    let from = at + 1
    for (;;) {
      const end = text.indexOf('"', from)
      if (end < 0) {
        field += text.slice(from)
        from = text.length
        break
      }
      field += text.slice(from, end)
      from = end + 1
      if (text[from] !== '"') break
      field += '"'
      from++
    }
    const end = text.indexOf(delimiter, from)
    fields.push(field + text.slice(from, end < 0 ? text.length : end))
    at = end < 0 ? text.length + 1 : end + 1
  }
  return fields
}
