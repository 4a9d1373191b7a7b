// Reads a zip archive (stored or deflated entries, no zip64) with Node alone, so that no machine needs `unzip`.
// Keeps executable bits and symbolic links, never writes outside its target, and checks the size of every entry.
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw, inflateRawSync } from 'node:zlib'

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const LOCAL_HEADER = 30
const FILE_TYPE = 0o170000
const SYMBOLIC_LINK = 0o120000

/**
 * @typedef {{ name: string, method: number, packedSize: number, size: number, mode: number, offset: number }} ZipEntry
 */

/**
 * The entries in the archive's central directory.
 * @param {string} path
 * @returns {Promise<ZipEntry[]>}
 */
export async function zipEntries(path) {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 65_557))
    await file.read(tail, 0, tail.length, size - tail.length)
    let end = tail.length - 22
    while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1
    if (end < 0) throw new Error(`${path} is not a zip archive, or its end is missing`)
    const count = tail.readUInt16LE(end + 10)
    const start = tail.readUInt32LE(end + 16)
    if (count === 0xffff || start === 0xffffffff) throw new Error(`${path} is a zip64 archive, which is not supported`)
    const directory = Buffer.alloc(tail.readUInt32LE(end + 12))
    await file.read(directory, 0, directory.length, start)
    return parseDirectory(directory, count)
  } finally {
    await file.close()
  }
}

/** @param {Buffer} directory @param {number} count @returns {ZipEntry[]} */
function parseDirectory(directory, count) {
  const entries = []
  let at = 0
  for (let entry = 0; entry < count; entry += 1) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error('the list of files in the zip archive is damaged')
    const nameLength = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

/**
 * Unpacks the entries for which `place` returns a path relative to `into`; null leaves an entry out.
 * @param {string} path
 * @param {string} into
 * @param {(name: string) => string | null} place
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(path, into, place = (name) => name) {
  let written = 0
  for (const entry of await zipEntries(path)) {
    const name = entry.name.endsWith('/') ? null : place(entry.name)
    if (name === null) continue
    const goal = resolve(into, name)
    if (!goal.startsWith(resolve(into) + sep)) throw new Error(`the zip archive holds a path outside its folder: ${entry.name}`)
    await mkdir(dirname(goal), { recursive: true })
    await writeEntry(path, entry, goal)
    written += 1
  }
  return written
}

/** @param {string} path @param {ZipEntry} entry @param {string} goal */
async function writeEntry(path, entry, goal) {
  const start = await contentStart(path, entry)
  if ((entry.mode & FILE_TYPE) === SYMBOLIC_LINK) {
    const packed = Buffer.concat(await createReadStream(path, { start, end: start + entry.packedSize - 1 }).toArray())
    await symlink(String(entry.method === 0 ? packed : inflateRawSync(packed)), goal)
    return
  }
  const output = createWriteStream(goal)
  if (entry.packedSize > 0) {
    const packed = createReadStream(path, { start, end: start + entry.packedSize - 1 })
    if (entry.method === 0) await pipeline(packed, output)
    else if (entry.method === 8) await pipeline(packed, createInflateRaw(), output)
    else throw new Error(`${entry.name} is packed in a way (${entry.method}) that is not supported`)
  } else {
    await new Promise((done, failed) => output.on('error', failed).end(() => done(undefined)))
  }
  if (output.bytesWritten !== entry.size) throw new Error(`${entry.name} is damaged in the zip archive`)
  if (entry.mode & 0o111) await chmod(goal, 0o755)
}

/** The local header repeats the name with its own extra field, so only it knows where the content starts. */
async function contentStart(/** @type {string} */ path, /** @type {ZipEntry} */ entry) {
  const file = await open(path, 'r')
  try {
    const header = Buffer.alloc(LOCAL_HEADER)
    await file.read(header, 0, LOCAL_HEADER, entry.offset)
    return entry.offset + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28)
  } finally {
    await file.close()
  }
}
