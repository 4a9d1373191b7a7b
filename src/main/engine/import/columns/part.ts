// The columns of numbers of a file stored column by column, as a matrix. Invariant: the file is passed a bounded number of columns at a time.
import type { Csr } from '../../../base/sparse'
import { blockPart, sparseBlocks, turnedBlocks } from '../parts'
import { runsOf, sparseFromDense, stackRows } from '../rows'
import type { DenseBlock, MatrixPart, Tick } from '../source-reader'
import type { ColumnFile } from './column-file'
import { numbersOf } from './values'

const valuesAtOnce = 16_000_000
const mostKept = 64_000_000

/** Rows [start, stop) of these columns, row-major, read a few columns at a time. */
async function denseRows(file: ColumnFile, columns: readonly number[], start: number, stop: number): Promise<Float32Array> {
  const width = columns.length
  const out = new Float32Array((stop - start) * width)
  const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, stop - start)))
  for (let first = 0; first < width; first += atOnce) {
    const values = await file.read(columns.slice(first, first + atOnce), start, stop)
    values.forEach((each, at) => {
      const numbers = numbersOf(each)
      for (let row = 0, to = first + at; row < numbers.length; row++, to += width) out[to] = numbers[row] as number
    })
  }
  return out
}

/** These columns of the file as cells × dimensions or cells × genes. */
export function columnsPart(key: string, file: ColumnFile, columns: readonly number[]): MatrixPart {
  const { rows } = file
  const width = columns.length
  // A file in one piece is passed whole for any of its rows, so it is passed once and kept while it is small enough.
  let whole: Promise<Float32Array> | null = null
  const inOnePiece = file.starts.length < 2 && rows * width <= mostKept
  const rowsOf = async (start: number, stop: number): Promise<Float32Array> => {
    if (!inOnePiece) return denseRows(file, columns, start, stop)
    return (await (whole ??= denseRows(file, columns, 0, rows))).subarray(start * width, stop * width)
  }
  // The same look serves the meaning of the table, the verdict on its values and the search for gaps.
  let last: { readonly wanted: Uint32Array; readonly found: Csr } | null = null
  const pieces =
    file.starts.length < 2 ? [[0, rows] as const] : file.starts.map((start, at) => [start, file.starts[at + 1] ?? rows] as const)
  const fits = pieces.every(([start, stop]) => (stop - start) * width <= mostKept)
  async function* byPiece(tick: Tick): AsyncGenerator<DenseBlock> {
    for (const [start, stop] of pieces) {
      const values = await rowsOf(start, stop)
      yield { start, rows: stop - start, values }
      await tick(values.length)
    }
    whole = null
  }
  /** Pieces too large for memory are passed a few columns at a time, and put together by an external sort. */
  async function* asRows(tick: Tick): AsyncGenerator<Csr> {
    const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, rows)))
    for (let first = 0; first < width; first += atOnce) {
      const values = await file.read(columns.slice(first, first + atOnce), 0, rows)
      for (const each of values) yield sparseFromDense(numbersOf(each), 1, rows)
      await tick(values.length * rows)
    }
  }
  const part = blockPart({
    key,
    rows,
    columns: width,
    dense: true,
    stored: rows * width,
    lookRows: rowsAtStarts(file),
    async sample(wanted) {
      if (last && sameRows(last.wanted, wanted)) return last.found
      const found: Csr[] = []
      for (const [start, stop] of runsOf(wanted)) found.push(sparseFromDense(await rowsOf(start, stop), stop - start, width))
      const stacked = stackRows(found, width)
      if (stacked.values.length <= valuesAtOnce) last = { wanted, found: stacked }
      return stacked
    },
    async *blocks(tick, scratch) {
      if (!fits) yield* turnedBlocks(asRows(tick), rows, scratch)
      else for await (const piece of byPiece(tick)) yield* sparseBlocks(piece, width)
    },
  })
  return fits ? { ...part, denseBlocks: byPiece } : part
}

const sameRows = (some: Uint32Array, others: Uint32Array): boolean =>
  some.length === others.length && some.every((row, at) => row === others[at])

const piecesLookedAt = 4
const rowsPerPiece = 500

/** The first rows of a few pieces, spread over the file: a row further inside costs all the pages before it. */
function rowsAtStarts({ starts, rows }: ColumnFile): Uint32Array {
  const pieces = Math.min(piecesLookedAt, starts.length)
  const wanted: number[] = []
  for (let piece = 0; piece < pieces; piece++) {
    const at = Math.floor((piece * (starts.length - 1)) / Math.max(1, pieces - 1))
    const stop = Math.min((starts[at] as number) + rowsPerPiece, starts[at + 1] ?? rows)
    for (let row = starts[at] as number; row < stop; row++) wanted.push(row)
  }
  return Uint32Array.from(wanted)
}
