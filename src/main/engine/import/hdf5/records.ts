// Arrays of records in HDF5 (compound datasets), field by field: tables and representations of anndata before 0.7.
import { refuse } from '../../../base/refusal'
import type { RecordField } from '../data-tree'
import type { H5Array } from './array'
import { decodeFixedText, decodeNumbers, isTruth, memberBytes, repairText } from './decode'
import { typeClass, type Metadata } from './types'

type Member = Metadata & { readonly name: string; readonly offset: number }

/** The fields of a compound dataset; text of free length needs the slow way through the library. */
export function recordFields(array: H5Array): readonly RecordField[] | null {
  const members = array.isCompound ? array.type.compound_type?.members : undefined
  if (!members) return null
  const free = members.some((member) => member.vlen)
  let records: readonly (readonly unknown[])[] | null = null
  const whole = (): readonly (readonly unknown[])[] => (records ??= array.records())
  const bytesOf = (member: Member, start?: number, stop?: number): Uint8Array =>
    memberBytes(array.bytes(start, stop), array.type.size, member.offset, member.size)
  return members.map((member, position): RecordField => {
    const several = member.type === typeClass.array
    const base = several ? member.array_type : member
    return {
      name: member.name,
      kind: kindOf(member),
      width: several ? (base?.shape ?? []).reduce((product, size) => product * size, 1) : 1,
      texts: () =>
        free
          ? whole().map((record) => repairText(String(record[position] ?? '')))
          : decodeFixedText(bytesOf(member), member.size),
      numbers(start, stop) {
        if (!base) return refuse('PART_UNREADABLE', { part: member.name, why: 'its type is not described' })
        if (free && !several)
          return whole()
            .slice(start, stop)
            .map((record) => Number(record[position]))
        return decodeNumbers(bytesOf(member, start, stop), base)
      },
    }
  })
}

function kindOf(member: Member): RecordField['kind'] {
  if (member.type === typeClass.text) return 'text'
  if (member.type === typeClass.array || member.type === typeClass.compound) return 'several'
  if (isTruth(member)) return 'truth'
  return member.type === typeClass.integer ? 'whole' : 'number'
}
