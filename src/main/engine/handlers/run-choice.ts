// Which run and which linking a request means when it does not say, and what a term is called.
import type { Aspect } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { StoredLinking } from '../store/linkings'

/** The run asked for, or the latest finished one. Refuses when it has no finished model. */
export function finishedRun(engine: Engine, run: number | null): number {
  if (run === null)
    return (
      engine.project.runs.list().find((each) => each.state === 'done')?.id ?? refuse('RUN_NOT_FOUND', { run: 'that is finished' })
    )
  const found = engine.project.runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
  if (found.state !== 'done') refuse('RUN_NOT_FINISHED', { run, state: found.state })
  return run
}

/** Any linking of the run: genes do not depend on the aspect. */
export function anyLinking(engine: Engine, run: number): StoredLinking | null {
  return engine.project.linkings.latest(run, 'BP') ?? engine.project.linkings.all(run).at(-1) ?? null
}

export function linkingFor(engine: Engine, run: number, aspect: Aspect): StoredLinking {
  return engine.project.linkings.latest(run, aspect) ?? refuse('NOT_LINKED', { run })
}

/** The name of a term, of the built-in ontology or of one a linking of the project rests on; its id when nobody knows it. */
export const termName = (engine: Engine, id: string): string =>
  engine.ontology.term(id)?.name ?? engine.project.linkingSources.termName(id) ?? id
