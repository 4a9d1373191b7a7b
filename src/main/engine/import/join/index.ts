// Opens the file of an import together with the files beside it that the user named.
import type { CellFilter, GeneUnion, ImportChoice, ImportReport } from '@contract'
import { sampleNames } from '../combine/sample-names'
import { sideBySide, type Beneath } from '../combine/side-by-side'
import { subset } from '../combine/subset'
import type { GeneResolver } from '../gene-resolver'
import { withSource } from '../readers'
import type { Recognised } from '../recognise'
import { noAnswers, type OpenSource, type ReadingAnswers } from '../source-reader'
import { addExpression, addMetadata, withIds, type Joined } from './join'
import { readIds } from './ids'

/** Paths of files beside the first one; null where there is none. */
export interface FilesBeside {
  readonly metadata: string | null
  readonly ids: string | null
  readonly expression: string | null
  /** The user says that row i is the same cell in all files. */
  readonly byPosition: boolean
  /** Files of further cells, put under the first one. */
  readonly more?: readonly string[]
}

export const nothingBeside: FilesBeside = { metadata: null, ids: null, expression: null, byPosition: false }

type Work<T> = (source: OpenSource, file: Recognised, matched: ImportReport['matched'] | null) => Promise<T>

/** The answers that decide how files are opened and which cells of them are taken. */
export type OpeningChoice = Pick<ImportChoice, 'header' | 'transposed' | 'rowKind' | 'cells' | 'genesOfSeveral'> &
  Partial<Pick<ImportChoice, 'representation' | 'expression'>>

/** Refuses with the codes of the readers, JOIN_ROWS, JOIN_NEEDS_NAMES, JOIN_NO_MATCH, JOIN_NO_EXPRESSION or SUBSET_EMPTY. */
export function withJoined<T>(
  path: string,
  beside: FilesBeside,
  genes: GeneResolver,
  work: Work<T>,
  choice: OpeningChoice = {},
): Promise<T> {
  const { header = null, transposed = null, rowKind = null, representation = null, expression = null } = choice
  const wanted = { representation, expression: beside.expression === null ? expression : null }
  const opening = { genes, answers: { ...wanted, header, transposed, rowKind }, union: choice.genesOfSeveral ?? 'shared' }
  return withCells(path, beside, opening, async (source, file) => {
    const start: Joined = { source, matched: { both: source.cells.rows, onlyFile: 0, onlyProject: 0 } }
    const joined = beside.metadata !== null || beside.expression !== null
    const finish = (end: Joined): Promise<T> => work(chosenCells(end.source, choice.cells), file, joined ? end.matched : null)
    const next = (from: Joined): Promise<T> => {
      if (beside.expression === null) return finish(from)
      const work = (other: OpenSource, { fileName }: Recognised): Promise<T> =>
        finish(addExpression(from, { source: other, fileName }, beside.byPosition))
      return withSource(beside.expression, genes, work, { ...noAnswers, expression })
    }
    if (beside.metadata === null) return next(start)
    return withSource(beside.metadata, genes, (other, { fileName }) =>
      next(addMetadata(start, { source: other, fileName }, beside.byPosition)),
    )
  })
}

const chosenCells = (source: OpenSource, cells: readonly CellFilter[] = []): OpenSource => subset(source, cells)

interface Opening {
  readonly genes: GeneResolver
  readonly answers: ReadingAnswers
  readonly union: GeneUnion
}

/** The file, or several of them under each other, with the names of the cells the user gave. */
function withCells<T>(
  path: string,
  { ids, more = [] }: FilesBeside,
  opening: Opening,
  work: (source: OpenSource, file: Recognised) => Promise<T>,
): Promise<T> {
  const paths = [path, ...more]
  const samples = sampleNames(paths)
  const open = (at: number, before: readonly (Beneath & { readonly file: Recognised })[]): Promise<T> =>
    withSource(
      paths[at] ?? path,
      opening.genes,
      async (source, file) => {
        const found = [...before, { source, fileName: file.fileName, sample: samples[at] ?? file.fileName, file }]
        if (found.length < paths.length) return open(at + 1, found)
        const first = found[0]?.file ?? file
        const whole = found.length === 1 ? source : await sideBySide(found, opening.union, opening.genes)
        return work(ids === null ? whole : withIds(whole, await readIds(ids, whole.cells.rows)), first)
      },
      opening.answers,
    )
  return open(0, [])
}
