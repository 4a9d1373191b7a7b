// The most variable genes, as scanpy's highly_variable_genes finds them: by dispersion of log values ('seurat') or by
// variance beyond the trend of counts ('seurat_v3'). Invariants: pure; a matrix is only gone through in blocks; places come in ascending order; ties go to the earlier gene.
import { asStream, type Csr, type RowStream } from '../base/sparse'
import type { Work } from './gene-covariance'
import { localQuadratic } from './local-regression'
import type { ScaleChange } from './normalise'

const meanBins = 20
const span = 0.3
/** Variance below this share of the squared mean is rounding: the gene is constant. */
const constantBelow = 1e-24
/** The same as a share of the sum of squares, from which that of the mean was taken away. */
const constantInSums = 1e-12

export interface Spread {
  /** Per gene, over all cells, zeros included. */
  readonly mean: Float64Array
  /** With n − 1 in the denominator. */
  readonly variance: Float64Array
}

/** Mean and variance of each gene (column) of cells × genes, after `change` of each value; `change` must keep 0 at 0. Two passes. */
export async function spreadOfGenes(
  matrix: RowStream,
  change: (value: number) => number = (value) => value,
  work: Work = () => undefined,
): Promise<Spread> {
  const { rows } = matrix
  const mean = new Float64Array(matrix.columns)
  const variance = new Float64Array(matrix.columns)
  const stored = new Float64Array(matrix.columns)
  for (const { indices, values } of matrix.blocks()) {
    for (let at = 0; at < indices.length; at++) {
      const gene = indices[at] as number
      mean[gene] = (mean[gene] as number) + change(values[at] as number)
      stored[gene] = (stored[gene] as number) + 1
    }
    await work(indices.length)
  }
  for (let gene = 0; gene < mean.length; gene++) mean[gene] = (mean[gene] as number) / Math.max(1, rows)
  for (const { indices, values } of matrix.blocks()) {
    for (let at = 0; at < indices.length; at++) {
      const gene = indices[at] as number
      variance[gene] = (variance[gene] as number) + (change(values[at] as number) - (mean[gene] as number)) ** 2
    }
    await work(indices.length)
  }
  for (let gene = 0; gene < mean.length; gene++) {
    const zeros = (rows - (stored[gene] as number)) * (mean[gene] as number) ** 2
    const found = ((variance[gene] as number) + zeros) / Math.max(1, rows - 1)
    variance[gene] = found > constantBelow * (mean[gene] as number) ** 2 ? found : 0
  }
  return { mean, variance }
}

/** The same before any logarithm, from blocks of cells × genes as they come, in one pass and in double precision. */
export class SpreadOfGenes {
  /** Per gene the sum and the sum of squares. */
  private readonly sums: Float64Array
  private cells = 0

  constructor(genes: number) {
    this.sums = new Float64Array(2 * genes)
  }

  /** @param change how values of the file become log values @param factors one per cell of the block, for 'log1p' */
  add(block: Csr, change: ScaleChange, factors: Float64Array): void {
    const { sums } = this
    const { rows, indptr, indices, values } = block
    for (let cell = 0; cell < rows; cell++) {
      const end = indptr[cell + 1] as number
      const factor = factors[cell] ?? 0
      for (let at = indptr[cell] as number; at < end; at++) {
        const value = values[at] as number
        const linear = change === 'log1p' ? value * factor : change === 'ln2' ? 2 ** value - 1 : Math.expm1(value)
        const place = 2 * (indices[at] as number)
        sums[place] = (sums[place] as number) + linear
        sums[place + 1] = (sums[place + 1] as number) + linear * linear
      }
    }
    this.cells += rows
  }

  end(): Spread {
    const { sums, cells } = this
    const mean = Float64Array.from({ length: sums.length / 2 }, (_, gene) => (sums[2 * gene] as number) / Math.max(1, cells))
    const variance = mean.map((centre, gene) => {
      const squares = (sums[2 * gene + 1] as number) - cells * centre ** 2
      return squares > constantInSums * (sums[2 * gene + 1] as number) ? squares / Math.max(1, cells - 1) : 0
    })
    return { mean, variance }
  }
}

/** Normalised dispersions of log values, ln(1 + x), cells × genes. */
export async function normalisedDispersions(logValues: Csr | RowStream, work?: Work): Promise<Float64Array> {
  return dispersionsOf(await spreadOfGenes(asStream(logValues), Math.expm1, work))
}

/**
 * Normalised dispersion per gene: ln(variance / mean) on the scale of the values before the logarithm, centred and scaled among the
 * genes of the same one of 20 bins of ln(1 + mean). NaN where a gene does not vary. Source: scanpy, flavour 'seurat' (Satija et al. 2015).
 */
export function dispersionsOf({ mean, variance }: Spread): Float64Array {
  const dispersion = mean.map((value, gene) => {
    const ratio = (variance[gene] as number) / (value === 0 ? 1e-12 : value)
    return ratio === 0 ? NaN : Math.log(ratio)
  })
  const binOf = equalBins(
    mean.map((value) => Math.log1p(value === 0 ? 1e-12 : value)),
    meanBins,
  )
  const members = Array.from({ length: meanBins }, () => [] as number[])
  dispersion.forEach((value, gene) => {
    if (!Number.isNaN(value)) members[binOf[gene] as number]?.push(value)
  })
  const scale = members.map((values) => {
    const average = values.reduce((sum, value) => sum + value, 0) / values.length
    // A gene alone in its bin has nothing to be compared with: it gets 1, as in scanpy.
    if (values.length < 2) return { centre: 0, width: average }
    const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0)
    return { centre: average, width: Math.sqrt(squares / (values.length - 1)) }
  })
  return dispersion.map((value, gene) => {
    const bin = scale[binOf[gene] as number]
    return bin ? (value - bin.centre) / bin.width : NaN
  })
}

/** Bins of equal width over the range of `values`, closed on the right, as pandas.cut makes them. */
function equalBins(values: Float64Array, count: number): Uint8Array {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const width = (high - low) / count
  return Uint8Array.from(values, (value) => {
    if (width === 0) return 0
    let bin = Math.min(count - 1, Math.max(0, Math.ceil((value - low) / width) - 1))
    // The division rounds; the edges themselves decide.
    while (bin > 0 && value <= low + bin * width) bin--
    while (bin < count - 1 && value > low + (bin + 1) * width) bin++
    return bin
  })
}

/**
 * Variance per gene of counts (cells × genes) after standardising by the trend of variance over mean, values beyond √cells clipped;
 * 0 where a gene does not vary. Source: scanpy, flavour 'seurat_v3' (Stuart et al. 2019); the trend is a loess of degree 2,
 * evaluated at every mean instead of interpolated.
 */
export async function standardisedVariances(matrix: Csr | RowStream, work: Work = () => undefined): Promise<Float64Array> {
  const counts = asStream(matrix)
  const { mean, variance } = await spreadOfGenes(counts, undefined, work)
  const genes = Array.from(mean.keys()).filter((gene) => (variance[gene] as number) > 0)
  const x = Float64Array.from(genes, (gene) => Math.log10(mean[gene] as number))
  const y = Float64Array.from(genes, (gene) => Math.log10(variance[gene] as number))
  const trend = localQuadratic(x, y, span)
  const deviation = new Float64Array(counts.columns)
  genes.forEach((gene, at) => (deviation[gene] = Math.sqrt(10 ** (trend[at] as number))))
  const sum = new Float64Array(counts.columns)
  const squares = new Float64Array(counts.columns)
  const reach = Math.sqrt(counts.rows)
  for (const { indices, values } of counts.blocks()) {
    for (let at = 0; at < indices.length; at++) {
      const gene = indices[at] as number
      const most = (deviation[gene] as number) * reach + (mean[gene] as number)
      const value = Math.min(values[at] as number, most)
      sum[gene] = (sum[gene] as number) + value
      squares[gene] = (squares[gene] as number) + value * value
    }
    await work(indices.length)
  }
  return deviation.map((width, gene) => {
    if (width === 0) return 0
    const centre = mean[gene] as number
    const around = counts.rows * centre * centre + (squares[gene] as number) - 2 * (sum[gene] as number) * centre
    return around / ((counts.rows - 1) * width * width)
  })
}

/** The places of the `count` largest scores, ascending; NaN never counts as large. */
export function topGenes(scores: Float64Array, count: number): Uint32Array {
  const known = Array.from(scores.keys()).filter((gene) => !Number.isNaN(scores[gene] as number))
  known.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  return Uint32Array.from(known.slice(0, count)).sort()
}
