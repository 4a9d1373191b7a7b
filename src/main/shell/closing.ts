// What happens when the user closes the window: at once when nothing runs, otherwise Keep running / Stop / Cancel.
// Invariant: the program never ends under a running job without having been told to.
import type { CloseAnswer } from './dialogs'

export interface ClosingParts {
  runningJobs(): readonly string[]
  ask(count: number): Promise<CloseAnswer>
  cancelJob(job: string): Promise<unknown>
  hideWindow(): void
  quit(): void
}

export class Closing {
  private agreed = false
  private asking = false
  private keepsRunning = false

  constructor(private readonly parts: ClosingParts) {}

  /** Whether the window may close now; if not, the user is asked and the answer carried out. */
  mayClose(): boolean {
    const jobs = this.parts.runningJobs()
    if (this.agreed || jobs.length === 0) return true
    if (!this.asking) void this.askAbout(jobs)
    return false
  }

  /** The user brought the window back: the program no longer ends by itself after the job. */
  windowShown(): void {
    this.keepsRunning = false
  }

  /** To be called when the set of running jobs changed. */
  jobsChanged(): void {
    if (this.keepsRunning && this.parts.runningJobs().length === 0) this.end()
  }

  private async askAbout(jobs: readonly string[]): Promise<void> {
    this.asking = true
    const answer = await this.parts.ask(jobs.length).catch(() => 'cancel' as const)
    this.asking = false
    if (answer === 'stop') {
      await Promise.all(this.parts.runningJobs().map((job) => this.parts.cancelJob(job)))
      this.end()
    } else if (answer === 'keep') {
      this.keepsRunning = true
      this.parts.hideWindow()
      this.jobsChanged()
    }
  }

  private end(): void {
    this.agreed = true
    this.parts.quit()
  }
}
