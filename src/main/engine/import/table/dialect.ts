// How a text table is written, judged from its first records: separator, names, where the ids are, style of numbers.
// Invariant: what cannot be decided is said (`doubt`), never guessed silently.
import type { HeaderAnswer } from '@contract'
import { fieldCount, fieldsOf, type TextRecord } from './records'
import { isMissing, numberIn, styleOf, type NumberStyle } from './numbers'

export interface Dialect {
  readonly delimiter: string
  /** Values per row as written. */
  readonly width: number
  /** Names per column; made up (V1, V2 …) where the table has none. */
  readonly names: readonly string[]
  /** Column with the names of the rows, or null. */
  readonly idColumn: number | null
  readonly idName: string
  /** Line of the last record before the values. */
  readonly headerLine: number
  /** Why it is not certain that the first line names the columns; null when it is. */
  readonly doubt: string | null
  /** The first line holds values, so that no names are lost. */
  readonly nameless: boolean
  /** The first line cannot be matched with the rows: how many names it has. */
  readonly unfitNames: number | null
  readonly style: NumberStyle
  /** Every row ends with a separator. */
  readonly trailing: boolean
}

/** More than genes and columns of metadata together; lines of nothing but separators are no table. */
const mostFields = 1_000_000

const delimiters = ['\t', ';', ',', ' '] as const

/** Judges the table, `said` being the user's word on its first line; null when its lines have no common separator. */
export function dialectOf(records: readonly TextRecord[], said: HeaderAnswer | null = null): Dialect | null {
  const delimiter = delimiterOf(records)
  if (delimiter === null || records.some(({ text }) => fieldCount(text, delimiter) > mostFields)) return null
  const rows = records.map(({ line, text }) => ({ line, fields: fieldsOf(text, delimiter) }))
  const body = rows.filter(({ fields }, at) => at > 0 && !isComment(fields))
  const width = commonest((body.length > 0 ? body : rows).map(({ fields }) => fields.length))
  const headerAt = headerPosition(rows, width)
  const header = rows[headerAt] ?? { line: 0, fields: [] }
  const values = rows.slice(headerAt + 1).filter(({ fields }) => fields.length === width)
  const style = styleOf(values.flatMap(({ fields }) => fields))
  const first = header.fields.map((field, at) => (at === 0 ? field.replace(/^#\s*/, '') : field).trim())
  const trailing =
    values.length > 0 && width > 2 && values.every(({ fields }) => fields.at(-1) === '') && (first[width - 1] ?? '') === ''
  const used = trailing ? width - 1 : width
  const shifted = !trailing && first.length === width - 1 && values.length > 0
  const names = shifted ? ['', ...first] : first.slice(0, used)
  const seen = doubtOf(
    first,
    values.map(({ fields }) => fields),
    style,
  )
  // A first line of empty fields holds neither names nor values; it is passed over whatever was said.
  const doubt = said === null ? seen : said === 'no' && seen?.kind !== 'empty' ? certain : null
  const idColumn = shifted
    ? 0
    : idColumnOf(
        names,
        values.map(({ fields }) => fields),
        style,
        doubt !== null,
      )
  const nameless = doubt?.kind === 'values' || doubt?.kind === 'certain'
  return {
    delimiter,
    width,
    names: Array.from({ length: used }, (_, at) => (nameless ? '' : names[at]) || madeUpName(at, idColumn)),
    idColumn,
    idName: nameless || idColumn === null ? '' : (names[idColumn] ?? ''),
    headerLine: nameless ? header.line - 1 : header.line,
    doubt: doubt && doubt.kind !== 'certain' ? doubt.why : null,
    nameless,
    unfitNames: !shifted && !trailing && values.length > 0 && first.length !== width ? first.length : null,
    style,
    trailing,
  }
}

const madeUpName = (at: number, idColumn: number | null): string => `V${idColumn === null || at < idColumn ? at + 1 : at}`

export const isComment = (fields: readonly string[]): boolean => fields.length === 1 && (fields[0] ?? '').startsWith('#')

/** Leading comment lines are passed over; one that has as many fields as the rows is the header itself. */
function headerPosition(rows: readonly { readonly fields: readonly string[] }[], width: number): number {
  const plain = rows.findIndex(({ fields }) => !(fields[0] ?? '').startsWith('#'))
  const after = plain < 0 ? rows.length : plain
  const last = rows[after - 1]
  if (last && after > 0 && width > 1 && last.fields.length === width) return after - 1
  return Math.min(after, Math.max(0, rows.length - 1))
}

/** The separator that cuts most lines into the same number of fields; a clear one before a frequent one. */
function delimiterOf(records: readonly TextRecord[]): string | null {
  let best: { delimiter: string; share: number } | null = null
  const counted = records.filter(({ text }) => !text.startsWith('#'))
  for (const delimiter of delimiters) {
    const counts = counted.map(({ text }) => fieldCount(text, delimiter))
    const width = commonest(counts.length > 1 ? counts.slice(1) : counts)
    if (width < 2) continue
    const fits = counts.filter((count, at) => count === width || (at === 0 && count === width - 1)).length
    const share = fits / counts.length
    if (share > (best?.share ?? 0) + 0.05) best = { delimiter, share }
  }
  return best && best.share >= 0.5 ? best.delimiter : null
}

function commonest(counts: readonly number[]): number {
  const seen = new Map<number, number>()
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1)
  return [...seen].reduce((best, each) => (each[1] > best[1] ? each : best), [0, 0])[0]
}

interface Doubt {
  readonly kind: 'empty' | 'values' | 'certain'
  readonly why: string
}

const certain: Doubt = { kind: 'certain', why: '' }

/** Does the first line name the columns? */
function doubtOf(first: readonly string[], values: readonly (readonly string[])[], style: NumberStyle): Doubt | null {
  if (first.every((name) => name === '')) return { kind: 'empty', why: 'all its fields are empty' }
  const rest = first.slice(1)
  const numbers = rest.map((name) => (isMissing(name) ? null : numberIn(name, style)))
  if (rest.length === 0 || numbers.some((number) => number === null)) return null
  const numericBody = values.some((fields) => fields.slice(1).some((field) => numberIn(field, style) !== null))
  const running = numbers.every((number, at) => number === at || number === at + 1)
  if (!numericBody || running) return null
  if (idNames.some((pattern) => pattern.test(first[0] ?? ''))) return null
  // 0.5312 is never the name of a column; 4 could be.
  const broken = numbers.filter((number) => number !== null && !Number.isInteger(number)).length
  if (broken * 2 > numbers.length) return certain
  return { kind: 'values', why: 'it looks like values, and would be lost as a row if it were read as names' }
}

export const idNames: readonly RegExp[] = [
  /^(?:cells?|cell_?ids?|cell_?names?|barcodes?|cell_?barcodes?|obs_?names?|cb)$/i,
  /^(?:genes?|gene_?ids?|gene_?names?|gene_?symbols?|symbols?|features?|feature_?ids?|ensembl(?:_?id)?)$/i,
  /^(?:index|ids?|row_?names?|row\.names|rows?|names?|samples?|unnamed: 0)$/i,
]

/** The column that names the rows: by its name, else the first one when it holds texts that never repeat. */
function idColumnOf(
  names: readonly string[],
  values: readonly (readonly string[])[],
  style: NumberStyle,
  unsure: boolean,
): number | null {
  if (!unsure) {
    if (names[0] === '') return 0
    // A gene or a dimension may be called like an id; a column of numbers names rows only when it comes first.
    const holdsTexts = (at: number): boolean => values.every((fields) => numberIn(fields[at] ?? '', style) === null)
    for (const pattern of idNames) {
      const at = names.findIndex((name, place) => pattern.test(name.trim()) && (place === 0 || holdsTexts(place)))
      if (at >= 0) return at
    }
  }
  const texts = values.map((fields) => fields[0] ?? '')
  const unique = new Set(texts).size === texts.length
  return texts.length > 0 && unique && texts.every((text) => numberIn(text, style) === null) ? 0 : null
}
