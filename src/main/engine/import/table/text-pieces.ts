// The text of a table file piece by piece: unpacked when it is gzipped, decoded from the encoding it is written in.
// Invariant: unpacking is streamed and stops with its reader, so a small file that unpacks to a huge one costs no memory.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { refuse } from '../../../base/refusal'

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface TextFile {
  readonly path: string
  readonly fileName: string
  readonly gzipped: boolean
}

/** Thrown when the bytes are not of the encoding that was assumed. */
export class OtherEncoding extends Error {}

/** Decoded text in pieces; a byte-order mark is taken off. Refuses with FILE_TRUNCATED or FILE_DAMAGED for a broken gzip file. */
export async function* textPieces(file: TextFile, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8' })
  const decode = (bytes: Uint8Array | null): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch {
      throw new OtherEncoding()
    }
  }
  for await (const bytes of filePieces(file)) yield decode(bytes)
  yield decode(null)
}

/** The bytes of a text file in pieces, unpacked. Refuses as `textPieces` does. */
export async function* filePieces({ path, fileName, gzipped }: TextFile): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 })
  const stream = gzipped ? source.pipe(createGunzip({ chunkSize: 256 * 1024 })) : source
  if (stream !== source) source.on('error', (error) => stream.destroy(error))
  try {
    for await (const bytes of stream) yield bytes as Uint8Array
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    if (code === 'Z_BUF_ERROR') refuse('FILE_TRUNCATED', { file: fileName })
    if (code.startsWith('Z_')) refuse('FILE_DAMAGED', { file: fileName, why: 'its gzip compression cannot be undone' })
    throw thrown
  } finally {
    source.destroy()
  }
}

/** The encoding the first bytes show; UTF-8 unless they say otherwise. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  const looked = Math.min(head.length, 2000)
  for (let at = 0; at < looked; at++) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  const [even, odd] = zeros as [number, number]
  if (odd > looked / 4 && even === 0) return 'utf-16le'
  if (even > looked / 4 && odd === 0) return 'utf-16be'
  return 'utf-8'
}
