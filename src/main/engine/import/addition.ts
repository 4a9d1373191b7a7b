// What a file adds to a project that has data: decided from its content and the names of its rows, or said by the user.
// Invariants: rows are paired by name, by position only when the user says so; the rows of the project never change their order.
import type { AdditionKind, ImportChoice, ImportReport, Problem, SourceFile } from '@contract'
import { refuse } from '../../base/refusal'
import { Scratch } from '../scratch/folder'
import { projectSource, type StoredData } from './combine/project-source'
import { sampleNames } from './combine/sample-names'
import { sideBySide } from './combine/side-by-side'
import { subset } from './combine/subset'
import { chooseExpression, surveyExpressions } from './expressions'
import type { NamedSource } from './fingerprint'
import type { GeneResolver } from './gene-resolver'
import { readSource, withFingerprints, type Reading } from './import-file'
import type { FiledColumn, ImportedColumn, ImportedData } from './imported-data'
import { addExpression, addMetadata, matchedRows, pair, withIds, type Beside, type Joined } from './join/join'
import { readIds } from './join/ids'
import { matchNames } from './join/names'
import { reorderedPart } from './join/reorder'
import { Gaps } from './kept-cells'
import { importedColumns } from './metadata'
import { counted, examples, plural } from './problems'
import { withSource } from './readers'
import type { Recognised } from './recognise'
import { chooseRepresentation, surveyRepresentations } from './representations'
import { assignRoles } from './roles'
import type { MatrixPart, OpenSource } from './source-reader'
import { bytesOf, fileColumns, hashOfNames } from './take-cells'
import { trackProgress, type ImportHooks } from './tracker'

export interface AdditionRequest {
  readonly path: string
  readonly kind: AdditionKind | null
  readonly choice: ImportChoice
  readonly ids: string | null
  readonly byPosition: boolean
  /** Models trained on the cells of the project: with any, no cells are added. */
  readonly models: number
  /** Where the project is, to see whether its disk has room. */
  readonly projectFolder?: string
}

/** Further rows make the data anew; everything else is put beside what is there. */
export type ReadAddition =
  { readonly kind: 'rows'; readonly data: ImportedData; readonly matched: ImportReport['matched'] } | AddedBeside

export interface AddedBeside {
  readonly kind: Exclude<AdditionKind, 'rows'>
  /** Where the scratch files are. */
  readonly folder: string
  readonly columns: readonly FiledColumn[]
  /** With the fingerprint that the data have with it. */
  readonly representation: (ImportedData['representation'] & { readonly fingerprint: string }) | null
  readonly expression: ImportedData['expression']
  readonly depth: ImportedData['depth']
  readonly blocks: ImportedData['blocks']
  readonly sources: readonly SourceFile[]
  readonly matched: ImportReport['matched']
  readonly problems: readonly Problem[]
}

interface Adding {
  readonly stored: StoredData
  /** Names of the cells of the project. */
  readonly cellIds: readonly string[]
  /** Where the data of the project are. */
  readonly kept: Scratch
  readonly request: AdditionRequest
  readonly other: Beside
  readonly file: Recognised
  readonly reading: Reading
}

/** Refuses with the codes of import and join, APPEND_UNCLEAR, APPEND_UNFIT, APPEND_AFTER_RUNS or JOIN_PARTIAL. */
export function readAddition(
  request: AdditionRequest,
  stored: StoredData,
  genes: GeneResolver,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<ReadAddition> {
  const { choice, projectFolder } = request
  const { header = null, transposed = null, rowKind = null, representation, expression } = choice
  const kept = new Scratch(stored.folder)
  const cellIds = kept.readTexts(stored.cellIds)
  const work = async (source: OpenSource, file: Recognised): Promise<ReadAddition> => {
    const named = request.ids === null ? source : withIds(source, await readIds(request.ids, source.cells.rows))
    const other = { source: subset(named, choice.cells ?? []), fileName: file.fileName }
    const reading = { choice, genes, hooks, scratch, projectFolder }
    const adding: Adding = { stored, cellIds, kept, request, other, file, reading }
    const kind = request.kind ?? kindOf(adding)
    if (kind === 'rows') return moreRows(adding)
    if (kind === 'metadata') return moreColumns(adding)
    return kind === 'representation' ? anotherRepresentation(adding) : theExpression(adding)
  }
  return withSource(request.path, genes, work, { representation, expression, header, transposed, rowKind })
}

const namedSources = ({ request }: Adding, part: SourceFile['part']): NamedSource[] => [
  { path: request.path, part },
  { path: request.ids, part: 'names' },
]

const fewOfOthers = 0.05
const mostOfSame = 0.5

/** What the file adds; refuses with APPEND_UNCLEAR rather than guessing. */
function kindOf({ stored, cellIds, request, other: { source, fileName } }: Adding): AdditionKind {
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
  const { matched } = matchNames(cellIds, source.cells.index)
  const share = matched / Math.max(1, source.cells.rows)
  if (share <= fewOfOthers) return 'rows'
  if (share >= mostOfSame) return ofSame()
  return unclear(`${counted(matched)} of its ${counted(source.cells.rows)} rows have names of cells of the project`)
}

/** New columns of the rows that are there. */
async function moreColumns(adding: Adding): Promise<ReadAddition> {
  const { request, other, reading } = adding
  const joined = addMetadata(storedAlone(adding), other, request.byPosition)
  const problems = [...joined.source.problems]
  const columns = newColumns(joined, adding, problems)
  if (columns.length === 0) refuse('APPEND_UNFIT', { file: other.fileName, why: 'it holds no columns that describe cells' })
  const filed = await withFingerprints(namedSources(adding, 'metadata'), reading.hooks, () => filedColumns(columns, adding))
  return {
    ...nothingAdded(adding),
    kind: 'metadata',
    columns: filed.data,
    sources: filed.sources,
    matched: joined.matched,
    problems,
  }
}

const nothingAdded = ({
  reading,
}: Adding): Pick<AddedBeside, 'folder' | 'representation' | 'expression' | 'depth' | 'blocks'> => ({
  folder: reading.scratch.folder,
  representation: null,
  expression: null,
  depth: null,
  blocks: [],
})

const storedAlone = ({ stored, cellIds, kept }: Adding): Joined => ({
  source: projectSource(stored, cellIds, kept),
  matched: { both: cellIds.length, onlyFile: 0, onlyProject: 0 },
})

/** Columns that the project lacks; a role that another column has there is not suggested again. */
function newColumns(joined: Joined, { stored, request }: Adding, problems: Problem[]): ImportedColumn[] {
  const cells = { ...joined.source.cells, columns: joined.source.cells.columns.slice(stored.columns.length) }
  const asked = Object.keys(request.choice.roles)
  const typed = assignRoles(importedColumns({ ...joined.source, cells }, asked, problems), request.choice.roles)
  const taken = new Set(stored.columns.map((column) => column.role))
  return typed.map((column) => (asked.includes(column.name) || !taken.has(column.role) ? column : { ...column, role: null }))
}

const filedColumns = (columns: readonly ImportedColumn[], { reading: { hooks, scratch } }: Adding): Promise<FiledColumn[]> =>
  fileColumns(columns, null, scratch, trackProgress(hooks, 1))

/** Another representation of every row that is there, with the columns beside it whose names are new. */
async function anotherRepresentation(adding: Adding): Promise<ReadAddition> {
  const { stored, request, other, reading } = adding
  const main = storedAlone(adding)
  const pairing = pair(main.source.cells, other, request.byPosition)
  everyCell(pairing.rows, adding)
  const found = await surveyRepresentations(other.source)
  const { part, info } = chooseRepresentation(found, request.choice.representation)
  if (!part) return refuse('PART_UNREADABLE', { part: info.key, why: info.reason })
  const known = new Set(stored.columns.map((column) => column.name))
  const columnsBeside = other.source.cells.columns.filter((column) => !known.has(column.name))
  const fresh = { ...other, source: { ...other.source, cells: { ...other.source.cells, columns: columnsBeside } } }
  const joined = addMetadata(main, fresh, request.byPosition)
  const problems = [...joined.source.problems]
  const columns = newColumns(joined, adding, problems)
  const { data, sources } = await withFingerprints(namedSources(adding, 'representation'), reading.hooks, async () => ({
    representation: await fileRepresentation(reorderedPart(part, Uint32Array.from(pairing.rows)), info.key, adding),
    columns: await filedColumns(columns, adding),
  }))
  const matched = matchedRows(pairing, main.source.cells, other)
  return { ...nothingAdded(adding), kind: 'representation', ...data, sources, matched, problems }
}

/** Writes the rows of a representation in the order of the project; refuses gaps, and the numbers that are there already. */
async function fileRepresentation(
  part: MatrixPart,
  key: string,
  { stored, cellIds, other, reading: { hooks, scratch } }: Adding,
): Promise<NonNullable<AddedBeside['representation']>> {
  const track = trackProgress(hooks, part.stored)
  track.phase('Reading the representation')
  const out = scratch.writer('representation', 'f32')
  const hash = hashOfNames(cellIds)
  const gaps = new Gaps()
  for await (const { start, values } of part.denseBlocks((read) => track.advance(read), scratch)) {
    gaps.addDense(start, values, part.columns)
    hash.update(bytesOf(values))
    out.add(values)
  }
  const values = out.end()
  if (gaps.values > 0) {
    const names = examples([...gaps.rows].map((row) => cellIds[row] ?? ''))
    const why = `${plural(gaps.rows.size, 'cell')} have missing numbers in ${key} (${names})`
    refuse('APPEND_UNFIT', { file: other.fileName, why })
  }
  const fingerprint = hash.digest('hex')
  if (fingerprint === stored.fingerprint) {
    refuse('APPEND_UNFIT', { file: other.fileName, why: 'the project is explained from the same numbers already' })
  }
  return { key, dims: part.columns, values, fingerprint }
}

function everyCell(rows: Int32Array, { cellIds, other }: Adding): void {
  const lost = cellIds.filter((_, cell) => (rows[cell] ?? -1) < 0)
  if (lost.length === 0) return
  refuse('JOIN_PARTIAL', {
    file: other.fileName,
    found: counted(other.source.cells.rows),
    count: counted(lost.length),
    expected: counted(cellIds.length),
    examples: examples(lost),
  })
}

/** The expression of every row of a project that has none. */
async function theExpression(adding: Adding): Promise<ReadAddition> {
  const { stored, request, other, file, reading } = adding
  if (stored.expression !== null) refuse('APPEND_UNFIT', { file: other.fileName, why: 'the project has expression already' })
  const main = storedAlone(adding)
  everyCell(pair(main.source.cells, other, request.byPosition).rows, adding)
  const joined = addExpression(main, other, request.byPosition)
  const choice = {
    ...request.choice,
    representation: stored.representation.key,
    roles: {},
    rowKind: 'cells' as const,
    map: 'none',
  }
  const columns = newColumns(joined, adding, [])
  const { data, sources } = await withFingerprints(namedSources(adding, 'expression'), reading.hooks, async () => ({
    read: await readSource(joined.source, file, { ...reading, choice }),
    columns: await filedColumns(columns, adding),
  }))
  const { expression, depth, blocks, report } = data.read
  const added = { expression, depth, blocks, columns: data.columns, sources, matched: joined.matched }
  return { ...nothingAdded(adding), ...added, kind: 'expression', problems: [...report.problems] }
}

/** The rows of the project and those of the file as one set of data. */
async function moreRows(adding: Adding): Promise<ReadAddition> {
  const { stored, cellIds, kept, request, other, file, reading } = adding
  if (request.models > 0) refuse('APPEND_AFTER_RUNS', { runs: plural(request.models, 'model') })
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
      { source: projectSource(stored, cellIds, kept), fileName: 'the project', sample: own, continued: true },
      { source: added, fileName: other.fileName, sample, embedding: embedding.info.key },
    ],
    request.choice.genesOfSeveral ?? 'shared',
    reading.genes,
  )
  const [joint] = whole.embeddings
  if (joint?.found.error) refuse('APPEND_UNFIT', { file: other.fileName, why: joint.found.error.message.replace(/\.$/, '') })
  const roles = Object.fromEntries(stored.columns.flatMap(({ name, role }) => (role === null ? [] : [[name, role]])))
  const expression = stored.expression?.key ?? 'none'
  const choice = { ...request.choice, representation: key, expression, roles: { ...roles, ...request.choice.roles } }
  const { data, sources } = await withFingerprints(namedSources(adding, 'rows'), reading.hooks, () =>
    readSource(whole, file, { ...reading, choice }),
  )
  const matched = { both: 0, onlyFile: other.source.cells.rows, onlyProject: cellIds.length }
  return { kind: 'rows', data: { ...data, sources }, matched }
}

/** The matrix to use of a file under the name that the project's has. */
async function withExpressionCalled(source: OpenSource, key: string | null, asked: string | null): Promise<OpenSource> {
  if (key === null) return { ...source, expressions: [] }
  const chosen = chooseExpression(await surveyExpressions(source), asked)
  if (!chosen) return { ...source, expressions: [] }
  return { ...source, expressions: [{ ...chosen.source, key }] }
}
