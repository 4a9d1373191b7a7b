// The pickle inside a file of torch.save, read without running anything: a small machine that knows the opcodes and the
// names which plain containers of tensors need, and refuses everything else. No import, no call, no object of another
// program is ever made. Source of the opcodes: Python's pickletools; of the tensor records: torch._utils.

/** How many bytes one number takes and what it is. */
export type StorageType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool'

/** A tensor as the pickle describes it; its numbers lie in the storage `key` of the archive. */
export interface TorchTensor {
  readonly kind: 'tensor'
  readonly key: string
  readonly type: StorageType
  /** In numbers, not bytes. */
  readonly storageLength: number
  readonly offset: number
  readonly shape: readonly number[]
  readonly stride: readonly number[]
}

export type TorchValue =
  null | boolean | number | string | TorchTensor | readonly TorchValue[] | ReadonlyMap<TorchValue, TorchValue>

/** Why a pickle is not read. */
export class PickleProblem extends Error {}

const storages: Readonly<Record<string, StorageType>> = {
  DoubleStorage: 'f64',
  FloatStorage: 'f32',
  HalfStorage: 'f16',
  BFloat16Storage: 'bf16',
  LongStorage: 'i64',
  IntStorage: 'i32',
  ShortStorage: 'i16',
  CharStorage: 'i8',
  ByteStorage: 'u8',
  BoolStorage: 'bool',
}

class Global {
  constructor(readonly name: string) {}
}
class Storage {
  constructor(
    readonly key: string,
    readonly type: StorageType,
    readonly length: number,
  ) {}
}
const mark = Symbol('mark')
const mostInstructions = 5_000_000
type Item = TorchValue | Global | Storage | Item[] | Map<Item, Item> | typeof mark

const known = new Set([
  'collections OrderedDict',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
  'torch Size',
  ...Object.keys(storages).map((name) => `torch ${name}`),
])

/** Reads one pickled value. Throws PickleProblem for anything that is not a plain container of tensors. */
export function readPickle(bytes: Uint8Array): TorchValue {
  return new Machine(bytes).run() as TorchValue
}

class Machine {
  private at = 0
  private instructions = 0
  private readonly stack: Item[] = []
  private readonly memo = new Map<number, Item>()
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): Item {
    for (;;) {
      const opcode = this.byte()
      if (++this.instructions > mostInstructions) throw new PickleProblem('its list of tensors is too long')
      if (opcode === 0x2e) return this.pop() // STOP
      const simple = this.literal(opcode)
      if (simple !== undefined) this.stack.push(simple)
      else if (!this.structure(opcode) && !this.memory(opcode))
        throw new PickleProblem(`it uses the instruction ${opcode.toString(16)}, which plain tensors do not need`)
    }
  }

  /** Opcodes that push a constant. */
  private literal(opcode: number): Item | undefined {
    switch (opcode) {
      case 0x4e: // NONE
        return null
      case 0x88: // NEWTRUE
        return true
      case 0x89: // NEWFALSE
        return false
      case 0x4b: // BININT1
        return this.byte()
      case 0x4d: // BININT2
        return this.number(2, (at) => this.view.getUint16(at, true))
      case 0x4a: // BININT
        return this.number(4, (at) => this.view.getInt32(at, true))
      case 0x8a: // LONG1
        return this.long(this.byte())
      case 0x47: // BINFLOAT
        return this.number(8, (at) => this.view.getFloat64(at, false))
      case 0x58: // BINUNICODE
        return this.text(this.number(4, (at) => this.view.getUint32(at, true)))
      case 0x8c: // SHORT_BINUNICODE
        return this.text(this.byte())
      case 0x28: // MARK
        return mark
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        return []
      case 0x7d: // EMPTY_DICT
        return new Map<Item, Item>()
      case 0x63: // GLOBAL
        return this.global(this.line(), this.line())
      default:
        return undefined
    }
  }

  /** Opcodes that build containers and the few allowed objects. */
  private structure(opcode: number): boolean {
    switch (opcode) {
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.stack.push(this.popMany(opcode - 0x84))
        return true
      case 0x74: // TUPLE
        this.stack.push(this.popToMark())
        return true
      case 0x61: // APPEND
        this.append([this.pop()])
        return true
      case 0x65: // APPENDS
        this.append(this.popToMark())
        return true
      case 0x73: // SETITEM
        this.setItems(this.popMany(2))
        return true
      case 0x75: // SETITEMS
        this.setItems(this.popToMark())
        return true
      case 0x51: // BINPERSID
        this.stack.push(storageOf(this.pop()))
        return true
      case 0x52: // REDUCE
        this.reduce()
        return true
      case 0x62: // BUILD: attributes of a container, such as the versions a state_dict carries; none of them is needed
        this.pop()
        return true
      case 0x93: {
        const [room, name] = this.popMany(2) // STACK_GLOBAL
        // Only texts are names: a list in a list in a list, each twice, would never end as a text.
        if (typeof room !== 'string' || typeof name !== 'string') throw new PickleProblem('it names a program by no text')
        this.stack.push(this.global(room, name))
        return true
      }
      default:
        return false
    }
  }

  /** Opcodes of the memo, the protocol and frames. */
  private memory(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        this.byte()
        return true
      case 0x95: // FRAME
        this.skip(8)
        return true
      case 0x71: // BINPUT
        this.memo.set(this.byte(), this.top())
        return true
      case 0x72: // LONG_BINPUT
        this.memo.set(
          this.number(4, (at) => this.view.getUint32(at, true)),
          this.top(),
        )
        return true
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.top())
        return true
      case 0x68: // BINGET
        this.recall(this.byte())
        return true
      case 0x6a: // LONG_BINGET
        this.recall(this.number(4, (at) => this.view.getUint32(at, true)))
        return true
      case 0x30: // POP
        this.pop()
        return true
      default:
        return false
    }
  }

  private global(room: string, name: string): Global {
    const full = `${room} ${name}`
    if (!known.has(full)) throw new PickleProblem(`it asks for ${room}.${name}, which is a program and not a tensor`)
    return new Global(name)
  }

  private reduce(): void {
    const given = this.pop()
    const called = this.pop()
    if (!(called instanceof Global) || !Array.isArray(given))
      throw new PickleProblem('it calls what is not a known tensor record')
    const values = given as Item[]
    if (called.name === 'OrderedDict') this.stack.push(dictionaryOf(values))
    else if (called.name === '_rebuild_tensor_v2') this.stack.push(tensorOf(values))
    else if (called.name === '_rebuild_parameter') this.stack.push(values[0] as Item)
    else if (called.name === 'Size') this.stack.push(values[0] as Item)
    else throw new PickleProblem(`it calls ${called.name}`)
  }

  private append(values: Item[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw new PickleProblem('it appends to what is no list')
    for (const value of values) (list as Item[]).push(value)
  }

  private setItems(pairs: Item[]): void {
    const map = this.top()
    if (!(map instanceof Map) || pairs.length % 2 !== 0) throw new PickleProblem('it fills what is no dictionary')
    for (let at = 0; at < pairs.length; at += 2) (map as Map<Item, Item>).set(pairs[at] as Item, pairs[at + 1] as Item)
  }

  private recall(place: number): void {
    const value = this.memo.get(place)
    if (value === undefined) throw new PickleProblem('it recalls what it never kept')
    this.stack.push(value)
  }

  private top(): Item {
    const value = this.stack.at(-1)
    if (value === undefined) throw new PickleProblem('its instructions do not fit together')
    return value
  }

  private pop(): Item {
    const value = this.top()
    this.stack.pop()
    return value
  }

  private popMany(count: number): Item[] {
    if (this.stack.length < count) throw new PickleProblem('its instructions do not fit together')
    return this.stack.splice(this.stack.length - count)
  }

  private popToMark(): Item[] {
    const from = this.stack.lastIndexOf(mark)
    if (from < 0) throw new PickleProblem('its instructions do not fit together')
    const values = this.stack.splice(from + 1)
    this.stack.pop()
    return values
  }

  private skip(count: number): number {
    const from = this.at
    if (from + count > this.bytes.length) throw new PickleProblem('it ends early')
    this.at += count
    return from
  }

  private byte(): number {
    return this.bytes[this.skip(1)] as number
  }

  private number(width: number, read: (at: number) => number): number {
    return read(this.skip(width))
  }

  private long(width: number): number {
    if (width > 8) throw new PickleProblem('it holds a number beyond 64 bits')
    const from = this.skip(width)
    let value = 0n
    for (let at = 0; at < width; at++) value |= BigInt(this.bytes[from + at] as number) << BigInt(8 * at)
    return Number(BigInt.asIntN(Math.max(8, width * 8), value))
  }

  private text(length: number): string {
    const from = this.skip(length)
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, length).toString('utf8')
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw new PickleProblem('it ends early')
    const line = this.text(end - this.at)
    this.at = end + 1
    return line
  }
}

/** OrderedDict(), or OrderedDict of pairs as older versions of Python wrote it. */
function dictionaryOf([pairs]: Item[]): Map<Item, Item> {
  const map = new Map<Item, Item>()
  if (pairs === undefined) return map
  if (!Array.isArray(pairs)) throw new PickleProblem('it makes a dictionary of what are no pairs')
  for (const pair of pairs as Item[]) {
    if (!Array.isArray(pair) || pair.length !== 2) throw new PickleProblem('it makes a dictionary of what are no pairs')
    map.set(pair[0] as Item, pair[1] as Item)
  }
  return map
}

/** A persistent id: ("storage", type, key, place, count). */
function storageOf(id: Item): Storage {
  if (!Array.isArray(id)) throw new PickleProblem('a tensor has no storage')
  const [word, type, key, , length] = id as Item[]
  const storage = type instanceof Global ? storages[type.name] : undefined
  if (word !== 'storage' || !storage || typeof key !== 'string' || !isCount(length))
    throw new PickleProblem('a tensor has a storage of an unknown kind')
  return new Storage(key, storage, length)
}

/** (storage, offset, size, stride, requires_grad, hooks). */
function tensorOf([storage, offset, shape, stride]: Item[]): TorchTensor {
  if (
    !(storage instanceof Storage) ||
    !isCount(offset) ||
    !isCounts(shape) ||
    !isCounts(stride) ||
    shape.length !== stride.length
  )
    throw new PickleProblem('a tensor is described in an unknown way')
  return { kind: 'tensor', key: storage.key, type: storage.type, storageLength: storage.length, offset, shape, stride }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount)
