// Whether this computer has room for a run: memory and disk, compared with what the run needs.
import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { basename, dirname } from 'node:path'
import type { TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import { trainingNeeds, type TrainingNeeds } from '../../science/training-needs'
import type { Engine } from '../engine'

/** Rows of more bytes than this are read from their file while training, if memory is short for them. */
const alwaysHeldBytes = 3 * 2 ** 29
/** Share of the memory that rows may take. */
const shareForRows = 0.2

/** Memory this process may use in all: of the computer, or of the container it runs in. */
export function usableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Rows are held in memory unless they are large both in themselves and for this computer. */
export function streamsRows(rows: number, dims: number): boolean {
  const bytes = rows * dims * 4
  return bytes > alwaysHeldBytes && bytes > shareForRows * usableMemory()
}

/** What a run of these settings on the open data needs. */
export function needsOf(engine: Engine, settings: TrainSettings): TrainingNeeds {
  const { rows, dims } = engine.dataset
  return trainingNeeds({ rows, dims, settings, streamRows: streamsRows(rows, dims) })
}

/** Refuses with NOT_ENOUGH_MEMORY or NOT_ENOUGH_DISK when a run cannot end well on this computer. */
export function assertRoom(engine: Engine, settings: TrainSettings, needs = needsOf(engine, settings)): void {
  const memory = usableMemory()
  if (needs.memoryBytes > memory) {
    refuse('NOT_ENOUGH_MEMORY', {
      needed: inWords(needs.memoryBytes),
      available: inWords(memory),
      advice: `fewer features (--latents ${Math.max(32, 2 ** Math.floor(Math.log2((settings.latents * memory) / (2 * needs.memoryBytes))))})`,
    })
  }
  const { cache } = engine.folders
  const projectFolder = dirname(engine.project.file)
  const [cacheDisk, projectDisk] = [freeSpace(cache), freeSpace(projectFolder)]
  const isOneDisk = cacheDisk.disk === projectDisk.disk
  assertFree(cacheDisk.free, needs.cacheBytes + (isOneDisk ? needs.projectBytes : 0), 'for its working files')
  assertFree(projectDisk.free, needs.projectBytes, `beside ${basename(engine.project.file)}`)
}

function assertFree(free: number, needed: number, where: string): void {
  if (needed > free)
    refuse('NOT_ENOUGH_DISK', {
      what: 'This run',
      needed: inWords(needed),
      available: inWords(free),
      where,
      instead: 'use fewer features',
    })
}

/** Free bytes of the disk a folder is on; unknown counts as plenty. */
function freeSpace(folder: string): { readonly free: number; readonly disk: string } {
  try {
    const { bavail, bsize, blocks, type } = statfsSync(folder)
    return { free: bavail * bsize, disk: `${type}-${blocks}-${bsize}` }
  } catch {
    return { free: Infinity, disk: folder }
  }
}

/** Bytes for people: two digits and a unit. */
export function inWords(bytes: number): string {
  const [unit, size] = bytes >= 1e9 ? ['GB', 1e9] : ['MB', 1e6]
  const value = bytes / (size as number)
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}
