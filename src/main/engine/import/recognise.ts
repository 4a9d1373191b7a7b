// Looks at the first bytes of a file: what it is, whether it is whole. The name of the file decides nothing.
// Invariant: nothing is unpacked beyond the first few kilobytes, and no size promised by the file is believed.
import { constants, openSync, closeSync } from 'node:fs'
import { access, open, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { gunzipSync, constants as zlib } from 'node:zlib'
import { refuse } from '../../base/refusal'
import { refuseForeign, otherKind, isOfAnotherKind } from './other-kinds'
import { matrixFilesIn, matrixFilesOf, type MatrixFiles } from './tenx/files'
import { encodingOf } from './table/text-pieces'
import { Archive } from './zip/archive'
import { zipKind } from './zip/kinds'
import { folderFiles } from './zarr/store'

export type Container =
  'hdf5' | 'npy' | 'npz' | 'text' | 'mtx' | 'zarr' | 'parquet' | 'arrow' | 'workbook' | 'torch' | 'safetensors' | 'other'

export interface Recognised {
  readonly path: string
  readonly fileName: string
  readonly bytes: number
  /** What the readers look into; everything else is described by `looksLike`. */
  readonly container: Container
  readonly gzipped: boolean
  /** It is a folder of many files (Zarr), not one file. */
  readonly folder?: boolean
  /** Files that belong to it in the same folder (10x). */
  readonly beside?: MatrixFiles
  readonly looksLike: string
}

const headBytes = 4096
const packedHeadBytes = 65_536
const largestUnpackedHead = 1 << 26
const hdf5Mark = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * Refuses with FILE_NOT_FOUND, FILE_EMPTY, FILE_NOT_READABLE, FILE_NOT_RECOGNISED, FILE_TRUNCATED, FILE_DAMAGED, and with
 * EXPORT_FIRST or PICKLE_REFUSED for files of other programs.
 */
export async function recognise(path: string): Promise<Recognised> {
  const fileName = basename(path)
  const facts = await stat(path).catch(() => refuse('FILE_NOT_FOUND', { file: fileName }))
  if (facts.isDirectory()) return recogniseFolder(path, fileName)
  if (!facts.isFile()) refuse('FILE_NOT_READABLE', { file: fileName })
  if (facts.size === 0) refuse('FILE_EMPTY', { file: fileName })
  await access(path, constants.R_OK).catch(() => refuse('FILE_NOT_READABLE', { file: fileName }))
  // The description of a Zarr folder stands for the folder around it.
  if (/^(?:zarr\.json|\.z(?:group|attrs|metadata))$/.test(fileName))
    return recogniseFolder(dirname(path), basename(dirname(path)))
  const handle = await open(path, 'r').catch(() => refuse('FILE_NOT_READABLE', { file: fileName }))
  try {
    const head = await bytesAt(handle, 0, headBytes)
    const start = await hdf5Start(handle, head, facts.size)
    if (start === null) return await recogniseOther(path, fileName, facts.size, handle, head)
    const expected = expectedSize(await bytesAt(handle, start, 64))
    if (expected !== null && expected > facts.size)
      refuse('FILE_TRUNCATED', { file: fileName, expected: spaced(expected), found: spaced(facts.size) })
    return { path, fileName, bytes: facts.size, container: 'hdf5', gzipped: false, looksLike: 'it is an HDF5 file' }
  } finally {
    await handle.close()
  }
}

async function recogniseOther(
  path: string,
  fileName: string,
  bytes: number,
  handle: FileHandle,
  head: Buffer,
): Promise<Recognised> {
  const gzipped = head[0] === 0x1f && head[1] === 0x8b
  const inside = gzipped ? unpackedHead(await bytesAt(handle, 0, packedHeadBytes)) : head
  refuseForeign(fileName, head, inside)
  const container = inside === null ? 'other' : await containerOf(inside, gzipped, path, bytes, handle)
  const beside = container === 'text' || container === 'mtx' ? await matrixFilesOf(path) : null
  if (beside && (await startsAsMatrix(beside.matrix))) {
    const looksLike = 'it is a 10x matrix'
    return { path: beside.matrix, fileName, bytes, container: 'mtx', gzipped, beside, looksLike }
  }
  return { path, fileName, bytes, container, gzipped, looksLike: describe(head, inside) }
}

async function recogniseFolder(path: string, fileName: string): Promise<Recognised> {
  const files = await stat(`${path}/zarr.json`).catch(() => stat(`${path}/.zgroup`).catch(() => null))
  if (files?.isFile()) {
    const bytes = [...folderFiles(path, fileName).values()].reduce((sum, size) => sum + size, 0)
    return { path, fileName, bytes, container: 'zarr', gzipped: false, folder: true, looksLike: 'it is a Zarr folder' }
  }
  const found = await matrixFilesIn(path)
  if ('matrices' in found) {
    const { matrices } = found
    const several = `it is a folder with several matrices (${matrices.slice(0, 3).join(', ')}): choose one of these files`
    return refuse('FILE_NOT_RECOGNISED', {
      file: fileName,
      looksLike: matrices.length > 1 ? several : 'it is a folder without a matrix',
    })
  }
  if (!(await startsAsMatrix(found.matrix))) {
    return refuse('FILE_NOT_RECOGNISED', {
      file: fileName,
      looksLike: 'it is a folder whose matrix.mtx is no Matrix Market file',
    })
  }
  const { size } = await stat(found.matrix)
  const gzipped = found.matrix.toLowerCase().endsWith('.gz')
  return { path: found.matrix, fileName, bytes: size, container: 'mtx', gzipped, beside: found, looksLike: 'it is a 10x matrix' }
}

/** The first line of a Matrix Market file, packed or not. */
async function startsAsMatrix(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null)
  if (!handle) return false
  try {
    const head = await bytesAt(handle, 0, packedHeadBytes)
    const inside = head[0] === 0x1f && head[1] === 0x8b ? unpackedHead(head) : head
    return inside?.toString('latin1', 0, 14) === '%%MatrixMarket'
  } finally {
    await handle.close()
  }
}

const spaced = (bytes: number): string => bytes.toLocaleString('en-GB')

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** The signature may stand at 0 or, after a user block, at 512, 1024, 2048 … */
async function hdf5Start(handle: FileHandle, head: Buffer, size: number): Promise<number | null> {
  if (head.subarray(0, 8).equals(hdf5Mark)) return 0
  for (let start = 512; start < size && start <= 2 ** 20; start *= 2) {
    if ((await bytesAt(handle, start, 8)).equals(hdf5Mark)) return start
  }
  return null
}

/** End-of-file address in the superblock (versions 0 to 3), or null when it is not there. */
function expectedSize(block: Buffer): number | null {
  const version = block[8]
  if (version === undefined) return null
  const offsetSize = block[version < 2 ? 13 : 9]
  if (offsetSize !== 8) return null
  const position = version === 0 ? 40 : version === 1 ? 44 : version <= 3 ? 28 : -1
  if (position < 0 || block.length < position + 8) return null
  const address = block.readBigUInt64LE(position)
  return address > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(address)
}

function describe(head: Buffer, inside: Buffer | null): string {
  const known = otherKind(head.toString('latin1'))
  if (known !== null) return known
  if (head[0] === 0x1f && head[1] === 0x8b) return describeGzip(inside)
  return isText(head) ? 'it is text, but not a table' : 'its first bytes fit no known kind of file'
}

/** The first bytes inside a gzip file, as far as they can be unpacked; null when nothing can. */
function unpackedHead(packed: Buffer): Buffer | null {
  try {
    return gunzipSync(packed, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: largestUnpackedHead })
  } catch (thrown) {
    // More than the limit inside so few bytes is no table either.
    return thrown instanceof RangeError ? Buffer.alloc(headBytes) : null
  }
}

function describeGzip(inside: Buffer | null): string {
  const text = inside?.toString('latin1', 0, headBytes) ?? ''
  if (inside && /^\0+$/.test(text)) return 'it unpacks to zero bytes without line ends, so it is not a text table'
  const what = text.startsWith(hdf5Mark.toString('latin1'))
    ? 'it is an HDF5 file compressed with gzip'
    : 'it is compressed with gzip'
  return `${what}: unpack it first (7-Zip or gunzip) and choose the unpacked file`
}

async function containerOf(
  inside: Buffer,
  gzipped: boolean,
  path: string,
  bytes: number,
  handle: FileHandle,
): Promise<Container> {
  const start = inside.toString('latin1', 0, headBytes)
  if (!gzipped) {
    if (start.startsWith('\x93NUMPY')) return 'npy'
    if (start.startsWith('PAR1')) return wholeParquet(basename(path), await bytesAt(handle, bytes - 4, 4), bytes)
    if (start.startsWith('ARROW1\0\0') || isArrowStream(inside)) return 'arrow'
    if (isSafetensors(inside, bytes)) return 'safetensors'
    if (start.startsWith('PK\x03\x04') && inside.length >= 30) return insideZip(path, bytes)
  }
  if (start.startsWith('%%MatrixMarket')) return 'mtx'
  return !isOfAnotherKind(start) && isText(inside.subarray(0, headBytes)) ? 'text' : 'other'
}

/** A Parquet file ends as it starts; one that does not was cut off. */
function wholeParquet(file: string, tail: Buffer, bytes: number): 'parquet' {
  if (bytes < 12 || tail.toString('latin1') !== 'PAR1') refuse('FILE_TRUNCATED', { file })
  return 'parquet'
}

/** A stream of Arrow messages starts with a mark and the length of the first one. */
const isArrowStream = (head: Buffer): boolean =>
  head.length > 16 && head.readUInt32LE(0) === 0xffffffff && head.readInt32LE(4) > 0 && head.readInt32LE(4) < 2 ** 26

/** The length of a description in eight bytes, then the description in JSON. */
function isSafetensors(head: Buffer, bytes: number): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false
  const length = head.readBigUInt64LE(0)
  return length >= 2n && length + 8n <= BigInt(bytes) && length < 100_000_000n
}

/** Refuses with FILE_TRUNCATED or FILE_DAMAGED when the list at the end of the archive cannot be read. */
function insideZip(path: string, bytes: number): Container {
  const handle = openSync(path, 'r')
  try {
    return zipKind(new Archive(handle, bytes, basename(path)).members(), basename(path))
  } finally {
    closeSync(handle)
  }
}

/** Letters and line ends only, in UTF-8, UTF-16 or a Western encoding. */
function isText(head: Buffer): boolean {
  const start = head.toString('latin1')
  if (/^(?:\xff\xfe|\xfe\xff)/.test(start)) return true
  if (encodingOf(head) !== 'utf-8') return true
  return !/[\x00-\x08\x0e-\x1f]/.test(start)
}
