// Looks at the first bytes of a file: what it is, whether it is whole. The name of the file decides nothing.
// Invariant: nothing is unpacked beyond the first few kilobytes, and no size promised by the file is believed.
import { constants } from 'node:fs'
import { access, open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { gunzipSync, constants as zlib } from 'node:zlib'
import { refuse } from '../../base/refusal'
import { matrixFilesIn, matrixFilesOf, type MatrixFiles } from './tenx/files'
import { encodingOf } from './table/text-pieces'

export interface Recognised {
  readonly path: string
  readonly fileName: string
  readonly bytes: number
  /** What the readers look into; everything else is described by `looksLike`. */
  readonly container: 'hdf5' | 'npy' | 'npz' | 'text' | 'mtx' | 'other'
  readonly gzipped: boolean
  /** Files that belong to it in the same folder (10x). */
  readonly beside?: MatrixFiles
  readonly looksLike: string
}

const headBytes = 4096
const packedHeadBytes = 65_536
const largestUnpackedHead = 1 << 26
const hdf5Mark = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])

/** Refuses with FILE_NOT_FOUND, FILE_EMPTY, FILE_NOT_READABLE, FILE_NOT_RECOGNISED or FILE_TRUNCATED. */
export async function recognise(path: string): Promise<Recognised> {
  const fileName = basename(path)
  const facts = await stat(path).catch(() => refuse('FILE_NOT_FOUND', { file: fileName }))
  if (facts.isDirectory()) return recogniseFolder(path, fileName)
  if (!facts.isFile()) refuse('FILE_NOT_READABLE', { file: fileName })
  if (facts.size === 0) refuse('FILE_EMPTY', { file: fileName })
  await access(path, constants.R_OK).catch(() => refuse('FILE_NOT_READABLE', { file: fileName }))
  const handle = await open(path, 'r').catch(() => refuse('FILE_NOT_READABLE', { file: fileName }))
  try {
    const head = await bytesAt(handle, 0, headBytes)
    const start = await hdf5Start(handle, head, facts.size)
    if (start === null) {
      const gzipped = head[0] === 0x1f && head[1] === 0x8b
      const inside = gzipped ? unpackedHead(await bytesAt(handle, 0, packedHeadBytes)) : head
      const container = inside === null ? 'other' : containerOf(inside, gzipped)
      const beside = container === 'text' || container === 'mtx' ? await matrixFilesOf(path) : null
      if (beside && (await startsAsMatrix(beside.matrix))) {
        return {
          path: beside.matrix,
          fileName,
          bytes: facts.size,
          container: 'mtx',
          gzipped,
          beside,
          looksLike: 'it is a 10x matrix',
        }
      }
      return { path, fileName, bytes: facts.size, container, gzipped, looksLike: describe(head, inside) }
    }
    const expected = expectedSize(await bytesAt(handle, start, 64))
    if (expected !== null && expected > facts.size)
      refuse('FILE_TRUNCATED', { file: fileName, expected: spaced(expected), found: spaced(facts.size) })
    return { path, fileName, bytes: facts.size, container: 'hdf5', gzipped: false, looksLike: 'it is an HDF5 file' }
  } finally {
    await handle.close()
  }
}

async function recogniseFolder(path: string, fileName: string): Promise<Recognised> {
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

const marks: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG/, 'it starts like a PNG picture'],
  [/^\xff\xd8\xff/, 'it starts like a JPEG picture'],
  [/^GIF8/, 'it starts like a GIF picture'],
  [/^%PDF/, 'it starts like a PDF document'],
  [/^\x93NUMPY/, 'it is a NumPy array (.npy)'],
  [
    /^PAR1/,
    'it is a Parquet table, which is not read yet: convert it in Python with pandas.read_parquet("a.parquet").to_csv("a.csv")',
  ],
  [
    /^ARROW1/,
    'it is an Arrow (Feather) table, which is not read yet: convert it in Python with pandas.read_feather("a.feather").to_csv("a.csv")',
  ],
  [/^SQLite format 3/, 'it is a SQLite database, perhaps a Latiscope project: use "Open project" for it'],
  [/^7z\xbc\xaf/, 'it is packed with 7-Zip: unpack it first and choose the unpacked file'],
  [/^(?:BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/, 'it is compressed: unpack it first and choose the unpacked file'],
  [
    /^(?:RDX[23]\n|RDA[23]\n|[XA]\n\x00\x00\x00[\x02\x03])/,
    'it is an R object (for example Seurat): write it as .h5ad in R first, with zellkonverter::writeH5AD() or anndataR::write_h5ad()',
  ],
  [/^\x80[\x02-\x05]/, 'it is a Python pickle, which could run code and is never opened: write it as .h5ad in Python first'],
  [/^\s*[[{]\s*["[{\]}]/, 'it is JSON, not a table'],
  [/^(?:format-version:|!gaf-version)/, 'it holds ontology terms or annotations, not cells'],
  [/^<(?:!DOCTYPE|html|\?xml)/i, 'it starts like a web page: the download probably gave an error page'],
]

function describe(head: Buffer, inside: Buffer | null): string {
  const start = head.toString('latin1')
  for (const [mark, words] of marks) if (mark.test(start)) return words
  if (start.startsWith('PK\x03\x04')) return describeZip(start)
  if (start.startsWith('\x1f\x8b')) return describeGzip(inside)
  return isText(head) ? 'it is text, but not a table' : 'its first bytes fit no known kind of file'
}

function describeZip(start: string): string {
  if (/\[Content_Types\]\.xml|xl\/|_rels\//.test(start)) return 'it is an Excel workbook: save the sheet as CSV first'
  if (/data\.pkl|archive\//.test(start))
    return 'it is a PyTorch file: save its array in Python with np.save(path, tensor.numpy()) first'
  return 'it is a zip archive: unpack it first and choose the unpacked file'
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
  const r = marks.find(([mark, words]) => words.includes('R object') && mark.test(text))
  if (r) return r[1]
  if (inside && /^\0+$/.test(text)) return 'it unpacks to zero bytes without line ends, so it is not a text table'
  const what = text.startsWith(hdf5Mark.toString('latin1'))
    ? 'it is an HDF5 file compressed with gzip'
    : 'it is compressed with gzip'
  return `${what}: unpack it first (7-Zip or gunzip) and choose the unpacked file`
}

function containerOf(inside: Buffer, gzipped: boolean): Recognised['container'] {
  const start = inside.toString('latin1', 0, headBytes)
  if (!gzipped && start.startsWith('\x93NUMPY')) return 'npy'
  if (!gzipped && start.startsWith('PK\x03\x04') && /\.npy$/.test(firstMember(inside))) return 'npz'
  if (start.startsWith('%%MatrixMarket')) return 'mtx'
  return !marks.some(([mark]) => mark.test(start)) && isText(inside.subarray(0, headBytes)) ? 'text' : 'other'
}

/** Name of the first member of a zip archive; '' when the file ends before it. */
const firstMember = (head: Buffer): string =>
  head.length < 30 ? '' : head.subarray(30, 30 + head.readUInt16LE(26)).toString('latin1')

/** Letters and line ends only, in UTF-8, UTF-16 or a Western encoding. */
function isText(head: Buffer): boolean {
  const start = head.toString('latin1')
  if (/^(?:\xff\xfe|\xfe\xff)/.test(start)) return true
  if (encodingOf(head) !== 'utf-8') return true
  return !/[\x00-\x08\x0e-\x1f]/.test(start)
}
