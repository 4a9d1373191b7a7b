// Lists of numbers and texts that may be larger than memory, as files of a folder that is removed when the work is done.
// Invariants: a file is written once, from the start to its end; what a process left behind is removed by the next one (sweepCache).
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync, writevSync } from 'node:fs'
import { join } from 'node:path'

export type Dtype = 'f32' | 'f64' | 'i32' | 'u32' | 'utf8'
export type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array

/** A finished list: `length` numbers, or bytes of text. */
export interface NumberFile {
  readonly file: string
  readonly dtype: Dtype
  readonly length: number
}

/** Texts as their UTF-8 one after the other, and where each ends in it. */
export interface TextFile {
  readonly text: NumberFile
  readonly ends: NumberFile
}

const pieceBytes = 2 * 1024 * 1024
const widths: Readonly<Record<Dtype, number>> = { f32: 4, f64: 8, i32: 4, u32: 4, utf8: 1 }

export const dtypeOf = (values: Numbers): Dtype =>
  values instanceof Float32Array ? 'f32' : values instanceof Float64Array ? 'f64' : values instanceof Int32Array ? 'i32' : 'u32'

export class Scratch {
  private names = 0

  /** @param sorterThread the built sorter-thread-entry.ts, where matrices are to be turned in a thread of their own */
  constructor(
    readonly folder: string,
    readonly sorterThread: string | null = null,
  ) {
    mkdirSync(folder, { recursive: true })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** A name no file of the folder has. */
  freshName(stem: string): string {
    return `${stem}-${++this.names}`
  }

  removeFile(name: string): void {
    rmSync(this.path(name), { force: true })
  }

  write(name: string, values: Numbers): NumberFile {
    const writer = this.writer(name, dtypeOf(values))
    writer.add(values)
    return writer.end()
  }

  writeTexts(name: string, texts: readonly string[]): TextFile {
    const text = this.writer(`${name}.text`, 'utf8')
    const ends = new Float64Array(texts.length)
    let end = 0
    const atOnce = 10_000
    for (let start = 0; start < texts.length; start += atOnce) {
      const some = texts.slice(start, start + atOnce)
      some.forEach((each, at) => {
        end += Buffer.byteLength(each)
        ends[start + at] = end
      })
      text.add(Buffer.from(some.join('')))
    }
    return { text: text.end(), ends: this.write(`${name}.ends`, ends) }
  }

  /** The texts of a list, for those known to be small. */
  readTexts({ text, ends }: TextFile): string[] {
    const bytes = Buffer.from(this.read(text))
    let start = 0
    return Array.from(new Float64Array(this.read(ends)), (end) => {
      const one = bytes.toString('utf8', start, end)
      start = end
      return one
    })
  }

  /** For a list that comes in pieces. */
  writer(name: string, dtype: Dtype): FileWriter {
    return new FileWriter(this.path(name), name, dtype)
  }

  /** The bytes of a list in pieces of 2 MiB (the last one shorter); a piece is only valid until the next. */
  *pieces({ file, dtype, length }: NumberFile): Generator<Uint8Array> {
    const handle = openSync(this.path(file), 'r')
    try {
      const total = length * widths[dtype]
      const space = new Uint8Array(Math.min(pieceBytes, total))
      for (let at = 0; at < total; at += pieceBytes) {
        const piece = space.subarray(0, Math.min(pieceBytes, total - at))
        readFully(handle, piece, at)
        yield piece
      }
    } finally {
      closeSync(handle)
    }
  }

  /** Numbers [start, end) of a list. */
  slice({ file, dtype }: NumberFile, start: number, end: number): ArrayBuffer {
    const bytes = new Uint8Array((end - start) * widths[dtype])
    const handle = openSync(this.path(file), 'r')
    try {
      readFully(handle, bytes, start * widths[dtype])
    } finally {
      closeSync(handle)
    }
    return bytes.buffer
  }

  /** The whole list, for those known to be small. */
  read(list: NumberFile): ArrayBuffer {
    const all = new Uint8Array(list.length * widths[list.dtype])
    let at = 0
    for (const piece of this.pieces(list)) {
      all.set(piece, at)
      at += piece.length
    }
    return all.buffer
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

export class FileWriter {
  private readonly handle: number
  private bytes = 0

  constructor(
    path: string,
    private readonly file: string,
    private readonly dtype: Dtype,
  ) {
    this.handle = openSync(path, 'wx+')
  }

  get written(): number {
    return this.bytes
  }

  add(values: ArrayBufferView): void {
    const { buffer, byteOffset, byteLength } = values
    for (let done = 0; done < byteLength;) {
      done += writeSync(this.handle, new Uint8Array(buffer, byteOffset + done, byteLength - done))
    }
    this.bytes += byteLength
  }

  /** Several pieces in one go. */
  addAll(parts: readonly Uint8Array[]): void {
    const total = parts.reduce((sum, part) => sum + part.length, 0)
    const written = writevSync(this.handle, parts)
    this.bytes += total
    if (written < total) this.writeRest(parts, written)
  }

  /** A disk may take only some of what it is given; on a full one the next attempt says so. */
  private writeRest(parts: readonly Uint8Array[], written: number): void {
    this.bytes -= parts.reduce((sum, part) => sum + part.length, 0) - written
    let skip = written
    for (const part of parts) {
      const rest = part.subarray(Math.min(skip, part.length))
      skip -= part.length - rest.length
      if (rest.length > 0) this.add(rest)
    }
  }

  /** Closes the file. */
  end(): NumberFile {
    closeSync(this.handle)
    return { file: this.file, dtype: this.dtype, length: this.bytes / widths[this.dtype] }
  }
}

/** Fills `into` from a place in a file; throws when the file is shorter. */
export function readFully(handle: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length;) {
    const read = readSync(handle, into, done, into.length - done, position + done)
    if (read === 0) throw new Error('a scratch file is shorter than it was written')
    done += read
  }
}

let count = 0

/** A fresh folder below `cache`, named by the process that owns it, as `sweepCache` knows such folders. */
export function makeScratch(cache: string): Scratch {
  return new Scratch(join(cache, 'scratch', `${process.pid}-0-${Date.now()}${++count}`))
}
