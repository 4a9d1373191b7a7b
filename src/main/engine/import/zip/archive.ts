// The list of a zip archive and the bytes of single members, for reading only.
// Invariants: nothing is ever written under a member's name; a member is unpacked only up to the size it states, and that
// size is compared with what its packed bytes can hold, so a bomb is refused before memory is reserved.
import { readSync } from 'node:fs'
import { constants, inflateRawSync } from 'node:zlib'
import { refuse } from '../../../base/refusal'

export interface Member {
  readonly name: string
  readonly size: number
  readonly packed: number
  readonly stored: boolean
  readonly header: number
}

const endMark = 0x06054b50
const memberMark = 0x02014b50
const localMark = 0x04034b50
const wide = 0xffffffff
const largestUnpacked = 2 ** 31 - 1
/** Deflate cannot pack tighter than this. */
const largestRatio = 1040
/** Members up to this size are unpacked whole at once. */
const smallMember = 2 ** 20
const headBytes = 65_536
/** Packed bytes that are tried for it: few are enough where much is packed into little. */
const packedHeads = [4096, 2 * headBytes]
const mostMembers = 4_000_000
const largestDirectory = 2 ** 30
const wideEndMark = 0x06064b50
const wideLocatorMark = 0x07064b50

export class Archive {
  private readonly kept = new Map<number, Buffer>()
  private inKept = 0

  constructor(
    private readonly handle: number,
    private readonly bytes: number,
    private readonly fileName: string,
    /** Bytes of unpacked members that are kept for the next reading, beside the one read last. */
    private readonly keptBytes = 2 ** 31,
  ) {}

  /** The members as the directory at the end lists them. Refuses with FILE_TRUNCATED or FILE_DAMAGED. */
  members(): Member[] {
    const tail = this.read(Math.max(0, this.bytes - 65_557), Math.min(this.bytes, 65_557))
    let end = tail.length - 22
    while (end >= 0 && tail.readUInt32LE(end) !== endMark) end--
    if (end < 0) refuse('FILE_TRUNCATED', { file: this.fileName })
    const [size, start] = this.directory(tail, end)
    if (start + size > this.bytes) this.damaged('its list of members lies beyond its end')
    if (size > largestDirectory) this.damaged('its list of members is larger than 1 GB')
    const directory = this.read(start, size)
    const members: Member[] = []
    let at = 0
    while (at + 46 <= directory.length && directory.readUInt32LE(at) === memberMark) {
      if (members.length >= mostMembers) refuse('FILE_TOO_LARGE', { file: this.fileName, limit: `${mostMembers} members` })
      const [nameLength, extraLength, noteLength] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset)) as [
        number,
        number,
        number,
      ]
      const name = directory.subarray(at + 46, at + 46 + nameLength).toString('utf8')
      const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
      const method = directory.readUInt16LE(at + 10)
      const sizes = wideSizes(
        [24, 20, 42].map((offset) => directory.readUInt32LE(at + offset)),
        extra,
      )
      const [unpacked, packed, header] = sizes as [number, number, number]
      if (method !== 0 && method !== 8) this.damaged(`its member ${name} is packed in an unusual way (method ${method})`)
      if ((directory.readUInt16LE(at + 8) & 1) !== 0) this.damaged(`its member ${name} is locked with a password`)
      members.push({ name, size: unpacked, packed, stored: method === 0, header })
      at += 46 + nameLength + extraLength + noteLength
    }
    return members
  }

  /** Size and start of the list of members; archives beyond 4 GB or 65,535 members say it in a second place. */
  private directory(tail: Buffer, end: number): readonly [size: number, start: number] {
    const [size, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
    if (start !== wide && size !== wide && tail.readUInt16LE(end + 10) !== 0xffff) return [size, start]
    if (end < 20 || tail.readUInt32LE(end - 20) !== wideLocatorMark) return [size, start]
    const place = Number(tail.readBigUInt64LE(end - 12))
    const record = place + 56 <= this.bytes ? this.read(place, 56) : Buffer.alloc(0)
    if (record.length < 56 || record.readUInt32LE(0) !== wideEndMark) this.damaged('its list of members cannot be found')
    return [Number(record.readBigUInt64LE(40)), Number(record.readBigUInt64LE(48))]
  }

  /** A reader of the member's bytes: straight from the file when stored, from memory when packed. */
  open({ name, size, packed, stored, header }: Member): (position: number, length: number) => Uint8Array {
    const local = header + 30 <= this.bytes ? this.read(header, 30) : Buffer.alloc(0)
    if (local.length < 30 || local.readUInt32LE(0) !== localMark) this.damaged(`its member ${name} is not where the list says`)
    const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    if (start + packed > this.bytes) this.damaged(`its member ${name} lies beyond its end`)
    if (stored) {
      if (size !== packed) this.damaged(`its member ${name} has two sizes`)
      return (position, length) => this.read(start + position, Math.max(0, Math.min(length, size - position)))
    }
    if (size > largestUnpacked || size > packed * largestRatio + 1024)
      this.damaged(`its member ${name} claims to unpack to ${size} bytes`)
    return (position, length) => {
      const wanted = Math.min(length, size - position)
      if (position === 0 && wanted <= headBytes && size > smallMember && !this.kept.has(header)) {
        for (const bytes of packedHeads) {
          const head = this.inflatedHead(start, Math.min(packed, bytes))
          if (head !== null && head.length >= wanted) return head.subarray(0, wanted)
        }
      }
      const known = this.kept.get(header) ?? this.inflate(name, this.read(start, packed), size)
      this.keep(header, known)
      return known.subarray(position, position + length)
    }
  }

  /** The start of a large member, so that a list of many of them does not unpack them all. */
  private inflatedHead(start: number, packed: number): Buffer | null {
    try {
      const maxOutputLength = packed * largestRatio
      return inflateRawSync(this.read(start, packed), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength })
    } catch {
      // Said when the whole member is unpacked.
      return null
    }
  }

  /** Keeps what was read last, and as much of what was read before as there is room for. */
  private keep(header: number, unpacked: Buffer): void {
    if (!this.kept.delete(header)) this.inKept += unpacked.length
    this.kept.set(header, unpacked)
    for (const [oldest, each] of this.kept) {
      if (this.inKept <= this.keptBytes || oldest === header) return
      this.kept.delete(oldest)
      this.inKept -= each.length
    }
  }

  private inflate(name: string, packed: Buffer, size: number): Buffer {
    try {
      const unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
      if (unpacked.length === size) return unpacked
    } catch {
      // Said below: whatever the cause, the member is not what the list promises.
    }
    return this.damaged(`its member ${name} cannot be unpacked to the ${size} bytes it promises`)
  }

  private read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    let done = 0
    while (done < length) {
      const read = readSync(this.handle, bytes, done, length - done, position + done)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  }

  private damaged(why: string): never {
    return refuse('FILE_DAMAGED', { file: this.fileName, why })
  }
}

/** Sizes that do not fit into 32 bits stand in an extra field, in the order in which they are missing. */
function wideSizes(sizes: readonly number[], extra: Buffer): number[] {
  let field: Buffer | null = null
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
  }
  let next = 0
  return sizes.map((size) => {
    if (size !== wide || field === null || next + 8 > field.length) return size
    const value = Number(field.readBigUInt64LE(next))
    next += 8
    return value
  })
}
