// One array of a Zarr hierarchy: its stored pieces put together to the rows asked for; pieces that are missing hold the fill value.
// Invariants: no piece is unpacked beyond the size its shape gives; the last pieces are kept, so that small slices stay cheap.
import { refuse, Refusal } from '../../../base/refusal'
import type { DataArray } from '../data-tree'
import type { Numbers } from '../hdf5/decode'
import { arrayNumbers, arrayTexts } from '../npy/numbers'
import type { ArrayType } from '../npy/header'
import { Unpackable } from '../packing/unpack'
import { counted } from '../problems'
import type { ArrayDescription } from './description'
import { filledValue } from './fill'
import { packedPiece, type PieceCache } from './pieces'
import type { ZarrStore } from './store'

/** No real data pack tighter, and a little for arrays that are all fill value. */
const largestRatio = 1100
const alwaysAllowed = 2 ** 28
const largestPiece = 2 ** 30
const mostPieces = 4_000_000

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1)

export class ZarrArray implements DataArray {
  readonly fields = null

  constructor(
    private readonly store: ZarrStore,
    private readonly cache: PieceCache,
    /** Folder of the array in the store. */
    private readonly place: string,
    readonly path: string,
    private readonly description: ArrayDescription,
  ) {}

  get shape(): readonly number[] {
    return this.description.shape
  }

  get rows(): number {
    return this.shape[0] ?? 0
  }

  get chunkRows(): number {
    return this.description.chunks[0] ?? 1
  }

  get valueBytes(): number {
    const { type } = this.description
    return type === null || type === 'text' ? 4 : type.size
  }

  get truth(): boolean {
    return this.kind === 'b'
  }

  get isText(): boolean {
    return this.kind === 'text' || this.kind === 'U' || this.kind === 'S'
  }

  get isNumber(): boolean {
    return !this.isText && this.kind !== null
  }

  private get kind(): ArrayType['kind'] | 'text' | null {
    const { type } = this.description
    return type === null || type === 'text' ? type : type.kind
  }

  /** Refuses what must not or cannot be read, before anything is reserved. */
  check(): void {
    const { unreadable, chunks } = this.description
    if (unreadable?.code === 'COMPRESSION_MISSING') refuse('COMPRESSION_MISSING', { part: this.path, filter: unreadable.why })
    if (unreadable) refuse('PART_UNREADABLE', { part: this.path, why: unreadable.why })
    if (product(this.shape) * this.valueBytes > this.store.bytes * largestRatio + alwaysAllowed)
      this.damaged('claims more values than the files can hold')
    // Pieces that are not stored cost time too, and a file can claim any number of them.
    if (this.shape.reduce((all, length, axis) => all * Math.ceil(length / (chunks[axis] ?? 1)), 1) > mostPieces)
      refuse('PART_UNREADABLE', { part: this.path, why: `it is cut into more than ${counted(mostPieces)} pieces` })
    if (product(chunks) * this.valueBytes > largestPiece)
      refuse('PART_UNREADABLE', { part: this.path, why: 'its pieces are larger than 1 GB' })
  }

  numbers(start = 0, stop = this.rows): Numbers {
    const { type } = this.description
    if (type === null || type === 'text' || this.isText)
      return refuse('PART_UNREADABLE', { part: this.path, why: 'it does not hold numbers' })
    return arrayNumbers(
      this.guarded(() => this.gathered(start, stop, type)),
      type,
      this.path,
    )
  }

  texts(start = 0, stop = this.rows): string[] {
    const { type } = this.description
    if (type === null || !this.isText) return refuse('PART_UNREADABLE', { part: this.path, why: 'it does not hold text' })
    if (type !== 'text')
      return arrayTexts(
        this.guarded(() => this.gathered(start, stop, type)),
        type,
      )
    return this.guarded(() => this.gatheredTexts(start, stop))
  }

  /** Rows [start, stop) of an array with up to two axes, as stored bytes. */
  private gathered(start: number, stop: number, type: ArrayType): Uint8Array {
    const { shape, chunks, codecs, fill } = this.description
    if (shape.length > 2) refuse('PART_UNREADABLE', { part: this.path, why: `it has ${shape.length} dimensions` })
    const empty = filledValue(type, fill, this.path)
    const bytesOf = (position: readonly number[]): Uint8Array | null =>
      this.piece(position, product(chunks) * type.size, (bytes) => bytes) as Uint8Array | null
    if (shape.length === 0) return bytesOf([]) ?? empty
    const [width, pieceRows, pieceWidth] = [shape[1] ?? 1, chunks[0] as number, chunks[1] ?? 1]
    const out = new Uint8Array(Math.max(0, stop - start) * width * type.size)
    for (let line = Math.floor(start / pieceRows); line * pieceRows < stop; line++) {
      const [first, last] = [Math.max(start, line * pieceRows), Math.min(stop, (line + 1) * pieceRows)]
      for (let across = 0; across * pieceWidth < width; across++) {
        const stored = bytesOf(shape.length === 1 ? [line] : [line, across])
        const left = across * pieceWidth
        const bytes = stored && codecs.turned && shape.length === 2 ? turned(stored, pieceRows, pieceWidth, type.size) : stored
        const wanted = Math.min(pieceWidth, width - left) * type.size
        for (let row = first; row < last; row++) {
          const to = ((row - start) * width + left) * type.size
          const from = (row - line * pieceRows) * pieceWidth * type.size
          if (bytes) out.set(bytes.subarray(from, from + wanted), to)
          else if (empty.some((byte) => byte !== 0)) for (let at = 0; at < wanted; at += type.size) out.set(empty, to + at)
        }
      }
    }
    return out
  }

  private gatheredTexts(start: number, stop: number): string[] {
    const { shape, chunks, fill } = this.description
    if (shape.length > 1) refuse('PART_UNREADABLE', { part: this.path, why: `it has ${shape.length} dimensions` })
    const values = product(chunks)
    const empty = typeof fill === 'string' ? fill : ''
    const textsIn = (position: readonly number[]): readonly string[] =>
      (this.piece(position, null, (bytes) => lengthPrefixed(bytes, values)) as string[] | null) ??
      Array.from({ length: values }, () => empty)
    if (shape.length === 0) return textsIn([]).slice(0, 1)
    const pieceRows = chunks[0] as number
    const out: string[] = []
    for (let line = Math.floor(start / pieceRows); line * pieceRows < stop; line++) {
      const texts = textsIn([line])
      const last = Math.min(stop, (line + 1) * pieceRows) - line * pieceRows
      for (let row = Math.max(start - line * pieceRows, 0); row < last; row++) out.push(texts[row] ?? '')
    }
    return out
  }

  /** One piece, decoded; null when it is not stored. `size` is null when only its content tells. */
  private piece(
    position: readonly number[],
    size: number | null,
    decode: (bytes: Uint8Array) => Uint8Array | string[],
  ): Uint8Array | string[] | null {
    const key = `${this.place}:${position.join('/')}`
    const known = this.cache.get(key)
    if (known !== undefined) return known
    const packed = packedPiece(this.store, this.place, this.description, position, this.cache)
    if (packed === null) return null
    let bytes = packed
    const { packings } = this.description.codecs
    packings.forEach((unpack, at) => {
      const last = at === packings.length - 1
      const most = last && size !== null ? size : Math.min(largestPiece, bytes.length * largestRatio + 1024 * 1024)
      bytes = unpack(bytes, most, last && size !== null)
    })
    if (size !== null && bytes.length !== size)
      throw new Unpackable(`a piece holds ${bytes.length} bytes where ${size} are expected`)
    const decoded = decode(bytes)
    this.cache.put(key, decoded, bytes.length)
    return decoded
  }

  private guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      if (thrown instanceof Refusal || !(thrown instanceof Unpackable)) throw thrown
      return this.damaged(`cannot be read: ${thrown.message}`)
    }
  }

  private damaged(why: string): never {
    return refuse('FILE_DAMAGED', { file: this.store.fileName, why: `part ${this.path} ${why}` })
  }
}

/** Stored column by column, as rows. */
function turned(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length)
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const from = (column * rows + row) * size
      out.set(bytes.subarray(from, from + size), (row * columns + column) * size)
    }
  }
  return out
}

/** Text of free length: a count, then for each text its length in bytes and its UTF-8. */
function lengthPrefixed(bytes: Uint8Array, values: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const short = (): never => {
    throw new Unpackable('a list of texts ends early')
  }
  if (bytes.length < 4 || view.getUint32(0, true) !== values) short()
  const decoder = new TextDecoder()
  const texts: string[] = []
  let at = 4
  for (let text = 0; text < values; text++) {
    if (at + 4 > bytes.length) short()
    const end = at + 4 + view.getUint32(at, true)
    if (end > bytes.length) short()
    texts.push(decoder.decode(bytes.subarray(at + 4, end)))
    at = end
  }
  return texts
}
