// 10x matrix folders (Cell Ranger 2 and 3, STARsolo, GEO with prefixes): matrix, features or genes, barcodes.
// Invariant: the shape of the matrix is compared with the lists of names before it is believed which way round it is.
import { limits, type Problem } from '@contract'
import { refuse } from '../../../base/refusal'
import { counted, info, warning } from '../problems'
import type { Recognised } from '../recognise'
import type { Frame, FrameColumn, OpenSource, SourceReader } from '../source-reader'
import { withSpill, type Spill } from '../spill'
import { recordsOf } from '../table/records'
import { textPieces } from '../table/text-pieces'
import { byFeatureType } from './feature-types'
import { readMatrixMarket } from './matrix-market'

export const tenxFolderReader: SourceReader = {
  kind: '10x-mtx',
  accepts: (file) => file.container === 'mtx',
  open: (file, _genes, work) => withSpill(async (spill) => work(await openFolder(file, spill))),
}

/** Id, symbol and type; what stands behind them is not used. */
const usedFields = 3
const manyDroplets = 300_000
const fewCounts = 50

async function openFolder(file: Recognised, spill: Spill): Promise<OpenSource> {
  const { features, barcodes } = file.beside ?? { features: null, barcodes: null }
  if (features === null || barcodes === null) {
    const missing = features === null ? 'features.tsv or genes.tsv' : 'barcodes.tsv'
    const looksLike = `it is a 10x matrix, but ${missing} is missing in its folder`
    return refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike })
  }
  const genes = await readLines(features, file.fileName)
  const cells = await readLines(barcodes, file.fileName)
  const problems: Problem[] = []
  const { matrix, totals } = await readMatrixMarket(
    { path: file.path, fileName: file.fileName, gzipped: file.path.toLowerCase().endsWith('.gz') },
    (rows, columns) => cellsAreColumns({ rows, columns }, { cells: cells.length, genes: genes.length }, file.fileName, problems),
    spill,
  )
  problems.push(...dropletNote(totals))
  const frame: Frame = {
    rows: cells.length,
    index: cells.map((fields) => fields[0] ?? ''),
    madeUp: false,
    columns: [],
    problems: [],
  }
  const expressions = byFeatureType(
    matrix.part('X', false),
    geneFrame(genes),
    genes.map((fields) => fields[2] ?? ''),
  )
  return {
    kind: '10x-mtx',
    description: '10x matrix folder',
    endings: ['', '.mtx', '.mtx.gz', '.tsv', '.tsv.gz'],
    columns: expressions[0]?.columns ?? 0,
    columnsAre: 'gene',
    cells: frame,
    embeddings: [],
    expressions,
    logRecorded: false,
    problems,
    stops: [],
    colours: () => null,
  }
}

async function readLines(path: string, fileName: string): Promise<string[][]> {
  const file = { path, fileName, gzipped: path.toLowerCase().endsWith('.gz') }
  const lines: string[][] = []
  for await (const { text } of recordsOf(textPieces(file, 'windows-1252'), fileName)) {
    lines.push(text.split('\t', usedFields).map((field) => Buffer.from(field, 'latin1').toString('utf8')))
    if (lines.length > limits.rows) refuse('PART_UNREADABLE', { part: fileName, why: `there are more than ${limits.rows} names` })
  }
  return lines
}

/** Genes × cells is the rule; the other way round is turned when only that fits the names. */
function cellsAreColumns(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  { cells, genes }: { readonly cells: number; readonly genes: number },
  file: string,
  problems: Problem[],
): boolean {
  if (rows === genes && columns === cells) return true
  if (rows === cells && columns === genes) {
    const message = `The matrix is ${counted(rows)} cells × ${counted(columns)} genes, the other way round than usual; the names show it.`
    // A second pass over the file asks again.
    if (!problems.some(({ code }) => code === 'MATRIX_TURNED')) {
      problems.push(info('MATRIX_TURNED', message, 'Nothing needs to be done.'))
    }
    return false
  }
  const shape = `the matrix has ${counted(rows)} rows and ${counted(columns)} columns`
  const why = `${shape}, but there are names for ${counted(genes)} genes and ${counted(cells)} barcodes`
  return refuse('FILE_DAMAGED', { file, why })
}

function geneFrame(lines: readonly (readonly string[])[]): Frame {
  const columns: FrameColumn[] = []
  const column = (at: number, name: string): void => {
    const texts = lines.map((fields) => fields[at] ?? null)
    if (texts.some((text) => text !== null)) columns.push({ name, values: { kind: 'text', texts } })
  }
  column(1, 'gene_symbols')
  column(2, 'feature_types')
  return { rows: lines.length, index: lines.map((fields) => fields[0] ?? ''), madeUp: false, columns, problems: [] }
}

/** The folder of all droplets is taken for the one of cells now and then. */
function dropletNote(totals: Float64Array): Problem[] {
  if (totals.length <= manyDroplets) return []
  const median = totals.toSorted()[Math.floor(totals.length / 2)] ?? 0
  if (median >= fewCounts) return []
  const message = `${counted(totals.length)} barcodes with a median of ${median} counts: this looks like the raw folder with empty droplets.`
  return [warning('RAW_DROPLETS', message, 'You probably want the folder filtered_feature_bc_matrix.')]
}
