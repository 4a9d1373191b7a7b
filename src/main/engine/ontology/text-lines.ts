// Lines of a text file the user chose (gzip or plain, UTF-8 or UTF-16). Such files are untrusted: size, number of lines and
// length of a line are bounded, and what is no text is refused before anything is parsed.
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { refuse } from '../../base/refusal'

export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
}

export interface TextFile {
  readonly name: string
  readonly lines: readonly Line[]
  /** Whether the last line ends with a line break; when not, the file may have been cut. */
  readonly isClosed: boolean
}

export interface TextBounds {
  readonly bytes: number
  readonly lines: number
  readonly lineLength: number
}

/** Enough for the human annotation file of all of UniProt, with room. */
export const textBounds: TextBounds = { bytes: 400_000_000, lines: 4_000_000, lineLength: 4_000_000 }

/** @throws Refusal FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_EMPTY, FILE_TOO_LARGE, FILE_DAMAGED, TEXT_NOT_RECOGNISED */
export function readTextFile(path: string, expected: string, bounds: TextBounds = textBounds): TextFile {
  const name = basename(path)
  const bytes = unpacked(readBytes(path, name, bounds), name, bounds)
  if (bytes.length === 0) refuse('FILE_EMPTY', { file: name })
  const text = decode(bytes)
  if (text.includes('\0')) refuse('TEXT_NOT_RECOGNISED', { file: name, expected, why: 'it is not a text file' })
  const parts = text.split(text.includes('\n') ? '\n' : '\r')
  if (parts.length > bounds.lines) tooLarge(name, `${bounds.lines} lines`)
  const isClosed = parts.at(-1) === ''
  if (isClosed) parts.pop()
  return {
    name,
    isClosed,
    lines: parts.map((part, at) => {
      if (part.length > bounds.lineLength) tooLarge(name, `${bounds.lineLength} characters in a line (line ${at + 1})`)
      return { text: part.endsWith('\r') ? part.slice(0, -1) : part, number: at + 1 }
    }),
  }
}

function tooLarge(file: string, limit: string): never {
  return refuse('FILE_TOO_LARGE', { file, limit })
}

function readBytes(path: string, name: string, bounds: TextBounds): Buffer {
  try {
    const { size } = statSync(path)
    if (size > bounds.bytes) tooLarge(name, `${Math.floor(bounds.bytes / 1e6)} MB`)
    return readFileSync(path)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') refuse('FILE_NOT_FOUND', { file: name })
    if (code === 'EACCES' || code === 'EPERM' || code === 'EBUSY' || code === 'EISDIR')
      refuse('FILE_NOT_READABLE', { file: name })
    throw thrown
  }
}

function unpacked(bytes: Buffer, name: string, bounds: TextBounds): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: bounds.bytes })
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') tooLarge(name, `${Math.floor(bounds.bytes / 1e6)} MB unpacked`)
    return refuse('FILE_DAMAGED', { file: name, why: 'the gzip data end early or are broken' })
  }
}

function decode(bytes: Buffer): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null
  return new TextDecoder(utf16 ?? 'utf-8').decode(bytes)
}

/** Lines that were not used, for one sentence: how many, why, and where the first ones are. */
export class SetAside {
  private readonly byReason = new Map<string, number[]>()

  add(reason: string, line: Line): void {
    const lines = this.byReason.get(reason) ?? []
    this.byReason.set(reason, lines)
    lines.push(line.number)
  }

  get total(): number {
    return [...this.byReason.values()].reduce((sum, lines) => sum + lines.length, 0)
  }

  count(reason: string): number {
    return this.byReason.get(reason)?.length ?? 0
  }

  /** For example "2 with NOT (lines 3, 4), 1 without symbol (line 7)". */
  sentence(): string {
    return [...this.byReason]
      .map(([reason, lines]) => {
        const first = lines.slice(0, 20).join(', ')
        return `${lines.length} ${reason} (line${lines.length === 1 ? '' : 's'} ${first}${lines.length > 20 ? ', …' : ''})`
      })
      .join(', ')
  }
}
