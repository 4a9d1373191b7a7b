// How deeply each row was sequenced: total counts and detected features, from counts wherever the file holds them.
// Invariant: only from a matrix of counts; the key of that matrix is recorded with the numbers.
import type { Csr } from '../../base/sparse'
import type { NumberFile, Scratch } from '../scratch/folder'
import type { Expression } from './expressions'
import { keepBlock } from './kept-cells'
import type { Taking } from './take-expression'

export interface Depth {
  /** Key of the counts. */
  readonly from: string
  /** f32 per row. */
  readonly total: NumberFile
  /** u32 per row. */
  readonly detected: NumberFile
}

/** The matrix of counts beside or instead of the one used: X, raw/X or a layer, never another kind of features. */
export function countsOf(found: readonly Expression[], used: Expression | null): Expression | null {
  const isCounts = (each: Expression | null): each is Expression =>
    each !== null && each.part !== null && each.info.verdict === 'counts' && each.source.featureType === used?.source.featureType
  if (isCounts(used)) return used
  return found.find(isCounts) ?? null
}

/** Sum and number of the stored values of each row, written as the rows come; missing numbers count as nothing. */
export class DepthWriter {
  private readonly total
  private readonly detected

  constructor(
    scratch: Scratch,
    private readonly from: string,
  ) {
    this.total = scratch.writer(scratch.freshName('depth-total'), 'f32')
    this.detected = scratch.writer(scratch.freshName('depth-detected'), 'u32')
  }

  /** Rows that follow those given before. @param sums of the rows, where they are known: as no zeros are stored, nothing is left to do */
  add({ rows, indptr, values }: Csr, sums?: Float64Array): void {
    const total = sums ? Float32Array.from(sums) : new Float32Array(rows)
    const detected = new Uint32Array(rows)
    if (sums) for (let row = 0; row < rows; row++) detected[row] = (indptr[row + 1] as number) - (indptr[row] as number)
    for (let row = 0; row < rows && !sums; row++) {
      let sum = 0
      const end = indptr[row + 1] as number
      for (let at = indptr[row] as number; at < end; at++) {
        const value = values[at] as number
        if (!Number.isFinite(value)) continue
        sum += value
        if (value !== 0) detected[row] = (detected[row] as number) + 1
      }
      total[row] = sum
    }
    this.total.add(total)
    this.detected.add(detected)
  }

  end(): Depth {
    return { from: this.from, total: this.total.end(), detected: this.detected.end() }
  }
}

/** Depth from counts that lie beside the matrix used, in a pass of their own; null without any. */
export async function takeDepthBeside({ found, looked, cells, scratch, track }: Taking): Promise<Depth | null> {
  const counts = countsOf(found.expressions, found.expression)
  const part = counts?.part
  if (!part || counts === found.expression || part.rows !== looked.source.cells.rows) return null
  track.phase('Counting')
  const depth = new DepthWriter(scratch, counts.info.key)
  for await (const { start, matrix } of part.blocks((read) => track.advance(read), scratch)) {
    depth.add(keepBlock(start, matrix, cells))
  }
  return depth.end()
}

/** Work of `takeDepthBeside` in stored values, for progress. */
export function workOfDepth(found: readonly Expression[], used: Expression | null): number {
  const counts = countsOf(found, used)
  return counts === used ? 0 : (counts?.part?.stored ?? 0)
}
