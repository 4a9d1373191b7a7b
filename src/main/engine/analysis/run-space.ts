// Which representation a run explains. A project may hold several; new runs, and everything that compares a run with the rows of the
// project, rest on the one that is chosen now.
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'

/** The key of the representation a run explains. */
export const representationOf = (engine: Engine, run: number): string =>
  engine.project.runs.get(run)?.representation ?? engine.dataset.representation

export const explainsActive = (engine: Engine, run: number): boolean =>
  representationOf(engine, run) === engine.dataset.representation

/** Refuses with OTHER_REPRESENTATION when the rows of the project are now those of another representation than the run's. */
export function assertActive(engine: Engine, run: number): void {
  if (explainsActive(engine, run)) return
  refuse('OTHER_REPRESENTATION', { run, own: representationOf(engine, run), chosen: engine.dataset.representation })
}
