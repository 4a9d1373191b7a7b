// Whether the disks have room for an import: the project itself, and the scratch files that are there meanwhile.
import { statfs, stat } from 'node:fs/promises'
import { refuse } from '../../base/refusal'
import type { Verdict } from '@contract'
import type { Expression } from './expressions'
import type { Representation } from './representations'
import type { OpenSource } from './source-reader'
import type { Survey } from './survey'

export interface SpaceNeeded {
  readonly project: number
  readonly scratch: number
}

/** Bytes for a stored value in one direction: counts take one for the value and one or two for its place, others four. */
const bytesOfValue = (verdict: Verdict): number => (verdict === 'counts' ? 2.5 : 5.5)
const bytesOfName = 40
/** Indices, journals and what else goes with it. */
export const reserveBytes = 32 * 1024 * 1024

/** A matrix by the values of it that are not zero. */
export interface SizedMatrix {
  readonly stored: number
  readonly verdict: Verdict
}

/** About how much an import of this size takes; `further` matrices are kept in one direction only. */
export function spaceFor(
  rows: number,
  dims: number,
  columns: number,
  expression: SizedMatrix | null,
  further: readonly SizedMatrix[] = [],
): SpaceNeeded {
  const perCell = dims * 4 + bytesOfName + columns * 4 + 8 * (further.length + 1)
  const bytesOf = ({ stored, verdict }: SizedMatrix): number => stored * bytesOfValue(verdict)
  const direction = expression ? bytesOf(expression) : 0
  const turned = further.reduce((sum, each) => sum + bytesOf(each), 0)
  const project = Math.ceil(rows * perCell + 2 * direction + turned + reserveBytes)
  return { project, scratch: Math.ceil(project + direction + turned) }
}

/** The same for what was found in a file. */
export function spaceOf(source: OpenSource, found: Survey, representation: Representation | null): SpaceNeeded {
  const { expression, expressions, columns } = found
  const sized = (each: Expression): SizedMatrix => ({ stored: storedValues(each), verdict: each.judgement.verdict })
  const further = expressions.filter(
    ({ source: { featureType } }) => featureType !== undefined && featureType !== expression?.source.featureType,
  )
  const { rows } = source.cells
  return spaceFor(rows, representation?.info.dims ?? 0, columns.length, expression && sized(expression), further.map(sized))
}

/** Values that are not zero: those of a sparse matrix, a share of a dense one, as the sample shows. */
export function storedValues({ part, info }: Expression): number {
  if (!part) return 0
  const zeros = part.dense ? (info.histogram.find((each) => each.label === '0')?.share ?? 0) : 0
  return part.stored * (1 - zeros)
}

/** Where how much will be written. */
export function placesOf(
  source: OpenSource,
  found: Survey,
  representation: Representation,
  scratch: string,
  project: string | undefined,
): Place[] {
  const needed = spaceOf(source, found, representation)
  const places = [{ folder: scratch, where: 'the cache folder', bytes: needed.scratch }]
  return project === undefined ? places : [{ folder: project, where: 'the project', bytes: needed.project }, ...places]
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

/** Refuses with NOT_ENOUGH_DISK when the free space of a disk is less than what all places on it need together. */
export async function refuseWithoutSpace(places: readonly Place[], facts: typeof factsOf = factsOf): Promise<void> {
  const disks = new Map<number, { free: number; bytes: number; where: string[] }>()
  for (const { folder, where, bytes } of places) {
    const { device, free } = await facts(folder)
    const disk = disks.get(device) ?? { free, bytes: 0, where: [] }
    disks.set(device, { free, bytes: disk.bytes + bytes, where: [...disk.where, where] })
  }
  for (const { free, bytes, where } of disks.values()) {
    if (bytes > free) {
      refuse('NOT_ENOUGH_DISK', {
        what: 'The import',
        needed: inWords(bytes),
        available: inWords(free),
        where: `on the disk of ${where.join(' and ')}`,
        instead: 'take only some of the cells (--cells COLUMN=VALUE); nothing was written',
      })
    }
  }
}

function inWords(bytes: number): string {
  const gigabytes = bytes / 1e9
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
}
