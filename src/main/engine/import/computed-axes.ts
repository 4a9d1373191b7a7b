// The representation a file lacks, made from its expression: principal components of the log values on the most variable genes.
// Invariants: offered only where no embedding of the file can be taken, never taken unasked; the same file gives the same bytes.
import type { Hash } from 'node:crypto'
import { refuse } from '../../base/refusal'
import type { RowStream } from '../../base/sparse'
import { principalComponents, usualPasses, type PrincipalComponents } from '../../science/principal-components'
import { dispersionsOf, SpreadOfGenes, topGenes } from '../../science/variable-genes'
import type { Scratch } from '../scratch/folder'
import { chosenRows } from '../scratch/paged'
import { Turner } from '../scratch/turner'
import { onScale, type Expression } from './expressions'
import type { ImportedData, ImportedExpression } from './imported-data'
import { computedLoadings, writeLoadings, type ImportedLoadings } from './loadings'
import { counted } from './problems'
import type { Looked } from './kept-cells'
import type { Representation } from './representations'
import { sizesFor } from './row-keeper'
import { bytesOf } from './take-cells'
import { streamOf, type Taking } from './take-expression'

export const computedKey = 'pca'
const axesWanted = 50
const genesWanted = 2000
const fewestAxes = 3
const seed = 0
/** Variance of an axis below this share of the first one's is rounding. */
const emptyAxis = 1e-9

/** The representations of a file, with the one that can be computed where the file suggests none and holds expression. */
export function withComputedAxes(found: readonly Representation[], expression: Expression | null): readonly Representation[] {
  const part = expression?.part
  if (!part || found.some(({ info }) => info.suggested || info.key === computedKey)) return found
  const dims = Math.min(axesWanted, part.rows - 1, part.columns)
  if (dims < fewestAxes) return found
  const { verdict } = expression.judgement
  const logged = verdict !== 'scaled' && verdict !== 'unknown'
  const matrix = logged ? 'the log values' : expression.info.key
  const genes = logged && part.columns > genesWanted ? `the ${counted(genesWanted)} most variable genes` : 'all genes'
  const reason = `computed here: PCA of ${matrix}, ${dims} axes on ${genes}`
  const info = { key: computedKey, rows: part.rows, dims, usable: true, suggested: false, reason }
  return [...found, { info, part: null, computed: true, stop: null }]
}

/** Work of `computeAxes` in stored values of a matrix with `stored` of them, for progress. */
export const workOfAxes = (stored: number): number => stored * usualPasses

/** What tells the most variable genes, where axes are to be computed of these. */
export function spreadFor({ representation, expression }: Looked): SpreadOfGenes | null {
  const part = representation.computed ? expression?.part : null
  return part && expression && onScale(expression.judgement).logScale && part.columns > genesWanted
    ? new SpreadOfGenes(part.columns)
    : null
}

/**
 * Cells × axes (at most 50) of expression on the scale of the statistics; the key says how they were made. Throws CANCELLED through
 * `track`, SETTING_OUT_OF_RANGE where the cells differ in fewer than three directions. `hash` takes up what is written.
 */
export async function computeAxes(
  expression: ImportedExpression,
  { track, scratch, spread }: Taking,
  hash: Hash,
): Promise<ImportedData['representation']> {
  track.phase('Computing principal components')
  const { key } = expression
  const matrix = streamOf(expression, scratch)
  const breathe = (): Promise<void> => track.advance(0)
  await breathe()
  const genes = spread && topGenes(dispersionsOf(spread.end()), genesWanted)
  const kept = genes ? await reduced(expression, genes, scratch, breathe) : matrix
  const found = await principalComponents(kept, axesWanted, seed, (values) => track.advance(values))
  const largest = found.explainedVariance[0] ?? 0
  const dims = found.explainedVariance.filter((variance) => variance > emptyAxis * largest).length
  if (dims < fewestAxes) {
    refuse('SETTING_OUT_OF_RANGE', { setting: 'The number of axes of the PCA', range: `at least ${fewestAxes}`, value: dims })
  }
  const values = dims === found.axes ? found.scores : narrowed(found.scores, found.axes, dims)
  hash.update(bytesOf(values))
  const from = genes ? `${counted(genes.length)} variable genes` : `all ${counted(matrix.columns)} genes`
  const made = `${computedKey} of ${key}, ${dims} axes, ${from}, seed ${seed}`
  return {
    key: made,
    dims,
    values: scratch.write('representation', values),
    loadings: loadingsOf(found, dims, genes, matrix, scratch),
  }
}

/** Only some genes, kept in a scratch file: they are gone through several times, and are a fraction of all. */
async function reduced(
  { byGene, change, factors }: ImportedExpression,
  genes: Uint32Array,
  scratch: Scratch,
  breathe: () => Promise<void>,
): Promise<RowStream> {
  const cells = byGene.columns
  const turner = new Turner(scratch, scratch.freshName('variable-genes'), cells, sizesFor(cells))
  for (const block of chosenRows(scratch, byGene, genes)) {
    await turner.add(block)
    await breathe()
  }
  return streamOf({ byCell: (await turner.end(breathe)).file, change, factors }, scratch)
}

/** The weights of the genes the axes were made of. */
function loadingsOf(
  { components }: PrincipalComponents,
  dims: number,
  chosen: Uint32Array | null,
  { columns }: RowStream,
  scratch: Scratch,
): ImportedLoadings | null {
  const rows = new Int32Array(columns).fill(-1)
  if (chosen) chosen.forEach((gene, at) => (rows[gene] = at))
  else rows.forEach((_, gene) => (rows[gene] = gene))
  const width = chosen?.length ?? columns
  return writeLoadings(computedLoadings, dims, rows, (row, axis) => components[axis * width + row] as number, scratch)
}

function narrowed(scores: Float32Array, axes: number, dims: number): Float32Array {
  const values = new Float32Array((scores.length / axes) * dims)
  for (let cell = 0; cell * dims < values.length; cell++)
    values.set(scores.subarray(cell * axes, cell * axes + dims), cell * dims)
  return values
}
