// The SHA-256 of a source file, streamed, so that a project can say which file it came from.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Lower-case hexadecimal; `tick` hears the bytes read and may stop by throwing. */
export async function fingerprint(path: string, tick: (bytes: number) => Promise<void>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
    const bytes = piece as Buffer
    hash.update(bytes)
    await tick(bytes.length)
  }
  return hash.digest('hex')
}
