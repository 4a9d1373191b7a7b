// The places of cells on axes, of which each gene has a weight: sparse rows times a dense matrix, centred on the way.
// Invariant: every sum is in double precision, in the order of the genes.
import type { Csr } from '../base/sparse'
import { KernelSpace } from './gene-kernel'

export class CellPlaces {
  private readonly space: KernelSpace
  private readonly byGene: Float64Array
  private readonly ofMean: Float64Array
  private readonly place: Float64Array
  private readonly values: Float64Array
  private readonly genesOf: Uint32Array

  /** @param mean of each gene */
  constructor(
    private readonly mean: Float64Array,
    private readonly axes: number,
  ) {
    const genes = mean.length
    this.space = new KernelSpace(8 * genes * axes + 16 * axes + 12 * genes + 64)
    this.byGene = this.space.doubles(genes * axes)
    this.place = this.space.doubles(axes)
    this.values = this.space.doubles(genes)
    this.genesOf = this.space.places(genes)
    this.ofMean = new Float64Array(axes)
  }

  /** @param byGene the weights of each gene on all axes, gene by gene */
  turnTo(byGene: Float64Array): void {
    this.byGene.set(byGene)
    this.ofMean.fill(0)
    const all = Uint32Array.from(this.mean, (_, gene) => gene)
    this.ofMean.set(this.sum(all, this.mean).map((value) => -value))
  }

  /** The centred cell's place on each axis; only valid until the next. */
  of({ indptr, indices, values }: Csr, cell: number): Float64Array {
    const [start, end] = [indptr[cell] as number, indptr[cell + 1] as number]
    return this.sum(indices.subarray(start, end), values.subarray(start, end))
  }

  private sum(genesOf: Uint32Array, values: Float32Array | Float64Array): Float64Array {
    const { place, byGene } = this
    place.set(this.ofMean)
    this.genesOf.set(genesOf)
    this.values.set(values)
    const lists = [this.genesOf.byteOffset, this.values.byteOffset] as const
    this.space.kernel.addRows(place.byteOffset, byGene.byteOffset, ...lists, genesOf.length, this.axes)
    return place
  }
}
