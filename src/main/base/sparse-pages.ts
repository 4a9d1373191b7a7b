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
const escaped = 255
/** An exception takes nine bytes instead of four. */
const mostExceptions = 3 / 8
/** Stored values of a page; a single longer row makes a larger page. */
export const pageValues = 262_144

export class DamagedPage extends Error {}

/** Rows of one page, decoded. `indptr` counts from the first stored value of the page. */
export type PageRows = Pick<Csr, 'indptr' | 'indices' | 'values'>

/** Values as bytes with exceptions; `places` is null where plain floats are shorter. */
export interface ByteValues {
  readonly bytes: Uint8Array
  readonly places: Uint32Array | null
  readonly exceptions: Float32Array
}

/** Packs values [from, to); the result is only valid until the next call. */
export function packValues(values: Float32Array, from: number, to: number): ByteValues {
  const count = to - from
  if (packed.bytes.length < count) {
    packed.bytes = new Uint8Array(count)
    packed.places = new Uint32Array(Math.floor(count * mostExceptions) + 1)
    packed.exceptions = new Float32Array(packed.places.length)
  }
  const { bytes, places, exceptions } = packed
  const most = Math.floor(count * mostExceptions)
  let found = 0
  for (let at = 0; at < count; at++) {
    const value = values[from + at] as number
    const byte = value & 255
    if (byte === value && byte !== escaped) bytes[at] = byte
    else {
      if (found === most) return { bytes, places: null, exceptions }
      bytes[at] = escaped
      places[found] = at
      exceptions[found++] = value
    }
  }
  return { bytes: bytes.subarray(0, count), places: places.subarray(0, found), exceptions: exceptions.subarray(0, found) }
}

const packed = { bytes: new Uint8Array(0), places: new Uint32Array(0), exceptions: new Float32Array(0) }

/** Writes the gaps between the columns [from, to) of one row from `at` on; returns where they end. At most five bytes each. */
export function putGaps(columns: Uint32Array, from: number, to: number, out: Uint8Array, at: number): number {
  let next = 0
  for (let entry = from; entry < to; entry++) {
    const column = columns[entry] as number
    let gap = column - next
    next = column + 1
    while (gap > 127) {
      out[at++] = (gap & 127) | 128
      gap >>>= 7
    }
    out[at++] = gap
  }
  return at
}

/** The parts of a page: row ends as counts, gaps and values already in their form. */
export interface PageParts {
  readonly ends: Uint32Array
  readonly gapEnds: Uint32Array
  readonly values: { readonly floats: Float32Array } | ByteValues
  readonly gaps: Uint8Array
}

export function joinPage({ ends, gapEnds, values, gaps }: PageParts): Uint8Array {
  const rows = ends.length
  const stored = rows === 0 ? 0 : (ends[rows - 1] as number)
  const asFloats = 'floats' in values
  const exceptions = asFloats ? 0 : (values.places?.length ?? 0)
  const valueBytes = asFloats ? stored * 4 : exceptions * 8 + stored
  const page = new Uint8Array(headerBytes + rows * 8 + valueBytes + gaps.length)
  new Uint32Array(page.buffer, 0, 4).set([rows, stored, gaps.length, asFloats ? allFloats : exceptions])
  let at = headerBytes
  const put = (part: Uint8Array | Uint32Array | Float32Array): void => {
    page.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += part.byteLength
  }
  put(ends)
  put(gapEnds)
  if (asFloats) put(values.floats)
  else {
    if (values.places) put(values.places)
    put(values.exceptions)
    put(values.bytes)
  }
  put(gaps)
  return page
}

/** Rows [start, stop) of a matrix as one page. */
export function encodePage({ indptr, indices, values }: Csr, start: number, stop: number): Uint8Array {
  const first = indptr[start] as number
  const last = indptr[stop] as number
  if (gapSpace.length < (last - first) * 5) gapSpace = new Uint8Array((last - first) * 5)
  const ends = new Uint32Array(stop - start)
  const gapEnds = new Uint32Array(stop - start)
  let at = 0
  for (let row = start; row < stop; row++) {
    at = putGaps(indices, indptr[row] as number, indptr[row + 1] as number, gapSpace, at)
    ends[row - start] = (indptr[row + 1] as number) - first
    gapEnds[row - start] = at
  }
  const bytes = packValues(values, first, last)
  return joinPage({
    ends,
    gapEnds,
    values: bytes.places ? bytes : { floats: values.subarray(first, last) },
    gaps: gapSpace.subarray(0, at),
  })
}

let gapSpace = new Uint8Array(0)

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
