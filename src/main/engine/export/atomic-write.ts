// Files and folders that appear complete or not at all: written under a temporary name in the same folder, flushed to
// the disk, then renamed.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { refuse } from '../../base/refusal'

export interface WrittenFile {
  readonly path: string
  readonly bytes: number
}

/** One call of Node writes less than 2 GiB. */
const pieceBytes = 1 << 28

/** Writes or replaces a file. Refuses with FOLDER_NOT_FOUND, and FILE_EXISTS where a folder has this name. */
export function writeFileWhole(path: string, pieces: readonly Uint8Array[]): WrittenFile {
  if (!existsSync(dirname(path))) refuse('FOLDER_NOT_FOUND', { file: basename(path) })
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) refuse('FILE_EXISTS', { file: basename(path) })
  const temporary = temporaryName(path)
  try {
    writeFlushed(temporary, pieces)
    renameSync(temporary, path)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
  return { path, bytes: statSync(path).size }
}

/** Makes a folder of files. Refuses with FOLDER_NOT_FOUND, and FILE_EXISTS when anything has this name already. */
export function writeFolderWhole(path: string, files: Readonly<Record<string, readonly Uint8Array[]>>): WrittenFile[] {
  if (!existsSync(dirname(path))) refuse('FOLDER_NOT_FOUND', { file: basename(path) })
  if (existsSync(path)) refuse('FILE_EXISTS', { file: basename(path) })
  const temporary = temporaryName(path)
  try {
    mkdirSync(temporary)
    for (const [name, pieces] of Object.entries(files)) writeFlushed(join(temporary, name), pieces)
    renameSync(temporary, path)
  } catch (thrown) {
    rmSync(temporary, { recursive: true, force: true })
    throw thrown
  }
  return Object.keys(files).map((name) => ({ path: join(path, name), bytes: statSync(join(path, name)).size }))
}

const temporaryName = (path: string): string => `${path}.${process.pid}.part`

function writeFlushed(path: string, pieces: readonly Uint8Array[]): void {
  const handle = openSync(path, 'w')
  try {
    for (const piece of pieces)
      for (let at = 0; at < piece.length;) at += writeSync(handle, piece, at, Math.min(pieceBytes, piece.length - at))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
