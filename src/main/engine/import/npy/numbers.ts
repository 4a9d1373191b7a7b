// Stored bytes of a NumPy array as numbers or text, whatever their width and byte order.
import { endianness } from 'node:os'
import { refuse } from '../../../base/refusal'
import { narrow, Undecodable, widenHalf, type Numbers } from '../hdf5/decode'
import type { ArrayType } from './header'

/** `bytes` holds whole values only; 64-bit whole numbers above 2^53 are refused with PART_UNREADABLE. */
export function arrayNumbers(bytes: Uint8Array, type: ArrayType, part: string): Numbers {
  const { buffer } = ordered(bytes, type)
  const { kind, size } = type
  if (kind === 'f') {
    if (size === 2) return widenHalf(new Uint16Array(buffer))
    return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer)
  }
  if (kind === 'b') return Uint8Array.from(bytes, (value) => (value ? 1 : 0))
  const signed = kind === 'i'
  if (size === 1) return signed ? new Int8Array(buffer) : new Uint8Array(buffer)
  if (size === 2) return signed ? new Int16Array(buffer) : new Uint16Array(buffer)
  if (size === 4) return signed ? new Int32Array(buffer) : new Uint32Array(buffer)
  try {
    return narrow(signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer))
  } catch (thrown) {
    if (!(thrown instanceof Undecodable)) throw thrown
    return refuse('PART_UNREADABLE', { part, why: thrown.message })
  }
}

/** Names in an array of text; the padding of zeros is taken off. */
export function arrayTexts(bytes: Uint8Array, type: ArrayType): string[] {
  const texts: string[] = []
  const width = type.size
  const { buffer } = type.kind === 'U' ? ordered(bytes, { ...type, size: 4 }) : { buffer: Uint8Array.from(bytes).buffer }
  for (let start = 0; start + width <= buffer.byteLength && width > 0; start += width) {
    if (type.kind === 'S') {
      const text = Buffer.from(buffer, start, width)
      let end = width
      while (end > 0 && text[end - 1] === 0) end--
      texts.push(text.toString('utf8', 0, end))
      continue
    }
    const letters = new Uint32Array(buffer, start, width / 4)
    texts.push(Array.from(letters, (letter) => (letter > 0 && letter <= 0x10ffff ? String.fromCodePoint(letter) : '')).join(''))
  }
  return texts
}

/** A copy in the byte order of this computer, aligned for every type. */
function ordered(bytes: Uint8Array, { size, bigEndian }: ArrayType): { buffer: ArrayBuffer } {
  const copy = new Uint8Array(bytes)
  if (size > 1 && bigEndian !== (endianness() === 'BE')) {
    for (let start = 0; start + size <= copy.length; start += size) copy.subarray(start, start + size).reverse()
  }
  return { buffer: copy.buffer }
}
