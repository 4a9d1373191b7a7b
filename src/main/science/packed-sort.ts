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

/** Shorter columns are sorted by the engine. */
const shortColumn = 256
const digits = [
  { shift: 0, size: 2048 },
  { shift: 11, size: 2048 },
  { shift: 22, size: 1024 },
] as const

/** Values in ascending order with their keys; the arrays are longer than `count` and overwritten by the next column. */
export interface SortedColumn {
  readonly count: number
  readonly cells: Uint32Array
  readonly values: Float32Array
}

/**
 * Sorts columns of 32-bit floats together with a number each, in memory that is used again: long ones by three passes over the bits of
 * the float (radix sort), which order as the values do once the sign is turned. Equal values come in no promised order.
 */
export function createColumnSorter(): (cells: Uint32Array, values: Float32Array) => SortedColumn {
  let room = makeRoom(1024)
  const counts = new Uint32Array(2048)
  return (cells, values) => {
    const count = values.length
    if (room.values.length < count) room = makeRoom(count + (count >> 2))
    if (count < shortColumn) {
      const packed = Float64Array.from(values)
      const words = new Uint32Array(packed.buffer)
      for (let at = 0; at < count; at++) addKey(words, at, cells[at] as number)
      packed.sort()
      unpack(packed, room.cells, room.values, 0)
      return { count, cells: room.cells, values: room.values }
    }
    room.words.set(new Uint32Array(values.buffer, values.byteOffset, count))
    for (let at = 0; at < count; at++) {
      const word = room.words[at] as number
      room.words[at] = word ^ (-(word >>> 31) | 0x80000000)
    }
    room.cells.set(cells)
    for (const digit of digits) if (sortByDigit(room, count, digit, counts)) room = swapped(room)
    for (let at = 0; at < count; at++) {
      const word = room.words[at] as number
      room.words[at] = word ^ (((word >>> 31) - 1) | 0x80000000)
    }
    return { count, cells: room.cells, values: room.values }
  }
}

interface Room {
  /** The same memory as words and as floats. */
  readonly words: Uint32Array
  readonly values: Float32Array
  readonly cells: Uint32Array
  readonly otherWords: Uint32Array
  readonly otherValues: Float32Array
  readonly otherCells: Uint32Array
}

function makeRoom(count: number): Room {
  const [values, otherValues] = [new Float32Array(count), new Float32Array(count)]
  return {
    values,
    words: new Uint32Array(values.buffer),
    cells: new Uint32Array(count),
    otherValues,
    otherWords: new Uint32Array(otherValues.buffer),
    otherCells: new Uint32Array(count),
  }
}

const swapped = (room: Room): Room => ({
  values: room.otherValues,
  words: room.otherWords,
  cells: room.otherCells,
  otherValues: room.values,
  otherWords: room.words,
  otherCells: room.cells,
})

/** Deals the first `count` numbers in the order of one digit into the other half of the room; false when all have the same digit. */
function sortByDigit(
  { words, cells, otherWords, otherCells }: Room,
  count: number,
  { shift, size }: (typeof digits)[number],
  counts: Uint32Array,
): boolean {
  const mask = size - 1
  counts.fill(0, 0, size)
  for (let at = 0; at < count; at++) {
    const digit = ((words[at] as number) >>> shift) & mask
    counts[digit] = (counts[digit] as number) + 1
  }
  if (counts[((words[0] as number) >>> shift) & mask] === count) return false
  let before = 0
  for (let digit = 0; digit < size; digit++) {
    const own = counts[digit] as number
    counts[digit] = before
    before += own
  }
  for (let at = 0; at < count; at++) {
    const word = words[at] as number
    const digit = (word >>> shift) & mask
    const to = counts[digit] as number
    counts[digit] = to + 1
    otherWords[to] = word
    otherCells[to] = cells[at] as number
  }
  return true
}
