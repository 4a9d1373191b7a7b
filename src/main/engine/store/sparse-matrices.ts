// Large sparse matrices as pages of whole rows (base/sparse-pages.ts), each with its CRC-32, so that one row or a stretch of rows is read
// without the rest. Invariant: a matrix is written page after page inside the caller's transaction.
import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import { refuse } from '../../base/refusal'
import { DamagedPage, decodePage, decodeRow } from '../../base/sparse-pages'
import type { Csr, SparseRow } from '../../base/sparse'
import { hasTable } from './present-columns'

export interface SparseInfo {
  readonly rows: number
  readonly columns: number
  readonly stored: number
}

interface SparseEntry extends SparseInfo {
  readonly id: number
}

export interface StoredPage {
  readonly firstRow: number
  readonly rows: number
  readonly crc32: number
  readonly bytes: Uint8Array
}

export type SparseMatrices = ReturnType<typeof openSparseMatrices>

export function openSparseMatrices(db: Database.Database, fileName: string) {
  // A file of an earlier layout that cannot be written keeps that layout and has no pages.
  const hasPages = hasTable(db, 'sparse_page')
  const find = hasPages
    ? db.prepare<[string], SparseEntry>(
        'SELECT id, row_count AS rows, column_count AS columns, stored FROM sparse WHERE name = ?',
      )
    : null
  const columnsOfPage = 'first_row AS firstRow, row_count AS rows, crc32, bytes'
  const holding = hasPages
    ? db.prepare<[number, number], StoredPage>(
        `SELECT ${columnsOfPage} FROM sparse_page WHERE sparse_id = ? AND first_row <= ? ORDER BY first_row DESC LIMIT 1`,
      )
    : null

  const damaged = (name: string): never =>
    refuse('FILE_DAMAGED', { file: fileName, why: `part ${name} does not have its checksum` })

  const get = (name: string): SparseEntry => find?.get(name) ?? damaged(name)

  const checked = <T>(name: string, page: StoredPage, decode: (bytes: Uint8Array) => T): T => {
    if (crc32(page.bytes) !== page.crc32) damaged(name)
    try {
      return decode(page.bytes)
    } catch (thrown) {
      if (thrown instanceof DamagedPage) return damaged(name)
      throw thrown
    }
  }

  /** Each page by a query of its own, so that the database is free for others between two pages. */
  function* blocks(name: string): Generator<{ start: number; matrix: Csr }> {
    const found = get(name)
    // One statement for each page, so that the project can be written to between two of them.
    for (let next = 0; next < found.rows;) {
      const page = holding?.get(found.id, next)
      if (!page || page.firstRow !== next || page.rows === 0) return damaged(name)
      const rows = checked(name, page, (bytes) => decodePage(bytes, found.columns))
      if (rows.indptr.length !== page.rows + 1) damaged(name)
      next += page.rows
      yield { start: page.firstRow, matrix: { rows: page.rows, columns: found.columns, ...rows } }
    }
  }

  /** Some rows, ascending, each page that holds one read once. */
  function* rowsAt(name: string, wanted: Uint32Array): Generator<SparseRow> {
    const found = get(name)
    for (let at = 0; at < wanted.length;) {
      const first = wanted[at] as number
      const page = holding?.get(found.id, first)
      const end = page ? page.firstRow + page.rows : 0
      if (!page || first >= end) return damaged(name)
      let stop = at + 1
      while (stop < wanted.length && (wanted[stop] as number) < end) stop++
      const rows = wanted.subarray(at, stop)
      const whole = rows.length * fewOfPage >= page.rows
      yield* checked(name, page, (bytes) =>
        whole ? takeRows(bytes, page.firstRow, found.columns, rows) : takeSingly(bytes, page.firstRow, found.columns, rows),
      )
      at = stop
    }
  }

  return {
    has: (name: string): boolean => find?.get(name) !== undefined,
    info: (name: string): SparseInfo => get(name),
    /** Starts a matrix; its pages follow with `addPage`, its sizes with `describe`. */
    create: (name: string): number =>
      Number(
        db.prepare('INSERT INTO sparse (name, row_count, column_count, stored) VALUES (?, 0, 0, 0)').run(name).lastInsertRowid,
      ),
    describe: (id: number, { rows, columns, stored }: SparseInfo): void =>
      void db
        .prepare('UPDATE sparse SET row_count = ?, column_count = ?, stored = ? WHERE id = ?')
        .run(rows, columns, stored, id),
    addPage: (id: number, page: StoredPage): void =>
      void db
        .prepare('INSERT INTO sparse_page (sparse_id, first_row, row_count, crc32, bytes) VALUES (?, ?, ?, ?, ?)')
        .run(id, page.firstRow, page.rows, page.crc32, page.bytes),
    /** The rows in order, a page at a time. */
    blocks,
    rowsAt,
    /** Removes all matrices whose name begins with `name` and a slash. */
    remove: (name: string): void => void db.prepare("DELETE FROM sparse WHERE name LIKE ? || '/%'").run(name),
    row: (name: string, row: number): { indices: Uint32Array; values: Float32Array } => {
      const found = get(name)
      const page = holding?.get(found.id, row)
      if (!page || row >= page.firstRow + page.rows) return damaged(name)
      return checked(name, page, (bytes) => decodeRow(bytes, row - page.firstRow, found.columns))
    },
  }
}

/** Up to a quarter of a page's rows are decoded one by one, more with the whole page. */
const fewOfPage = 4

function takeRows(bytes: Uint8Array, firstRow: number, columns: number, rows: Uint32Array): SparseRow[] {
  const { indptr, indices, values } = decodePage(bytes, columns)
  return Array.from(rows, (row) => {
    const [from, to] = [indptr[row - firstRow] as number, indptr[row - firstRow + 1] as number]
    return { row, indices: indices.subarray(from, to), values: values.subarray(from, to) }
  })
}

const takeSingly = (bytes: Uint8Array, firstRow: number, columns: number, rows: Uint32Array): SparseRow[] =>
  Array.from(rows, (row) => ({ row, ...decodeRow(bytes, row - firstRow, columns) }))
