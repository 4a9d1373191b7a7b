// The covariance of a few thousand genes at most, kept as a whole (32 MB for 2,048) and multiplied with vectors.
// Invariant: sums are in double precision and in the order of the cells, whatever the blocks they come in.
import type { Csr } from '../base/sparse'
import { KernelSpace } from './gene-kernel'

/** Stored values summed in one go, beside a last cell. */
const stretchValues = 65_536
const stretchCells = 16_384
/** Rows of the covariance that are summed together: about 2 MB. */
const genesAtOnce = 128

export class GeneProducts {
  private readonly space: KernelSpace
  private readonly sum: Float64Array
  private readonly block: Float64Array
  private readonly out: Float64Array
  private readonly values: Float64Array
  private readonly genesOf: Uint32Array
  private readonly cursors: Uint32Array
  private readonly ends: Uint32Array

  /** @param width vectors multiplied at once */
  constructor(
    private readonly genes: number,
    private readonly width: number,
  ) {
    const most = stretchValues + genes
    this.space = new KernelSpace(8 * genes * genes + 16 * width * genes + 12 * most + 8 * stretchCells + 64)
    this.sum = this.space.doubles(genes * genes)
    this.block = this.space.doubles(width * genes)
    this.out = this.space.doubles(width * genes)
    this.values = this.space.doubles(most)
    this.genesOf = this.space.places(most)
    this.cursors = this.space.places(stretchCells)
    this.ends = this.space.places(stretchCells)
  }

  /** Adds cells from `start` on, as many as are worth a turn; answers where they end. */
  add({ rows, indptr, indices, values }: Csr, start: number): number {
    const first = indptr[start] as number
    let stop = start
    while (stop < rows && stop - start < stretchCells && (stop === start || (indptr[stop] as number) - first < stretchValues)) {
      this.cursors[stop - start] = (indptr[stop] as number) - first
      this.ends[stop - start] = (indptr[++stop] as number) - first
    }
    const end = indptr[stop] as number
    this.genesOf.set(indices.subarray(first, end))
    this.values.set(values.subarray(first, end))
    const { sum, genesOf, cursors, ends } = this
    const lists = [genesOf.byteOffset, this.values.byteOffset, cursors.byteOffset, ends.byteOffset] as const
    this.space.kernel.addProducts(sum.byteOffset, this.genes, ...lists, stop - start, genesAtOnce)
    return stop
  }

  /** Makes the sums of products the covariance (n − 1 in the denominator). */
  centre(mean: Float64Array, cells: number): void {
    const { genes, sum } = this
    const degrees = Math.max(1, cells - 1)
    for (let a = 0; a < genes; a++) {
      for (let b = a; b < genes; b++) {
        const value = ((sum[a * genes + b] as number) - cells * (mean[a] as number) * (mean[b] as number)) / degrees
        sum[a * genes + b] = value
        sum[b * genes + a] = value
      }
    }
  }

  /** The covariance times the rows of a block, [width, genes] in and out; `work` hears of the share of genes done. */
  async times(block: Float64Array, work: (share: number) => void | Promise<void>): Promise<Float64Array> {
    const { genes, width, sum, out } = this
    this.block.set(block)
    for (let from = 0; from < genes; from += genesAtOnce) {
      const to = Math.min(genes, from + genesAtOnce)
      this.space.kernel.multiplyRows(sum.byteOffset, this.block.byteOffset, out.byteOffset, genes, width, from, to)
      await work((to - from) / genes)
    }
    return out.slice()
  }
}
