// Values as the libraries of column files give them (numbers, bigints, dates, booleans, gaps), as numbers and as text.
import { numberColumn, truthColumn } from '../anndata/column'
import type { ColumnValues } from '../source-reader'

/** As numbers; what is missing is NaN. */
export function numbersOf(values: ArrayLike<unknown>): Float64Array {
  if (values instanceof Float64Array) return values
  const out = new Float64Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    out[row] = typeof value === 'number' ? value : value === null || value === undefined ? NaN : Number(value)
  }
  return out
}

/** As text; what is missing is null, a date is written as in ISO 8601, without its time at midnight. */
export function textsOf(values: ArrayLike<unknown>): (string | null)[] {
  return Array.from(values, (value) => {
    if (value === null || value === undefined) return null
    if (value instanceof Date) return dateText(value)
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
    return String(value)
  })
}

/** 2024-03-01, or 2024-03-01 13:30:00 when it is not midnight. */
export function dateText(date: Date): string | null {
  if (Number.isNaN(date.getTime())) return null
  const text = date.toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ')
}

/** Yes and no with gaps, as a category. */
export function truthValues(values: ArrayLike<unknown>): ColumnValues {
  const column = truthColumn(Array.from(values, (value) => (value ? 1 : 0)))
  if (column.kind !== 'category') return column
  return { ...column, codes: column.codes.map((code, row) => (values[row] === null || values[row] === undefined ? -1 : code)) }
}

export const numberValues = (values: ArrayLike<unknown>): ColumnValues => numberColumn(numbersOf(values))
