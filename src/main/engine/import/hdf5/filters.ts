// Where the library finds the compression filters (LZF, Blosc, Zstandard …) beside its built-in ones.
// Invariant: the packaged files are never changed; a repaired copy of one filter lies in the cache folder.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const lzfFile = 'libH5Zlzf.so'
/** WebAssembly: take the packed size as the first guess of the unpacked one. */
const guessPackedSize = Buffer.from([0x20, 0x04, 0x28, 0x02, 0x00, 0x21, 0x01])
/** The same place with a constant of 16 MiB, in as many bytes. */
const guessSixteenMebibytes = Buffer.from([0x41, 0x80, 0x80, 0x80, 0x08, 0x21, 0x01])

/** Folders with filters, the one to be asked first at the end. */
export async function filterFolders(): Promise<string[]> {
  const { base_url } = await import('h5wasm-plugins')
  const packaged = fileURLToPath(new URL('plugins', `${base_url}/`))
  const repaired = await repairedLzf(packaged)
  return repaired === null ? [packaged] : [packaged, repaired]
}

/**
 * The packaged LZF filter gives up, and takes the library with it, whenever the unpacked size is not written beside the data, which is
 * so for all text that Python writes. The copy starts with a buffer larger than any such chunk. Null when the filter is not the known one.
 */
async function repairedLzf(packaged: string): Promise<string | null> {
  const code = await readFile(join(packaged, lzfFile)).catch(() => null)
  const at = code?.indexOf(guessPackedSize) ?? -1
  if (code === null || at < 0 || code.indexOf(guessPackedSize, at + 1) >= 0) return null
  guessSixteenMebibytes.copy(code, at)
  const folder = join(process.env.LATISCOPE_CACHE ?? tmpdir(), 'latiscope-hdf5-filters')
  const file = join(folder, lzfFile)
  if (
    await readFile(file).then(
      (present) => present.equals(code),
      () => false,
    )
  )
    return folder
  try {
    await mkdir(folder, { recursive: true })
    const draft = `${file}.${process.pid}`
    await writeFile(draft, code)
    await rename(draft, file)
    return folder
  } catch {
    // Without a writable cache the other filters still work.
    return null
  }
}
