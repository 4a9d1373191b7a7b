// Walks over a description in Thrift's compact protocol before the library reads it: that believes the length of every list and makes
// room for it, lists within lists, and reads numbers of any length. Invariant: what passes has no list longer than the bytes behind it,
// no number longer than its type, and is nested no deeper than any real description.
// Source: the compact protocol of Apache Thrift (thrift-compact-protocol.md), as far as Parquet uses it.
import { Unpackable } from '../packing/unpack'

const types = { yes: 1, no: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 } as const
const deepest = 64
/** 64 bits, seven in each. */
const longestNumber = 10

/** Throws Unpackable when the struct that starts at `start` is not one that can be read. */
export function checkThrift(view: DataView, start: number): void {
  new Walker(view, start).struct(0)
}

class Walker {
  constructor(
    private readonly view: DataView,
    private at: number,
  ) {}

  struct(depth: number): void {
    if (depth > deepest) this.damaged()
    for (;;) {
      const head = this.byte()
      const type = head & 15
      if (type === 0) return
      if (head >> 4 === 0) this.number()
      this.element(type, depth)
    }
  }

  private element(type: number, depth: number): void {
    switch (type) {
      case types.yes:
      case types.no:
        return
      case types.byte:
        return this.skip(1)
      case types.i16:
      case types.i32:
      case types.i64:
        this.number()
        return
      case types.double:
        return this.skip(8)
      case types.binary:
        return this.skip(this.number())
      case types.list:
        return this.list(depth + 1)
      case types.struct:
        return this.struct(depth + 1)
      default:
        this.damaged()
    }
  }

  private list(depth: number): void {
    if (depth > deepest) this.damaged()
    const head = this.byte()
    const type = head & 15
    const length = head >> 4 === 15 ? this.number() : head >> 4
    // Every element takes a byte at least.
    if (length > this.view.byteLength - this.at) this.damaged()
    if (type === types.yes || type === types.no) return this.skip(length)
    for (let at = 0; at < length; at++) this.element(type, depth)
  }

  private number(): number {
    let value = 0
    for (let place = 0; place < longestNumber; place++) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * place)
      if (byte < 0x80) return value
    }
    return this.damaged()
  }

  private byte(): number {
    this.skip(1)
    return this.view.getUint8(this.at - 1)
  }

  private skip(bytes: number): void {
    this.at += bytes
    if (this.at > this.view.byteLength) this.damaged()
  }

  private damaged(): never {
    throw new Unpackable('a description in it claims more than it holds')
  }
}
