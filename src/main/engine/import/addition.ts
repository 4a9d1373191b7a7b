// What a file adds to a project that has data: decided from its content and the names of its rows, or said by the user.
// Invariants: rows are paired by name, by position only when the user says so; the rows of the project never change their order.
import type { AdditionKind, ImportChoice, ImportReport, Problem, SourceFile } from '@contract'
import { refuse } from '../../base/refusal'
import { projectSource, type StoredData } from './combine/project-source'
import { sampleNames } from './combine/sample-names'
import { sideBySide } from './combine/side-by-side'
import { subset } from './combine/subset'
import { chooseExpression, surveyExpressions } from './expressions'
import { sourceFile } from './further-sources'
import type { GeneResolver } from './gene-resolver'
import { readSource } from './import-file'
import type { ImportedColumn, ImportedData } from './imported-data'
import { addExpression, addMetadata, matchedRows, pair, withIds, type Beside, type Joined } from './join/join'
import { readIds } from './join/ids'
import { matchNames } from './join/names'
import { reorderedPart } from './join/reorder'
import { importedColumns } from './metadata'
import { wholeDense } from './parts'
import { counted, examples, plural } from './problems'
import { withSource } from './readers'
import type { Recognised } from './recognise'
import { chooseRepresentation, surveyRepresentations } from './representations'
import { assignRoles } from './roles'
import { rowsWithMissing } from './sampling'
import type { OpenSource } from './source-reader'
import type { ImportHooks } from './tracker'

export interface AdditionRequest {
  readonly path: string
  readonly kind: AdditionKind | null
  readonly choice: ImportChoice
  readonly ids: string | null
  readonly byPosition: boolean
}

/** Further rows make the data anew; everything else is put beside what is there. */
export type ReadAddition =
  | { readonly kind: 'rows'; readonly data: ImportedData; readonly source: SourceFile; readonly matched: ImportReport['matched'] }
  | {
      readonly kind: Exclude<AdditionKind, 'rows'>
      readonly columns: readonly ImportedColumn[]
      readonly representation: ImportedData['representation'] | null
      readonly expression: ImportedData['expression']
      readonly depth: ImportedData['depth']
      readonly source: SourceFile
      readonly matched: ImportReport['matched']
      readonly problems: readonly Problem[]
    }

interface Adding {
  readonly stored: StoredData
  readonly request: AdditionRequest
  readonly other: Beside
  readonly file: Recognised
  readonly genes: GeneResolver
  readonly hooks: ImportHooks
}

/** `mayGrow` is asked before rows are added and refuses when the project may not grow. Refuses with the codes of import and join,
 * APPEND_UNCLEAR, APPEND_UNFIT or JOIN_PARTIAL. */
export function readAddition(
  request: AdditionRequest,
  stored: StoredData,
  mayGrow: () => void,
  genes: GeneResolver,
  hooks: ImportHooks,
): Promise<ReadAddition> {
  const { header = null, transposed = null, rowKind = null } = request.choice
  const work = async (source: OpenSource, file: Recognised): Promise<ReadAddition> => {
    const named = request.ids === null ? source : withIds(source, await readIds(request.ids, source.cells.rows))
    const other = { source: subset(named, request.choice.cells ?? []), fileName: file.fileName }
    const adding = { stored, request, other, file, genes, hooks }
    const kind = request.kind ?? kindOf(adding)
    if (kind === 'rows') {
      mayGrow()
      return moreRows(adding)
    }
    if (kind === 'metadata') return moreColumns(adding)
    return kind === 'representation' ? anotherRepresentation(adding) : theExpression(adding)
  }
  return withSource(request.path, genes, work, { header, transposed, rowKind })
}

const fewOfOthers = 0.05
const mostOfSame = 0.5

/** What the file adds; refuses with APPEND_UNCLEAR rather than guessing. */
function kindOf({ stored, request, other: { source, fileName } }: Adding): AdditionKind {
  const embeds = source.embeddings.some((each) => each.rows === source.cells.rows && each.dims > 2)
  const expresses = source.expressions.length > 0
  if (!embeds && !expresses) return 'metadata'
  const unclear = (why: string): never => refuse('APPEND_UNCLEAR', { file: fileName, why })
  const ofSame = (): AdditionKind => {
    if (embeds) return 'representation'
    if (stored.expression === null) return 'expression'
    return unclear('it holds expression of cells of the project, which has expression already')
  }
  if (request.byPosition) return ofSame()
  if (source.cells.madeUp) return unclear('its rows have no names, so they may be the cells of the project or other ones')
  const { matched } = matchNames(stored.cellIds, source.cells.index)
  const share = matched / Math.max(1, source.cells.rows)
  if (share <= fewOfOthers) return 'rows'
  if (share >= mostOfSame) return ofSame()
  return unclear(`${counted(matched)} of its ${counted(source.cells.rows)} rows have names of cells of the project`)
}

/** New columns of the rows that are there. */
async function moreColumns(adding: Adding): Promise<ReadAddition> {
  const { stored, request, other, hooks } = adding
  const joined = addMetadata(storedAlone(stored), other, request.byPosition)
  const problems = [...joined.source.problems]
  const columns = newColumns(joined, adding, problems)
  if (columns.length === 0) refuse('APPEND_UNFIT', { file: other.fileName, why: 'it holds no columns that describe cells' })
  const source = await sourceFile(request.path, 'metadata', hooks)
  return {
    kind: 'metadata',
    columns,
    representation: null,
    expression: null,
    depth: null,
    source,
    matched: joined.matched,
    problems,
  }
}

const storedAlone = (stored: StoredData): Joined => ({
  source: projectSource(stored),
  matched: { both: stored.cellIds.length, onlyFile: 0, onlyProject: 0 },
})

/** Columns that the project lacks; a role that another column has there is not suggested again. */
function newColumns(joined: Joined, { stored, request }: Adding, problems: Problem[]): ImportedColumn[] {
  const cells = { ...joined.source.cells, columns: joined.source.cells.columns.slice(stored.columns.length) }
  const asked = Object.keys(request.choice.roles)
  const typed = assignRoles(importedColumns({ ...joined.source, cells }, asked, problems), request.choice.roles)
  const taken = new Set(stored.columns.map((column) => column.role))
  return typed.map((column) => (asked.includes(column.name) || !taken.has(column.role) ? column : { ...column, role: null }))
}

/** Another representation of every row that is there, with the columns beside it whose names are new. */
async function anotherRepresentation(adding: Adding): Promise<ReadAddition> {
  const { stored, request, other, hooks } = adding
  const main = storedAlone(stored)
  const pairing = pair(main.source.cells, other, request.byPosition)
  everyCell(pairing.rows, adding)
  const found = await surveyRepresentations(other.source)
  const { part, info } = chooseRepresentation(found, request.choice.representation)
  if (!part) return refuse('PART_UNREADABLE', { part: info.key, why: info.reason })
  const tick = async (): Promise<void> => {
    await new Promise(setImmediate)
    if (hooks.cancelled()) refuse('CANCELLED')
  }
  const values = await wholeDense(reorderedPart(part, Uint32Array.from(pairing.rows)), tick)
  const missing = rowsWithMissing(values, part.columns)
  if (missing.length > 0) {
    const names = examples(missing.map((row) => stored.cellIds[row] ?? ''))
    const why = `${plural(missing.length, 'cell')} have missing numbers in ${info.key} (${names})`
    refuse('APPEND_UNFIT', { file: other.fileName, why })
  }
  if (sameNumbers(values, stored.representation.values)) {
    refuse('APPEND_UNFIT', { file: other.fileName, why: 'the project is explained from the same numbers already' })
  }
  const known = new Set(stored.columns.map((column) => column.name))
  const columnsBeside = other.source.cells.columns.filter((column) => !known.has(column.name))
  const fresh = { ...other, source: { ...other.source, cells: { ...other.source.cells, columns: columnsBeside } } }
  const joined = addMetadata(main, fresh, request.byPosition)
  const problems = [...joined.source.problems]
  return {
    kind: 'representation',
    columns: newColumns(joined, adding, problems),
    representation: { key: info.key, dims: part.columns, values },
    expression: null,
    depth: null,
    source: await sourceFile(request.path, 'representation', hooks),
    matched: matchedRows(pairing, main.source.cells, other),
    problems,
  }
}

const sameNumbers = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at])

function everyCell(rows: Int32Array, { stored, other }: Adding): void {
  const lost = stored.cellIds.filter((_, cell) => (rows[cell] ?? -1) < 0)
  if (lost.length === 0) return
  refuse('JOIN_PARTIAL', {
    file: other.fileName,
    found: counted(other.source.cells.rows),
    count: counted(lost.length),
    expected: counted(stored.cellIds.length),
    examples: examples(lost),
  })
}

/** The expression of every row of a project that has none. */
async function theExpression(adding: Adding): Promise<ReadAddition> {
  const { stored, request, other, file, genes, hooks } = adding
  if (stored.expression !== null) refuse('APPEND_UNFIT', { file: other.fileName, why: 'the project has expression already' })
  const main = storedAlone(stored)
  everyCell(pair(main.source.cells, other, request.byPosition).rows, adding)
  const joined = addExpression(main, other, request.byPosition)
  const choice = {
    ...request.choice,
    representation: stored.representation.key,
    roles: {},
    rowKind: 'cells' as const,
    map: 'none',
  }
  const data = await readSource(joined.source, file, choice, genes, hooks)
  const problems = [...data.report.problems]
  return {
    kind: 'expression',
    columns: newColumns(joined, adding, []),
    representation: null,
    expression: data.expression,
    depth: data.depth,
    source: await sourceFile(request.path, 'expression', hooks),
    matched: joined.matched,
    problems,
  }
}

/** The rows of the project and those of the file as one set of data. */
async function moreRows({ stored, request, other, file, genes, hooks }: Adding): Promise<ReadAddition> {
  const { key } = stored.representation
  const found = await surveyRepresentations(other.source)
  if (/^pca of /.test(key)) {
    const why = 'the representation of the project was computed from its own expression'
    const next = 'Start a new project from all files at once: import NEW FILE FILE --representation pca.'
    refuse('APPEND_UNFIT', { file: other.fileName, why, next })
  }
  const embedding = chooseRepresentation(
    found,
    request.choice.representation ?? (found.some(({ info }) => info.key === key) ? key : null),
  )
  const added = await withExpressionCalled(other.source, stored.expression?.key ?? null, request.choice.expression)
  const known = stored.columns.find(({ name }) => name === 'sample')?.values
  const [own = 'project', sample = 'sample'] = sampleNames(
    [stored.sourceName, request.path],
    known?.kind === 'category' ? known.levels : [],
  )
  const whole = await sideBySide(
    [
      { source: projectSource(stored), fileName: 'the project', sample: own, continued: true },
      { source: added, fileName: other.fileName, sample, embedding: embedding.info.key },
    ],
    request.choice.genesOfSeveral ?? 'shared',
    genes,
  )
  const [joint] = whole.embeddings
  if (joint?.found.error) refuse('APPEND_UNFIT', { file: other.fileName, why: joint.found.error.message.replace(/\.$/, '') })
  const roles = Object.fromEntries(stored.columns.flatMap(({ name, role }) => (role === null ? [] : [[name, role]])))
  const expression = stored.expression?.key ?? 'none'
  const choice = { ...request.choice, representation: key, expression, roles: { ...roles, ...request.choice.roles } }
  const data = await readSource(whole, file, choice, genes, hooks)
  const matched = { both: 0, onlyFile: other.source.cells.rows, onlyProject: stored.cellIds.length }
  return { kind: 'rows', data, source: await sourceFile(request.path, 'rows', hooks), matched }
}

/** The matrix to use of a file under the name that the project's has. */
async function withExpressionCalled(source: OpenSource, key: string | null, asked: string | null): Promise<OpenSource> {
  if (key === null) return { ...source, expressions: [] }
  const chosen = chooseExpression(await surveyExpressions(source), asked)
  if (!chosen) return { ...source, expressions: [] }
  return { ...source, expressions: [{ ...chosen.source, key }] }
}
