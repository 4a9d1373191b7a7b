// Keeps a sparse matrix both ways at once, by row and by column, in one pass over its rows.
import type { Csr } from '../../base/sparse'
import { pageEnd, partsOfPage, RowPacker } from '../../base/sparse-pages'
import type { Scratch } from './folder'
import { PageWriter, type PagedFile } from './paged'
import { Turner } from './turner'

export class TwoWayWriter {
  private readonly packer = new RowPacker()
  private readonly pages: PageWriter
  private readonly turner: Turner

  constructor(
    scratch: Scratch,
    names: { readonly byRow: string; readonly byColumn: string },
    private readonly columns: number,
  ) {
    this.pages = new PageWriter(scratch, names.byRow, columns)
    this.turner = new Turner(scratch, names.byColumn, columns)
  }

  /** Rows that follow those given before; answers the sum of each, not finite where one of its values is not. */
  add(block: Csr): Float64Array {
    const totals = new Float64Array(block.rows)
    for (let start = 0; start < block.rows;) {
      const stop = pageEnd(block.indptr, start, block.rows)
      const packed = this.packer.pack(block, start, stop)
      this.pages.addPage(partsOfPage(packed), stop - start, packed.ends.at(-1) ?? 0)
      this.turner.addPacked(block.indices.subarray(block.indptr[start], block.indptr[stop]), packed.ends, packed.values)
      totals.set(packed.totals, start)
      start = stop
    }
    return totals
  }

  /** Stored values of each column so far; complete after `end`. */
  get storedPerColumn(): Float64Array {
    return this.turner.stored
  }

  async end(
    work: (values: number) => void | Promise<void>,
  ): Promise<{ readonly byRow: PagedFile; readonly byColumn: PagedFile }> {
    return { byRow: this.pages.end(), byColumn: await this.turner.end(work) }
  }
}
