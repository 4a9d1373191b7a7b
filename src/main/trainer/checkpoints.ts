// The checkpoints of one run: a folder with the two newest, named by their step. Writing one never touches the others
// before it is complete, so a full disk or a loss of power costs the newest at most.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointName, checkpointSteps } from '../base/checkpoint-names'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint-file'

/** Of all time, at most one part in this many goes into periodic checkpoints. */
const shareOfTime = 50
/** A file without a name of its own for longer than this belongs to nobody. */
const abandonedMs = 60_000

export class Checkpoints {
  private lastAt: number
  private lastSeconds = 0

  /** @param everySeconds least time between two periodic checkpoints */
  constructor(
    private readonly folder: string,
    private readonly everySeconds: number,
    private readonly now: () => number,
  ) {
    this.lastAt = now()
  }

  /** True when a periodic checkpoint is due: not more often than asked for, and never more than a fiftieth of the time. */
  get due(): boolean {
    return this.now() - this.lastAt >= 1e3 * Math.max(this.everySeconds, shareOfTime * this.lastSeconds)
  }

  /** The newest whole checkpoint of these settings, or null. */
  newest(identity: string): Checkpoint | null {
    for (const step of checkpointSteps(this.folder).reverse()) {
      const found = readCheckpoint(join(this.folder, checkpointName(step)))
      if (found?.identity === identity && found.step === step) return found
    }
    return null
  }

  /**
   * Keeps this checkpoint and the one before it; where the disk is too full for that, the newest alone. Throws what the
   * system says when it cannot be written: then those kept before are untouched, or the newer of them is.
   */
  write(checkpoint: Checkpoint): void {
    const from = this.now()
    this.lastAt = from
    mkdirSync(this.folder, { recursive: true })
    this.sweep()
    const path = join(this.folder, checkpointName(checkpoint.step))
    const part = `${path}.${process.pid}.part`
    try {
      writeCheckpoint(path, part, checkpoint)
    } catch (thrown) {
      if (!isDiskFull(thrown) || checkpointSteps(this.folder).length < 2) throw thrown
      this.keepNewest(1)
      writeCheckpoint(path, part, checkpoint)
    }
    this.keepNewest(2)
    this.lastAt = this.now()
    this.lastSeconds = (this.lastAt - from) / 1e3
  }

  private keepNewest(count: number): void {
    for (const step of checkpointSteps(this.folder).slice(0, -count))
      rmSync(join(this.folder, checkpointName(step)), { force: true })
  }

  /** Removes what killed processes left; a part that is still being written by another one is younger. */
  private sweep(): void {
    for (const name of readdirSync(this.folder).filter((each) => each.endsWith('.part'))) {
      const path = join(this.folder, name)
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      if (age > abandonedMs) rmSync(path, { force: true })
    }
  }
}

/** The disk, or the user's share of it, takes no more. */
export function isDiskFull(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  return code === 'ENOSPC' || code === 'EDQUOT'
}
