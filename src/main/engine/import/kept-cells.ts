// Which cells an import keeps: all of them, or those without missing numbers when the user chose to leave the others out.
// Invariant: the survey may have sampled, so everything is checked again while it is read; nothing incomplete is ever stored.
import type { ImportChoice, Problem } from '@contract'
import type { Csr } from '../../base/sparse'
import { firstAtLeast } from '../../base/sparse-pages'
import type { Scratch } from '../scratch/folder'
import type { Expression } from './expressions'
import { refuseUnanswered, stopOf, type Stop } from './findings'
import { examples, info, plural } from './problems'
import type { Representation } from './representations'
import { keepRows } from './rows'
import type { MatrixPart, OpenSource } from './source-reader'
import type { Tracker } from './tracker'

/** Missing and infinite numbers met so far. */
export class Gaps {
  readonly rows = new Set<number>()
  readonly columns = new Set<number>()
  values = 0

  /** Rows of a matrix, the first of them being row `start`. */
  add(start: number, { rows, indptr, indices, values }: Csr): void {
    if (allFinite(values)) return
    for (let row = 0; row < rows; row++) {
      const end = indptr[row + 1] as number
      for (let at = indptr[row] as number; at < end; at++) {
        if (Number.isFinite(values[at])) continue
        this.values++
        this.rows.add(start + row)
        this.columns.add(indices[at] as number)
      }
    }
  }

  /** The same of a row-major block. */
  addDense(start: number, values: Float32Array, columns: number): void {
    if (allFinite(values)) return
    for (let at = 0; at < values.length; at++) {
      if (Number.isFinite(values[at])) continue
      this.values++
      this.rows.add(start + Math.floor(at / columns))
    }
  }
}

/** A sum is finite only when all values are; it may overflow, then each is looked at. */
function allFinite(values: Float32Array): boolean {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at] as number
  return Number.isFinite(sum)
}

export interface Looked {
  readonly source: OpenSource
  readonly representation: Representation
  readonly expression: Expression | null
  readonly choice: ImportChoice
}

/** Refuses with the stop that gaps lead to, unless the choice answers it. */
export function refuseGaps(looked: Looked, inRepresentation: Gaps | null, inExpression: Gaps | null): void {
  refuseUnanswered(stopsOf(looked, inRepresentation, inExpression), looked.choice)
}

function stopsOf({ source, representation, expression }: Looked, values: Gaps | null, matrix: Gaps | null): Stop[] {
  const stops: Stop[] = []
  const nameOf = (cell: number): string => source.cells.index[cell] ?? String(cell)
  if (values && values.rows.size > 0) {
    const names = examples([...values.rows].map(nameOf))
    stops.push(
      stopOf('MISSING_NUMBERS', { count: values.rows.size, part: representation.info.key, examples: names }, 'dropMissing'),
    )
  }
  if (matrix && matrix.values > 0) {
    const genes = [...matrix.columns].map((column) => expression?.source.genes.index[column] ?? String(column))
    const details = { count: matrix.values, part: expression?.info.key ?? '', examples: examples(genes) }
    stops.push(stopOf('MISSING_EXPRESSION', details, 'dropMissing'))
  }
  return stops
}

/** The cells without gaps, or null for all; only looked for when the user wants to leave the others out. */
export async function cellsWithoutGaps(
  looked: Looked,
  track: Tracker,
  scratch: Scratch,
  problems: Problem[],
): Promise<Uint32Array | null> {
  if (!looked.choice.dropMissing) return null
  const { source, representation, expression } = looked
  const [values, matrix] = [new Gaps(), new Gaps()]
  track.phase('Looking for missing numbers')
  const tick = (read: number): Promise<void> => track.advance(read)
  if (representation.part) {
    for await (const block of representation.part.denseBlocks(tick, scratch))
      values.addDense(block.start, block.values, representation.part.columns)
  }
  if (expression?.part) for await (const block of expression.part.blocks(tick, scratch)) matrix.add(block.start, block.matrix)
  const { rows } = source.cells
  const left = new Set([...values.rows, ...matrix.rows])
  if (left.size === 0) return null
  // Leaving out cells cannot answer a gap in every cell.
  const unanswered = stopsOf(looked, values, matrix).map((stop) => ({ ...stop, answeredBy: null }))
  if (left.size === rows) refuseUnanswered(unanswered, looked.choice)
  const names = examples([...left].map((cell) => source.cells.index[cell] ?? String(cell)))
  const message = `${plural(left.size, 'cell')} with missing numbers left out (${names}); ${plural(rows - left.size, 'cell')} remain.`
  problems.push(info('CELLS_LEFT_OUT', message, 'Nothing needs to be done.'))
  return Uint32Array.from({ length: rows }, (_, cell) => cell).filter((cell) => !left.has(cell))
}

/** Work of looking for gaps in stored values, for progress. */
export const workOfGaps = (choice: ImportChoice, parts: readonly (MatrixPart | null | undefined)[]): number =>
  choice.dropMissing ? parts.reduce((sum, part) => sum + (part?.stored ?? 0), 0) : 0

/** The kept rows of a block, counted within it. `kept` ascends. */
export function keptWithin(kept: Uint32Array, start: number, rows: number): Uint32Array {
  return kept.subarray(firstAtLeast(kept, start), firstAtLeast(kept, start + rows)).map((row) => row - start)
}

export function keepBlock(start: number, matrix: Csr, kept: Uint32Array | null): Csr {
  if (!kept) return matrix
  const wanted = keptWithin(kept, start, matrix.rows)
  return wanted.length === matrix.rows ? matrix : keepRows(matrix, wanted)
}

export function keepDense(start: number, values: Float32Array, width: number, kept: Uint32Array | null): Float32Array {
  if (!kept) return values
  const wanted = keptWithin(kept, start, values.length / width)
  const out = new Float32Array(wanted.length * width)
  wanted.forEach((row, to) => out.set(values.subarray(row * width, (row + 1) * width), to * width))
  return out
}
