// The header of a NumPy array (.npy, versions 1 to 3): type, order and shape, checked against the bytes that are there.
// Invariants: no size promised by the header is believed or reserved; arrays of Python objects are never opened.
import { refuse } from '../../../base/refusal'
import { counted } from '../problems'

export interface ArrayHeader {
  readonly type: ArrayType
  readonly fortran: boolean
  readonly shape: readonly number[]
  /** Where the numbers start. */
  readonly start: number
}

export interface ArrayType {
  readonly kind: 'f' | 'i' | 'u' | 'b' | 'U' | 'S'
  readonly size: number
  readonly bigEndian: boolean
}

export const largestHeader = 65_536
const mark = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])

/** Reads the header from the first bytes of `file`; refuses with FILE_DAMAGED or ARRAY_UNFIT. */
export function readHeader(head: Uint8Array, file: string): ArrayHeader {
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file, why })
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (!view.subarray(0, 6).equals(mark) || view.length < 12) damaged('its header is cut off')
  const version = view[6] ?? 0
  if (version < 1 || version > 3) damaged(`its header has the unknown version ${version}`)
  const start = version === 1 ? 10 : 12
  const length = version === 1 ? view.readUInt16LE(8) : view.readUInt32LE(8)
  if (start + length > view.length) damaged(`its header promises ${counted(length)} bytes of description`)
  const text = view.subarray(start, start + length).toString(version === 3 ? 'utf8' : 'latin1')
  const descr = /'descr'\s*:\s*('([^']*)'|\[)/.exec(text)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)
  if (!descr || !order || !shape) return damaged('its header does not describe an array')
  const sizes = (shape[1] ?? '').split(',').flatMap((size) => (/\d/.test(size) ? [Number.parseInt(size, 10)] : []))
  return {
    type: arrayType(descr[2] ?? 'V', file),
    fortran: order[1] === 'True',
    shape: sizes,
    start: start + length,
  }
}

const numbersAgain = "Save it in Python with np.save(path, array.astype('float32'))."

function arrayType(descr: string, file: string): ArrayType {
  const unfit = (why: string, next: string): never => refuse('ARRAY_UNFIT', { file, why, next })
  const found = /^([<>|=]?)([a-zA-Z?])(\d*)$/.exec(descr)
  const kind = found?.[2] ?? 'V'
  const size = Number(found?.[3] ?? 0)
  if (kind === 'O')
    return unfit('it was saved with Python objects (a pickle), which could run code and is never opened', numbersAgain)
  if (kind === 'c')
    return unfit('complex numbers are not supported', 'Save their sizes instead: np.save(path, np.abs(array).astype("float32")).')
  if (kind === 'V') return unfit('it is a table with named fields, not one array of numbers', numbersAgain)
  const sizes: Readonly<Record<string, readonly number[]>> = { f: [2, 4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] }
  const isText = kind === 'U' || kind === 'S'
  if (!isText && !sizes[kind]?.includes(size)) return unfit(`numbers of the type ${descr} are not supported`, numbersAgain)
  return { kind: kind as ArrayType['kind'], size: kind === 'U' ? size * 4 : size, bigEndian: found?.[1] === '>' }
}

/**
 * Rows and columns of an array that can be a representation, compared with the `available` bytes after the header.
 * Refuses with ARRAY_UNFIT when it is no table of numbers, with FILE_DAMAGED when the numbers are not there.
 */
export function tableShape(header: ArrayHeader, available: number, file: string): readonly [rows: number, columns: number] {
  const { shape, type } = header
  const values = shape.reduce((product, size) => product * size, 1)
  const wanted = values * type.size
  const sizes = shape.map(counted).join(' × ')
  if (!Number.isSafeInteger(wanted)) refuse('FILE_DAMAGED', { file, why: `its header promises the impossible shape ${sizes}` })
  if (wanted > available) {
    const why = `its header promises ${sizes} numbers (${counted(wanted)} bytes), but the file holds ${counted(available)} bytes of them`
    refuse('FILE_DAMAGED', { file, why })
  }
  if (type.kind === 'U' || type.kind === 'S') {
    const next = 'Choose the array with the numbers; this one may be the list of cell names (--ids).'
    refuse('ARRAY_UNFIT', { file, why: `it holds text (${sizes || 1} names), not numbers`, next })
  }
  const [rows, columns] = shape
  if (shape.length === 2 && rows !== undefined && columns !== undefined) return [rows, columns]
  if (shape.length > 2) {
    const next = 'Average over the tokens of each cell first: np.save(path, array.mean(axis=1).astype("float32")).'
    return refuse('ARRAY_UNFIT', { file, why: `it has ${shape.length} dimensions (${sizes}), but a table has two`, next })
  }
  const why =
    shape.length === 1
      ? `it is one row of ${sizes} numbers, but rows for the cells and columns for the dimensions are needed`
      : 'it is a single number'
  return refuse('ARRAY_UNFIT', { file, why })
}
