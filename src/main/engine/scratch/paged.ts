// A sparse matrix in a scratch file, page after page (base/sparse-pages.ts), each with its CRC-32.
import { closeSync, openSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { decodePage, decodeRow, firstAtLeast, pageEnd, partsOfPage, RowPacker } from '../../base/sparse-pages'
import type { Csr } from '../../base/sparse'
import { readFully, type FileWriter, type Scratch } from './folder'

/** A finished matrix: one entry of the lists per page, in the order of the file. */
export interface PagedFile {
  readonly file: string
  readonly rows: number
  readonly columns: number
  readonly stored: number
  readonly pages: PageLists
  /** Where the first of these pages begins in the file; at its start unless said. */
  readonly position?: number
}

interface PageLists {
  readonly firstRow: readonly number[]
  readonly rows: readonly number[]
  readonly bytes: readonly number[]
  readonly crc32: readonly number[]
}

export interface Page {
  readonly firstRow: number
  readonly rows: number
  readonly crc32: number
  readonly bytes: Uint8Array
}

/** Takes the rows of a matrix in order and writes them as pages. */
export class PageWriter {
  private readonly out: FileWriter
  private readonly pages = { firstRow: [] as number[], rows: [] as number[], bytes: [] as number[], crc32: [] as number[] }
  private readonly packer = new RowPacker()
  private next = 0
  private stored = 0
  /** Pages told by `fresh`, and where the others begin. */
  private told = 0
  private toldBytes = 0

  constructor(
    scratch: Scratch,
    private readonly name: string,
    private readonly columns: number,
  ) {
    this.out = scratch.writer(name, 'utf8')
  }

  /** Rows that follow those given before. */
  add(block: Csr): void {
    for (let start = 0; start < block.rows;) {
      const stop = pageEnd(block.indptr, start, block.rows)
      const packed = this.packer.pack(block, start, stop)
      this.addPage(partsOfPage(packed), stop - start, packed.ends.at(-1) ?? 0)
      start = stop
    }
  }

  /** A page of so many rows and stored values, in parts. */
  addPage(parts: readonly Uint8Array[], rows: number, stored: number): void {
    this.pages.firstRow.push(this.next)
    this.pages.rows.push(rows)
    this.pages.bytes.push(parts.reduce((sum, part) => sum + part.length, 0))
    this.pages.crc32.push(parts.reduce((sum, part) => crc32(part, sum), 0))
    this.out.addAll(parts)
    this.next += rows
    this.stored += stored
  }

  /** The pages written since the last call: they can be read from now on. */
  fresh(): PagedFile {
    const { name, columns, stored, told } = this
    const [firstRow, rows] = [this.pages.firstRow.slice(told), this.pages.rows.slice(told)]
    const [bytes, crc] = [this.pages.bytes.slice(told), this.pages.crc32.slice(told)]
    const position = this.toldBytes
    this.told += bytes.length
    this.toldBytes = this.out.written
    return { file: name, rows: this.next, columns, stored, pages: { firstRow, rows, bytes, crc32: crc }, position }
  }

  end(): PagedFile {
    this.out.end()
    const { name, columns, stored, pages } = this
    return { file: name, rows: this.next, columns, stored, pages }
  }
}

/** The pages of a matrix, one after the other; those for whose rows `wanted` says no are passed over unread. */
export function* pagesOf(
  scratch: Scratch,
  { file, pages, position: first = 0 }: PagedFile,
  wanted: (firstRow: number, rows: number) => boolean = () => true,
): Generator<Page> {
  const handle = openSync(scratch.path(file), 'r')
  try {
    let position = first
    for (let at = 0; at < pages.bytes.length; at++) {
      const [firstRow, rows, size] = [pages.firstRow[at] as number, pages.rows[at] as number, pages.bytes[at] as number]
      const from = position
      position += size
      if (!wanted(firstRow, rows)) continue
      const bytes = new Uint8Array(size)
      readFully(handle, bytes, from)
      yield {
        firstRow,
        rows,
        crc32: pages.crc32[at] as number,
        bytes,
      }
    }
  } finally {
    closeSync(handle)
  }
}

/** The rows of a matrix, a page at a time. */
export function* rowsOf(scratch: Scratch, matrix: PagedFile): Generator<{ start: number; matrix: Csr }> {
  for (const { firstRow, rows, bytes } of pagesOf(scratch, matrix)) {
    yield { start: firstRow, matrix: { rows, columns: matrix.columns, ...decodePage(bytes, matrix.columns) } }
  }
}

/** Some rows of a matrix, those of a page at a time. @param wanted ascending */
export function* chosenRows(scratch: Scratch, matrix: PagedFile, wanted: Uint32Array): Generator<Csr> {
  const within = (firstRow: number, rows: number): Uint32Array =>
    wanted.subarray(firstAtLeast(wanted, firstRow), firstAtLeast(wanted, firstRow + rows))
  for (const { firstRow, rows, bytes } of pagesOf(scratch, matrix, (first, count) => within(first, count).length > 0)) {
    const chosen = Array.from(within(firstRow, rows), (row) => decodeRow(bytes, row - firstRow, matrix.columns))
    const indptr = new Float64Array(chosen.length + 1)
    chosen.forEach(({ indices }, at) => (indptr[at + 1] = (indptr[at] as number) + indices.length))
    const stored = indptr[chosen.length] as number
    const [indices, values] = [new Uint32Array(stored), new Float32Array(stored)]
    chosen.forEach((row, at) => {
      indices.set(row.indices, indptr[at])
      values.set(row.values, indptr[at])
    })
    yield { rows: chosen.length, columns: matrix.columns, indptr, indices, values }
  }
}
