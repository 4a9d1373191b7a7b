// The packed bytes of single pieces, alone in a file or inside a shard, and the pieces unpacked last.
import { Unpackable } from '../packing/unpack'
import { crc32c } from '../packing/crc32c'
import type { Shard } from './codecs'
import type { ArrayDescription } from './description'
import type { ZarrStore } from './store'

const keptBytes = 96 * 1024 * 1024
const notStored = 0xffff_ffff_ffff_ffffn

/** Keeps the pieces used last, within a bounded number of bytes. */
export class PieceCache {
  private readonly pieces = new Map<string, { readonly value: Uint8Array | string[]; readonly bytes: number }>()
  private bytes = 0
  private last: { readonly file: string; readonly view: DataView } | null = null

  /** The list of the shard used last: it is read once for all pieces in it. */
  list(file: string, read: () => DataView): DataView {
    if (this.last?.file !== file) this.last = { file, view: read() }
    return this.last.view
  }

  get(key: string): Uint8Array | string[] | undefined {
    const found = this.pieces.get(key)
    if (!found) return undefined
    this.pieces.delete(key)
    this.pieces.set(key, found)
    return found.value
  }

  put(key: string, value: Uint8Array | string[], bytes: number): void {
    this.pieces.set(key, { value, bytes })
    this.bytes += bytes
    for (const [oldest, piece] of this.pieces) {
      if (this.bytes <= keptBytes || oldest === key) break
      this.pieces.delete(oldest)
      this.bytes -= piece.bytes
    }
  }
}

/** The stored bytes of the piece at this position (counted in pieces along each axis), or null when there are none. */
export function packedPiece(
  store: ZarrStore,
  place: string,
  description: ArrayDescription,
  position: readonly number[],
  cache: PieceCache,
): Uint8Array | null {
  const { shard } = description.codecs
  const outer = shard
    ? position.map((at, axis) => Math.floor((at * size(shard.inner, axis)) / size(shard.outer, axis)))
    : position
  const file = place === '' ? description.fileOf(outer) : `${place}/${description.fileOf(outer)}`
  const bytes = store.size(file)
  if (bytes === null) return null
  if (!shard) return store.read(file, 0, bytes)
  const across = shard.outer.map((each, axis) => each / size(shard.inner, axis))
  const pieces = across.reduce((all, count) => all * count, 1)
  const view = cache.list(file, () => shardList(store, file, bytes, pieces, shard))
  const inside = position.reduce((at, each, axis) => at * size(across, axis) + (each % size(across, axis)), 0)
  const [start, stored] = [view.getBigUint64(inside * 16, true), view.getBigUint64(inside * 16 + 8, true)]
  if (start === notStored && stored === notStored) return null
  if (start + stored > BigInt(bytes)) throw new Unpackable('a piece lies beyond its shard')
  return store.read(file, Number(start), Number(stored))
}

/** Where the pieces of a shard lie, checked. */
function shardList(store: ZarrStore, file: string, bytes: number, pieces: number, { indexAtEnd, indexChecked }: Shard): DataView {
  const length = pieces * 16 + (indexChecked ? 4 : 0)
  if (length > bytes) throw new Unpackable('the list of a shard is cut off')
  const list = store.read(file, indexAtEnd ? bytes - length : 0, length)
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength)
  if (list.byteLength < length || (indexChecked && view.getUint32(pieces * 16, true) !== crc32c(list.subarray(0, pieces * 16))))
    throw new Unpackable('the check sum of a shard does not fit')
  return view
}

const size = (sizes: readonly number[], axis: number): number => sizes[axis] ?? 1
