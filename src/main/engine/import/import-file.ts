// Reads the chosen parts of a file into the scratch folder, checked and ready for the project.
// Invariants: a stop that the choice does not answer refuses before anything large is read; memory does not grow with the file;
// nothing is written outside the scratch folder.
import type { ImportChoice, ImportReport, Problem } from '@contract'
import { refuse } from '../../base/refusal'
import type { Scratch } from '../scratch/folder'
import { computeAxes, workOfAxes } from './computed-axes'
import { refuseUnanswered } from './findings'
import { fingerprints } from './fingerprint'
import type { GeneResolver } from './gene-resolver'
import type { GeneNames } from './gene-names'
import type { ImportedData, ImportedExpression } from './imported-data'
import { nothingBeside, withJoined, type FilesBeside } from './join'
import { cellsWithoutGaps, workOfGaps, type Looked } from './kept-cells'
import { chooseRepresentation, type Representation } from './representations'
import type { OpenSource } from './source-reader'
import { refuseWithoutSpace, spaceFor, type Place } from './space'
import { fewestForTraining, survey, type Survey } from './survey'
import { cellNames, hashOfNames, takeColumns, takeMap, takeRepresentation } from './take-cells'
import { takeExpression, workOfExpression, type Taking } from './take-expression'
import { trackProgress, type ImportHooks } from './tracker'

export interface ImportRequest {
  readonly path: string
  readonly choice: ImportChoice
  readonly beside?: FilesBeside
  /** Where the project is, to see whether its disk has room. */
  readonly projectFolder?: string
}

/**
 * Everything the project stores, as files of `scratch`. Refuses with the codes of the inspection's stops that the choice does not
 * answer, with CHOICE_UNKNOWN for parts that are not there, with DISK_SHORT, with CANCELLED when the hooks say so.
 */
export function readForImport(
  { path, choice, beside = nothingBeside, projectFolder }: ImportRequest,
  genes: GeneResolver,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<ImportedData> {
  return withJoined(path, beside, genes, async (source, file, matched) => {
    hooks.progress('Looking into the file', 0, 1)
    const found = await survey(source, file, genes, choice)
    refuseUnanswered(found.stops, choice)
    const representation = chooseRepresentation(found.representations, choice.representation)
    refuseUnanswered(representation.stop ? [representation.stop] : [], choice)
    await refuseWithoutSpace(placesOf(found, representation, scratch.folder, projectFolder))
    const sources = fingerprints([path, beside.expression, beside.metadata, beside.ids])
    try {
      const data = await readChosen({ source, found, representation, choice, hooks, scratch })
      const report = matched ? { ...data.report, matched } : data.report
      hooks.progress('Checking the source', 1, 1)
      return { ...data, report, sources: await sources.all() }
    } finally {
      sources.stop()
    }
  })
}

function placesOf(found: Survey, { info }: Representation, scratch: string, project: string | undefined): Place[] {
  const { part = null, judgement } = found.expression ?? {}
  const expression = part && judgement ? { stored: part.stored, dense: part.dense, verdict: judgement.verdict } : null
  const needed = spaceFor(info.rows, info.dims, found.columns.length, expression)
  const places = [{ folder: scratch, where: 'the cache folder', bytes: needed.scratch }]
  return project === undefined ? places : [{ folder: project, where: 'the project', bytes: needed.project }, ...places]
}

interface Plan {
  readonly source: OpenSource
  readonly found: Survey
  readonly representation: Representation
  readonly choice: ImportChoice
  readonly hooks: ImportHooks
  readonly scratch: Scratch
}

async function readChosen(plan: Plan): Promise<Omit<ImportedData, 'sources'>> {
  const { source, found, representation, choice, scratch } = plan
  const expression = found.expression?.part ? found.expression : null
  const part = expression?.part ?? null
  const looked: Looked = { source, representation, expression, choice }
  const toCompute = representation.computed ? workOfAxes(part?.stored ?? 0) : (representation.part?.stored ?? 0)
  const work = workOfGaps(choice, [representation.part, part]) + toCompute + workOfExpression(part?.stored ?? 0)
  const track = trackProgress(plan.hooks, work)
  const problems: Problem[] = [...found.problems]
  const cells = await cellsWithoutGaps(looked, track, scratch, problems)
  const taking: Taking = { looked, found, cells, scratch, track, problems }
  const names = cellNames(source, cells, choice, problems)
  if (names.length === 0) refuse('TOO_FEW_CELLS', { rows: 0, needed: fewestForTraining })
  const hash = hashOfNames(names)
  const stored = representation.part ? await takeRepresentation(taking, representation.part, hash) : null
  const map = await takeMap(taking)
  const taken = expression && part && found.genes ? await takeExpression(taking, expression, part, found.genes) : null
  const explained = stored
    ? { key: representation.info.key, dims: representation.info.dims, values: stored }
    : await computeAxes(taken ?? refuse('NO_REPRESENTATION'), track, scratch, hash)
  return {
    folder: scratch.folder,
    cellIds: scratch.writeTexts('cells', names),
    fingerprint: hash.digest('hex'),
    representation: explained,
    expression: taken,
    columns: await takeColumns(taking),
    map,
    report: reportOf(names.length, explained.dims, taken, found.genes, problems),
  }
}

function reportOf(
  rows: number,
  dims: number,
  expression: ImportedExpression | null,
  names: GeneNames | null,
  problems: Problem[],
): ImportReport {
  return {
    rows,
    dims,
    genes: expression?.genes.length ?? 0,
    verdict: expression?.verdict ?? null,
    matched: { both: rows, onlyFile: 0, onlyProject: 0 },
    mapped: { genes: expression ? (names?.mapped ?? 0) : 0, of: expression?.genes.length ?? 0 },
    problems,
  }
}
