// A reader of the few pickle instructions with which PyTorch lists plain tensors. It builds descriptions only: no name in the file
// is ever looked up or called, and any other instruction or name ends the reading. Invariant: nothing of the file is executed.

/** Why the pickle is not one of plain tensors. */
export class NotPlain extends Error {}

export interface StoredTensor {
  readonly is: 'tensor'
  /** 'FloatStorage' … */
  readonly storage: string
  /** Name of the member that holds its numbers. */
  readonly member: string
  /** Values in that member. */
  readonly values: number
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

export type Plain = null | boolean | number | string | StoredTensor | PlainList | PlainDict | Name | Mark
interface PlainList {
  readonly is: 'list'
  readonly items: Plain[]
}
export interface PlainDict {
  readonly is: 'dict'
  readonly entries: [Plain, Plain][]
}
interface Name {
  readonly is: 'name'
  readonly name: string
}
interface Mark {
  readonly is: 'mark'
}

const storages = ['Float', 'Double', 'Half', 'BFloat16', 'Long', 'Int', 'Short', 'Char', 'Byte', 'Bool'].map(
  (kind) => `${kind}Storage`,
)
const names = new Set([
  'collections OrderedDict',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
  ...storages.map((storage) => `torch ${storage}`),
])
const mostItems = 5_000_000

const isList = (value: Plain | undefined): value is PlainList => typeof value === 'object' && value?.is === 'list'
const isDict = (value: Plain | undefined): value is PlainDict => typeof value === 'object' && value?.is === 'dict'
export const isTensor = (value: Plain | undefined): value is StoredTensor => typeof value === 'object' && value?.is === 'tensor'

/** What the pickle describes; throws NotPlain for everything but tensors, numbers, texts, lists and dictionaries of them. */
export function readPickle(bytes: Uint8Array): Plain {
  return new Reader(bytes).run()
}

class Reader {
  private readonly view: DataView
  private readonly stack: Plain[] = []
  private readonly memo = new Map<number, Plain>()
  private at = 0
  private items = 0

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): Plain {
    for (;;) {
      const code = this.bytes[this.at++]
      if (code === undefined) throw new NotPlain('its list of tensors ends early')
      if (code === 0x2e) return this.pop()
      if (++this.items > mostItems) throw new NotPlain('its list of tensors is too long')
      if (!this.constant(code) && !this.container(code) && !this.memory(code)) {
        throw new NotPlain(`it uses the pickle instruction ${code.toString(16)}`)
      }
    }
  }

  /** Instructions that bring a value. */
  private constant(code: number): boolean {
    switch (code) {
      case 0x80: // PROTO
        this.take(1)
        return true
      case 0x95: // FRAME
        this.take(8)
        return true
      case 0x4e: // NONE
        return this.push(null)
      case 0x88: // NEWTRUE
        return this.push(true)
      case 0x89: // NEWFALSE
        return this.push(false)
      case 0x4b: // BININT1
        return this.push(this.view.getUint8(this.take(1)))
      case 0x4d: // BININT2
        return this.push(this.view.getUint16(this.take(2), true))
      case 0x4a: // BININT
        return this.push(this.view.getInt32(this.take(4), true))
      case 0x8a: // LONG1
        return this.push(this.long(this.view.getUint8(this.take(1))))
      case 0x47: // BINFLOAT
        return this.push(this.view.getFloat64(this.take(8)))
      case 0x58: // BINUNICODE
        return this.push(this.text(this.view.getUint32(this.take(4), true)))
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        return this.push(this.text(this.view.getUint8(this.take(1))))
      case 0x63: // GLOBAL
        return this.push(this.named(this.line(), this.line()))
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [this.pop(), this.pop()]
        return this.push(this.named(String(module), String(name)))
      }
      default:
        return false
    }
  }

  /** Instructions that put values together. */
  private container(code: number): boolean {
    switch (code) {
      case 0x28: // MARK
        return this.push({ is: 'mark' })
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        return this.push({ is: 'list', items: [] })
      case 0x7d: // EMPTY_DICT
        return this.push({ is: 'dict', entries: [] })
      case 0x74: // TUPLE
        return this.push({ is: 'list', items: this.sinceMark() })
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.push({ is: 'list', items: this.last(code - 0x84) })
      case 0x61: // APPEND
        return this.append(this.last(1))
      case 0x65: // APPENDS
        return this.append(this.sinceMark())
      case 0x73: // SETITEM
        return this.setItems(this.last(2))
      case 0x75: // SETITEMS
        return this.setItems(this.sinceMark())
      case 0x51: // BINPERSID
        return this.push(this.pop())
      case 0x52: // REDUCE
        return this.push(this.rebuilt(this.pop(), this.pop()))
      case 0x62: // BUILD: only the notes that PyTorch leaves on a dictionary
        this.pop()
        if (!isDict(this.stack.at(-1))) throw new NotPlain('it holds objects of Python')
        return true
      default:
        return false
    }
  }

  /** Instructions that remember a value. */
  private memory(code: number): boolean {
    const top = (): Plain => this.stack.at(-1) ?? null
    switch (code) {
      case 0x71: // BINPUT
        this.memo.set(this.view.getUint8(this.take(1)), top())
        return true
      case 0x72: // LONG_BINPUT
        this.memo.set(this.view.getUint32(this.take(4), true), top())
        return true
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, top())
        return true
      case 0x68: // BINGET
        return this.push(this.memo.get(this.view.getUint8(this.take(1))) ?? null)
      case 0x6a: // LONG_BINGET
        return this.push(this.memo.get(this.view.getUint32(this.take(4), true)) ?? null)
      default:
        return false
    }
  }

  private rebuilt(args: Plain, target: Plain): Plain {
    if (typeof target !== 'object' || target?.is !== 'name' || !isList(args))
      throw new NotPlain('it calls something that is no name')
    if (target.name === 'collections OrderedDict') return { is: 'dict', entries: [] }
    if (target.name === 'torch._utils _rebuild_parameter' && isTensor(args.items[0])) return args.items[0]
    if (target.name !== 'torch._utils _rebuild_tensor_v2') throw new NotPlain(`it calls ${target.name.replace(' ', '.')}`)
    const [stored, offset, shape, strides] = args.items
    const parts = isList(stored) ? stored.items : []
    const [kind, storage, member, , values] = parts
    const named = typeof storage === 'object' && storage?.is === 'name' ? storage.name : ''
    const sizes = (list: Plain | undefined): number[] => (isList(list) ? list.items.map(Number) : [])
    if (kind !== 'storage' || !/^torch \w+Storage$/.test(named)) throw new NotPlain('a tensor in it has no plain storage')
    return {
      is: 'tensor',
      storage: named.replace('torch ', ''),
      member: String(member),
      values: Number(values),
      offset: Number(offset),
      shape: sizes(shape),
      strides: sizes(strides),
    }
  }

  private named(module: string, name: string): Name {
    if (!names.has(`${module} ${name}`)) throw new NotPlain(`it names ${module}.${name}`.slice(0, 100))
    return { is: 'name', name: `${module} ${name}` }
  }

  private append(values: Plain[]): boolean {
    const list = this.stack.at(-1)
    if (!isList(list)) throw new NotPlain('its lists make no sense')
    for (const value of values) list.items.push(value)
    return true
  }

  private setItems(values: Plain[]): boolean {
    const dict = this.stack.at(-1)
    if (!isDict(dict)) throw new NotPlain('its dictionaries make no sense')
    for (let at = 0; at + 1 < values.length; at += 2) dict.entries.push([values[at] ?? null, values[at + 1] ?? null])
    return true
  }

  private push(value: Plain): true {
    this.stack.push(value)
    return true
  }

  private pop(): Plain {
    const value = this.stack.pop()
    if (value === undefined) throw new NotPlain('its list of tensors makes no sense')
    return value
  }

  private last(count: number): Plain[] {
    if (this.stack.length < count) throw new NotPlain('its list of tensors makes no sense')
    return this.stack.splice(this.stack.length - count)
  }

  private sinceMark(): Plain[] {
    const mark = this.stack.findLastIndex((value) => typeof value === 'object' && value?.is === 'mark')
    if (mark < 0) throw new NotPlain('its list of tensors makes no sense')
    return this.stack.splice(mark).slice(1)
  }

  /** Moves on by so many bytes and says where they were. */
  private take(count: number): number {
    const start = this.at
    this.at += count
    if (this.at > this.bytes.length) throw new NotPlain('its list of tensors ends early')
    return start
  }

  private text(length: number): string {
    const start = this.take(length)
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('utf8')
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw new NotPlain('its list of tensors ends early')
    const text = this.text(end - this.at)
    this.take(1)
    return text
  }

  private long(length: number): number {
    if (length > 8) throw new NotPlain('it holds a very large number')
    const start = this.take(length)
    let value = 0n
    for (let byte = length - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(this.bytes[start + byte] as number)
    return Number(BigInt.asIntN(Math.max(8, length * 8), value))
  }
}
