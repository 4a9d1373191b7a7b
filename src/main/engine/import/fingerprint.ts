// The SHA-256 of a source, streamed, so that a project can say which file it came from. A folder counts as the names, sizes and
// contents of its files in alphabetical order.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import type { Recognised } from './recognise'
import { folderFiles } from './zarr/store'

/** Lower-case hexadecimal; `tick` hears the bytes read and may stop by throwing. */
export async function fingerprint({ path, folder }: Recognised, tick: (bytes: number) => Promise<void>): Promise<string> {
  const hash = createHash('sha256')
  const add = async (file: string): Promise<void> => {
    for await (const piece of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
      const bytes = piece as Buffer
      hash.update(bytes)
      await tick(bytes.length)
    }
  }
  if (!folder) await add(path)
  else {
    for (const [name, size] of [...folderFiles(path, basename(path))].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${name}\0${size}\0`)
      await add(join(path, name))
    }
  }
  return hash.digest('hex')
}
