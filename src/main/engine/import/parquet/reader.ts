// Parquet tables, read column by column from the file. Invariants: the description at the end is compared with the size of the
// file before anything is read, and no page is unpacked beyond what its column states.
import { open, type FileHandle } from 'node:fs/promises'
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet'
import { decompressBrotli, decompressLz4, decompressLz4Raw } from 'hyparquet-compressors'
import { refuse, Refusal } from '../../../base/refusal'
import type { ColumnFile, StoredColumn } from '../columns/column-file'
import { columnSource } from '../columns/source'
import { checked, Unpackable, unpackGzip, unpackZstd, type Unpack } from '../packing/unpack'
import type { Recognised } from '../recognise'
import type { SourceReader } from '../source-reader'

export const parquetReader: SourceReader = {
  kind: 'parquet',
  accepts: (file) => file.container === 'parquet',
  async open(file, genes, work) {
    const handle = await open(file.path, 'r')
    try {
      const columns = await guarded(file, () => openParquet(file, handle))
      const kind = { kind: 'parquet', name: 'Parquet table', endings: ['.parquet', '.pq', '.parq'] }
      return await work(await columnSource(columns, kind, file, genes))
    } finally {
      await handle.close()
    }
  },
}

/** Runs code of the library; what it throws about a file becomes a sentence about that file. */
async function guarded<T>(file: Recognised, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Refusal || isSystemError(thrown)) throw thrown
    const unknown =
      thrown instanceof Error && /unsupported (?:encoding|compression codec)|(?:bson|interval) not supported/.test(thrown.message)
    if (unknown) return refuse('PART_UNREADABLE', { part: file.fileName, why: 'it uses a part of Parquet that is not built in' })
    const why = thrown instanceof Unpackable ? thrown.message : 'its inner structure cannot be followed'
    return refuse('FILE_DAMAGED', { file: file.fileName, why })
  }
}

const isSystemError = (thrown: unknown): boolean => thrown instanceof Error && 'syscall' in thrown

/** Beyond this a page holds no real data: dictionaries and runs aside, values take their bytes. */
const largestPage = 2 ** 29

const limited =
  (unpack: Unpack): NonNullable<Compressors['GZIP']> =>
  (packed, size) => {
    if (!(size >= 0 && size <= largestPage)) throw new Unpackable(`a page claims to unpack to ${size} bytes`)
    return unpack(packed, size, true)
  }

const compressors: Compressors = {
  GZIP: limited(unpackGzip),
  ZSTD: limited(unpackZstd),
  BROTLI: limited(checked('Brotli', decompressBrotli)),
  LZ4: limited(checked('LZ4', decompressLz4)),
  LZ4_RAW: limited(checked('LZ4', decompressLz4Raw)),
}

async function openParquet(file: Recognised, handle: FileHandle): Promise<ColumnFile> {
  const buffer = bufferOf(file, handle)
  const metadata = await parquetMetadataAsync(buffer)
  const rows = Number(metadata.num_rows)
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file: file.fileName, why })
  if (metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0) !== rows)
    damaged('the rows of its parts do not add up')
  checkChunks(metadata, file, damaged)
  const columns = parquetSchema(metadata).children.map(columnOf)
  return {
    rows,
    columns,
    pandas: metadata.key_value_metadata?.find((entry) => entry.key === 'pandas')?.value ?? null,
    problems: [],
    read: (wanted, start, stop) => guarded(file, () => readColumns(buffer, metadata, columns, wanted, start, stop)),
  }
}

/** Every piece must lie within the file. */
function checkChunks(metadata: FileMetaData, file: Recognised, damaged: (why: string) => never): void {
  for (const group of metadata.row_groups) {
    for (const { meta_data: meta, file_path: elsewhere } of group.columns) {
      if (elsewhere)
        refuse('PART_UNREADABLE', { part: file.fileName, why: 'its values are in another file, which is not followed' })
      if (!meta) return damaged('a column has no description')
      const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
      const size = Number(meta.total_compressed_size)
      if (!(start >= 0 && size >= 0 && Math.min(start, Number(meta.data_page_offset)) + size <= file.bytes + 1024))
        damaged(`the column ${meta.path_in_schema.join('.')} lies beyond its end`)
    }
  }
}

function bufferOf(file: Recognised, handle: FileHandle): AsyncBuffer {
  return {
    byteLength: file.bytes,
    async slice(start, end = file.bytes) {
      const from = Math.max(0, start < 0 ? file.bytes + start : start)
      const length = Math.max(0, Math.min(end, file.bytes) - from)
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), from + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return bytes.buffer
    },
  }
}

const physicalNumbers = ['INT32', 'INT64', 'FLOAT', 'DOUBLE']

function columnOf({ element, children }: SchemaTree): StoredColumn {
  const { name, type, converted_type: converted, logical_type: logical } = element
  if (children.length > 0) {
    const [list] = children
    const item = list?.children[0]
    const numbers = physicalNumbers.includes(item?.element.type ?? '') || item?.element.logical_type?.type === 'FLOAT16'
    const isList = (converted === 'LIST' || logical?.type === 'LIST') && children.length === 1 && list?.children.length === 1
    if (isList && numbers) return { name, kind: 'list' }
    return { name, kind: 'unfit', why: 'it holds several values per row' }
  }
  if (element.repetition_type === 'REPEATED') return { name, kind: 'unfit', why: 'it holds several values per row' }
  if (type === 'BOOLEAN') return { name, kind: 'truth' }
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return { name, kind: 'number' }
  if (type === 'INT96' || converted === 'DATE' || /^TIME/.test(converted ?? logical?.type ?? '')) return { name, kind: 'text' }
  if (physicalNumbers.includes(type ?? '')) return { name, kind: 'number' }
  if (type === 'BYTE_ARRAY' || logical?.type === 'UUID') return { name, kind: 'text' }
  return { name, kind: 'unfit', why: `its values have the type ${type ?? 'unknown'}` }
}

async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly StoredColumn[],
  wanted: readonly number[],
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<unknown>[]> {
  const names = wanted.map((at) => columns[at]?.name ?? '')
  const places = new Map(names.map((name, place) => [name, place]))
  const out = names.map((_, place) => emptyFor(columns[wanted[place] as number], rowEnd - rowStart))
  const filled = new Array<number>(names.length).fill(0)
  if (rowEnd <= rowStart) return out
  await parquetRead({
    file,
    metadata,
    columns: names,
    rowStart,
    rowEnd,
    compressors,
    onChunk({ columnName, columnData, rowStart: first }) {
      const place = places.get(columnName)
      if (place === undefined) return
      const values = out[place] as unknown[]
      for (let at = Math.max(0, rowStart - first); at < columnData.length && first + at < rowEnd; at++) {
        values[first + at - rowStart] = converted(columnData[at], values)
        filled[place] = (filled[place] ?? 0) + 1
      }
    },
  })
  const short = filled.findIndex((count) => count !== rowEnd - rowStart)
  if (short >= 0) throw new Unpackable(`the column ${names[short]} has fewer values than the table has rows`)
  return out
}

const emptyFor = (column: StoredColumn | undefined, length: number): Float64Array | unknown[] =>
  column?.kind === 'number' ? new Float64Array(length).fill(NaN) : new Array<unknown>(length).fill(null)

const converted = (value: unknown, into: unknown): unknown => {
  if (!(into instanceof Float64Array)) return value
  return typeof value === 'number' ? value : value === null || value === undefined ? NaN : Number(value)
}
