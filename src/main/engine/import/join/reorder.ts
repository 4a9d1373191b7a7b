// Parts and columns of a source with their rows chosen and ordered as another file has them.
// Invariant: `rows` names existing rows for matrices; only columns may have gaps (−1), which become missing values.
import { keepRows } from '../rows'
import type { ColumnValues, MatrixPart } from '../source-reader'

/** The same matrix with these rows in this order. */
export function reorderedPart({ lookRows: _, ...part }: MatrixPart, rows: Uint32Array): MatrixPart {
  return {
    ...part,
    rows: rows.length,
    stored: Math.ceil((part.stored / Math.max(1, part.rows)) * rows.length),
    async sample(wanted) {
      const asked = Array.from(wanted, (row) => rows[row] as number)
      const ascending = [...new Set(asked)].sort((a, b) => a - b)
      const placeOf = new Map(ascending.map((row, place) => [row, place]))
      const found = await part.sample(Uint32Array.from(ascending))
      return keepRows(
        found,
        Uint32Array.from(asked, (row) => placeOf.get(row) ?? 0),
      )
    },
    readSparse: async (tick) => keepRows(await part.readSparse(tick), rows),
    async readDense(tick) {
      const all = await part.readDense(tick)
      const out = new Float32Array(rows.length * part.columns)
      rows.forEach((row, to) => out.set(all.subarray(row * part.columns, (row + 1) * part.columns), to * part.columns))
      return out
    },
  }
}

/** A column for these rows; −1 is a cell without a value. */
export function reorderedColumn(values: ColumnValues, rows: Int32Array): ColumnValues {
  switch (values.kind) {
    case 'category':
      return { ...values, codes: rows.map((row) => (row < 0 ? -1 : (values.codes[row] ?? -1))) }
    case 'number':
      return { ...values, values: Float64Array.from(rows, (row) => values.values[row] ?? NaN) }
    case 'text':
      return { kind: 'text', texts: Array.from(rows, (row) => values.texts[row] ?? null) }
  }
}
