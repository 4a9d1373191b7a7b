// Flat numeric arrays and text lists as checked BLOB chunks of 2 MiB, little-endian.
// Invariant: a matrix is written whole inside the caller's transaction, and every chunk carries its CRC-32.
import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import { refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import { sparseFile, type AnySparse } from './sparse-file'

const chunkBytes = 2 * 1024 * 1024
const textsAtOnce = 50_000
type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array
interface Kinds {
  f32: Float32Array
  f64: Float64Array
  i32: Int32Array
  u32: Uint32Array
}
const makers: { [K in keyof Kinds]: (buffer: ArrayBuffer) => Kinds[K] } = {
  f32: (buffer: ArrayBuffer) => new Float32Array(buffer),
  f64: (buffer: ArrayBuffer) => new Float64Array(buffer),
  i32: (buffer: ArrayBuffer) => new Int32Array(buffer),
  u32: (buffer: ArrayBuffer) => new Uint32Array(buffer),
}
const widths = { f32: 4, f64: 8, i32: 4, u32: 4 } as const

const dtypeOf = (values: Numbers): keyof Kinds =>
  values instanceof Float32Array ? 'f32' : values instanceof Float64Array ? 'f64' : values instanceof Int32Array ? 'i32' : 'u32'

export type Matrices = ReturnType<typeof openMatrices>

export function openMatrices(db: Database.Database, fileName: string) {
  const insertMatrix = db.prepare<[string, string, number]>('INSERT INTO matrix (name, dtype, length) VALUES (?, ?, ?)')
  const insertChunk = db.prepare<[number | bigint, number, number, Buffer]>(
    'INSERT INTO chunk (matrix_id, seq, crc32, bytes) VALUES (?, ?, ?, ?)',
  )
  const find = db.prepare<[string], { id: number; dtype: string; length: number }>(
    'SELECT id, dtype, length FROM matrix WHERE name = ?',
  )
  const chunks = db.prepare<[number, number, number], { seq: number; crc32: number; bytes: Buffer }>(
    'SELECT seq, crc32, bytes FROM chunk WHERE matrix_id = ? AND seq BETWEEN ? AND ? ORDER BY seq',
  )
  const drop = db.prepare<[{ name: string }]>("DELETE FROM matrix WHERE name = @name OR name LIKE @name || '/%'")

  const damaged = (name: string): never =>
    refuse('FILE_DAMAGED', { file: fileName, why: `part ${name} does not have its checksum` })

  /** Bytes from `from` to `to` of a matrix, touching only the chunks that hold them. */
  const readBytes = (name: string, id: number, from: number, to: number): ArrayBuffer => {
    const out = Buffer.from(new ArrayBuffer(to - from))
    let filled = 0
    for (const chunk of chunks.iterate(id, Math.floor(from / chunkBytes), Math.floor(Math.max(from, to - 1) / chunkBytes))) {
      if (crc32(chunk.bytes) !== chunk.crc32) damaged(name)
      const start = chunk.seq * chunkBytes
      filled += chunk.bytes.copy(
        out,
        Math.max(0, start - from),
        Math.max(0, from - start),
        Math.min(chunk.bytes.length, to - start),
      )
    }
    if (filled !== to - from) damaged(name)
    return out.buffer as ArrayBuffer
  }

  /** Cuts pieces of any length into chunks as they come; yields the bytes of each chunk written. Pieces may be reused by their giver. */
  function* writeSteps(name: string, dtype: string, length: number, pieces: Iterable<Uint8Array>): Generator<number> {
    const id = insertMatrix.run(name, dtype, length).lastInsertRowid
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let filled = 0
    let seq = 0
    const flush = (): number => {
      const part = chunk.subarray(0, filled)
      insertChunk.run(id, seq++, crc32(part), part)
      filled = 0
      return part.length
    }
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        const count = Math.min(piece.length - at, chunkBytes - filled)
        chunk.set(piece.subarray(at, at + count), filled)
        filled += count
        at += count
        if (filled === chunkBytes) yield flush()
      }
    }
    if (filled > 0) yield flush()
  }

  const writePieces = (name: string, dtype: string, length: number, pieces: Iterable<Uint8Array>): void => {
    const steps = writeSteps(name, dtype, length, pieces)
    while (steps.next().done !== true) continue
  }

  const read = <K extends keyof Kinds>(name: string, kind: K, start = 0, end?: number): Kinds[K] => {
    const found = find.get(name)
    if (!found || found.dtype !== kind) return damaged(name)
    const last = Math.min(end ?? found.length, found.length)
    return makers[kind](readBytes(name, found.id, start * widths[kind], last * widths[kind]))
  }

  const write = (name: string, values: Numbers): void =>
    writePieces(name, dtypeOf(values), values.length, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)])

  /** Texts [from, to) of a list, which lie one after the other; `ends` says where each ends. */
  const textsAt = (name: string, ends: Float64Array, from: number, to: number): string[] => {
    const start = from === 0 ? 0 : (ends[from - 1] as number)
    const found = find.get(`${name}/text`)
    if (!found || found.dtype !== 'utf8') return damaged(name)
    const bytes = Buffer.from(readBytes(name, found.id, start, ends[to - 1] ?? start))
    return Array.from({ length: to - from }, (_, at) => {
      const first = (from + at === 0 ? 0 : (ends[from + at - 1] as number)) - start
      return bytes.toString('utf8', first, (ends[from + at] as number) - start)
    })
  }

  const length = (name: string): number => find.get(name)?.length ?? 0

  return {
    write,
    writeSteps,
    read,
    length,
    has: (name: string): boolean => find.get(name) !== undefined,
    /** All texts of a list. Lists of data imported before pages existed are one JSON document. */
    readTexts: (name: string): string[] => {
      const found = find.get(name)
      if (!found) {
        const count = length(`${name}/ends`)
        const ends = read(`${name}/ends`, 'f64')
        const texts: string[] = []
        for (let from = 0; from < count; from += textsAtOnce) {
          for (const text of textsAt(name, ends, from, Math.min(count, from + textsAtOnce))) texts.push(text)
        }
        return texts
      }
      const total = db
        .prepare<[number], { bytes: number }>('SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM chunk WHERE matrix_id = ?')
        .get(found.id)
      return JSON.parse(Buffer.from(readBytes(name, found.id, 0, total?.bytes ?? 0)).toString('utf8')) as string[]
    },
    /** Some texts of a list, without reading the others; null for a list that is one JSON document. */
    readSomeTexts: (name: string, places: readonly number[]): string[] | null => {
      if (find.get(name)) return null
      const count = length(`${name}/ends`)
      return places.map((place) => {
        if (place >= count) return ''
        const from = Math.max(0, place - 1)
        const ends = read(`${name}/ends`, 'f64', from, place + 1)
        const start = place === 0 ? 0 : (ends[0] as number)
        const found = find.get(`${name}/text`)
        return found
          ? Buffer.from(readBytes(name, found.id, start, ends[place - from] as number)).toString('utf8')
          : damaged(name)
      })
    },
    /** A sparse matrix, from memory or from files. */
    writeCsr: (name: string, matrix: AnySparse): void => {
      const { rows, columns, indptr, columnPieces, valuePieces } = sparseFile(matrix)
      const stored = indptr.at(-1) ?? 0
      write(`${name}/shape`, Uint32Array.of(rows, columns))
      write(`${name}/indptr`, indptr)
      writePieces(`${name}/indices`, 'u32', stored, columnPieces())
      writePieces(`${name}/values`, 'f32', stored, valuePieces())
    },
    readCsr: (name: string): Csr => {
      const [rows = 0, columns = 0] = read(`${name}/shape`, 'u32')
      return {
        rows,
        columns,
        indptr: read(`${name}/indptr`, 'f64'),
        indices: read(`${name}/indices`, 'u32'),
        values: read(`${name}/values`, 'f32'),
      }
    },
    /** One row of a stored CSR matrix without loading the rest. */
    readCsrRow: (name: string, row: number): { indices: Uint32Array; values: Float32Array } => {
      const [start = 0, end = 0] = read(`${name}/indptr`, 'f64', row, row + 2)
      return { indices: read(`${name}/indices`, 'u32', start, end), values: read(`${name}/values`, 'f32', start, end) }
    },
    /** Removes a matrix and everything stored under its name. */
    remove: (name: string): void => void drop.run({ name }),
  }
}
