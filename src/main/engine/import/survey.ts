// The whole look into an open source: what is in it, what would be taken, what stands in the way.
// Invariant: inspection and import see the same survey, so the review never promises what the import refuses.
import type { ImportChoice, Problem, RowGuess } from '@contract'
import { refuse } from '../../base/refusal'
import { withComputedAxes } from './computed-axes'
import { textAt } from './combine/subset'
import { chooseExpression, expressionFindings, surveyExpressions, type Expression } from './expressions'
import { stopOf, type Stop } from './findings'
import type { GeneResolver } from './gene-resolver'
import { nameGenes, type GeneNames } from './gene-names'
import type { ImportedColumn } from './imported-data'
import { importedColumns } from './metadata'
import { counted, examples, info, warning } from './problems'
import type { Recognised } from './recognise'
import { surveyRepresentations, type Representation } from './representations'
import { assignRoles } from './roles'
import { mapRows, rowKindOf } from './row-kind'
import { withVerdict } from './said-verdict'
import type { EmbeddingSource, Frame, OpenSource } from './source-reader'

/** Fewer cells than this can be looked at and stored, but not trained on. */
export const fewestForTraining = 50

export interface Survey {
  readonly rowKind: RowGuess
  readonly representations: readonly Representation[]
  readonly expressions: readonly Expression[]
  /** The matrix that would be or was chosen. */
  readonly expression: Expression | null
  readonly genes: GeneNames | null
  /** The genes of the rows; null where rows are cells. */
  readonly rowGenes: GeneNames | null
  readonly columns: readonly ImportedColumn[]
  readonly maps: readonly EmbeddingSource[]
  readonly problems: readonly Problem[]
  /** Stops other than those of the representation. */
  readonly stops: readonly Stop[]
}

export const suggestions: ImportChoice = {
  representation: null,
  expression: null,
  roles: {},
  dropMissing: false,
  renameDuplicates: false,
}

/** Looks at everything once; `choice` decides which parts the problems speak about. */
export async function survey(
  source: OpenSource,
  file: Recognised,
  resolver: GeneResolver,
  choice: ImportChoice,
): Promise<Survey> {
  checkColumns(source, choice)
  const rowKind = rowKindOf(source.cells, resolver, choice.rowKind ?? null)
  const stored = await surveyRepresentations(source)
  const judged = await surveyExpressions(source)
  const problems: Problem[] = [...nameProblem(file, source), ...source.problems, ...rowKindNote(rowKind)]
  const { expressions, expression } = saidVerdict(judged, choose(judged, choice, rowKind), choice, problems)
  const representations = withComputedAxes(stored, expression)
  const genes = expression && nameGenes(geneFrame(expression.source.genes, choice.geneColumn ?? null), resolver, choice.genes)
  const rowGenes = rowKind.kind === 'cells' ? null : mapRows(source.cells.index, resolver, choice.genes)
  const columns = assignRoles(importedColumns(source, columnsWithRole(choice), problems), choice.roles)
  const findings = expressionFindings(expressions, expression, choice.expression !== null || rowKind.kind !== 'cells')
  problems.push(
    ...findings.problems,
    ...(genes?.problems ?? []),
    ...(rowGenes?.problems ?? []),
    ...representationProblems(representations),
    ...sizeProblems(source),
  )
  const stops = [...source.stops, ...cellStops(source), ...findings.stops]
  return { rowKind, representations, expressions, expression, genes, rowGenes, columns, maps: mapsOf(source), problems, stops }
}

/** Rows that are genes need no expression; it is only taken when the user asks for it. */
const choose = (found: readonly Expression[], choice: ImportChoice, { kind }: RowGuess): Expression | null =>
  kind !== 'cells' && choice.expression === null ? null : chooseExpression(found, choice.expression)

function saidVerdict(
  found: readonly Expression[],
  chosen: Expression | null,
  { verdict }: ImportChoice,
  problems: Problem[],
): { expressions: readonly Expression[]; expression: Expression | null } {
  if (!chosen || verdict == null) return { expressions: found, expression: chosen }
  const said = withVerdict(chosen, verdict)
  problems.push(...said.problems)
  return { expressions: found.map((each) => (each === chosen ? said.expression : each)), expression: said.expression }
}

/** The genes named by the column that the user chose. */
function geneFrame(genes: Frame, column: string | null): Frame {
  if (column === null) return genes
  const found = genes.columns.find((each) => each.name === column)
  if (!found) {
    const known = genes.columns.map((each) => each.name).join(', ') || 'none'
    return refuse('CHOICE_UNKNOWN', { what: 'column of genes', key: column, known })
  }
  return { ...genes, index: genes.index.map((_, gene) => textAt(found.values, gene)), madeUp: false, columns: [] }
}

function rowKindNote({ kind, why }: RowGuess): Problem[] {
  if (kind === 'cells') return []
  const message = `Rows are taken as ${kind}. ${why} Features are then sets of ${kind}, and no expression is needed.`
  return [info('ROWS_ARE_FEATURES', message, 'If the rows are cells after all, say so (--rows cells).')]
}

const columnsWithRole = (choice: ImportChoice): string[] =>
  Object.keys(choice.roles).filter((name) => choice.roles[name] !== null)

function checkColumns(source: OpenSource, choice: ImportChoice): void {
  const known = source.cells.columns.map((column) => column.name)
  for (const name of Object.keys(choice.roles)) {
    if (!known.includes(name)) refuse('CHOICE_UNKNOWN', { what: 'cell column', key: name, known: known.join(', ') || 'none' })
  }
}

function nameProblem({ fileName }: Recognised, { description, endings }: OpenSource): Problem[] {
  const name = fileName.toLowerCase()
  if (endings.some((ending) => name.endsWith(ending))) return []
  const suffix = /\.[a-z0-9]+(?:\.gz)?$/.exec(name)?.[0] ?? 'nothing'
  const article = /^[aeiou]/i.test(description) ? 'an' : 'a'
  const message = `The name ends in ${suffix}, but the content is ${article} ${description}; it is read as that.`
  return [info('NAME_MISLEADS', message, `Nothing needs to be done; the name ending ${endings[0]} would be clearer.`)]
}

function representationProblems(representations: readonly Representation[]): Problem[] {
  return representations.flatMap(({ info: each, stop }) => {
    if (each.usable || stop === null || stop.error.code === 'SETTING_OUT_OF_RANGE') return []
    const message = stop.error.code === 'ROW_MISMATCH' ? `${each.key} has ${each.reason}.` : stop.error.message
    return [{ level: 'warning' as const, code: stop.error.code, message, remedy: stop.error.remedy }]
  })
}

function sizeProblems(source: OpenSource): Problem[] {
  const { rows, madeUp } = source.cells
  const problems: Problem[] = []
  if (madeUp && rows > 0) {
    const message = `The cells have no names in this file; they are called ${source.cells.index.slice(0, 2).join(', ')} ….`
    // An array never holds names, so there is nothing wrong with this one.
    const named = source.columnsAre === 'dimension' ? info : warning
    problems.push(named('NO_CELL_NAMES', message, 'To keep the real names, use a file that holds them beside the numbers.'))
  }
  if (rows > 0 && rows < fewestForTraining) {
    const message = `Only ${counted(rows)} cells: they can be looked at, but training needs at least ${fewestForTraining}.`
    problems.push(warning('TOO_FEW_CELLS', message, 'Use a data set with more cells.'))
  }
  return problems
}

function cellStops(source: OpenSource): Stop[] {
  const { index, rows } = source.cells
  if (rows === 0) return [stopOf('TOO_FEW_CELLS', { rows: 0, needed: fewestForTraining })]
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const name of index) (seen.has(name) ? repeated : seen).add(name)
  if (repeated.size === 0) return []
  return [stopOf('DUPLICATE_IDS', { count: repeated.size, examples: examples([...repeated]) }, 'renameDuplicates')]
}

const mapKinds: readonly RegExp[] = [/umap/i, /t-?sne/i, /./]

/** Two-dimensional parts for drawing, the preferred one first. */
function mapsOf(source: OpenSource): EmbeddingSource[] {
  const flat = source.embeddings.filter((each) => each.dims === 2 && each.rows === source.cells.rows && each.found.part !== null)
  const rank = (each: EmbeddingSource): number => mapKinds.findIndex((kind) => kind.test(each.key))
  return flat
    .map((each, at) => ({ each, at }))
    .sort((a, b) => rank(a.each) - rank(b.each) || a.at - b.at)
    .map(({ each }) => each)
}
