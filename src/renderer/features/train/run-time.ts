// How long a run will take, judged by finished runs of the same shape on this computer. Pure.
import type { Run, TrainSettings } from '@contract'

/** Seconds, or null when no finished run has the same number of features and cells per step. */
export function secondsFor(runs: readonly Run[], settings: TrainSettings): number | null {
  const alike = runs.filter(
    (run) =>
      run.state === 'done' &&
      run.stepsPerSecond !== null &&
      run.settings.latents === settings.latents &&
      run.settings.batch === settings.batch,
  )
  const speed = alike.at(-1)?.stepsPerSecond ?? null
  return speed === null || speed <= 0 ? null : settings.steps / speed
}
