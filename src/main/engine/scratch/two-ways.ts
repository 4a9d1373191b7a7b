// Keeps a sparse matrix both ways at once, by row and by column, in one pass over its rows.
import type { Csr } from '../../base/sparse'
import { pageEnd, partsOfPage, RowPacker } from '../../base/sparse-pages'
import type { Scratch } from './folder'
import { PageWriter, type PagedFile } from './paged'
import type { Work } from './run-sorter'
import { Turner } from './turner'

export class TwoWayWriter {
  private readonly packer = new RowPacker()
  private readonly pages: PageWriter
  private readonly turner: Turner

  constructor(scratch: Scratch, names: { readonly byRow: string; readonly byColumn: string }, columns: number) {
    this.pages = new PageWriter(scratch, names.byRow, columns)
    this.turner = new Turner(scratch, names.byColumn, columns)
  }

  /** Rows that follow those given before; answers the sum of each, not finite where one of its values is not. */
  async add(block: Csr): Promise<Float64Array> {
    const totals = new Float64Array(block.rows)
    for (let start = 0; start < block.rows;) {
      const stop = pageEnd(block.indptr, start, block.rows)
      const packed = this.packer.pack(block, start, stop)
      this.pages.addPage(partsOfPage(packed), stop - start, packed.ends.at(-1) ?? 0)
      totals.set(packed.totals, start)
      await this.turner.addPacked(block.indices.subarray(block.indptr[start], block.indptr[stop]), packed.ends, packed.values)
      start = stop
    }
    return totals
  }

  /** The pages of rows written since the last call. */
  freshRows(): PagedFile {
    return this.pages.fresh()
  }

  /** `storedPerColumn`: the stored values of each column. */
  async end(work: Work): Promise<{ byRow: PagedFile; byColumn: PagedFile; storedPerColumn: Float64Array }> {
    const { file, stored } = await this.turner.end(work)
    return { byRow: this.pages.end(), byColumn: file, storedPerColumn: stored }
  }
}
