// Propagated term sets kept between starts, one file per key. Invariant: a file is used only if its own checksum, its key and
// its lengths are right; anything else is as if it were not there. Failing to write is no error: the sets are at hand.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TermSets } from '../../science/term-sets'

const magic = Buffer.from('LSSETS01')
const digestBytes = 32
const mostFiles = 40

interface Header {
  readonly key: string
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly root: number
  readonly geneCount: number
  readonly pairs: number
}

/** The sets under `key`, from the folder or made and put there. @param folder null: only made */
export function cachedTermSets(folder: string | null, key: string, make: () => TermSets): TermSets {
  if (folder === null) return make()
  const file = join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.sets`)
  const kept = read(file, key)
  if (kept) return kept
  const made = make()
  write(folder, file, encode(key, made))
  return made
}

/** Layout: magic, length of the header, header (JSON, padded to 4 bytes), indptr, indices, SHA-256 of all before. */
function encode(key: string, sets: TermSets): Buffer {
  const header: Header = {
    key,
    ids: sets.ids,
    names: sets.names,
    root: sets.root,
    geneCount: sets.geneCount,
    pairs: sets.indices.length,
  }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, 0x20)])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(padded.length)
  const body = Buffer.concat([magic, length, padded, bytesOf(sets.indptr), bytesOf(sets.indices)])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

const bytesOf = (numbers: Uint32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)

function read(file: string, key: string): TermSets | null {
  try {
    const bytes = readFileSync(file)
    const body = bytes.subarray(0, bytes.length - digestBytes)
    const digest = bytes.subarray(bytes.length - digestBytes)
    if (!body.subarray(0, magic.length).equals(magic)) return null
    if (!createHash('sha256').update(body).digest().equals(digest)) return null
    const start = magic.length + 4
    const end = start + body.readUInt32LE(magic.length)
    const header = JSON.parse(body.toString('utf8', start, end)) as Header
    const indptrBytes = (header.ids.length + 1) * 4
    if (header.key !== key || header.names.length !== header.ids.length) return null
    if (body.length !== end + indptrBytes + header.pairs * 4) return null
    const { ids, names, root, geneCount } = header
    // Copied, because a view into a file's bytes may start anywhere.
    const numbers = (from: number, to: number): Uint32Array => new Uint32Array(Uint8Array.from(body.subarray(from, to)).buffer)
    const now = new Date()
    utimesSync(file, now, now)
    return {
      ids,
      names,
      root,
      geneCount,
      indptr: numbers(end, end + indptrBytes),
      indices: numbers(end + indptrBytes, body.length),
    }
  } catch {
    return null
  }
}

function write(folder: string, file: string, bytes: Buffer): void {
  try {
    mkdirSync(folder, { recursive: true })
    const partial = `${file}.${process.pid}.partial`
    writeFileSync(partial, bytes)
    renameSync(partial, file)
    removeOldest(folder)
  } catch {
    // The next start makes them again.
  }
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sets'))
    .map((name) => ({ name, used: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.used - a.used)
  for (const { name } of files.slice(mostFiles)) rmSync(join(folder, name), { force: true })
}
