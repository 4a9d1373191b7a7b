// Reads the chosen parts of a file into the scratch folder, checked and ready for the project.
// Invariants: a stop that the choice does not answer refuses before anything large is read; memory does not grow with the file;
// nothing is written outside the scratch folder.
import type { Hash } from 'node:crypto'
import type { ImportChoice, ImportReport, Problem } from '@contract'
import { refuse } from '../../base/refusal'
import type { NumberFile, Scratch } from '../scratch/folder'
import { computeAxes, spreadFor, workOfAxes } from './computed-axes'
import { takeDepthBeside, workOfDepth } from './depth'
import { takeBlocks, workOfBlocks } from './feature-blocks'
import { refuseUnanswered } from './findings'
import { fingerprints, type NamedSource } from './fingerprint'
import type { GeneResolver } from './gene-resolver'
import type { GeneNames } from './gene-names'
import { computedMap } from './import-map'
import type { ImportedData, ImportedExpression } from './imported-data'
import { nothingBeside, withJoined, type FilesBeside } from './join'
import { cellsWithoutGaps, workOfGaps, type Looked } from './kept-cells'
import type { Recognised } from './recognise'
import { chooseRepresentation, type Representation } from './representations'
import { takeLoadings } from './loadings'
import { nearestGenes, noPositions, type NearestGenes } from './nearest-gene'
import { mapRows } from './row-kind'
import type { OpenSource } from './source-reader'
import { placesOf, refuseWithoutSpace } from './space'
import { fewestForTraining, survey, type Survey } from './survey'
import { cellNames, hashOfNames, takeColumns, takeMap, takeRepresentation } from './take-cells'
import { takeExpression, workOfExpression, type TakenExpression, type Taking } from './take-expression'
import { trackProgress, type ImportHooks } from './tracker'

export interface ImportRequest {
  readonly path: string
  readonly choice: ImportChoice
  readonly beside?: FilesBeside
  /** Where the project is, to see whether its disk has room. */
  readonly projectFolder?: string
}

/** What reading needs beside the source: names of genes, who hears of it, where it writes. */
export interface Reading {
  readonly choice: ImportChoice
  readonly genes: GeneResolver
  readonly nearest?: NearestGenes
  readonly hooks: ImportHooks
  readonly scratch: Scratch
  readonly projectFolder?: string | undefined
}

/**
 * Everything the project stores, as files of `scratch`. Refuses with the codes of the inspection's stops that the choice does not
 * answer, with CHOICE_UNKNOWN for parts that are not there, with NOT_ENOUGH_DISK, with CANCELLED when the hooks say so.
 */
export function readForImport(
  { path, choice, beside = nothingBeside, projectFolder }: ImportRequest,
  genes: GeneResolver,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<ImportedData> {
  const nearest = nearestGenes(beside.genePositions)
  const work = async (source: OpenSource, file: Recognised, matched: ImportReport['matched'] | null): Promise<ImportedData> => {
    const reading = { choice, genes, nearest, hooks, scratch, projectFolder }
    const { data, sources } = await withFingerprints(sourcesOf(path, beside), hooks, () => readSource(source, file, reading))
    return { ...data, report: matched ? { ...data.report, matched } : data.report, sources }
  }
  return withJoined(path, beside, genes, work, choice)
}

const sourcesOf = (path: string, { more = [], metadata, expression, ids, genePositions = null }: FilesBeside): NamedSource[] => [
  { path, part: 'rows' },
  ...more.map((each): NamedSource => ({ path: each, part: 'rows' })),
  { path: expression, part: 'expression' },
  { path: metadata, part: 'metadata' },
  { path: ids, part: 'names' },
  { path: genePositions, part: 'genes' },
]

/** The checksums of the files, taken while `work` reads them. */
export async function withFingerprints<T>(
  named: readonly NamedSource[],
  hooks: ImportHooks,
  work: () => Promise<T>,
): Promise<{ data: T; sources: ImportedData['sources'] }> {
  const sources = fingerprints(named)
  try {
    const data = await work()
    hooks.progress('Checking the source', 1, 1)
    return { data, sources: await sources.all() }
  } finally {
    sources.stop()
  }
}

/** The choice in the names of the set of cells that was opened. */
export function inSource({ localKey }: OpenSource, choice: ImportChoice): ImportChoice {
  const local = (key: string | null): string | null => (key === null ? null : (localKey?.(key) ?? key))
  return { ...choice, representation: local(choice.representation), expression: local(choice.expression) }
}

/** Reads a source that is open. */
export async function readSource(source: OpenSource, file: Recognised, reading: Reading): Promise<Omit<ImportedData, 'sources'>> {
  const { genes, hooks, scratch, projectFolder } = reading
  const choice = inSource(source, reading.choice)
  hooks.progress('Looking into the file', 0, 1)
  const found = await survey(source, file, genes, choice)
  refuseUnanswered(found.stops, choice)
  const representation = chooseRepresentation(found.representations, choice.representation)
  refuseUnanswered(representation.stop ? [representation.stop] : [], choice)
  await refuseWithoutSpace(placesOf(source, found, representation, scratch.folder, projectFolder))
  return readChosen(source, found, representation, { ...reading, choice })
}

async function readChosen(
  source: OpenSource,
  found: Survey,
  representation: Representation,
  reading: Reading,
): Promise<Omit<ImportedData, 'sources'>> {
  const { choice, nearest = noPositions, hooks, scratch } = reading
  const expression = found.expression?.part ? found.expression : null
  const part = expression?.part ?? null
  const looked: Looked = { source, representation, expression, choice }
  const track = trackProgress(hooks, workOf(looked, found))
  const problems: Problem[] = [...found.problems, ...nearest.problems]
  const cells = await cellsWithoutGaps(looked, track, scratch, problems)
  const taking: Taking = { looked, found, cells, scratch, track, problems, hooks, spread: spreadFor(looked) }
  const names = cellNames(source, cells, choice, problems)
  if (names.length === 0) refuse('TOO_FEW_CELLS', { rows: 0, needed: fewestForTraining })
  const hash = hashOfNames(names)
  const stored = representation.part ? await takeRepresentation(taking, representation.part, hash) : null
  const filedMap = await takeMap(taking)
  const taken = expression && part && found.genes ? await takeExpression(taking, expression, part, found.genes) : null
  const rows = found.rowKind.kind === 'cells' ? null : mapRows(names, reading.genes, choice.genes)
  // What does not need the turned expression is taken while a thread turns it.
  const [used, beside] = await together(taken?.expression ?? null, takeBeside(taking, reading, { stored, taken, filedMap, hash }))
  return {
    ...beside,
    folder: scratch.folder,
    cellIds: scratch.writeTexts('cells', names),
    fingerprint: hash.digest('hex'),
    expression: used,
    rowGenes: rows?.genes ?? null,
    rowNames: rows && { species: rows.species, geneTable: rows.tableVersion },
    report: {
      ...reportOf(names.length, beside.representation.dims, used, found.genes, problems),
      ...(rows ? { mapped: { genes: rows.mapped, of: rows.genes.length }, names: rows.report } : {}),
      rowKind: found.rowKind.kind,
      countsFrom: beside.depth?.from ?? null,
      map: beside.map?.name ?? null,
    },
  }
}

interface Begun {
  readonly stored: NumberFile | null
  readonly taken: TakenExpression | null
  readonly filedMap: ImportedData['map']
  readonly hash: Hash
}

type Beside = Pick<ImportedData, 'representation' | 'columns' | 'map' | 'depth' | 'blocks'>

/** Axes that are computed wait for the expression. */
async function takeBeside(
  taking: Taking,
  { nearest = noPositions, choice, hooks, scratch }: Reading,
  { stored, taken, filedMap, hash }: Begun,
): Promise<Beside> {
  const { key, dims } = taking.looked.representation.info
  const representation = stored
    ? { key, dims, values: stored, loadings: await takeLoadings(taking) }
    : await computeAxes((await taken?.expression) ?? refuse('NO_REPRESENTATION'), taking, hash)
  const depth = taken?.depth ?? (await takeDepthBeside(taking))
  const blocks = await takeBlocks(taking, nearest)
  const columns = await takeColumns(taking)
  const { map, problems } = filedMap
    ? { map: filedMap, problems: [] }
    : await computedMap(representation, choice, quietUntil(hooks, taken?.expression), scratch)
  taking.problems.push(...problems)
  return { representation, columns, map, depth, blocks }
}

/** Two progresses at once would confuse: this one is heard when the other work has ended. */
function quietUntil(hooks: ImportHooks, other: Promise<unknown> | undefined): ImportHooks {
  let quiet = other !== undefined
  const ended = (): void => void (quiet = false)
  other?.then(ended, ended)
  return { ...hooks, progress: (phase, step, of) => (quiet ? undefined : hooks.progress(phase, step, of)) }
}

/** Both, or the first error, but only when neither is at work any more. */
async function together<A, B>(one: A | Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return Promise.all([one, other])
}

/** Stored values that will be read, for progress. */
function workOf({ choice, representation, expression }: Looked, found: Survey): number {
  const stored = expression?.part?.stored ?? 0
  const explained = representation.computed ? workOfAxes(stored) : (representation.part?.stored ?? 0)
  const beside = workOfDepth(found.expressions, found.expression) + workOfBlocks(found.expressions, found.expression)
  return workOfGaps(choice, [representation.part, expression?.part]) + explained + workOfExpression(stored) + beside
}

function reportOf(
  rows: number,
  dims: number,
  expression: ImportedExpression | null,
  names: GeneNames | null,
  problems: Problem[],
): Omit<ImportReport, 'rowKind' | 'countsFrom' | 'map'> {
  return {
    rows,
    dims,
    genes: expression?.genes.length ?? 0,
    verdict: expression?.verdict ?? null,
    matched: { both: rows, onlyFile: 0, onlyProject: 0 },
    mapped: { genes: expression ? (names?.mapped ?? 0) : 0, of: expression?.genes.length ?? 0 },
    names: expression && names ? names.report : null,
    problems,
  }
}
