// Writes a file so that a reader sees the old content or the new one, never half: temporary file, flush to disk, rename.
import { open, rename, rm } from 'node:fs/promises'

/** Replaces `path`; on failure the old file is as it was and the error is thrown. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
