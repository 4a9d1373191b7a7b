// Whether the disks have room for an import: the project itself, and the scratch files that are there meanwhile.
import { statfs, stat } from 'node:fs/promises'
import { refuse } from '../../base/refusal'
import type { Verdict } from '@contract'

export interface SpaceNeeded {
  readonly project: number
  readonly scratch: number
}

/** Bytes for a stored value in one direction: counts take one for the value and one or two for its place, others four. */
const bytesOfValue = (verdict: Verdict | null): number => (verdict === 'counts' ? 2.5 : 5.5)
const bytesOfName = 40
/** Indices, journals and what else goes with it. */
const reserve = 32 * 1024 * 1024

/** About how much an import of this size takes. */
export function spaceFor(
  rows: number,
  dims: number,
  columns: number,
  expression: { readonly stored: number; readonly dense: boolean; readonly verdict: Verdict } | null,
): SpaceNeeded {
  const perCell = dims * 4 + bytesOfName + columns * 4
  // A dense matrix is seldom full: expression is mostly zeros, which take no room.
  const stored = expression ? expression.stored * (expression.dense && expression.verdict !== 'scaled' ? 0.3 : 1) : 0
  const direction = stored * bytesOfValue(expression?.verdict ?? null)
  const project = rows * perCell + 2 * direction + reserve
  return { project, scratch: project + direction }
}

export interface Place {
  readonly folder: string
  /** In words, for the message. */
  readonly where: string
  readonly bytes: number
}

export interface DiskFacts {
  readonly device: number
  readonly free: number
}

const factsOf = async (folder: string): Promise<DiskFacts> => {
  const [{ dev }, { bavail, bsize }] = await Promise.all([stat(folder), statfs(folder)])
  return { device: dev, free: bavail * bsize }
}

/** Refuses with DISK_SHORT when the free space of a disk is less than what all places on it need together. */
export async function refuseWithoutSpace(places: readonly Place[], facts: typeof factsOf = factsOf): Promise<void> {
  const disks = new Map<number, { free: number; bytes: number; where: string[] }>()
  for (const { folder, where, bytes } of places) {
    const { device, free } = await facts(folder)
    const disk = disks.get(device) ?? { free, bytes: 0, where: [] }
    disks.set(device, { free, bytes: disk.bytes + bytes, where: [...disk.where, where] })
  }
  for (const { free, bytes, where } of disks.values()) {
    if (bytes > free) refuse('DISK_SHORT', { needed: inWords(bytes), free: inWords(free), where: where.join(' and ') })
  }
}

function inWords(bytes: number): string {
  const gigabytes = bytes / 1e9
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
}
