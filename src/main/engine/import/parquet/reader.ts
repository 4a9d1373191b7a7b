// Parquet tables, read column by column from the file. Invariants: the description at the end is compared with the size of the
// file before anything is read, and no page is unpacked beyond what its column states.
import { open, type FileHandle } from 'node:fs/promises'
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  snappyUncompress,
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet'
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors'
import { refuse, Refusal } from '../../../base/refusal'
import { startsOf, type ColumnFile, type StoredColumn } from '../columns/column-file'
import { columnSource } from '../columns/source'
import { checked, Unpackable, unpackBrotli, unpackGzip, unpackZstd, type Unpack } from '../packing/unpack'
import type { Recognised } from '../recognise'
import type { SourceReader } from '../source-reader'
import { checkedPages, type PageCheck } from './pages'
import { checkThrift } from './thrift'

export const parquetReader: SourceReader = {
  kind: 'parquet',
  accepts: (file) => file.container === 'parquet',
  async open(file, genes, work, answers) {
    const handle = await open(file.path, 'r')
    try {
      const columns = await guarded(file, () => openParquet(file, handle))
      const kind = { kind: 'parquet', name: 'Parquet table', endings: ['.parquet', '.pq', '.parq'] }
      return await work(await columnSource(columns, kind, file, genes, answers))
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

/** Decompressors that keep to the stated size and check what they unpacked; `checks` knows the pages of the column being read. */
function compressorsFor(checks: ReadonlyMap<number, PageCheck>): Compressors {
  const limited =
    (unpack: Unpack): NonNullable<Compressors['GZIP']> =>
    (packed, size) => {
      if (!(size >= 0 && size <= largestPage)) throw new Unpackable(`a page claims to unpack to ${size} bytes`)
      const page = unpack(packed, size, true)
      checks.get(packed.byteOffset)?.(page)
      return page
    }
  const snappy = checked('Snappy', (packed, size) => {
    const out = new Uint8Array(size)
    snappyUncompress(packed, out)
    return out
  })
  return {
    SNAPPY: limited(snappy),
    GZIP: limited(unpackGzip),
    ZSTD: limited(unpackZstd),
    BROTLI: limited(unpackBrotli),
    LZ4: limited(checked('LZ4', decompressLz4)),
    LZ4_RAW: limited(checked('LZ4', decompressLz4Raw)),
  }
}

interface Parquet {
  readonly buffer: AsyncBuffer
  readonly metadata: FileMetaData
  readonly schema: SchemaTree
}

async function openParquet(file: Recognised, handle: FileHandle): Promise<ColumnFile> {
  const buffer = bufferOf(file, handle)
  await checkDescription(buffer)
  const metadata = await parquetMetadataAsync(buffer)
  const rows = Number(metadata.num_rows)
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file: file.fileName, why })
  if (metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0) !== rows)
    damaged('the rows of its parts do not add up')
  checkChunks(metadata, file, damaged)
  const schema = parquetSchema(metadata)
  const columns = schema.children.map(columnOf)
  return {
    rows,
    columns,
    pandas: metadata.key_value_metadata?.find((entry) => entry.key === 'pandas')?.value ?? null,
    problems: [],
    starts: startsOf(metadata.row_groups.map((group) => Number(group.num_rows))),
    read: (wanted, start, stop) =>
      guarded(file, async () => {
        const values: ArrayLike<unknown>[] = []
        for (const at of wanted) values.push(await readColumn({ buffer, metadata, schema }, at, start, stop))
        return values
      }),
  }
}

/** The description at the end, whose length stands before the last mark. */
async function checkDescription(buffer: AsyncBuffer): Promise<void> {
  const end = buffer.byteLength - 8
  const length = new DataView(await buffer.slice(end, end + 4)).getUint32(0, true)
  if (length > end) throw new Unpackable('its description is longer than the file')
  checkThrift(new DataView(await buffer.slice(end - length, end)), 0)
}

/** No list in a column is longer than this. */
const mostInList = 65_536

/** Every piece must lie within the file, and hold no more values than its rows can. */
function checkChunks(metadata: FileMetaData, file: Recognised, damaged: (why: string) => never): void {
  for (const group of metadata.row_groups) {
    for (const { meta_data: meta, file_path: elsewhere } of group.columns) {
      if (elsewhere)
        refuse('PART_UNREADABLE', { part: file.fileName, why: 'its values are in another file, which is not followed' })
      if (!meta) return damaged('a column has no description')
      if (Number(meta.num_values) > Number(group.num_rows) * mostInList)
        damaged(`the column ${meta.path_in_schema.join('.')} claims more values than it has rows`)
      const start = chunkStart(meta)
      const size = Number(meta.total_compressed_size)
      if (!(start >= 0 && size >= 0 && start + size <= file.bytes))
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

/** Rows [rowStart, rowEnd) of one column. Its chunks are checked page by page as they come from the file. */
async function readColumn(
  { buffer, metadata, schema }: Parquet,
  at: number,
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<unknown>> {
  const { element } = schema.children[at] as SchemaTree
  const values = emptyFor(columnOf(schema.children[at] as SchemaTree), rowEnd - rowStart)
  if (rowEnd <= rowStart) return values
  let filled = 0
  let first = 0
  for (const group of metadata.row_groups) {
    const [start, stop] = [first, first + Number(group.num_rows)]
    first = stop
    if (stop <= rowStart || start >= rowEnd) continue
    const checks = new Map<number, PageCheck>()
    const chunks = new Map(
      group.columns.flatMap(({ meta_data: meta }) =>
        meta?.path_in_schema[0] === element.name ? [[chunkStart(meta), meta]] : [],
      ),
    )
    const file: AsyncBuffer = {
      byteLength: buffer.byteLength,
      async slice(from, to) {
        const bytes = await buffer.slice(from, to)
        const meta = chunks.get(from)
        if (!meta) return bytes
        for (const [place, check] of checkedPages(new Uint8Array(bytes), { meta, path: pathOf(schema, meta.path_in_schema) }))
          checks.set(place, check)
        return bytes
      },
    }
    await parquetRead({
      file,
      metadata,
      columns: [element.name],
      rowStart: Math.max(start, rowStart),
      rowEnd: Math.min(stop, rowEnd),
      compressors: compressorsFor(checks),
      onChunk({ columnData, rowStart: place }) {
        for (let row = Math.max(0, rowStart - place); row < columnData.length && place + row < rowEnd; row++) {
          ;(values as unknown[])[place + row - rowStart] = converted(columnData[row], values)
          filled++
        }
      },
    })
  }
  if (filled !== rowEnd - rowStart) throw new Unpackable(`the column ${element.name} has fewer values than the table has rows`)
  return values
}

const chunkStart = (meta: ColumnMetaData): number => {
  const [data, dictionary] = [Number(meta.data_page_offset), Number(meta.dictionary_page_offset ?? 0)]
  return dictionary > 0 ? Math.min(data, dictionary) : data
}

/** The elements of the schema that lead to a column. */
function pathOf(schema: SchemaTree, names: readonly string[]): SchemaElement[] {
  const path: SchemaElement[] = []
  let tree: SchemaTree | undefined = schema
  for (const name of names) {
    tree = tree?.children.find((child) => child.element.name === name)
    if (tree) path.push(tree.element)
  }
  return path
}

const emptyFor = (column: StoredColumn | undefined, length: number): Float64Array | unknown[] =>
  column?.kind === 'number' ? new Float64Array(length).fill(NaN) : new Array<unknown>(length).fill(null)

const converted = (value: unknown, into: unknown): unknown => {
  if (!(into instanceof Float64Array)) return value
  return typeof value === 'number' ? value : value === null || value === undefined ? NaN : Number(value)
}
