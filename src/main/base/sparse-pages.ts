// The form in which large sparse matrices are kept: pages of whole rows, a byte or two per stored value for counts.
// Invariants: nothing is lost (every 32-bit float comes back); the columns of a row ascend; a damaged page is refused, never misread.
//
// Little-endian. Header of four u32: rows, stored values, bytes of gaps, exceptions. Then, as u32 per row, where its values end and
// where its gaps end. Then the values: one byte each, 255 standing for an exception listed before them (u32 places, f32 values), or,
// where most are exceptions, plain f32 (`allFloats` as the number of exceptions). Last the gaps: how many columns lie between two
// stored ones, seven bits a byte, the highest bit saying that more follow.
import type { Csr } from './sparse'

const headerBytes = 16
const allFloats = 0xffffffff
/** The byte that stands for an exception. */
export const escaped = 255
/** An exception takes nine bytes instead of four. */
const mostExceptions = 3 / 8
/** Stored values of a page; a single longer row makes a larger page. */
export const pageValues = 262_144

export class DamagedPage extends Error {}

/** Rows of one page, decoded. `indptr` counts from the first stored value of the page. */
export type PageRows = Pick<Csr, 'indptr' | 'indices' | 'values'>

/** Values as bytes with exceptions, or as they are. */
export type PageValues =
  | { readonly floats: Float32Array }
  | { readonly bytes: Uint8Array; readonly places: Uint32Array; readonly exceptions: Float32Array }

/** Rows in the form of a page. All arrays are only valid until the next rows are packed. */
export interface PackedRows {
  /** Per row where its values and its gaps end. */
  readonly ends: Uint32Array
  readonly gapEnds: Uint32Array
  readonly gaps: Uint8Array
  readonly values: PageValues
  /** Per row the sum of its values; not finite where one of them is not. */
  readonly totals: Float64Array
}

/** Whether bytes may be worth trying, from a few of the values [from, to). */
function mayBeBytes(values: Float32Array, from: number, to: number): boolean {
  const step = Math.max(1, Math.floor((to - from) / lookedAt))
  let looked = 0
  let unfit = 0
  for (let at = from; at < to; at += step, looked++) {
    const value = values[at] as number
    if ((value & 255) !== value) unfit++
  }
  return unfit <= looked * mostExceptions
}

const lookedAt = 64

/** Packs rows of sparse matrices, one stretch after the other, in memory that is used again. */
export class RowPacker {
  private gaps = new Uint8Array(0)
  private bytes = new Uint8Array(0)
  private places = new Uint32Array(0)
  private exceptions = new Float32Array(0)

  /** Rows [start, stop). */
  pack({ indptr, indices, values }: Csr, start: number, stop: number): PackedRows {
    const first = indptr[start] as number
    const count = (indptr[stop] as number) - first
    this.reserve(count)
    const ends = new Uint32Array(stop - start)
    const gapEnds = new Uint32Array(stop - start)
    const totals = new Float64Array(stop - start)
    const { gaps } = this
    let gapAt = 0
    for (let row = start; row < stop; row++) {
      const end = indptr[row + 1] as number
      let next = 0
      let total = 0
      for (let at = indptr[row] as number; at < end; at++) {
        const column = indices[at] as number
        let gap = column - next
        next = column + 1
        while (gap > 127) {
          gaps[gapAt++] = (gap & 127) | 128
          gap >>>= 7
        }
        gaps[gapAt++] = gap
        total += values[at] as number
      }
      ends[row - start] = end - first
      gapEnds[row - start] = gapAt
      totals[row - start] = total
    }
    return { ends, gapEnds, gaps: gaps.subarray(0, gapAt), values: this.packValues(values, first, first + count), totals }
  }

  /** Values [from, to) alone; only valid until the next are packed. */
  packValues(values: Float32Array, from: number, to: number): PageValues {
    const count = to - from
    if (!mayBeBytes(values, from, to)) return { floats: values.subarray(from, to) }
    this.reserve(count)
    const { bytes, places, exceptions } = this
    let found = 0
    for (let at = 0; at < count; at++) {
      const value = values[from + at] as number
      const byte = value & 255
      if (byte === value && byte !== escaped) bytes[at] = byte
      else {
        bytes[at] = escaped
        places[found] = at
        exceptions[found++] = value
      }
    }
    if (found > count * mostExceptions) return { floats: values.subarray(from, to) }
    return { bytes: bytes.subarray(0, count), places: places.subarray(0, found), exceptions: exceptions.subarray(0, found) }
  }

  private reserve(count: number): void {
    if (this.bytes.length >= count) return
    this.gaps = new Uint8Array(count * 5)
    this.bytes = new Uint8Array(count)
    this.places = new Uint32Array(count)
    this.exceptions = new Float32Array(count)
  }
}

/** The bytes of a page, part after part; only valid as long as the rows packed are. */
export function partsOfPage({ ends, gapEnds, values, gaps }: Omit<PackedRows, 'totals'>): Uint8Array[] {
  const stored = ends.length === 0 ? 0 : (ends[ends.length - 1] as number)
  const marked = 'floats' in values ? allFloats : values.places.length
  const header = Uint32Array.of(ends.length, stored, gaps.length, marked)
  const parts = 'floats' in values ? [values.floats] : [values.places, values.exceptions, values.bytes]
  return [header, ends, gapEnds, ...parts, gaps].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
}

/** Where a page that begins with row `start` best ends, given the pointers of the rows. */
export function pageEnd(indptr: Float64Array, start: number, rows: number): number {
  const limit = (indptr[start] as number) + pageValues
  let stop = start + 1
  while (stop < rows && stop - start < mostRows && (indptr[stop + 1] as number) <= limit) stop++
  return stop
}

const mostRows = 65_536

interface OpenPage {
  readonly rows: number
  readonly stored: number
  readonly ends: Uint32Array
  readonly gapEnds: Uint32Array
  readonly floats: Float32Array | null
  readonly places: Uint32Array
  readonly exceptions: Float32Array
  readonly bytes: Uint8Array
  readonly gaps: Uint8Array
}

/** The parts of a page without copying them; throws DamagedPage when its sizes do not fit together. */
function openPage(given: Uint8Array): OpenPage {
  const page = given.byteOffset % 4 === 0 ? given : given.slice()
  if (page.length < headerBytes) throw new DamagedPage('shorter than its header')
  const [rows = 0, stored = 0, gapBytes = 0, marked = 0] = new Uint32Array(page.buffer, page.byteOffset, 4)
  const exceptions = marked === allFloats ? 0 : marked
  const valueBytes = marked === allFloats ? stored * 4 : exceptions * 8 + stored
  if (headerBytes + rows * 8 + valueBytes + gapBytes !== page.length) throw new DamagedPage('its sizes do not fit together')
  let at = page.byteOffset + headerBytes
  const words = (count: number): Uint32Array => new Uint32Array(page.buffer, (at += count * 4) - count * 4, count)
  const floats = (count: number): Float32Array => new Float32Array(page.buffer, (at += count * 4) - count * 4, count)
  const ends = words(rows)
  const gapEnds = words(rows)
  const plain = marked === allFloats ? floats(stored) : null
  const places = words(exceptions)
  const kept = floats(exceptions)
  const byteCount = marked === allFloats ? 0 : stored
  const bytes = new Uint8Array(page.buffer, at, byteCount)
  const gaps = new Uint8Array(page.buffer, at + byteCount, gapBytes)
  for (let row = 1; row < rows; row++) {
    const falls = (ends[row] as number) < (ends[row - 1] as number) || (gapEnds[row] as number) < (gapEnds[row - 1] as number)
    if (falls) throw new DamagedPage('its rows overlap')
  }
  if (rows > 0 && (ends[rows - 1] !== stored || gapEnds[rows - 1] !== gapBytes)) throw new DamagedPage('its rows end elsewhere')
  return { rows, stored, ends, gapEnds, floats: plain, places, exceptions: kept, bytes, gaps }
}

/** All rows of a page. @param columns of the matrix; throws DamagedPage for columns beyond them */
export function decodePage(page: Uint8Array, columns: number): PageRows {
  const opened = openPage(page)
  const indices = new Uint32Array(opened.stored)
  const indptr = new Float64Array(opened.rows + 1)
  for (let row = 0; row < opened.rows; row++) {
    readGaps(opened, row, columns, indices, row === 0 ? 0 : (opened.ends[row - 1] as number))
    indptr[row + 1] = opened.ends[row] as number
  }
  return { indptr, indices, values: valuesOf(opened, 0, opened.stored) }
}

/** One row of a page, `row` counted from its first. */
export function decodeRow(page: Uint8Array, row: number, columns: number): { indices: Uint32Array; values: Float32Array } {
  const opened = openPage(page)
  if (row >= opened.rows) throw new DamagedPage('a row is missing')
  const from = row === 0 ? 0 : (opened.ends[row - 1] as number)
  const to = opened.ends[row] as number
  const indices = new Uint32Array(to - from)
  readGaps(opened, row, columns, indices, 0)
  return { indices, values: valuesOf(opened, from, to) }
}

function readGaps({ ends, gapEnds, gaps }: OpenPage, row: number, columns: number, out: Uint32Array, to: number): void {
  const count = (ends[row] as number) - (row === 0 ? 0 : (ends[row - 1] as number))
  let at = row === 0 ? 0 : (gapEnds[row - 1] as number)
  let column = -1
  for (let entry = 0; entry < count; entry++) {
    let byte = gaps[at++] as number
    let gap = byte & 127
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = gaps[at++] as number
      gap += (byte & 127) * 2 ** shift
    }
    column += gap + 1
    out[to + entry] = column
  }
  if (at !== gapEnds[row] || !(column < columns)) throw new DamagedPage('its columns are impossible')
}

function valuesOf({ floats, places, exceptions, bytes }: OpenPage, from: number, to: number): Float32Array {
  if (floats) return floats.slice(from, to)
  const values = new Float32Array(to - from)
  for (let at = from; at < to; at++) values[at - from] = bytes[at] as number
  for (let at = firstAtLeast(places, from); at < places.length && (places[at] as number) < to; at++) {
    values[(places[at] as number) - from] = exceptions[at] as number
  }
  return values
}

/** The first place in ascending numbers that holds `wanted` or more. */
export function firstAtLeast(ascending: Uint32Array, wanted: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
