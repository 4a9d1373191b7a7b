// The checkpoints of one run: a folder with the two newest, named by their step. Writing one never touches the others
// before it is complete, so a full disk or a loss of power costs the newest at most.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointName, checkpointSteps } from '../base/checkpoint-names'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint-file'

/** Of all time, at most one part in this many goes into periodic checkpoints. */
const shareOfTime = 50

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

  /** Keeps this checkpoint and the one before it. Throws what the system says when it cannot be written. */
  write(checkpoint: Checkpoint): void {
    const from = this.now()
    this.lastAt = from
    mkdirSync(this.folder, { recursive: true })
    for (const name of readdirSync(this.folder)) if (name.endsWith('.part')) rmSync(join(this.folder, name), { force: true })
    const path = join(this.folder, checkpointName(checkpoint.step))
    writeCheckpoint(path, `${path}.${process.pid}.part`, checkpoint)
    for (const step of checkpointSteps(this.folder).slice(0, -2)) rmSync(join(this.folder, checkpointName(step)), { force: true })
    this.lastAt = this.now()
    this.lastSeconds = (this.lastAt - from) / 1e3
  }
}
