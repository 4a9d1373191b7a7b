// Parts and columns of a source with their rows chosen and ordered as another file has them.
// Invariant: `rows` names existing rows for matrices; only columns may have gaps (−1), which become missing values.
import { firstAtLeast } from '../../../base/sparse-pages'
import type { Csr } from '../../../base/sparse'
import type { Scratch } from '../../scratch/folder'
import { RowFile } from '../../scratch/row-file'
import { blockPart } from '../parts'
import { keepRows } from '../rows'
import { blockValues, type ColumnValues, type MatrixPart, type RowBlock } from '../source-reader'

/** The same matrix with these rows in this order. */
export function reorderedPart({ lookRows: _, ...part }: MatrixPart, rows: Uint32Array): MatrixPart {
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
    blocks: (tick, scratch) =>
      ascends(rows)
        ? pickedBlocks(part.blocks(tick, scratch), rows)
        : shuffledBlocks(part.blocks(tick, scratch), part, rows, scratch),
  })
}

const ascends = (rows: Uint32Array): boolean => rows.every((row, at) => at === 0 || row > (rows[at - 1] as number))

/** Only the rows named, which ascend. */
async function* pickedBlocks(blocks: AsyncIterable<RowBlock>, rows: Uint32Array): AsyncGenerator<RowBlock> {
  let taken = 0
  for await (const { start, matrix } of blocks) {
    const end = firstAtLeast(rows, start + matrix.rows)
    const wanted = rows.subarray(taken, end).map((row) => row - start)
    if (wanted.length > 0) yield { start: taken, matrix: wanted.length === matrix.rows ? matrix : keepRows(matrix, wanted) }
    taken = end
  }
}

/** Rows in any order: all of them go into a scratch file one by one, from where they are fetched in the order wanted. */
async function* shuffledBlocks(
  blocks: AsyncIterable<RowBlock>,
  { columns }: MatrixPart,
  rows: Uint32Array,
  scratch: Scratch,
): AsyncGenerator<RowBlock> {
  const file = new RowFile(scratch, columns)
  try {
    for await (const { matrix } of blocks) file.add(matrix)
    for (let start = 0; start < rows.length;) {
      const matrix = file.read(rows, start, blockValues)
      yield { start, matrix }
      start += matrix.rows
    }
  } finally {
    file.remove()
  }
}

/** The same for rows of which some are not there (−1); those have no values. */
export function partWithGaps(part: MatrixPart, rows: Int32Array): MatrixPart {
  const kept = Uint32Array.from(rows.filter((row) => row >= 0))
  const whole = reorderedPart(part, kept)
  return blockPart({
    ...whole,
    rows: rows.length,
    dense: false,
    async sample(wanted) {
      const placeOf = new Int32Array(rows.length)
      let before = 0
      rows.forEach((row, at) => (placeOf[at] = row < 0 ? -1 : before++))
      const places = Int32Array.from(wanted, (row) => placeOf[row] ?? -1)
      return spread(await whole.sample(Uint32Array.from(places.filter((place) => place >= 0))), places)
    },
    blocks: (tick, scratch) => spreadBlocks(whole.blocks(tick, scratch), rows, part.columns),
  })
}

/** Rows with empty ones between them, wherever a place is −1. */
async function* spreadBlocks(blocks: AsyncIterable<RowBlock>, rows: Int32Array, columns: number): AsyncGenerator<RowBlock> {
  let start = 0
  for await (const { matrix } of blocks) {
    let end = start
    for (let left = matrix.rows; left > 0; end++) if ((rows[end] as number) >= 0) left--
    yield { start, matrix: spread(matrix, rows.subarray(start, end)) }
    start = end
  }
  const none = { rows: 0, columns, indptr: new Float64Array(1), indices: new Uint32Array(0), values: new Float32Array(0) }
  if (start < rows.length) yield { start, matrix: spread(none, rows.subarray(start)) }
}

function spread(matrix: Csr, places: Int32Array): Csr {
  const indptr = new Float64Array(places.length + 1)
  let row = 0
  places.forEach((place, at) => {
    indptr[at + 1] = place < 0 ? (indptr[at] as number) : (matrix.indptr[++row] as number)
  })
  return { ...matrix, rows: places.length, indptr }
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
