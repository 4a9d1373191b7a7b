// Takes the expression of a file into the scratch folder in one pass: by cell, by gene, with what the scale needs.
// Invariant: memory is bounded by a few blocks; the values stay those of the file, the scale of the statistics is a change on top.
import type { Problem } from '@contract'
import type { Csr, RowStream } from '../../base/sparse'
import { changeRows, depthFactors } from '../../science/normalise'
import type { SpreadOfGenes } from '../../science/variable-genes'
import type { Scratch } from '../scratch/folder'
import { rowsOf } from '../scratch/paged'
import { TwoWayWriter } from '../scratch/two-ways'
import { DepthWriter, type Depth } from './depth'
import { chooseExpression, onScale, type Expression } from './expressions'
import type { GeneNames } from './gene-names'
import type { ImportedExpression } from './imported-data'
import { Gaps, keepBlock, refuseGaps, type Looked } from './kept-cells'
import { info } from './problems'
import type { MatrixPart } from './source-reader'
import type { Survey } from './survey'
import type { ImportHooks, Tracker } from './tracker'

export interface Taking {
  readonly looked: Looked
  readonly found: Survey
  /** The cells to keep, or null for all. */
  readonly cells: Uint32Array | null
  readonly scratch: Scratch
  readonly track: Tracker
  readonly problems: Problem[]
  readonly hooks: ImportHooks
  /** Where the most variable genes are wanted. */
  readonly spread: SpreadOfGenes | null
}

/** Turning costs about as much as reading; this share of the reading is told as progress for it. */
const turningShare = 0.5

/** Work of `takeExpression` in stored values, for progress. */
export const workOfExpression = (stored: number): number => stored * (1 + turningShare)

export interface TakenExpression {
  /** Complete when it is turned, which a thread does meanwhile. */
  readonly expression: Promise<ImportedExpression>
  /** Of the cells, where the values are counts. */
  readonly depth: Depth | null
}

/** Reads all of it and begins to turn it. Refuses with MISSING_EXPRESSION, or CANCELLED. */
export async function takeExpression(
  taking: Taking,
  expression: Expression,
  part: MatrixPart,
  names: GeneNames,
): Promise<TakenExpression> {
  const { looked, cells, scratch, track, hooks, spread } = taking
  track.phase('Reading the expression')
  const { change, scale, logScale } = onScale(expression.judgement)
  const writer = new TwoWayWriter(scratch, { byRow: 'by-cell', byColumn: 'by-gene' }, part.columns)
  const factors = change === 'log1p' ? scratch.writer('factors', 'f64') : null
  const perCell = scratch.writer('detected', 'u32')
  const depth = expression.judgement.verdict === 'counts' ? new DepthWriter(scratch, expression.info.key) : null
  const gaps = new Gaps()
  for await (const { start, matrix } of part.blocks((read) => track.advance(read), scratch)) {
    const kept = keepBlock(start, matrix, cells)
    const totals = await writer.add(kept)
    const finite = totals.every(Number.isFinite)
    if (!finite) gaps.add(start, kept)
    const factorOf = depthFactors(totals)
    factors?.add(factorOf)
    spread?.add(kept, change, factorOf)
    perCell.add(storedPerRow(kept))
    depth?.add(kept, finite ? totals : undefined)
    hooks.pages?.({ by: 'cell', pages: writer.freshRows() })
  }
  refuseGaps(looked, null, gaps)
  track.phase('Preparing the expression')
  const written = { change, scale, logScale, detected: perCell.end(), factors: factors?.end() ?? null }
  const turned = writer.end((values, pages) => {
    hooks.pages?.({ by: 'gene', pages })
    return track.advance(values * turningShare)
  })
  const complete = async (): Promise<ImportedExpression> => {
    const { byRow, byColumn, storedPerColumn } = await turned
    const { verdict } = expression.judgement
    const seen = verdict === 'scaled' ? await detectedElsewhere(taking, names) : storedPerColumn
    return {
      ...written,
      key: expression.info.key,
      verdict,
      verdictSaid: looked.choice.verdict != null,
      genes: names.genes.map((gene, column) => ({ ...gene, detectedCells: seen[column] ?? 0 })),
      species: names.species,
      geneTable: names.tableVersion,
      byCell: byRow,
      byGene: byColumn,
    }
  }
  return { expression: complete(), depth: depth?.end() ?? null }
}

const storedPerRow = ({ rows, indptr }: Csr): Uint32Array =>
  Uint32Array.from({ length: rows }, (_, row) => (indptr[row + 1] as number) - (indptr[row] as number))

/** Expression on the scale of the statistics, as often as it is gone through. */
export function streamOf(
  { byCell, change, factors }: Pick<ImportedExpression, 'byCell' | 'change' | 'factors'>,
  scratch: Scratch,
): RowStream {
  const { rows, columns, stored } = byCell
  const all = factors && new Float64Array(scratch.read(factors))
  return {
    rows,
    columns,
    stored,
    *blocks(): Generator<Csr> {
      for (const { start, matrix } of rowsOf(scratch, byCell)) {
        changeRows(matrix, change, all && all.subarray(start, start + matrix.rows))
        yield matrix
      }
    },
  }
}

/** Z-scores do not say where a gene was seen; the raw matrix of the same genes does, when there is one. */
async function detectedElsewhere(taking: Taking, names: GeneNames): Promise<Uint32Array> {
  const { found, looked, cells, scratch, track, problems } = taking
  const raw = chooseExpression(
    found.expressions.filter((each) => each.info.key === 'raw/X'),
    found.expressions.some((each) => each.info.key === 'raw/X') ? 'raw/X' : 'none',
  )
  if (raw?.part) {
    const seen = new Uint32Array(raw.part.columns)
    for await (const { start, matrix } of raw.part.blocks(() => track.advance(0), scratch)) {
      for (const column of keepBlock(start, matrix, cells).indices) seen[column] = (seen[column] ?? 0) + 1
    }
    const placeOf = new Map(raw.source.genes.index.map((name, column) => [name, column]))
    return Uint32Array.from(names.genes, (gene) => seen[placeOf.get(gene.name) ?? -1] ?? 0)
  }
  const message = 'Z-scores do not show in which cells a gene was seen, so every gene counts as seen.'
  problems.push(info('DETECTION_UNKNOWN', message, 'Keep the counts in the file to have a background of detected genes.'))
  return new Uint32Array(names.genes.length).fill(cells?.length ?? looked.source.cells.rows)
}
