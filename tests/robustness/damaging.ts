// Ways to damage the bytes of a file: at random, and in the numbers of its headers, where a small change claims much.
import { gunzipSync, gzipSync } from 'node:zlib'
import { unzipSync, zipSync } from 'fflate'
import type { SeededRandom } from '../../src/main/base/random'

/** Damages the bytes as they are, or, of packed ones, now and then what is inside, so that the packing stays whole. */
export function damaged(content: Buffer, random: SeededRandom): Buffer {
  const inside = random.below(2) === 0 ? null : damagedInside(content, random)
  return inside ?? damagedBytes(content, random)
}

/** Null where the bytes are no gzip file and no zip archive. */
function damagedInside(content: Buffer, random: SeededRandom): Buffer | null {
  try {
    if (content[0] === 0x1f && content[1] === 0x8b) return gzipSync(damagedBytes(gunzipSync(content), random))
    if (content.toString('latin1', 0, 4) !== 'PK\x03\x04') return null
    const members = Object.entries(unzipSync(content))
    const victim = random.below(members.length)
    const level = random.below(2) === 0 ? 0 : 6
    return Buffer.from(
      zipSync(
        Object.fromEntries(
          members.map(([name, bytes], at) => [name, at === victim ? damagedBytes(Buffer.from(bytes), random) : bytes]),
        ),
        { level },
      ),
    )
  } catch {
    // Some samples are broken as they come.
    return null
  }
}

/** Flips bits and bytes, writes over, cuts off, leaves out, repeats or swaps stretches; the head and the end are hit most. */
function damagedBytes(content: Buffer, random: SeededRandom): Buffer {
  const copy = Buffer.from(content)
  if (copy.length < 2) return Buffer.from([random.below(256)])
  const place = (): number => {
    const near = Math.min(256, copy.length)
    const kind = random.below(4)
    return kind === 0 ? random.below(near) : kind === 1 ? copy.length - 1 - random.below(near) : random.below(copy.length)
  }
  const [start, stretch] = [place(), 1 + random.below(Math.max(2, copy.length >> 3))]
  switch (random.below(12)) {
    case 0:
      return copy.subarray(0, start)
    case 1:
      return Buffer.concat([copy.subarray(0, start), copy.subarray(start + stretch)])
    case 2:
      return Buffer.concat([copy.subarray(0, start + stretch), copy.subarray(start)])
    case 3:
      return copy.fill(random.below(2) ? 0xff : 0, start, Math.min(copy.length, start + stretch))
    case 4:
      for (let at = start; at < Math.min(copy.length, start + stretch); at++) copy[at] = random.below(256)
      return copy
    case 5:
      // A number of the header as large as it can be.
      return copy.fill(0xff, start, Math.min(copy.length, start + 2 ** random.below(4)))
    case 6:
    case 7:
      return writtenNumber(copy, random)
    case 8:
      return storedNumber(copy, start, random)
    default: {
      const flips = 1 + random.below(8)
      for (let flip = 0; flip < flips; flip++) {
        const at = place()
        copy[at] = random.below(2) ? random.below(256) : (copy[at] as number) ^ (1 << random.below(8))
      }
      return copy
    }
  }
}

const written = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '2147483647',
  '4294967296',
  '99999999999999999999',
  '1e308',
  'NaN',
  '0.5',
  '""',
  'null',
  '[]',
]

/** A number written in digits (shapes, places, counts in text, JSON and XML) becomes another one; the first ones are hit most. */
function writtenNumber(copy: Buffer, random: SeededRandom): Buffer {
  const text = copy.toString('latin1')
  const numbers = [...text.slice(0, 65_536).matchAll(/\d+/g)]
  if (numbers.length === 0) return storedNumber(copy, random.below(copy.length), random)
  const found = numbers[random.below(random.below(2) === 0 ? Math.min(20, numbers.length) : numbers.length)]
  const at = found?.index ?? 0
  const value = written[random.below(written.length)] ?? '0'
  return Buffer.from(text.slice(0, at) + value + text.slice(at + (found?.[0].length ?? 0)), 'latin1')
}

const stored = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 40n,
  2n ** 62n,
  2n ** 63n,
  2n ** 64n - 1n,
]

/** A whole number of 2, 4 or 8 bytes in either order becomes one at the edge of what such numbers can be. */
function storedNumber(copy: Buffer, start: number, random: SeededRandom): Buffer {
  const width = 2 << random.below(3)
  const at = Math.max(0, Math.min(copy.length - width, start - (start % width)))
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(stored[random.below(stored.length)] ?? 0n)
  const number = bytes.subarray(0, width)
  if (random.below(4) === 0) number.reverse()
  number.copy(copy, at)
  return copy
}
