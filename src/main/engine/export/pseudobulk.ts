// Expression summed over the cells of each sample, for tests that take donors as replicates (edgeR, DESeq2, limma): a table of genes ×
// samples and a second table that says what each sample is. Samples are donors, split by one latent (on, off) or by cell type.
import { basename, dirname, extname, join } from 'node:path'
import { refuse } from '../../base/refusal'
import { countsPerCell } from '../../science/normalise'
import { columnOfRole } from '../analysis/link-settings'
import type { Engine } from '../engine'
import { writeRows } from './csv'

interface Samples {
  readonly donorName: string
  readonly stateName: string
  /** Samples that have cells. */
  readonly list: readonly { readonly donor: string; readonly state: string; readonly cells: number }[]
  /** Sample of each cell, −1 = none. */
  readonly ofCell: Int32Array
}

interface Written {
  readonly path: string
  readonly bytes: number
}

/**
 * Writes sums of counts where the stored log values give them back, else of counts per 10,000 of a cell; the table of samples says which.
 * @param latent splits each donor into cells in which it is on and off; null splits by cell type
 * @throws Refusal FOLDER_NOT_FOUND, NO_EXPRESSION, NEEDS_LOG_VALUES, USAGE without donors and cell types
 */
export async function writePseudobulk(engine: Engine, run: number, latent: number | null, path: string): Promise<Written[]> {
  const { expression, logScale, scale } = engine.dataset
  if (expression === null) refuse('NO_EXPRESSION')
  if (!logScale) refuse('NEEDS_LOG_VALUES', { what: 'Pseudobulk', found: scale ?? 'other values' })
  const samples = samplesOf(engine, run, latent)
  const sheet = join(dirname(path), `${basename(path, extname(path))}-samples${extname(path)}`)
  const head = ['sample', samples.donorName, samples.stateName, 'cells', 'values']
  const unit = countUnits(engine)
  const values = unit
    ? 'sum over cells of counts'
    : `sum over cells of counts per 10,000 (${scale ?? 'log values'}); no counts: for limma on log values, not for edgeR or DESeq2`
  const rows = samples.list.map(({ donor, state, cells }, at) => [sampleName(at), donor, state, cells, values])
  return [await writeRows(path, geneRows(engine, samples, unit)), await writeRows(sheet, [head, ...rows])]
}

const sampleName = (at: number): string => `S${at + 1}`

function samplesOf(engine: Engine, run: number, latent: number | null): Samples {
  const { project } = engine
  const donor = columnOfRole(project, 'donor') ?? columnOfRole(project, 'batch')
  const type = latent === null ? columnOfRole(project, 'cell-type') : null
  if (!donor && !type && latent === null)
    refuse('USAGE', { what: 'Pseudobulk needs a donor or cell-type column, or a feature (--id) to split the cells by.' })
  const rows = engine.dataset.rows
  const donors = donor ? project.dataset.codes(donor) : new Int32Array(rows)
  const states = latent === null ? (type ? project.dataset.codes(type) : new Int32Array(rows)) : onOff(engine, run, latent)
  const donorNames = donor?.levels ?? ['all']
  const stateNames = latent === null ? (type?.levels ?? ['all']) : ['off', 'on']
  const counts = new Uint32Array(donorNames.length * stateNames.length)
  const pairOf = (cell: number): number => {
    const [a, b] = [donors[cell] as number, states[cell] as number]
    return a < 0 || b < 0 ? -1 : a * stateNames.length + b
  }
  for (let cell = 0; cell < rows; cell++) if (pairOf(cell) >= 0) counts[pairOf(cell)] = (counts[pairOf(cell)] as number) + 1
  const kept = Array.from(counts.keys()).filter((pair) => (counts[pair] as number) > 0)
  const placeOf = new Map(kept.map((pair, at) => [pair, at]))
  return {
    donorName: donor?.name ?? 'donor',
    stateName: latent === null ? (type?.name ?? 'cell_type') : `F${latent}`,
    list: kept.map((pair) => ({
      donor: donorNames[Math.floor(pair / stateNames.length)] ?? '',
      state: stateNames[pair % stateNames.length] ?? '',
      cells: counts[pair] as number,
    })),
    ofCell: Int32Array.from({ length: rows }, (_, cell) => placeOf.get(pairOf(cell)) ?? -1),
  }
}

function onOff(engine: Engine, run: number, latent: number): Int32Array {
  const states = new Int32Array(engine.dataset.rows)
  for (const cell of engine.project.runs.activationOf(run, latent).indices) states[cell] = 1
  return states
}

/**
 * Counts that one normalised unit of each cell stands for (its total / 10,000), when all values of the matrix then are whole numbers; null
 * when they are not: the data came without counts, or the log values were made from more or other genes than the totals.
 */
function countUnits({ project }: Engine): Float64Array | null {
  const depth = project.dataset.parts.depth()
  if (!depth) return null
  const unit = Float64Array.from(depth.total, (total) => total / countsPerCell)
  for (const { indices, values } of project.dataset.geneBlocks()) {
    for (let at = 0; at < values.length; at++) {
      const count = Math.expm1(values[at] as number) * (unit[indices[at] as number] as number)
      // Single precision of the stored logarithm leaves up to a millionth of the count.
      if (Math.abs(count - Math.round(count)) > 0.01 + 2e-6 * count) return null
    }
  }
  return unit
}

function* geneRows(engine: Engine, { list, ofCell }: Samples, unit: Float64Array | null): Generator<(string | number)[]> {
  yield ['gene', ...list.map((_, at) => sampleName(at))]
  const genes = engine.project.dataset.genes()
  for (const block of engine.project.dataset.geneBlocks()) {
    const start = block.indptr[0] as number
    for (let gene = block.from; gene < block.to; gene++) {
      const sums = new Float64Array(list.length)
      const end = (block.indptr[gene - block.from + 1] as number) - start
      for (let at = (block.indptr[gene - block.from] as number) - start; at < end; at++) {
        const cell = block.indices[at] as number
        const sample = ofCell[cell] as number
        if (sample < 0) continue
        const value = Math.expm1(block.values[at] as number)
        sums[sample] = (sums[sample] as number) + (unit ? Math.round(value * (unit[cell] as number)) : value)
      }
      yield [genes[gene]?.name ?? '', ...sums]
    }
  }
}
