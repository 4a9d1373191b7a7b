// Sorting 32-bit floats together with a small number each, without a comparator: a float written as a double leaves 29 bits of its
// low word free, the number travels in them, and the engine's native sort does the rest. Equal values come in no promised order.

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
/** Place of the low word of a double among its two words. */
export const lowWord = littleEndian ? 0 : 1
const keyBits = 29
const keyMask = 2 ** keyBits - 1
/** Keys must stay below this. */
export const keyLimit = 2 ** keyBits

/** Adds a key to a double that holds a 32-bit float. @param words the doubles' memory as 32-bit words */
export function addKey(words: Uint32Array, at: number, key: number): void {
  words[2 * at + lowWord] = (words[2 * at + lowWord] as number) | key
}

/** Splits sorted doubles into keys and values, written from `from` on. The doubles keep only the values. */
export function unpack(packed: Float64Array, keys: Uint32Array, values: Float32Array, from: number): void {
  const words = new Uint32Array(packed.buffer, packed.byteOffset, 2 * packed.length)
  for (let at = 0; at < packed.length; at++) {
    const word = words[2 * at + lowWord] as number
    keys[from + at] = word & keyMask
    words[2 * at + lowWord] = (word & ~keyMask) >>> 0
  }
  values.set(packed, from)
}

/** Positions of the values from the smallest to the largest. */
export function ascendingOrder(values: Float32Array): Uint32Array {
  const packed = Float64Array.from(values)
  const words = new Uint32Array(packed.buffer)
  for (let at = 0; at < packed.length; at++) addKey(words, at, at)
  packed.sort()
  const order = new Uint32Array(packed.length)
  for (let at = 0; at < packed.length; at++) order[at] = (words[2 * at + lowWord] as number) & keyMask
  return order
}
