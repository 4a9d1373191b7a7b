// The look into a file before anything is imported: the data of the review screen and of the verb `inspect`.
// Invariant: bounded reading (small parts whole, large ones sampled), and nothing is written anywhere.
import type { GeneReport, ImportChoice, Inspection, Problem } from '@contract'
import { appError } from '@contract'
import { version } from '../../../../package.json'
import { estimateOf, sized } from './estimate'
import { blocksOf } from './feature-blocks'
import { inSource } from './import-file'
import { asProblem, stopProblem } from './findings'
import type { GeneResolver } from './gene-resolver'
import { nothingBeside, withJoined, type FilesBeside } from './join'
import { metadataInfo, shownValue } from './metadata'
import { plural, warning } from './problems'
import { reportText } from './report-text'
import type { Recognised } from './recognise'
import type { OpenSource } from './source-reader'
import { suggestions, survey, type Survey } from './survey'

const previewRows = 8
const previewColumns = 4
const previewNumbers = 3
const shownLetters = 80
const featureExamples = 3
const noGenes: GeneReport = {
  mapped: 0,
  of: 0,
  byAlias: 0,
  unmapped: [],
  species: 'unknown',
  speciesSure: false,
  speciesShares: [],
  table: null,
  methods: [],
  ambiguous: [],
  foreign: 0,
  repeated: 0,
  kinds: [],
  biotypes: [],
  cloneNames: 0,
}

/** What the file and those beside it hold and what would be imported; refuses only when they cannot be looked into or joined at all. */
export function inspectFile(
  path: string,
  genes: GeneResolver,
  beside: FilesBeside = nothingBeside,
  choice: ImportChoice = suggestions,
): Promise<Inspection> {
  const look = async (source: OpenSource, file: Recognised): Promise<Inspection> => {
    const found = await survey(source, file, genes, inSource(source, choice))
    const { rows } = source.cells
    const representation = found.representations.find((each) => each.info.suggested) ?? null
    const estimate = estimateOf(source, file, found, representation)
    const whole = {
      kind: source.kind,
      description: `${source.description}, ${plural(rows, found.rowKind.kind.slice(0, -1))} × ${plural(source.columns, source.columnsAre)}`,
      fileName: file.fileName,
      bytes: file.bytes,
      rows,
      columns: source.columns,
      representations: found.representations.map((each) => each.info),
      expression: found.expressions.map((each) => each.info),
      metadata: found.columns.map(metadataInfo),
      maps: found.maps.map((map) => map.key),
      genes: (found.rowGenes ?? found.genes)?.report ?? noGenes,
      preview: await preview(source, found),
      problems: inspectionProblems(found, memoryNote(estimate)),
      rowKind: found.rowKind,
      geneColumns: found.rowGenes ? [] : (found.expression?.source.genes.columns.map((column) => column.name) ?? []),
      features: further(found),
      estimate,
    }
    return { ...whole, report: reportText(whole, version) }
  }
  return withJoined(path, beside, genes, look, choice)
}

/** Kinds of features beside the expression that would be used. */
const further = (found: Survey): Inspection['features'] =>
  blocksOf(found.expressions, found.expression).map(({ source, info }) => ({
    key: info.key,
    type: source.featureType ?? '',
    features: info.columns,
    verdict: info.verdict,
    examples: source.genes.index.slice(0, featureExamples),
  }))

function memoryNote({ memoryBytes, free }: Inspection['estimate']): Problem[] {
  if (free.memoryBytes === null || memoryBytes <= free.memoryBytes) return []
  const message = `The import needs about ${sized(memoryBytes)} of memory, but only ${sized(free.memoryBytes)} are free.`
  return [warning('MEMORY_SHORT', message, 'Close other programs, or take only some of the cells (--cells COLUMN=VALUE).')]
}

/** Stops first, then warnings, then infos. */
function inspectionProblems(found: Survey, notes: readonly Problem[]): Problem[] {
  const stops = found.stops.map(stopProblem)
  const suggested = found.representations.find((each) => each.info.suggested)
  if (!suggested) stops.push(asProblem('stop', appError('NO_REPRESENTATION')))
  else if (suggested.stop) stops.push(stopProblem(suggested.stop))
  const order = ['stop', 'warning', 'info']
  return [...stops, ...notes, ...found.problems].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
}

async function preview(source: OpenSource, found: Survey): Promise<Inspection['preview']> {
  const count = Math.min(previewRows, source.cells.rows)
  const rows = Uint32Array.from({ length: count }, (_, row) => row)
  const shown = [...found.columns].sort((a, b) => Number(b.role !== null) - Number(a.role !== null)).slice(0, previewColumns)
  const representation = found.representations.find((each) => each.info.suggested)
  const numbers = representation?.part ? await representation.part.sample(rows) : null
  const expression = found.expression?.sample ?? null
  const geneNames = expression ? (found.genes?.genes.slice(0, previewNumbers).map((gene) => gene.name) ?? []) : []
  const dims = Math.min(previewNumbers, numbers?.columns ?? 0)
  const short = representation?.info.key.replace('obsm/', '') ?? ''
  const columns = [
    'cell',
    ...shown.map((column) => column.name),
    ...Array.from({ length: dims }, (_, dim) => `${short} ${dim + 1}`),
    ...geneNames,
  ]
  const table = Array.from(rows, (row) => [
    shortened(source.cells.index[row] ?? ''),
    ...shown.map((column) => shownValue(column, row)),
    ...Array.from({ length: dims }, (_, dim) => (numbers ? shownNumber(valueAt(numbers, row, dim)) : '–')),
    ...geneNames.map((_, gene) => (expression ? shownNumber(valueAt(expression, row, gene)) : '–')),
  ])
  return { columns, rows: table }
}

const shortened = (name: string): string => (name.length > shownLetters ? `${name.slice(0, shownLetters - 1)}…` : name)

const shownNumber = (value: number): string => (Number.isNaN(value) ? '–' : String(Number(value.toPrecision(4))))

function valueAt(
  matrix: { indptr: Float64Array; indices: Uint32Array; values: Float32Array },
  row: number,
  column: number,
): number {
  const end = matrix.indptr[row + 1] ?? 0
  for (let at = matrix.indptr[row] ?? 0; at < end; at++) if (matrix.indices[at] === column) return matrix.values[at] ?? 0
  return 0
}
