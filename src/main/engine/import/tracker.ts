// Progress of one import as a single rising number, and the place where a cancelled import stops.
// Invariant: `advance` lets other work of the process run, and at most about ten reports a second go out.
import { refuse } from '../../base/refusal'
import type { PagedFile } from '../scratch/paged'

/** Pages of the expression that follow those told of before. */
export interface ExpressionPages {
  readonly by: 'cell' | 'gene'
  readonly pages: PagedFile
}

export interface ImportHooks {
  progress(phase: string, step: number, of: number): void
  cancelled(): boolean
  /** The built map/fit-thread-entry.ts, where maps are to be fitted in a thread of their own. */
  readonly mapThread?: string
  /** Hears of the pages of the expression as soon as they are written, those by cell first: they may be stored while reading goes on. */
  pages?(pages: ExpressionPages): void
}

export interface Tracker {
  phase(name: string): void
  /** Adds work done, in stored values; throws CANCELLED when the user cancelled. */
  advance(values: number): Promise<void>
}

const steps = 1000
const millisecondsBetween = 100

/** `total` is the work of the whole import, in stored values. */
export function trackProgress(hooks: ImportHooks, total: number): Tracker {
  let done = 0
  let name = ''
  let last = 0
  const report = (): void => hooks.progress(name, Math.min(steps, Math.floor((done / Math.max(1, total)) * steps)), steps)
  return {
    phase(next) {
      name = next
      report()
    },
    async advance(values) {
      done += values
      const now = performance.now()
      if (now - last > millisecondsBetween) {
        last = now
        report()
      }
      await new Promise(setImmediate)
      if (hooks.cancelled()) refuse('CANCELLED')
    },
  }
}
