// Parts and columns of a source with their rows chosen and ordered as another file has them.
// Invariant: `rows` names existing rows for matrices; only columns may have gaps (−1), which become missing values.
import type { Csr } from '../../../base/sparse'
import { blockPart, memoryPart, wholeMatrix } from '../parts'
import { keepRows } from '../rows'
import type { ColumnValues, MatrixPart } from '../source-reader'

/** The same matrix with these rows in this order. */
export function reorderedPart(part: MatrixPart, rows: Uint32Array): MatrixPart {
  return blockPart({
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
    async *blocks(tick) {
      const all = keepRows(await wholeMatrix(part, tick), rows)
      yield* memoryPart(part.key, all, part.dense).blocks(() => Promise.resolve())
    },
  })
}

/** The same for rows of which some are not there (−1); those have no values. */
export function partWithGaps(part: MatrixPart, rows: Int32Array): MatrixPart {
  const kept = Uint32Array.from(rows.filter((row) => row >= 0))
  const whole = reorderedPart(part, kept)
  const spread = (matrix: Csr, places: Int32Array): Csr => {
    const indptr = new Float64Array(places.length + 1)
    let row = 0
    places.forEach((place, at) => {
      indptr[at + 1] = place < 0 ? (indptr[at] as number) : (matrix.indptr[++row] as number)
    })
    return { ...matrix, rows: places.length, indptr }
  }
  return blockPart({
    ...whole,
    rows: rows.length,
    dense: false,
    async sample(wanted) {
      const places = Int32Array.from(wanted, (row) => rows[row] ?? -1)
      const before = new Map(Array.from(kept, (row, place) => [row, place]))
      const there = Uint32Array.from(
        places.filter((place) => place >= 0),
        (place) => before.get(place) ?? 0,
      )
      return spread(await whole.sample(there), places)
    },
    async *blocks(tick) {
      const all = spread(await wholeMatrix(whole, tick), rows)
      yield* memoryPart(part.key, all, false).blocks(() => Promise.resolve())
    },
  })
}

/** Only these rows, which ascend; read block by block. */
export function keptRowsPart(part: MatrixPart, rows: Uint32Array): MatrixPart {
  return blockPart({
    ...part,
    rows: rows.length,
    stored: Math.ceil((part.stored / Math.max(1, part.rows)) * rows.length),
    sample: (wanted) => part.sample(wanted.map((row) => rows[row] as number)),
    async *blocks(tick) {
      let done = 0
      for await (const { start, matrix } of part.blocks(tick)) {
        const first = done
        while (done < rows.length && (rows[done] as number) < start + matrix.rows) done++
        if (done > first) {
          yield {
            start: first,
            matrix: keepRows(
              matrix,
              rows.subarray(first, done).map((row) => row - start),
            ),
          }
        }
      }
    },
  })
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
