// Files that torch.load reads: a zip archive without compression that holds the list of tensors (pickle, protocol 2) and
// one member per tensor. Written by hand, opcode by opcode, so that no pickle is ever run here. Read back by torch with
// weights_only=True. Source of the records: torch._utils; of the opcodes: Python's pickletools.
import { crc32 } from 'node:zlib'

/** A named tensor of 32-bit floats or whole numbers; a scalar has an empty shape. */
export interface SavedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array | BigInt64Array
}

/** Beyond this the archive would need 64-bit records. */
export const largestTorchFile = 2 ** 32 - 2 ** 20
const storageNames = { Float32Array: 'FloatStorage', Int32Array: 'IntStorage', BigInt64Array: 'LongStorage' } as const

/** The bytes of a state dict, in pieces to be written one after the other. Throws when it would exceed 4 GB. */
export function torchFilePieces(tensors: readonly SavedTensor[]): Uint8Array[] {
  const members: [string, Uint8Array][] = [
    ['archive/data.pkl', stateDict(tensors)],
    ['archive/byteorder', Buffer.from('little')],
    ...tensors.map(({ values }, key): [string, Uint8Array] => [
      `archive/data/${key}`,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    ]),
    ['archive/version', Buffer.from('3\n')],
  ]
  return storedArchive(members)
}

/** OrderedDict of name → tensor, as torch.save writes it. */
function stateDict(tensors: readonly SavedTensor[]): Buffer {
  const out = new Opcodes()
  out.raw(0x80, 2) // PROTO 2
  out.global('collections', 'OrderedDict')
  out.raw(0x29, 0x52) // ()  REDUCE
  out.raw(0x28) // MARK
  tensors.forEach((tensor, key) => {
    out.text(tensor.name)
    out.tensor(tensor, key)
  })
  out.raw(0x75, 0x2e) // SETITEMS  STOP
  return out.bytes()
}

class Opcodes {
  private readonly parts: Buffer[] = []

  raw(...bytes: number[]): void {
    this.parts.push(Buffer.from(bytes))
  }

  global(room: string, name: string): void {
    this.parts.push(Buffer.from(`c${room}\n${name}\n`))
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    const head = Buffer.alloc(5)
    head.writeUInt8(0x58) // BINUNICODE
    head.writeUInt32LE(bytes.length, 1)
    this.parts.push(head, bytes)
  }

  whole(value: number): void {
    const bytes = Buffer.alloc(5)
    bytes.writeUInt8(0x4a) // BININT
    bytes.writeInt32LE(value, 1)
    this.parts.push(bytes)
  }

  wholes(values: readonly number[]): void {
    this.raw(0x28) // MARK
    for (const value of values) this.whole(value)
    this.raw(0x74) // TUPLE
  }

  /** _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()). */
  tensor({ shape, values }: SavedTensor, key: number): void {
    const kind = values.constructor.name as keyof typeof storageNames
    this.global('torch._utils', '_rebuild_tensor_v2')
    this.raw(0x28, 0x28) // MARK of the arguments, MARK of the persistent id
    this.text('storage')
    this.global('torch', storageNames[kind])
    this.text(String(key))
    this.text('cpu')
    this.whole(values.length)
    this.raw(0x74, 0x51) // TUPLE  BINPERSID
    this.whole(0)
    this.wholes(shape)
    this.wholes(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)))
    this.raw(0x89) // False
    this.global('collections', 'OrderedDict')
    this.raw(0x29, 0x52) // ()  REDUCE
    this.raw(0x74, 0x52) // TUPLE  REDUCE
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts)
  }
}

/** A zip archive whose members are stored as they are, each aligned to 64 bytes as torch does, so that it may be mapped. */
function storedArchive(members: readonly (readonly [string, Uint8Array])[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, bytes] of members) {
    const nameBytes = Buffer.from(name)
    const padding = (64 - ((at + 30 + nameBytes.length + 4) % 64)) % 64
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version needed
    common.writeUInt16LE(0x21, 8) // 1 January 1980
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    const extra = Buffer.alloc(4 + padding)
    extra.write('FB', 'latin1')
    extra.writeUInt16LE(padding, 2)
    const local = Buffer.from(common)
    local.writeUInt16LE(extra.length, 24)
    pieces.push(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), local, nameBytes, extra]), bytes)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, nameBytes]))
    at += 30 + nameBytes.length + extra.length + bytes.length
  }
  if (at > largestTorchFile) throw new Error('the tensors are too large for one file')
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(at, 16)
  return [...pieces, list, end]
}
