// Undoes the compressions that stand inside data files: each function gives exactly the bytes asked for or throws Unpackable.
// Invariant: no more memory is reserved than the caller allows, whatever the packed bytes promise.
import zlib from 'node:zlib'
import { decompress as zstdInScript } from 'fzstd'
import { decompressLz4Raw } from 'hyparquet-compressors'

/** Why packed bytes cannot be undone; turned into a sentence about its part by the caller. */
export class Unpackable extends Error {}

/** Unpacks to `size` bytes when that is known (`exact`), otherwise to at most so many. */
export type Unpack = (packed: Uint8Array, size: number, exact: boolean) => Uint8Array

/** Makes any function that unpacks one that keeps to the sizes and speaks in sentences. */
export const checked =
  (name: string, unpack: (packed: Uint8Array, size: number) => Uint8Array): Unpack =>
  (packed, size, exact) => {
    let bytes: Uint8Array
    try {
      bytes = unpack(packed, size)
    } catch (thrown) {
      // The cause is in every library's own words; what matters is that the bytes are not what the file says.
      throw thrown instanceof Unpackable ? thrown : new Unpackable(`its ${name} compression cannot be undone`)
    }
    if (bytes.length > size || (exact && bytes.length !== size))
      throw new Unpackable(`it unpacks to ${bytes.length} bytes where ${size} are expected`)
    return bytes
  }

export const unpackGzip: Unpack = checked('gzip', (packed, size) =>
  zlib.gunzipSync(packed, { maxOutputLength: Math.max(1, size) }),
)

export const unpackZlib: Unpack = checked('zlib', (packed, size) =>
  zlib.inflateSync(packed, { maxOutputLength: Math.max(1, size) }),
)

export const unpackBrotli: Unpack = checked('Brotli', (packed, size) =>
  zlib.brotliDecompressSync(packed, { maxOutputLength: Math.max(1, size) }),
)

/** Node has it built in since version 22; the older runtime has not. */
const nativeZstd = zlib.zstdDecompressSync as typeof zlib.zstdDecompressSync | undefined

export const unpackZstd: Unpack = checked('zstd', (packed, size) => {
  if (nativeZstd) return nativeZstd(packed, { maxOutputLength: Math.max(1, size) })
  const promised = zstdSize(packed)
  if (promised !== null && promised > size) throw new Unpackable(`it unpacks to more than ${size} bytes`)
  // Without a promised size the script grows its buffer itself; a buffer of our own bounds it.
  return zstdInScript(packed, promised === null ? new Uint8Array(size) : undefined)
})

/** The unpacked size that the first frame's header states, or null. */
function zstdSize(packed: Uint8Array): number | null {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (packed.length < 14 || view.getUint32(0, true) !== 0xfd2fb528) return null
  const descriptor = view.getUint8(4)
  const single = (descriptor >> 5) & 1
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number
  const at = 5 + (single ? 0 : 1) + dictionary
  switch (descriptor >> 6) {
    case 0:
      return single ? view.getUint8(at) : null
    case 1:
      return view.getUint16(at, true) + 256
    case 2:
      return view.getUint32(at, true)
    default:
      return Number(view.getBigUint64(at, true))
  }
}

/** One LZ4 block without frame. */
export const unpackLz4Block: Unpack = checked('LZ4', decompressLz4Raw)

/** As Zarr stores it: the unpacked size in four bytes, then one block. */
export const unpackSizedLz4: Unpack = checked('LZ4', (packed, size) => {
  const promised = packed.length < 4 ? 0 : new DataView(packed.buffer, packed.byteOffset, 4).getUint32(0, true)
  if (promised > size) throw new Unpackable(`it unpacks to more than ${size} bytes`)
  return decompressLz4Raw(packed.subarray(4), promised)
})
