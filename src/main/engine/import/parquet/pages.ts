// Checks the pages of a Parquet column before the library decodes them: it believes the counts in page headers and in run lengths,
// so that one changed byte could make it reserve gigabytes or run for minutes. Invariant: after the check no page holds more values
// than its column states, and no run is longer than its page.
import type { ColumnMetaData, PageHeader, SchemaElement } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { Unpackable } from '../packing/unpack'
import { checkThrift } from './thrift'

export interface PageColumn {
  readonly meta: ColumnMetaData
  /** Schema elements from the root's child down to the column. */
  readonly path: readonly SchemaElement[]
}

/** Checks the unpacked bytes of one page. */
export type PageCheck = (page: Uint8Array) => void

/**
 * Walks over the pages of a whole column chunk. Gives for every page with packed content where that starts in `chunk` and how it is
 * to be checked once it is unpacked; content that is not packed is checked at once. Throws Unpackable.
 */
export function checkedPages(chunk: Uint8Array, { meta, path }: PageColumn): Map<number, PageCheck> {
  const checks = new Map<number, PageCheck>()
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const most = Number(meta.num_values)
  const levels = { repetition: levelOf(path, 'REPEATED'), definition: levelOf(path, 'OPTIONAL') + levelOf(path, 'REPEATED') }
  const reader = { view, offset: 0 }
  let values = 0
  while (reader.offset < chunk.byteLength - 1 && values < most) {
    checkThrift(view, reader.offset)
    const header = parquetHeader(reader)
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header
    const start = reader.offset
    if (!(packed >= 0 && unpacked >= 0 && start + packed <= chunk.byteLength))
      throw new Unpackable('a page lies beyond its column')
    const count = valuesIn(header, unpacked)
    if (header.type !== 'DICTIONARY_PAGE') values += count
    if (values > most) throw new Unpackable(`a column holds more than the ${most} values it states`)
    const content = chunk.subarray(start, start + packed)
    const { at, check } = checkOf(header, meta, levels, content, count)
    if (check && meta.codec !== 'UNCOMPRESSED' && header.data_page_header_v2?.is_compressed !== false)
      checks.set(start + at, check)
    else check?.(content.subarray(at))
    reader.offset = start + packed
  }
  return checks
}

const levelOf = (path: readonly SchemaElement[], kind: 'REPEATED' | 'OPTIONAL'): number =>
  path.filter((element) => element.repetition_type === kind).length

/** Values of a page; a dictionary cannot hold more values than bytes. */
function valuesIn(header: PageHeader, unpacked: number): number {
  const count =
    header.data_page_header?.num_values ??
    header.data_page_header_v2?.num_values ??
    header.dictionary_page_header?.num_values ??
    0
  if (!(count >= 0) || (header.type === 'DICTIONARY_PAGE' && count > unpacked))
    throw new Unpackable(`a page claims to hold ${count} values`)
  return count
}

interface Levels {
  readonly repetition: number
  readonly definition: number
}

/** How the content of a page, from byte `at` on, is to be checked. */
function checkOf(
  { data_page_header: first, data_page_header_v2: second }: PageHeader,
  { type }: ColumnMetaData,
  levels: Levels,
  content: Uint8Array,
  count: number,
): { at: number; check: PageCheck | null } {
  if (second) {
    const [repetition, definition] = [second.repetition_levels_byte_length, second.definition_levels_byte_length]
    if (!(repetition >= 0 && definition >= 0 && repetition + definition <= content.length && second.num_nulls >= 0))
      throw new Unpackable('the levels of a page lie beyond it')
    const stretch = (from: number, length: number): DataView => viewOf(content.subarray(from, from + length))
    if (levels.repetition > 0) checkRuns(stretch(0, repetition), 0, widthFor(levels.repetition), count)
    if (levels.definition > 0) checkRuns(stretch(repetition, definition), 0, widthFor(levels.definition), count)
    return { at: repetition + definition, check: valueCheck(second.encoding, type, count - second.num_nulls) }
  }
  if (!first) return { at: 0, check: null }
  return {
    at: 0,
    check(page) {
      const view = viewOf(page)
      let at = 0
      for (const level of [levels.repetition, levels.definition]) {
        if (level === 0) continue
        if (at + 4 > page.length) throw new Unpackable('the levels of a page lie beyond it')
        const length = view.getUint32(at, true)
        checkRuns(view, at + 4, widthFor(level), count)
        at += 4 + length
      }
      // Gaps make the values fewer, never more.
      if (at <= page.length) valueCheck(first.encoding, type, count)?.(page.subarray(at))
    },
  }
}

/** Encodings with run lengths; the others are bounded by the bytes of the page. */
function valueCheck(encoding: string, type: string, count: number): PageCheck | null {
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY')
    return (page) => (page.length > 1 ? checkRuns(viewOf(page), 1, page[0] as number, count) : undefined)
  if (encoding === 'RLE' && type === 'BOOLEAN') return (page) => checkRuns(viewOf(page), 4, 1, count)
  return null
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const widthFor = (level: number): number => 32 - Math.clz32(level)

/** A run of packed bits may be rounded up; runs of one value may not be longer than what is left. */
const rounding = 512

function checkRuns(view: DataView, start: number, width: number, count: number): void {
  let at = start
  let left = count
  while (left > 0 && at < view.byteLength) {
    let header = 0
    for (let shift = 0, more = true; more; shift += 7) {
      if (shift > 28 || at >= view.byteLength) throw new Unpackable('a run length in a page is impossible')
      const byte = view.getUint8(at++)
      header += (byte & 0x7f) * 2 ** shift
      more = byte >= 0x80
    }
    const packed = header % 2 === 1
    const values = Math.floor(header / 2) * (packed ? 8 : 1)
    if (values === 0 || values > left + (packed ? rounding : 0))
      throw new Unpackable(`a run of ${values} values is longer than its page`)
    at += packed ? (values / 8) * width : Math.ceil(width / 8)
    left -= values
  }
}
