// Which run and which linking a request means when it does not say.
import type { Aspect } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { StoredLinking } from '../store/linkings'

/** The run asked for, or the latest finished one that is no repeat. Refuses when it has no finished model. */
export function finishedRun(engine: Engine, run: number | null): number {
  if (run === null)
    return (
      engine.project.runs.list().find((each) => each.state === 'done' && each.source?.kind !== 'repeat')?.id ??
      refuse('RUN_NOT_FOUND', { run: 'that is finished' })
    )
  const found = engine.project.runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
  if (found.state !== 'done') refuse('RUN_NOT_FINISHED', { run, state: found.state })
  return run
}

/** Whether a job that waits or runs is going to finish this run. */
export function isComing(engine: Engine, run: number | null): run is number {
  return run !== null && engine.jobs.ofRun(run) !== null
}

/** Any linking of the run: genes do not depend on the aspect. */
export function anyLinking(engine: Engine, run: number): StoredLinking | null {
  return engine.project.linkings.shown(run)[0] ?? null
}

/** The result asked for by its number, or the one that is shown for the aspect; null when there is none. */
export function chosenLinking(engine: Engine, run: number, aspect: Aspect, linking?: number | null): StoredLinking | null {
  if (linking === undefined || linking === null) return engine.project.linkings.latest(run, aspect)
  const found = engine.project.linkings.get(linking)
  return found?.run === run ? found : refuse('NOTHING_FOUND', { what: `result ${linking} of run ${run}` })
}

export function linkingFor(engine: Engine, run: number, aspect: Aspect, linking?: number | null): StoredLinking {
  return chosenLinking(engine, run, aspect, linking) ?? refuse('NOT_LINKED', { run })
}
