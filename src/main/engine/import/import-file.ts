// Reads the chosen parts of a file into memory, checked and on the scales the statistics use.
// Invariant: a stop that the choice does not answer refuses before anything large is read; nothing is written here.
import type { ImportChoice, ImportReport, Problem } from '@contract'
import { refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import { computeAxes, workOfAxes } from './computed-axes'
import { chooseExpression, onScale, type Expression } from './expressions'
import { refuseUnanswered, stopOf } from './findings'
import { fingerprint } from './fingerprint'
import type { GeneResolver } from './gene-resolver'
import type { GeneNames } from './gene-names'
import type { ImportedData, ImportedExpression } from './imported-data'
import { nothingBeside, withJoined, type FilesBeside } from './join'
import { keepCells } from './metadata'
import { counted, examples, info, plural } from './problems'
import type { Recognised } from './recognise'
import { chooseRepresentation, type Representation } from './representations'
import { keepRows } from './rows'
import { missingIn, rowsWithMissing } from './sampling'
import type { OpenSource } from './source-reader'
import { fewestForTraining, survey, type Survey } from './survey'
import { trackProgress, type ImportHooks, type Tracker } from './tracker'

/**
 * Everything the project stores. Refuses with the codes of the inspection's stops that `choice` does not answer, with CHOICE_UNKNOWN
 * for parts that are not there, with CANCELLED when the hooks say so.
 */
export function readForImport(
  path: string,
  choice: ImportChoice,
  genes: GeneResolver,
  hooks: ImportHooks,
  beside: FilesBeside = nothingBeside,
): Promise<ImportedData> {
  return withJoined(path, beside, genes, async (source, file, matched) => {
    hooks.progress('Looking into the file', 0, 1)
    const found = await survey(source, file, genes, choice)
    refuseUnanswered(found.stops, choice)
    const representation = chooseRepresentation(found.representations, choice.representation)
    refuseUnanswered(representation.stop ? [representation.stop] : [], choice)
    const data = await readChosen({ source, file, found, representation, choice, hooks })
    return matched ? { ...data, report: { ...data.report, matched } } : data
  })
}

interface Plan {
  readonly source: OpenSource
  readonly file: Recognised
  readonly found: Survey
  readonly representation: Representation
  readonly choice: ImportChoice
  readonly hooks: ImportHooks
}

async function readChosen({ source, file, found, representation, choice, hooks }: Plan): Promise<ImportedData> {
  const expression = found.expression?.part ? found.expression : null
  const part = expression?.part ?? null
  const toCompute = representation.computed ? workOfAxes(part?.stored ?? 0) : 0
  const track = trackProgress(hooks, file.bytes / 8 + (representation.part?.stored ?? toCompute) + (part?.stored ?? 0))
  const problems: Problem[] = [...found.problems]
  track.phase('Reading the representation')
  const values = (await representation.part?.readDense((read) => track.advance(read))) ?? null
  track.phase('Reading the expression')
  const matrix = part ? await part.readSparse((read) => track.advance(read)) : null
  const cells = cellsToKeep({
    values,
    dims: representation.info.dims,
    key: representation.info.key,
    matrix,
    expression,
    choice,
    source,
    problems,
  })
  const map = await readMap(found, cells, track, problems)
  track.phase('Checking the source')
  const sourceSha256 = await fingerprint(file.path, (bytes) => track.advance(bytes / 8))
  track.phase('Preparing the expression')
  const kept = matrix && cells ? keepRows(matrix, cells) : matrix
  const imported =
    expression && kept && found.genes ? await prepared(expression, kept, found, found.genes, track, problems) : null
  const cellIds = uniqueNames(source, cells, choice, problems)
  const explained = await toExplain(representation, values, cells, imported, track)
  return {
    sourceName: file.fileName,
    sourceBytes: file.bytes,
    sourceSha256,
    cellIds,
    representation: explained,
    expression: imported,
    columns: found.columns.map((column) => (cells ? keepCells(column, cells) : column)),
    map,
    report: reportOf(cellIds.length, explained.dims, imported, found.genes, problems),
  }
}

/** The representation of the cells kept: as read, or computed from their expression. */
async function toExplain(
  { info: { key, dims } }: Representation,
  values: Float32Array | null,
  cells: Uint32Array | null,
  expression: ImportedExpression | null,
  track: Tracker,
): Promise<ImportedData['representation']> {
  if (values) return { key, dims, values: keepDense(values, dims, cells) }
  if (!expression) return refuse('NO_REPRESENTATION')
  track.phase('Computing principal components')
  return computeAxes(expression, track)
}

interface MissingCheck {
  /** Null when the representation is yet to be computed. */
  readonly values: Float32Array | null
  readonly dims: number
  readonly key: string
  readonly matrix: Csr | null
  readonly expression: Expression | null
  readonly choice: ImportChoice
  readonly source: OpenSource
  readonly problems: Problem[]
}

/** Rows without missing numbers, or null for all; the survey may have sampled, so everything is checked again here. */
function cellsToKeep({ values, dims, key, matrix, expression, choice, source, problems }: MissingCheck): Uint32Array | null {
  const rows = source.cells.rows
  const inRepresentation = values ? rowsWithMissing(values, dims) : []
  const inExpression = matrix ? missingIn(matrix) : { values: 0, rows: [], columns: [] }
  const nameOf = (cell: number): string => source.cells.index[cell] ?? String(cell)
  const stops = []
  if (inRepresentation.length > 0) {
    const details = { count: inRepresentation.length, part: key, examples: examples(inRepresentation.map(nameOf)) }
    stops.push(stopOf('MISSING_NUMBERS', details, 'dropMissing'))
  }
  const genes = inExpression.columns.map((column) => expression?.source.genes.index[column] ?? String(column))
  const missing = stopOf(
    'MISSING_EXPRESSION',
    { count: inExpression.values, part: expression?.info.key ?? '', examples: examples(genes) },
    'dropMissing',
  )
  if (inExpression.values > 0) stops.push(missing)
  refuseUnanswered(stops, choice)
  const left = new Set([...inRepresentation, ...inExpression.rows])
  if (left.size === 0) return null
  if (left.size === rows) {
    // Leaving out cells cannot answer a gap in every cell.
    refuseUnanswered(
      stops.map((stop) => ({ ...stop, answeredBy: null })),
      choice,
    )
  }
  const message = `${plural(left.size, 'cell')} with missing numbers left out (${examples([...left].map(nameOf))}); ${plural(rows - left.size, 'cell')} remain.`
  problems.push(info('CELLS_LEFT_OUT', message, 'Nothing needs to be done.'))
  return Uint32Array.from({ length: rows }, (_, cell) => cell).filter((cell) => !left.has(cell))
}

function keepDense(values: Float32Array, width: number, rows: Uint32Array | null): Float32Array {
  if (!rows) return values
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, to) => out.set(values.subarray(row * width, (row + 1) * width), to * width))
  return out
}

/** The preferred map that has a place for every cell. */
async function readMap(
  found: Survey,
  cells: Uint32Array | null,
  track: Tracker,
  problems: Problem[],
): Promise<ImportedData['map']> {
  for (const map of found.maps) {
    const part = map.found.part
    if (!part) continue
    const xy = keepDense(await part.readDense(() => track.advance(0)), 2, cells)
    if (rowsWithMissing(xy, 2).length === 0) return { name: map.key.replace(/^obsm\//, ''), xy }
    problems.push(
      info('MAP_INCOMPLETE', `The map ${map.key} has no place for some cells and is not used.`, 'Nothing needs to be done.'),
    )
  }
  return null
}

async function prepared(
  expression: Expression,
  matrix: Csr,
  found: Survey,
  names: GeneNames,
  track: Tracker,
  problems: Problem[],
): Promise<ImportedExpression> {
  const { verdict } = expression.judgement
  const detected = verdict === 'scaled' ? await detectedElsewhere(found, matrix, names, track, problems) : storedPerColumn(matrix)
  await track.advance(0)
  const scaled = onScale(matrix, expression.judgement)
  return {
    key: expression.info.key,
    verdict,
    scale: scaled.scale,
    logScale: scaled.logScale,
    matrix: scaled.matrix,
    genes: names.genes.map((gene, column) => ({ ...gene, detectedCells: detected[column] ?? 0 })),
    species: names.species,
    geneTable: names.tableVersion,
  }
}

function storedPerColumn(matrix: Csr): Uint32Array {
  const counts = new Uint32Array(matrix.columns)
  for (const column of matrix.indices) counts[column] = (counts[column] ?? 0) + 1
  return counts
}

/** Z-scores do not say where a gene was seen; the raw matrix of the same genes does, when there is one. */
async function detectedElsewhere(
  found: Survey,
  matrix: Csr,
  names: GeneNames,
  track: Tracker,
  problems: Problem[],
): Promise<Uint32Array> {
  const raw = chooseExpression(
    found.expressions.filter((each) => each.info.key === 'raw/X'),
    found.expressions.some((each) => each.info.key === 'raw/X') ? 'raw/X' : 'none',
  )
  if (raw?.part) {
    const seen = storedPerColumn(await raw.part.readSparse(() => track.advance(0)))
    const placeOf = new Map(raw.source.genes.index.map((name, column) => [name, column]))
    return Uint32Array.from(names.genes, (gene) => seen[placeOf.get(gene.name) ?? -1] ?? 0)
  }
  const message = 'Z-scores do not show in which cells a gene was seen, so every gene counts as seen.'
  problems.push(info('DETECTION_UNKNOWN', message, 'Keep the counts in the file to have a background of detected genes.'))
  return new Uint32Array(matrix.columns).fill(matrix.rows)
}

function uniqueNames(source: OpenSource, cells: Uint32Array | null, choice: ImportChoice, problems: Problem[]): string[] {
  const names = cells ? Array.from(cells, (cell) => source.cells.index[cell] ?? String(cell)) : [...source.cells.index]
  if (!choice.renameDuplicates) return names
  const used = new Set(names)
  const seen = new Set<string>()
  let renamed = 0
  const unique = names.map((name) => {
    let fresh = name
    if (seen.has(name)) {
      for (let number = 1; used.has(fresh); number++) fresh = `${name}-${number}`
      renamed++
    }
    seen.add(fresh)
    used.add(fresh)
    return fresh
  })
  if (renamed > 0)
    problems.push(
      info(
        'CELLS_RENAMED',
        `${counted(renamed)} repeated cell names got a number added (-1, -2 …).`,
        'Nothing needs to be done.',
      ),
    )
  return unique
}

function reportOf(
  rows: number,
  dims: number,
  expression: ImportedExpression | null,
  names: GeneNames | null,
  problems: Problem[],
): ImportReport {
  if (rows === 0) refuse('TOO_FEW_CELLS', { rows, needed: fewestForTraining })
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
