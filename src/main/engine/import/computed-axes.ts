// The representation a file lacks, made from its expression: principal components of the log values on the most variable genes.
// Invariants: offered only where no embedding of the file can be taken, never taken unasked; the same file gives the same bytes.
import { refuse } from '../../base/refusal'
import { principalComponents, usualPasses } from '../../science/principal-components'
import { normalisedDispersions, topGenes } from '../../science/variable-genes'
import type { Expression } from './expressions'
import type { ImportedData, ImportedExpression } from './imported-data'
import { counted } from './problems'
import type { Representation } from './representations'
import { keepColumns } from './rows'
import type { Tracker } from './tracker'

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

/**
 * Cells × axes (at most 50) of expression that is on the scale of the statistics; the key says how they were made. Throws CANCELLED
 * through `track`, SETTING_OUT_OF_RANGE where the cells differ in fewer than three directions.
 */
export async function computeAxes(expression: ImportedExpression, track: Tracker): Promise<ImportedData['representation']> {
  const { matrix, logScale, key } = expression
  const choose = logScale && matrix.columns > genesWanted
  await track.advance(0)
  const genes = choose ? topGenes(normalisedDispersions(matrix), genesWanted) : null
  await track.advance(0)
  const kept = genes ? keepColumns(matrix, Array.from(genes)) : matrix
  const found = await principalComponents(kept, axesWanted, seed, (values) => track.advance(values))
  const largest = found.explainedVariance[0] ?? 0
  const dims = found.explainedVariance.filter((variance) => variance > emptyAxis * largest).length
  if (dims < fewestAxes) {
    refuse('SETTING_OUT_OF_RANGE', { setting: 'The number of axes of the PCA', range: `at least ${fewestAxes}`, value: dims })
  }
  const values = new Float32Array(matrix.rows * dims)
  for (let cell = 0; cell < matrix.rows; cell++) {
    values.set(found.scores.subarray(cell * found.axes, cell * found.axes + dims), cell * dims)
  }
  const from = genes ? `${counted(genes.length)} variable genes` : `all ${counted(matrix.columns)} genes`
  return { key: `${computedKey} of ${key}, ${dims} axes, ${from}, seed ${seed}`, dims, values }
}
