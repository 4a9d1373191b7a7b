// Opens the file of an import together with the files beside it that the user named.
import type { ImportReport } from '@contract'
import type { GeneResolver } from '../gene-resolver'
import { withSource } from '../readers'
import type { Recognised } from '../recognise'
import type { OpenSource, Wanted } from '../source-reader'
import { addExpression, addMetadata, withIds, type Joined } from './join'
import { readIds } from './ids'

/** Paths of files beside the first one; null where there is none. */
export interface FilesBeside {
  readonly metadata: string | null
  readonly ids: string | null
  readonly expression: string | null
  /** The user says that row i is the same cell in all files. */
  readonly byPosition: boolean
}

export const nothingBeside: FilesBeside = { metadata: null, ids: null, expression: null, byPosition: false }

type Work<T> = (source: OpenSource, file: Recognised, matched: ImportReport['matched'] | null) => Promise<T>

/** Refuses with the codes of the readers, JOIN_ROWS, JOIN_NEEDS_NAMES, JOIN_NO_MATCH or JOIN_NO_EXPRESSION. */
export function withJoined<T>(path: string, beside: FilesBeside, genes: GeneResolver, wanted: Wanted, work: Work<T>): Promise<T> {
  const open = async (source: OpenSource, file: Recognised): Promise<T> => {
    const named = beside.ids === null ? source : withIds(source, await readIds(beside.ids, source.cells.rows))
    const start: Joined = { source: named, matched: { both: named.cells.rows, onlyFile: 0, onlyProject: 0 } }
    const joined = beside.metadata !== null || beside.expression !== null
    const finish = (end: Joined): Promise<T> => work(end.source, file, joined ? end.matched : null)
    const next = (from: Joined): Promise<T> => {
      if (beside.expression === null) return finish(from)
      return withSource(
        beside.expression,
        genes,
        (other, { fileName }) => finish(addExpression(from, { source: other, fileName }, beside.byPosition)),
        { representation: null, expression: wanted.expression },
      )
    }
    if (beside.metadata === null) return next(start)
    return withSource(beside.metadata, genes, (other, { fileName }) =>
      next(addMetadata(start, { source: other, fileName }, beside.byPosition)),
    )
  }
  return withSource(path, genes, open, beside.expression === null ? wanted : { ...wanted, expression: null })
}
