// Dense matrices: a two-dimensional dataset, one array field of an old compound dataset, or the numeric columns of a table.
import { refuse } from '../../../base/refusal'
import { rowsPerSlice, type DataArray, type RecordField } from '../data-tree'
import type { Numbers } from '../hdf5/decode'
import { rowPart } from '../parts'
import type { Frame, MatrixPart } from '../source-reader'

/** A dense matrix dataset of two dimensions; one dimension counts as one column. */
export function densePart(key: string, array: DataArray): MatrixPart {
  const shape = array.shape
  if (shape === null || shape.length === 0 || shape.length > 2) {
    refuse('PART_UNREADABLE', { part: key, why: `it has ${shape?.length ?? 0} dimensions where two are expected` })
  }
  if (!array.isNumber) refuse('PART_UNREADABLE', { part: key, why: 'it does not hold numbers' })
  const columns = shape[1] ?? 1
  return rowPart(key, {
    rows: array.rows,
    columns,
    rowsAtOnce: rowsPerSlice(array, columns * Math.max(4, array.valueBytes)),
    read: (start, stop): Numbers => array.numbers(start, stop),
  })
}

/** One field of an array of records: `X_pca` = 50 numbers per record. */
export function fieldPart(key: string, array: DataArray, field: RecordField): MatrixPart {
  return rowPart(key, {
    rows: array.rows,
    columns: field.width,
    rowsAtOnce: rowsPerSlice(array, array.valueBytes),
    read: (start, stop) => field.numbers(start, stop),
  })
}

/** The numeric columns of a table, as dimensions. */
export function framePart(key: string, frame: Frame): MatrixPart {
  const columns = frame.columns.flatMap(({ values }) => (values.kind === 'number' ? [values.values] : []))
  return rowPart(key, {
    rows: frame.rows,
    columns: columns.length,
    rowsAtOnce: Math.max(1, frame.rows),
    read: (start, stop) => {
      const block = new Float32Array((stop - start) * columns.length)
      columns.forEach((values, column) => {
        for (let row = start; row < stop; row++) block[(row - start) * columns.length + column] = values[row] as number
      })
      return block
    },
  })
}
