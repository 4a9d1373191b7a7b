// Arrow tables: Feather (version 2), the IPC file and the IPC stream. Batches of rows are decoded one at a time.
// Invariant: the size of every batch is known before it is read, and no buffer unpacks beyond a limit.
import { open } from 'node:fs/promises'
import { CompressionType, setCompressionCodec, tableFromIPC, Type, type Field, type Table } from '@uwdata/flechette'
import { decompress, decompressBound } from 'lz4js'
import { limits } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { startsOf, type ColumnFile, type StoredColumn } from '../columns/column-file'
import { columnSource } from '../columns/source'
import { checked, Unpackable, unpackZstd } from '../packing/unpack'
import type { Recognised } from '../recognise'
import type { SourceReader } from '../source-reader'
import { arrowMessages, type ArrowMessage, type ReadBytes } from './messages'

export const arrowReader: SourceReader = {
  kind: 'arrow',
  accepts: (file) => file.container === 'arrow',
  async open(file, genes, work, answers) {
    const handle = await open(file.path, 'r')
    const read: ReadBytes = async (position, length) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    }
    try {
      const columns = await openArrow(file, read)
      const kind = { kind: 'arrow', name: 'Arrow table', endings: ['.feather', '.arrow', '.ipc', '.arrows', '.ftr'] }
      return await work(await columnSource(columns, kind, file, genes, answers))
    } finally {
      await handle.close()
    }
  },
}

/** One buffer of a batch; LZ4 cannot pack tighter than 255 : 1. */
const largestBuffer = 2 ** 30
const largestBatch = 2 ** 31

const unpackLz4Frame = checked('LZ4', (packed, size) => {
  const promised = decompressBound(packed)
  if (promised > size) throw new Unpackable(`a buffer claims to unpack to ${promised} bytes`)
  return decompress(packed, promised)
})
const neverEncoded = (): never => {
  throw new Error('Arrow files are only read')
}

function registerCodecs(): void {
  const limit = (packed: Uint8Array): number => Math.min(largestBuffer, packed.length * 260 + 8 * 1024 * 1024)
  setCompressionCodec(CompressionType.LZ4_FRAME, {
    decode: (packed) => unpackLz4Frame(packed, limit(packed), false),
    encode: neverEncoded,
  })
  setCompressionCodec(CompressionType.ZSTD, {
    decode: (packed) => unpackZstd(packed, largestBuffer, false),
    encode: neverEncoded,
  })
}

/** Runs code of the library; what it throws about a file becomes a sentence about that file. */
function guarded<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown
    const why = thrown instanceof Unpackable ? thrown.message : 'its inner structure cannot be followed'
    return refuse('FILE_DAMAGED', { file, why })
  }
}

async function openArrow(file: Recognised, read: ReadBytes): Promise<ColumnFile> {
  registerCodecs()
  const isFile = Buffer.from(await read(0, 6)).toString('latin1') === 'ARROW1'
  const messages = await arrowMessages(read, isFile ? 8 : 0, isFile ? await dataEnd(file, read) : file.bytes, file.fileName)
  const batches = messages.filter((message) => message.kind === 'batch')
  // In a stream a dictionary may replace an earlier one, so each batch gets those that stand before it.
  const heads: { readonly start: number; readonly bytes: Uint8Array }[] = []
  for (const { start, stop } of messages.filter((message) => message.kind !== 'batch'))
    heads.push({ start, bytes: await read(start, stop - start) })
  const schema = guarded(file.fileName, () => tableFromIPC(heads.slice(0, 1).map((head) => head.bytes)).schema)
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const columns = schema.fields.map(columnOf)
  const last = { batch: null as ArrowMessage | null, table: null as Table | null }
  const tableOf = async (batch: ArrowMessage): Promise<Table> => {
    if (last.batch === batch && last.table) return last.table
    if (batch.stop - batch.start > largestBatch)
      refuse('PART_UNREADABLE', { part: file.fileName, why: 'a batch of its rows is larger than 2 GB' })
    const bytes = await read(batch.start, batch.stop - batch.start)
    const before = heads.filter((head) => head.start < batch.start).map((head) => head.bytes)
    const table = guarded(file.fileName, () => tableFromIPC([...before, bytes], { useDate: true }))
    if (table.numRows !== batch.rows) refuse('FILE_DAMAGED', { file: file.fileName, why: 'a batch has not the rows it states' })
    last.batch = batch
    last.table = table
    return table
  }
  return {
    rows,
    columns,
    pandas: schema.metadata?.get('pandas') ?? null,
    problems: [],
    starts: startsOf(batches.map((batch) => batch.rows)),
    async read(wanted, start, stop) {
      const out = wanted.map((at) =>
        columns[at]?.kind === 'number' ? new Float64Array(stop - start) : new Array<unknown>(stop - start),
      )
      let first = 0
      for (const batch of batches) {
        const [from, to] = [Math.max(start, first), Math.min(stop, first + batch.rows)]
        if (from < to) {
          const table = await tableOf(batch)
          guarded(file.fileName, () =>
            wanted.forEach((at, place) => copyValues(table, at, from - first, to - first, out[place] ?? [], from - start)),
          )
        }
        first += batch.rows
      }
      return out
    },
  }
}

/** In a file the messages end where its own description begins, whose length stands before the last mark. */
async function dataEnd({ fileName, bytes }: Recognised, read: ReadBytes): Promise<number> {
  const tail = Buffer.from(await read(Math.max(0, bytes - 10), 10))
  if (tail.length < 10 || tail.toString('latin1', 4) !== 'ARROW1') return refuse('FILE_TRUNCATED', { file: fileName })
  const end = bytes - 10 - tail.readInt32LE(0)
  return end < 8 || end > bytes - 10
    ? refuse('FILE_DAMAGED', { file: fileName, why: 'its description is not where it should be' })
    : end
}

/** Rows [start, stop) of a column into `out` from `to` on. */
function copyValues(table: Table, column: number, start: number, stop: number, out: unknown[] | Float64Array, to: number): void {
  const values = table.getChildAt(column)
  if (!(out instanceof Float64Array)) {
    for (let row = start; row < stop; row++) out[to + row - start] = values.at(row) as unknown
    return
  }
  const whole: unknown = values.nullCount === 0 ? values.toArray() : null
  if (whole instanceof Float32Array || whole instanceof Float64Array || whole instanceof Int32Array) {
    out.set(whole.subarray(start, stop), to)
    return
  }
  for (let row = start; row < stop; row++) {
    const value: unknown = values.at(row)
    out[to + row - start] = value === null || value === undefined ? NaN : Number(value)
  }
}

function columnOf({ name, type }: Field): StoredColumn {
  const id: number =
    type.typeId === Type.Dictionary ? (type as unknown as { dictionary: { typeId: number } }).dictionary.typeId : type.typeId
  if ([Type.Int, Type.Float, Type.Decimal].some((each) => each === id)) return { name, kind: 'number' }
  if (id === Type.Bool) return { name, kind: 'truth' }
  const texts = [Type.Utf8, Type.LargeUtf8, Type.Utf8View, Type.Date, Type.Timestamp, Type.Time, Type.Duration, Type.Null]
  if (texts.some((each) => each === id)) return { name, kind: 'text' }
  if ([Type.List, Type.LargeList, Type.FixedSizeList, Type.ListView].some((each) => each === id)) {
    const item = (type as unknown as { children: readonly Field[] }).children[0]?.type.typeId
    const stride = 'stride' in type ? type.stride : 0
    if ((item === Type.Float || item === Type.Int) && stride <= limits.dims) return { name, kind: 'list' }
  }
  return { name, kind: 'unfit', why: 'it holds values that are neither numbers nor text' }
}
