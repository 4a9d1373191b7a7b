// Turns stored bytes into numbers and text. The library already gives little-endian bytes.
// Invariant: 64-bit integers become doubles only when they are exact (up to 2^53).
import { typeClass, type Metadata } from './types'

export type Numbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array

/** Why a value cannot be read; turned into a sentence about its part by the caller. */
export class Undecodable extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const western = new TextDecoder('windows-1252')

/** UTF-8 where it is valid, otherwise Western European: fixed-length text is often tagged wrongly. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return western.decode(bytes)
  }
}

/** Text the library took for ASCII, byte by byte. */
export const repairText = (text: string): string =>
  /[\u0080-\u00ff]/.test(text) ? decodeText(Buffer.from(text, 'latin1')) : text

/** `bytes` as numbers of the stored type; half precision is widened, 64-bit integers become doubles. */
export function decodeNumbers(bytes: Uint8Array, type: Metadata): Numbers {
  const { buffer, byteOffset, byteLength } = aligned(bytes)
  const count = byteLength / type.size
  if (type.type === typeClass.float) {
    if (type.size === 8) return new Float64Array(buffer, byteOffset, count)
    if (type.size === 4) return new Float32Array(buffer, byteOffset, count)
    if (type.size === 2) return widenHalf(new Uint16Array(buffer, byteOffset, count))
    throw new Undecodable(`its numbers have ${type.size * 8} bits, which is unusual`)
  }
  const base = type.type === typeClass.enumeration ? type.enum_type?.type : type.type
  if (base !== typeClass.integer && base !== typeClass.bits) throw new Undecodable('it does not hold numbers')
  switch (type.size) {
    case 1:
      return type.signed ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(buffer, byteOffset, count)
    case 2:
      return type.signed ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count)
    case 4:
      return type.signed ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count)
    case 8:
      return narrow(type.signed ? new BigInt64Array(buffer, byteOffset, count) : new BigUint64Array(buffer, byteOffset, count))
    default:
      throw new Undecodable(`its whole numbers have ${type.size * 8} bits, which is unusual`)
  }
}

/** Fixed-length text, cut at the first zero byte. */
export function decodeFixedText(bytes: Uint8Array, size: number): string[] {
  const texts: string[] = []
  for (let start = 0; start + size <= bytes.length; start += size) {
    const field = bytes.subarray(start, start + size)
    const end = field.indexOf(0)
    texts.push(decodeText(end < 0 ? field : field.subarray(0, end)))
  }
  return texts
}

/** One member of a compound type, row after row, as contiguous bytes. */
export function memberBytes(rows: Uint8Array, rowSize: number, offset: number, size: number): Uint8Array {
  const count = Math.floor(rows.length / rowSize)
  const out = new Uint8Array(count * size)
  for (let row = 0; row < count; row++) {
    const from = row * rowSize + offset
    out.set(rows.subarray(from, from + size), row * size)
  }
  return out
}

/** Is this the yes/no type that Python writes? */
export function isTruth(type: Metadata): boolean {
  const members = type.type === typeClass.enumeration ? type.enum_type?.members : undefined
  return members !== undefined && Object.keys(members).length === 2 && members.FALSE === 0 && members.TRUE === 1
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
}

/** 64-bit whole numbers as doubles; throws Undecodable when one is not exact. */
export function narrow(wide: BigInt64Array | BigUint64Array): Float64Array {
  const out = new Float64Array(wide.length)
  for (let at = 0; at < wide.length; at++) {
    const value = Number(wide[at])
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw new Undecodable(`it holds the whole number ${wide[at]}, which is too large`)
    out[at] = value
  }
  return out
}

/** Half precision as single precision. */
export function widenHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length)
  for (let at = 0; at < halves.length; at++) {
    const bits = halves[at] as number
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 0x1f
    const fraction = bits & 0x3ff
    if (exponent === 0) out[at] = sign * fraction * 2 ** -24
    else if (exponent === 31) out[at] = fraction ? NaN : sign * Infinity
    else out[at] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
  return out
}
