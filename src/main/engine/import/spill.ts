// A scratch folder for a file that must be read as a whole to be understood (text has no index): made when it is first needed.
// Invariant: the folder is gone when the file is closed; what a killed process leaves is removed by the next start (sweepCache).
import { statfs } from 'node:fs/promises'
import { cacheFolder } from '../../base/folders'
import { refuse } from '../../base/refusal'
import { makeScratch, type Scratch } from '../scratch/folder'

export class Spill {
  private made: Scratch | null = null

  /** @param cache the folder below which it lies, as in `cacheFolder` */
  constructor(private readonly cache: string = cacheFolder()) {}

  get scratch(): Scratch {
    return (this.made ??= makeScratch(this.cache))
  }

  /** True when something was written. */
  get used(): boolean {
    return this.made !== null
  }

  /** Refuses with NOT_ENOUGH_DISK when so many bytes do not fit. */
  async reserve(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.scratch.folder)
    if (bytes <= bavail * bsize) return
    const inWords = (size: number): string => `${(size / 1e9).toFixed(1)} GB`
    refuse('NOT_ENOUGH_DISK', {
      what: 'Reading this text file',
      needed: inWords(bytes),
      available: inWords(bavail * bsize),
      where: 'on the disk of the cache folder',
      instead: 'write the data as an .h5ad file, which can be read in pieces; nothing was written',
    })
  }

  remove(): void {
    this.made?.remove()
  }
}

/** A place to spill to for the time of `work`. */
export async function withSpill<T>(work: (spill: Spill) => Promise<T>): Promise<T> {
  const spill = new Spill()
  try {
    return await work(spill)
  } finally {
    spill.remove()
  }
}
