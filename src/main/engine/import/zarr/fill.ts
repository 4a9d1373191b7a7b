// The value that stands for pieces that were not stored, as bytes of the array's type.
import { refuse } from '../../../base/refusal'
import type { ArrayType } from '../npy/header'

const special: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }

/** Zero unless the description says otherwise; text is empty. Refuses with PART_UNREADABLE what is no number. */
export function filledValue({ kind, size, bigEndian }: ArrayType, fill: unknown, part: string): Uint8Array {
  const bytes = new Uint8Array(size)
  if (fill === null || fill === undefined || fill === 0 || fill === false || kind === 'U' || kind === 'S') return bytes
  const value = typeof fill === 'string' ? special[fill] : Number(fill)
  const half = kind === 'f' && size === 2
  if (value === undefined || (half && !Number.isNaN(value)))
    return refuse('PART_UNREADABLE', { part, why: `its fill value ${JSON.stringify(fill)} is not a number` })
  const view = new DataView(bytes.buffer)
  const little = !bigEndian
  if (half) view.setUint16(0, 0x7e00, little)
  else if (kind === 'f' && size === 4) view.setFloat32(0, value, little)
  else if (kind === 'f') view.setFloat64(0, value, little)
  else if (size === 8) view.setBigInt64(0, BigInt(Math.trunc(value)), little)
  else if (size === 4) view.setUint32(0, value, little)
  else if (size === 2) view.setUint16(0, value, little)
  else view.setUint8(0, value)
  return bytes
}
