// What a zip archive holds, by the names of its members: arrays, an Excel workbook, tensors, a Zarr hierarchy or something else.
import { refuse } from '../../../base/refusal'
import { zarrRoot } from '../zarr/store'
import type { Member } from './archive'

/** Refuses with FILE_NOT_RECOGNISED archives of anything else, naming a few of their members. */
export function zipKind(members: readonly Member[], file: string): 'npz' | 'workbook' | 'torch' | 'zarr' {
  const names = members.map((member) => member.name)
  if (names.some((name) => name === 'xl/workbook.xml')) return 'workbook'
  if (names.some((name) => /^(?:[^/]+\/)?data\.pkl$/.test(name))) return 'torch'
  if (zarrRoot(names) !== null) return 'zarr'
  if (names.some((name) => name.endsWith('.npy'))) return 'npz'
  const inside = names.length === 0 ? 'nothing' : names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '')
  const other = names.some((name) => name === '[Content_Types].xml')
    ? 'it is a document of an office program, but no Excel workbook (.xlsx)'
    : names.includes('mimetype')
      ? 'it is an OpenDocument file: save the sheet as .xlsx or CSV first'
      : `it is a zip archive (inside: ${inside}): unpack it first and choose the unpacked file`
  return refuse('FILE_NOT_RECOGNISED', { file, looksLike: other })
}
