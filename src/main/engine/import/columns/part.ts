// The columns of numbers of a file stored column by column, as a matrix. Invariant: the file is passed a bounded number of columns at a time.
import { transpose, type Csr } from '../../../base/sparse'
import { runsOf, sparseFromDense, stackRows } from '../rows'
import type { MatrixPart } from '../source-reader'
import type { ColumnFile } from './column-file'
import { numbersOf } from './values'

const valuesAtOnce = 16_000_000

/** These columns of the file as cells × dimensions or cells × genes. */
export function columnsPart(key: string, file: ColumnFile, columns: readonly number[]): MatrixPart {
  const { rows } = file
  const width = columns.length
  /** Hands over every column's values of rows [start, stop), a few columns at a time. */
  async function eachColumn(start: number, stop: number, use: (at: number, values: Float64Array) => void): Promise<void> {
    const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, stop - start)))
    for (let first = 0; first < width; first += atOnce) {
      const some = columns.slice(first, first + atOnce)
      const values = await file.read(some, start, stop)
      values.forEach((each, at) => use(first + at, numbersOf(each)))
    }
  }
  async function dense(start: number, stop: number): Promise<Float32Array> {
    const out = new Float32Array((stop - start) * width)
    await eachColumn(start, stop, (at, values) => {
      for (let row = 0, to = at; row < values.length; row++, to += width) out[to] = values[row] as number
    })
    return out
  }
  return {
    key,
    rows,
    columns: width,
    dense: true,
    stored: rows * width,
    async sample(wanted) {
      const pieces: Csr[] = []
      for (const [start, stop] of runsOf(wanted)) pieces.push(sparseFromDense(await dense(start, stop), stop - start, width))
      return stackRows(pieces, width)
    },
    async readSparse(tick) {
      const byColumn: Csr[] = []
      await eachColumn(0, rows, (_, values) => byColumn.push(sparseFromDense(values, 1, rows)))
      await tick(rows * width)
      return transpose(stackRows(byColumn, rows))
    },
    async readDense(tick) {
      const values = await dense(0, rows)
      await tick(rows * width)
      return values
    },
  }
}
