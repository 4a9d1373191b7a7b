// The safetensors format: 8 bytes with the length of a JSON header (little-endian), the header, then the numbers.
// Invariants: tensors follow each other without gaps, the numbers start at a multiple of 8, metadata are texts only.

/** A named block of numbers, row-major, stored as F32. */
export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const lengthBytes = 8
const alignment = 8
const space = ' '

/**
 * The bytes of a safetensors file, in pieces to be written one after the other; the numbers are not copied.
 * Throws when a tensor does not have as many numbers as its shape says, or a name comes twice.
 */
export function safetensorsPieces(tensors: readonly Tensor[], metadata: Readonly<Record<string, string>>): Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const { name, shape, values } of tensors) {
    const count = shape.reduce((product, size) => product * size, 1)
    if (count !== values.length) throw new Error(`${name} holds ${values.length} numbers, its shape says ${count}`)
    if (Object.hasOwn(header, name)) throw new Error(`there are two tensors ${name}`)
    const start = end
    end += values.byteLength
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] }
  }
  return [headerBytes(header), ...tensors.map(({ values }) => bytesOf(values))]
}

/** Length and header, filled up with spaces so that the numbers are aligned. */
function headerBytes(header: Readonly<Record<string, unknown>>): Uint8Array {
  const text = Buffer.from(JSON.stringify(header))
  const length = Math.ceil(text.length / alignment) * alignment
  const bytes = Buffer.alloc(lengthBytes + length, space)
  bytes.writeBigUInt64LE(BigInt(length))
  text.copy(bytes, lengthBytes)
  return bytes
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
