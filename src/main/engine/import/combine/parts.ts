// Matrices made of matrices: several under each other, columns in another order, rows brought to another scale.
// Invariant: nothing is read before it is asked for, and rows keep their order.
import type { Csr } from '../../../base/sparse'
import { blockPart } from '../parts'
import { stackRows, tidyRows } from '../rows'
import type { MatrixPart } from '../source-reader'

/** All rows of the first part, then all of the second, and so on; the parts have the same columns. */
export function stackedPart(key: string, parts: readonly MatrixPart[]): MatrixPart {
  const columns = parts[0]?.columns ?? 0
  const starts: number[] = []
  let rows = 0
  for (const part of parts) {
    starts.push(rows)
    rows += part.rows
  }
  return blockPart({
    key,
    rows,
    columns,
    dense: parts.every((part) => part.dense),
    stored: parts.reduce((sum, part) => sum + part.stored, 0),
    async sample(wanted) {
      const blocks: Csr[] = []
      for (const [at, part] of parts.entries()) {
        const start = starts[at] ?? 0
        const own = wanted.filter((row) => row >= start && row < start + part.rows).map((row) => row - start)
        if (own.length > 0) blocks.push(await part.sample(own))
      }
      return stackRows(blocks, columns)
    },
    async *blocks(tick, scratch) {
      for (const [at, part] of parts.entries()) {
        for await (const { start, matrix } of part.blocks(tick, scratch)) yield { start: (starts[at] ?? 0) + start, matrix }
      }
    },
  })
}

/** Rows changed one by one; `change` keeps their number and gives `columns` columns. */
export function changedPart(part: MatrixPart, columns: number, change: (rows: Csr) => Csr): MatrixPart {
  return blockPart({
    ...part,
    columns,
    sample: async (wanted) => change(await part.sample(wanted)),
    async *blocks(tick, scratch) {
      for await (const { start, matrix } of part.blocks(tick, scratch)) yield { start, matrix: change(matrix) }
    },
  })
}

/** Columns moved to new places; −1 leaves a column out. */
export function movedColumns(part: MatrixPart, places: Int32Array, columns: number): MatrixPart {
  return changedPart(part, columns, (matrix) => {
    const indptr = new Float64Array(matrix.rows + 1)
    const indices = new Uint32Array(matrix.indices.length)
    const values = new Float32Array(matrix.values.length)
    let to = 0
    for (let row = 0; row < matrix.rows; row++) {
      const end = matrix.indptr[row + 1] as number
      for (let at = matrix.indptr[row] as number; at < end; at++) {
        const place = places[matrix.indices[at] as number] as number
        if (place < 0) continue
        indices[to] = place
        values[to++] = matrix.values[at] as number
      }
      indptr[row + 1] = to
    }
    return tidyRows({ rows: matrix.rows, columns, indptr, indices: indices.slice(0, to), values: values.slice(0, to) }).matrix
  })
}
