// The chain of codecs of an array: how the bytes of one stored piece become its values, in both versions of Zarr.
// Invariant: an unknown codec is named and nothing is guessed.
import { unpackBlosc } from '../packing/blosc'
import { crc32c } from '../packing/crc32c'
import { Unpackable, unpackGzip, unpackSizedLz4, unpackZlib, unpackZstd, type Unpack } from '../packing/unpack'
import { isObject, type Json } from '../json'

export interface Shard {
  /** Shape of a shard and of a piece inside it. */
  readonly outer: readonly number[]
  readonly inner: readonly number[]
  readonly indexAtEnd: boolean
  /** Bytes that a check sum adds to the index. */
  readonly indexChecked: boolean
}

export interface Codecs {
  /** To be undone in this order. */
  readonly packings: readonly Unpack[]
  /** Pieces are stored column by column. */
  readonly turned: boolean
  readonly bigEndian: boolean
  readonly shard: Shard | null
  /** Name of a codec that is not built in, or null. */
  readonly missing: string | null
}

const packings: Readonly<Record<string, Unpack>> = {
  blosc: unpackBlosc,
  zstd: unpackZstd,
  gzip: unpackGzip,
  zlib: unpackZlib,
  lz4: unpackSizedLz4,
  crc32c: (packed, size, exact) => {
    const [content, sum] = [packed.subarray(0, -4), packed.subarray(-4)]
    if (packed.length < 4 || new DataView(sum.buffer, sum.byteOffset, 4).getUint32(0, true) !== crc32c(content))
      throw new Unpackable('its check sum does not fit')
    if (content.length > size || (exact && content.length !== size))
      throw new Unpackable(`it holds ${content.length} bytes where ${size} are expected`)
    return content
  },
}

/** `compressor` and `filters` of version 2. */
export function codecsOfVersion2(array: Json, filters: readonly Json[]): Codecs {
  const compressor = isObject(array.compressor) ? String(array.compressor.id) : null
  const unknown = filters.map((filter) => String(filter.id)).find((id) => id !== 'vlen-utf8')
  const packing = compressor === null ? undefined : packings[compressor]
  return {
    packings: packing ? [packing] : [],
    turned: array.order === 'F',
    bigEndian: false,
    shard: null,
    missing: unknown ?? (compressor !== null && !packing ? compressor : null),
  }
}

const settingsOf = (codec: Json): Json => (isObject(codec.configuration) ? codec.configuration : {})
const codecsIn = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** The chain of version 3; with sharding the chain of the pieces inside. */
export function codecsOfVersion3(chain: readonly Json[], outer: readonly number[]): Codecs {
  const [first] = chain
  if (first?.name === 'sharding_indexed' && chain.length === 1) {
    const settings = settingsOf(first)
    const inner = Array.isArray(settings.chunk_shape) ? settings.chunk_shape.map(Number) : []
    const codecs = codecsOfVersion3(codecsIn(settings.codecs), inner)
    const index = codecsIn(settings.index_codecs).map((codec) => String(codec.name))
    const plain = index.every((name) => name === 'bytes' || name === 'crc32c')
    const fits = inner.length === outer.length && inner.every((size, axis) => size > 0 && (outer[axis] as number) % size === 0)
    const shard = { outer, inner, indexAtEnd: settings.index_location !== 'start', indexChecked: index.includes('crc32c') }
    const missing = !plain || codecs.shard ? 'sharding_indexed (nested)' : fits ? codecs.missing : 'sharding_indexed'
    return fits ? { ...codecs, shard, missing } : { ...codecs, shard: null, missing }
  }
  let [turned, bigEndian] = [false, false]
  let missing: string | null = null
  const undone: Unpack[] = []
  for (const codec of chain) {
    const name = String(codec.name).replace(/^numcodecs\./, '')
    const settings = settingsOf(codec)
    if (name === 'bytes') bigEndian = settings.endian === 'big'
    else if (name === 'transpose' && isReversed(settings.order)) turned = true
    else if (packings[name]) undone.unshift(packings[name])
    else if (name !== 'vlen-utf8') missing = String(codec.name)
  }
  return { packings: undone, turned, bigEndian, shard: null, missing }
}

const isReversed = (order: unknown): boolean =>
  order === 'F' || (Array.isArray(order) && order.every((axis, at) => axis === order.length - 1 - at))
