// How a job is called in the tray, the ring and the live region.
import type { Job } from '../bridge/jobs'
import { appText } from '../text/app'
import { clock, percent } from '../text/format'

export function jobName(job: Job): string {
  const kind = appText.jobs.kinds[job.kind]
  return job.run === null ? kind : appText.jobs.ofRun(kind, job.run)
}

/** "57% · 1:48" for the ring. */
export function ringText(job: Job): string {
  const share = job.of > 0 ? percent(job.step / job.of, 0) : '…'
  return appText.jobs.ring(share, job.secondsLeft === null ? '' : clock(job.secondsLeft))
}
