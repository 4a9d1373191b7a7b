// From the side of the concept: all terms, genes or cell groups of a run with the latents that go with them.
import type { Concept } from '@contract'
import { ubiquitousTerms } from '../analysis/labels'
import { termName } from '../analysis/term-names'
import type { Engine } from '../engine'
import type { HandlersFor } from './handlers'
import { anyLinking, chosenLinking, finishedRun, linkingFor } from './run-choice'
import { refuse } from '../../base/refusal'

const nothing = { size: null, overlap: null, qLatent: null, qOverall: null, auroc: null, f1: null, ubiquitous: false }

export const conceptHandlers: HandlersFor<'find.concepts'> = {
  'find.concepts': ({ run, by, aspect, linking }, engine) => {
    finishedRun(engine, run)
    if (by === 'group') return groups(engine, run)
    const { conceptTables } = engine.project
    if (by === 'term') {
      const stored = linkingFor(engine, run, aspect, linking)
      const common = ubiquitousTerms(engine, stored)
      return conceptTables
        .terms(stored.id)
        .map((row) => ({ ...nothing, ...row, name: termName(engine, row.key), ubiquitous: common.has(row.key) }))
    }
    const chosen =
      (linking ? chosenLinking(engine, run, aspect, linking) : anyLinking(engine, run)) ?? refuse('NOT_LINKED', { run })
    return conceptTables.genes(chosen.id).map((row) => ({ ...nothing, ...row, name: row.key }))
  },
}

function groups(engine: Engine, run: number): Concept[] {
  const { dataset } = engine.project
  const columns = new Map(
    dataset
      .columns()
      .filter(({ kind }) => kind === 'category')
      .map((column) => [column.id, column]),
  )
  return engine.project.conceptTables.groups(run).flatMap(({ columnId, level, ...row }) => {
    const column = columns.get(columnId)
    const value = column?.levels[level]
    return column === undefined || value === undefined
      ? []
      : [{ ...nothing, ...row, key: `${column.name}=${value}`, name: value }]
  })
}
