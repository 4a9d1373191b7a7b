// The Blosc container (version 1), which Zarr uses by default: blocks, split streams, five inner compressions, byte and bit
// shuffle. Ported from the format description of c-blosc; the library in reach works only asynchronously and through
// WebAssembly memory, while arrays here are read in slices on the spot. Invariant: every offset is checked before it is used.
import { snappyUncompress } from 'hyparquet'
import { checked, Unpackable, unpackLz4Block, unpackZlib, unpackZstd, type Unpack } from './unpack'

const headerBytes = 16
const mostSplits = 16
const smallestSplit = 128

/** Undoes Blosc 1 as c-blosc and numcodecs write it. */
export const unpackBlosc: Unpack = checked('Blosc', (packed, size) => {
  if (packed.length < headerBytes) throw new Unpackable('its Blosc header is cut off')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const flags = view.getUint8(2)
  const width = Math.max(1, view.getUint8(3))
  const [bytes, blockBytes, stored] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)]
  if (bytes > size) throw new Unpackable(`it unpacks to ${bytes} bytes where ${size} are expected`)
  if (stored > packed.length) throw new Unpackable('its Blosc data end early')
  if ((flags & 2) !== 0) {
    if (headerBytes + bytes > packed.length) throw new Unpackable('its Blosc data end early')
    return packed.slice(headerBytes, headerBytes + bytes)
  }
  if (blockBytes === 0 || blockBytes > Math.max(bytes, 1)) throw new Unpackable('its Blosc block size is impossible')
  const inner = innerOf(flags >> 5)
  const out = new Uint8Array(bytes)
  const blocks = Math.ceil(bytes / blockBytes)
  if (headerBytes + blocks * 4 > packed.length) throw new Unpackable('its list of Blosc blocks is cut off')
  for (let block = 0; block < blocks; block++) {
    const start = block * blockBytes
    const length = Math.min(blockBytes, bytes - start)
    const splits = streams(flags, width, blockBytes, length)
    const plain = readBlock(packed, view.getUint32(headerBytes + block * 4, true), length, splits, inner)
    if ((flags & 1) !== 0 && width > 1) unshuffle(plain, out.subarray(start, start + length), width)
    else if ((flags & 4) !== 0) unshuffleBits(plain, out.subarray(start, start + length), width)
    else out.set(plain, start)
  }
  return out
})

/** A block is cut into one stream per byte of a value, unless the header or its size forbids it. */
function streams(flags: number, width: number, blockBytes: number, length: number): number {
  const whole = (flags & 0x10) !== 0 || length < blockBytes
  return whole || width > mostSplits || blockBytes / width < smallestSplit ? 1 : width
}

function readBlock(packed: Uint8Array, start: number, length: number, splits: number, inner: Unpack): Uint8Array {
  const plain = new Uint8Array(length)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const each = Math.floor(length / splits)
  let at = start
  for (let split = 0; split < splits; split++) {
    if (at + 4 > packed.length) throw new Unpackable('a Blosc block lies beyond the data')
    const stored = view.getInt32(at, true)
    at += 4
    if (stored < 0 || at + stored > packed.length) throw new Unpackable('a Blosc block lies beyond the data')
    const stream = packed.subarray(at, at + stored)
    plain.set(stored === each ? stream : inner(stream, each, true), split * each)
    at += stored
  }
  return plain
}

function innerOf(code: number): Unpack {
  switch (code) {
    case 0:
      return unpackBloscLz
    case 1:
      return unpackLz4Block
    case 2:
      return unpackSnappy
    case 3:
      return unpackZlib
    case 4:
      return unpackZstd
    default:
      throw new Unpackable(`it uses compression number ${code} inside Blosc, which is unknown`)
  }
}

const unpackSnappy: Unpack = checked('Snappy', (packed, size) => {
  const out = new Uint8Array(size)
  snappyUncompress(packed, out)
  return out
})

/** Bytes of equal rank lie together: all first bytes, all second bytes … */
function unshuffle(from: Uint8Array, to: Uint8Array, width: number): void {
  const values = Math.floor(from.length / width)
  for (let byte = 0; byte < width; byte++) {
    const start = byte * values
    for (let value = 0, at = byte; value < values; value++, at += width) to[at] = from[start + value] as number
  }
  to.set(from.subarray(values * width), values * width)
}

/** Bits of equal rank lie together, eight values in a byte, the first value in its lowest bit. */
function unshuffleBits(from: Uint8Array, to: Uint8Array, width: number): void {
  const values = Math.floor(from.length / width)
  if (values % 8 !== 0) {
    to.set(from)
    return
  }
  const line = values / 8
  for (let byte = 0; byte < width; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      const start = (byte * 8 + bit) * line
      for (let group = 0; group < line; group++) {
        const bits = from[start + group] as number
        if (bits === 0) continue
        for (let value = 0; value < 8; value++) {
          const at = (group * 8 + value) * width + byte
          to[at] = (to[at] as number) | (((bits >> value) & 1) << bit)
        }
      }
    }
  }
  to.set(from.subarray(values * width), values * width)
}

/** BloscLZ, a relative of FastLZ: a control byte below 32 starts literals, any other a match. */
const unpackBloscLz: Unpack = (packed, size) => {
  const out = new Uint8Array(size)
  let from = 0
  let to = 0
  const next = (): number => {
    if (from >= packed.length) throw new Unpackable('its BloscLZ data end early')
    return packed[from++] as number
  }
  let control = next() & 31
  for (;;) {
    if (control < 32) {
      const literals = control + 1
      if (from + literals > packed.length || to + literals > size) throw new Unpackable('its BloscLZ data are damaged')
      out.set(packed.subarray(from, from + literals), to)
      from += literals
      to += literals
    } else {
      let length = (control >> 5) - 1
      let distance = (control & 31) << 8
      if (length === 6) for (let more = 255; more === 255; length += more) more = next()
      const low = next()
      if (low === 255 && distance === 31 << 8) distance = (next() << 8) + next() + 8191
      else distance += low
      if (distance + 1 > to || to + length + 3 > size) throw new Unpackable('its BloscLZ data are damaged')
      copyMatch(out, to, distance + 1, length + 3)
      to += length + 3
    }
    if (from >= packed.length) return out.subarray(0, to)
    control = next()
  }
}

/** Repeats what was written `distance` bytes ago; source and target may overlap. */
function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) out.copyWithin(to, to - distance, to - distance + length)
  else for (let at = to; at < to + length; at++) out[at] = out[at - distance] as number
}
