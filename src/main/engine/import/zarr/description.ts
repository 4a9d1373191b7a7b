// What `.zarray`, `.zattrs`, `.zgroup` (version 2) and `zarr.json` (version 3) say about a group or an array.
// Invariant: an array that cannot be read keeps the reason; its shape is still known.
import { refuse } from '../../../base/refusal'
import type { ArrayType } from '../npy/header'
import { codecsOfVersion2, codecsOfVersion3, type Codecs } from './codecs'
import { isObject, type Json } from '../json'
import type { ZarrStore } from './store'

/** Type of the values: as in NumPy, or text of free length. */
export type ValueType = ArrayType | 'text'

export interface ArrayDescription {
  readonly shape: readonly number[]
  /** Shape of a stored piece; for sharded arrays of a piece inside a shard. */
  readonly chunks: readonly number[]
  /** Null when the type is unknown. */
  readonly type: ValueType | null
  readonly codecs: Codecs
  readonly fill: unknown
  /** Name of the file of a piece (or shard) at these positions. */
  fileOf(position: readonly number[]): string
  /** Why its values cannot be read, or null. */
  readonly unreadable: { readonly code: 'PART_UNREADABLE' | 'COMPRESSION_MISSING'; readonly why: string } | null
}

export interface Description {
  readonly kind: 'group' | 'dataset'
  readonly attributes: Json
  readonly array: ArrayDescription | null
}

const largestDescription = 64 * 1024 * 1024

/** What lies at this path; null when it is neither group nor array. Refuses with FILE_DAMAGED when its description cannot be read. */
export function describe(store: ZarrStore, path: string): Description | null {
  const at = (name: string): string => (path === '' ? name : `${path}/${name}`)
  const current = json(store, at('zarr.json'))
  if (current) {
    const attributes = isObject(current.attributes) ? current.attributes : {}
    if (current.node_type !== 'array') return { kind: 'group', attributes, array: null }
    return { kind: 'dataset', attributes, array: ofVersion3(current, store.fileName, path) }
  }
  const array = json(store, at('.zarray'))
  const attributes = json(store, at('.zattrs')) ?? {}
  if (array) return { kind: 'dataset', attributes, array: ofVersion2(array, store.fileName, path) }
  return store.size(at('.zgroup')) === null ? null : { kind: 'group', attributes, array: null }
}

function json(store: ZarrStore, path: string): Json | null {
  const size = store.size(path)
  if (size === null) return null
  const damaged = (): never => refuse('FILE_DAMAGED', { file: store.fileName, why: `its description ${path} cannot be read` })
  if (size > largestDescription) damaged()
  try {
    const value = parsed(Buffer.from(store.read(path, 0, size)).toString('utf8'))
    return isObject(value) ? value : damaged()
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return damaged()
    throw thrown
  }
}

/** Python writes NaN, which JSON does not know; only then is the text changed, as the same letters may stand in a note. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
    return JSON.parse(text.replace(/([:[,]\s*)(-?)(NaN|Infinity)(?=\s*[,}\]])/g, '$1"$2$3"'))
  }
}

function sizesOf(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
    ? (value as number[])
    : null
}

function ofVersion2(array: Json, file: string, path: string): ArrayDescription {
  const [shape, chunks] = checkedSizes(array.shape, array.chunks, file, path)
  const filters = Array.isArray(array.filters) ? array.filters.filter(isObject) : []
  const text = filters.some((filter) => filter.id === 'vlen-utf8')
  const type = text ? 'text' : numpyType(array.dtype)
  const codecs = codecsOfVersion2(array, filters)
  const separator = array.dimension_separator === '/' ? '/' : '.'
  return {
    shape,
    chunks,
    type,
    codecs,
    fill: array.fill_value,
    fileOf: (position) => (position.length === 0 ? '0' : position.join(separator)),
    unreadable: unreadable(type, codecs, array.dtype),
  }
}

function ofVersion3(array: Json, file: string, path: string): ArrayDescription {
  const grid = isObject(array.chunk_grid) && isObject(array.chunk_grid.configuration) ? array.chunk_grid.configuration : {}
  const [shape, outer] = checkedSizes(array.shape, grid.chunk_shape, file, path)
  const type = typeOfVersion3(array.data_type)
  const codecs = codecsOfVersion3(Array.isArray(array.codecs) ? array.codecs.filter(isObject) : [], outer)
  const key = isObject(array.chunk_key_encoding) ? array.chunk_key_encoding : {}
  const settings = isObject(key.configuration) ? key.configuration : {}
  const old = key.name === 'v2'
  const separator = settings.separator === '.' || settings.separator === '/' ? settings.separator : old ? '.' : '/'
  return {
    shape,
    chunks: codecs.shard?.inner ?? outer,
    type: type !== null && type !== 'text' && codecs.bigEndian ? { ...type, bigEndian: true } : type,
    codecs,
    fill: array.fill_value,
    fileOf: (position) => (old ? position.join(separator) || '0' : ['c', ...position].join(separator)),
    unreadable: unreadable(type, codecs, array.data_type),
  }
}

function checkedSizes(
  shape: unknown,
  chunks: unknown,
  file: string,
  path: string,
): readonly [readonly number[], readonly number[]] {
  const [sizes, pieces] = [sizesOf(shape), sizesOf(chunks)]
  const fits = sizes && pieces && sizes.length === pieces.length && pieces.every((size, axis) => size > 0 || sizes[axis] === 0)
  if (!fits) return refuse('FILE_DAMAGED', { file, why: `the shape of ${path} is impossible` })
  return [sizes, pieces.map((size) => Math.max(1, size))]
}

function unreadable(type: ValueType | null, codecs: Codecs, stored: unknown): ArrayDescription['unreadable'] {
  if (codecs.missing !== null) return { code: 'COMPRESSION_MISSING', why: codecs.missing }
  if (type === null) return { code: 'PART_UNREADABLE', why: `its values have the type ${JSON.stringify(stored)}` }
  return null
}

function numpyType(dtype: unknown): ValueType | null {
  const found = typeof dtype === 'string' ? /^([<>|])([fiubUS])(\d+)$/.exec(dtype) : null
  if (!found) return null
  return arrayType(found[2] as ArrayType['kind'], Number(found[3]), found[1] === '>')
}

function typeOfVersion3(type: unknown): ValueType | null {
  const name = isObject(type) ? type.name : type
  const settings = isObject(type) && isObject(type.configuration) ? type.configuration : {}
  if (name === 'string' || name === 'variable_length_utf8') return 'text'
  if (name === 'bool') return arrayType('b', 1, false)
  const length = Number(settings.length_bytes)
  if (name === 'fixed_length_utf32') return arrayType('U', length / 4, false)
  if (name === 'null_terminated_bytes') return arrayType('S', length, false)
  const found = typeof name === 'string' ? /^(u?)(int|float)(8|16|32|64)$/.exec(name) : null
  if (!found) return null
  return arrayType(found[2] === 'float' ? 'f' : found[1] === 'u' ? 'u' : 'i', Number(found[3]) / 8, false)
}

function arrayType(kind: ArrayType['kind'], size: number, bigEndian: boolean): ArrayType | null {
  const sizes = { f: [2, 4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] }
  const fits = kind === 'U' || kind === 'S' ? Number.isSafeInteger(size) && size > 0 && size < 65_536 : sizes[kind].includes(size)
  return fits ? { kind, size: kind === 'U' ? size * 4 : size, bigEndian } : null
}
