// A trial of a few seconds: how long a step takes on this machine, and what comes after training.
import type { TrainerSpec, TrialResult } from '../base/trainer-protocol'
import type { Backend } from './backend'
import { Batches } from './batches'
import { DeadLatents } from './dead-latents'
import { chunkRows } from './encode'
import { measuringCost, planMeasuring } from './measuring'
import { startOf } from './model'
import { leaveIfWanted, seconds, type TrainerHost } from './run'
import { prepare, stepFor } from './train'

/** The first steps include what is done once: compiling, asking for memory. */
const stepsToWarm = 2

/** Trains on the rows of the spec (a few of those of the run) for about `limit` seconds, at least three steps. */
export async function tryRun(spec: TrainerSpec, limit: number, backend: Backend, host: TrainerHost): Promise<TrialResult> {
  const { settings } = spec
  const from = seconds()
  const { run, standardisation } = prepare(spec, backend, host)
  const preparing = seconds() - from
  const { step } = stepFor(run, backend, startOf(settings, spec.dims), standardisation)
  const batches = new Batches(run.train, settings.seed, run.rows)
  const dead = new DeadLatents(settings.latents, settings.deadAfter)
  try {
    let since = seconds()
    let steps = -stepsToWarm
    while (steps < 1 || seconds() - since < limit) {
      await run.breathe()
      leaveIfWanted(host, 0)
      const { fired } = step.learn(batches.take(settings.batch), settings.learningRate, dead.list())
      dead.update(fired, settings.batch)
      if (++steps === 0) since = seconds()
    }
    const secondsPerStep = (seconds() - since) / steps
    const model = step.model()
    await measuringCost(run, model, 0) // the first time is slow
    const plan = planMeasuring(run, model, await measuringCost(run, model, 0))
    const each = plan.secondsOf('threshold') + plan.secondsOf('survey') + plan.secondsOf('pca')
    return {
      secondsPerStep,
      secondsPerBlock: each / Math.ceil(spec.rows / chunkRows),
      secondsForChecks: plan.seconds - each,
      preparingSeconds: preparing / ((spec.rows * spec.dims) / 1e6),
      processBytes: process.memoryUsage.rss(),
    }
  } finally {
    step.dispose()
  }
}
