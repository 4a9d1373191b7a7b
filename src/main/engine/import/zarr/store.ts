// Where a Zarr hierarchy lies: a folder, or a zip archive of one. Both list names and give bytes of their files.
// Invariants: only names found in a listing are opened, so no path written inside a file is followed; links are passed over.
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { refuse } from '../../../base/refusal'
import type { Archive, Member } from '../zip/archive'

export interface ZarrStore {
  readonly fileName: string
  /** Bytes of all files together, which bounds what the arrays may claim. */
  readonly bytes: number
  /** Names directly below this folder ('' for the root). */
  names(folder: string): readonly string[]
  /** Size of the file, or null when there is none. */
  size(path: string): number | null
  /** Bytes of the file from `position`; fewer only at its end. */
  read(path: string, position: number, length: number): Uint8Array
}

const mostFiles = 4_000_000
const deepest = 12

/** Files of a folder with their sizes, by path from it; refuses what has too many files to be a data set. */
export function folderFiles(root: string, fileName: string): Map<string, number> {
  const files = new Map<string, number>()
  const walk = (folder: string, depth: number): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && depth < deepest) walk(path, depth + 1)
      if (!entry.isFile()) continue
      if (files.size >= mostFiles) refuse('FILE_TOO_LARGE', { file: fileName, limit: `${mostFiles} files` })
      files.set(path, lstatSync(join(root, path)).size)
    }
  }
  walk('', 0)
  return files
}

/** The hierarchy in a folder, of the files that are there now. */
export function folderStore(root: string, fileName: string): ZarrStore {
  const files = folderFiles(root, fileName)
  return storeOf(fileName, files, (path, position, length) => {
    const handle = openSync(join(root, path), 'r')
    try {
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const read = readSync(handle, bytes, done, length - done, position + done)
        if (read === 0) break
        done += read
      }
      return bytes.subarray(0, done)
    } finally {
      closeSync(handle)
    }
  })
}

/** The hierarchy in a zip archive, whose root may be a folder inside it. */
export function zipStore(archive: Archive, fileName: string): ZarrStore {
  const members = new Map<string, Member>()
  // A name that comes twice was written anew: the later one counts.
  for (const member of archive.members()) if (!member.name.endsWith('/')) members.set(member.name, member)
  const root = zarrRoot(members.keys()) ?? ''
  const sizes = new Map<string, number>()
  for (const [name, member] of members) if (name.startsWith(root)) sizes.set(name.slice(root.length), member.size)
  return storeOf(fileName, sizes, (path, position, length) => {
    const member = members.get(root + path)
    return member ? archive.open(member)(position, length) : new Uint8Array(0)
  })
}

/** The folder that holds the hierarchy's own description: '' or 'name/'; null when there is none. */
export function zarrRoot(names: Iterable<string>): string | null {
  let best: string | null = null
  for (const name of names) {
    const found = /^((?:[^/]+\/)?)(?:\.zgroup|zarr\.json)$/.exec(name)
    if (found && (best === null || (found[1] as string).length < best.length)) best = found[1] as string
  }
  return best
}

function storeOf(fileName: string, sizes: ReadonlyMap<string, number>, read: ZarrStore['read']): ZarrStore {
  const listings = new Map<string, Set<string>>([['', new Set()]])
  let bytes = 0
  for (const [path, size] of sizes) {
    bytes += size
    const parts = path.split('/', deepest + 2)
    // What lies deeper is no part of any array; a name of nothing but slashes would list thousands of folders.
    if (parts.length > deepest + 1) continue
    for (let depth = 0; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/')
      const listing = listings.get(folder) ?? new Set()
      listings.set(folder, listing.add(parts[depth] as string))
    }
  }
  return {
    fileName,
    bytes,
    names: (folder) => [...(listings.get(folder) ?? [])],
    size: (path) => sizes.get(path) ?? null,
    read,
  }
}
