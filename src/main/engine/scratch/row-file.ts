// Rows of a sparse matrix in a scratch file, from which any of them can be fetched again in any order.
import { closeSync, openSync } from 'node:fs'
import { decodePage, partsOfPage, RowPacker } from '../../base/sparse-pages'
import type { Csr } from '../../base/sparse'
import { readFully, type FileWriter, type Scratch } from './folder'

export class RowFile {
  private readonly name: string
  private readonly out: FileWriter
  /** Where each row ends in the file. */
  private readonly ends: number[] = []
  private readonly packer = new RowPacker()
  private handle: number | null = null

  constructor(
    private readonly scratch: Scratch,
    private readonly columns: number,
  ) {
    this.name = scratch.freshName('rows')
    this.out = scratch.writer(this.name, 'utf8')
  }

  /** Rows that follow those given before. */
  add(block: Csr): void {
    let end = this.ends.at(-1) ?? 0
    for (let row = 0; row < block.rows; row++) {
      const parts = partsOfPage(this.packer.pack(block, row, row + 1))
      this.out.addAll(parts)
      this.ends.push((end += parts.reduce((sum, part) => sum + part.length, 0)))
    }
  }

  /** The rows from place `start` of `wanted` on, until they hold about `values` stored values. Nothing can be added afterwards. */
  read(wanted: Uint32Array, start: number, values: number): Csr {
    if (this.handle === null) {
      this.out.end()
      this.handle = openSync(this.scratch.path(this.name), 'r')
    }
    const rows: ReturnType<typeof decodePage>[] = []
    let stored = 0
    for (let at = start; at < wanted.length && (at === start || stored < values); at++) {
      const row = wanted[at] as number
      const from = row === 0 ? 0 : (this.ends[row - 1] as number)
      const page = new Uint8Array((this.ends[row] as number) - from)
      readFully(this.handle, page, from)
      const decoded = decodePage(page, this.columns)
      rows.push(decoded)
      stored += decoded.indices.length
    }
    const indptr = new Float64Array(rows.length + 1)
    const indices = new Uint32Array(stored)
    const kept = new Float32Array(stored)
    rows.forEach((row, at) => {
      const to = indptr[at] as number
      indices.set(row.indices, to)
      kept.set(row.values, to)
      indptr[at + 1] = to + row.indices.length
    })
    return { rows: rows.length, columns: this.columns, indptr, indices, values: kept }
  }

  remove(): void {
    if (this.handle === null) this.out.end()
    else closeSync(this.handle)
    this.scratch.removeFile(this.name)
  }
}
