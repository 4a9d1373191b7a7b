// By how much the genes of a term, rising and falling together from cell to cell, widen what chance does to the term's mean score.
import type { RowSource, SparseRow } from '../base/sparse'
import type { Background } from './study-list'
import type { TermFamily } from './term-sets'

/** So many evenly spaced cells are looked at; a variance from 2,000 cells is good to 3 %. */
const mostCells = 2000

/**
 * One factor per term, 1 or more: variance over cells of (mean of the term's genes − mean of all other genes), genes standardised
 * within strata, ÷ what independent genes would give, 1/m + 1/(G − m). The idea is camera's variance inflation (Wu & Smyth 2012);
 * taking the difference to the other genes leaves out what all genes share, such as the size of a cell.
 * @param byCell cells × genes @param codes stratum of each cell, the strata within which cells are compared
 */
export function inflationOfTerms(byCell: RowSource, codes: Int32Array, background: Background, family: TermFamily): Float64Array {
  const step = Math.max(1, Math.ceil(byCell.rows / mostCells))
  const sampled = Uint32Array.from({ length: Math.ceil(byCell.rows / step) }, (_, at) => at * step)
  const cells = [...byCell.rowsAt(sampled)]
  const placeOf = new Int32Array(byCell.columns).fill(-1)
  background.columns.forEach((column, place) => (placeOf[column] = place))
  const genes = background.columns.length
  const { strata, stratumOf } = numberStrata(sampled, codes)
  const scale = inverseDeviations({ cells, placeOf, genes, strata, stratumOf })
  const { terms, sizes, termsOfGene } = family
  const spread = createSpread(terms.length, strata)
  const sums = new Float64Array(terms.length)
  cells.forEach(({ indices, values }, at) => {
    sums.fill(0)
    let total = 0
    for (let stored = 0; stored < indices.length; stored++) {
      const place = placeOf[indices[stored] as number] as number
      if (place < 0) continue
      const value = (values[stored] as number) * (scale[place] as number)
      total += value
      const end = termsOfGene.indptr[place + 1] as number
      for (let link = termsOfGene.indptr[place] as number; link < end; link++) {
        const term = termsOfGene.indices[link] as number
        sums[term] = (sums[term] as number) + value
      }
    }
    for (let term = 0; term < sums.length; term++) {
      const size = sizes[term] as number
      const sum = sums[term] as number
      sums[term] = size >= genes ? 0 : sum / size - (total - sum) / (genes - size)
    }
    spread.add(sums, stratumOf[at] as number)
  })
  return spread.variances().map((variance, term) => {
    const size = sizes[term] as number
    const alone = 1 / size + 1 / (genes - size)
    return size >= genes || !Number.isFinite(variance) ? 1 : Math.max(1, variance / alone)
  })
}

function numberStrata(cells: Uint32Array, codes: Int32Array): { strata: number; stratumOf: Int32Array } {
  const numbers = new Map<number, number>()
  const stratumOf = Int32Array.from(cells, (cell) => {
    const code = codes[cell] as number
    const known = numbers.get(code) ?? numbers.size
    numbers.set(code, known)
    return known
  })
  return { strata: numbers.size, stratumOf }
}

interface Sample {
  readonly cells: readonly SparseRow[]
  /** Place in the background of each column; −1 outside. */
  readonly placeOf: Int32Array
  readonly genes: number
  readonly strata: number
  readonly stratumOf: Int32Array
}

/** 1 ÷ standard deviation within strata of every background gene; 0 for a gene that does not vary. */
function inverseDeviations({ cells, placeOf, genes, strata, stratumOf }: Sample): Float64Array {
  const sums = new Float64Array(strata * genes)
  const squares = new Float64Array(genes)
  const counts = new Float64Array(strata)
  cells.forEach(({ indices, values }, at) => {
    const stratum = stratumOf[at] as number
    counts[stratum] = (counts[stratum] as number) + 1
    for (let stored = 0; stored < indices.length; stored++) {
      const place = placeOf[indices[stored] as number] as number
      if (place < 0) continue
      const value = values[stored] as number
      sums[stratum * genes + place] = (sums[stratum * genes + place] as number) + value
      squares[place] = (squares[place] as number) + value * value
    }
  })
  const free = cells.length - strata
  return squares.map((square, place) => {
    let between = 0
    for (let stratum = 0; stratum < strata; stratum++)
      between += (sums[stratum * genes + place] as number) ** 2 / (counts[stratum] as number)
    const variance = (square - between) / free
    // What rounding leaves of a gene that does not vary is no variance.
    return variance > 1e-9 * (square / cells.length) ? 1 / Math.sqrt(variance) : 0
  })
}

/** Variance within strata of many numbers at once: running means per stratum (Welford), so that large shared parts cost no digits. */
function createSpread(
  count: number,
  strata: number,
): { add(values: Float64Array, stratum: number): void; variances(): Float64Array } {
  const means = new Float64Array(count * strata)
  const seen = new Float64Array(strata)
  const squares = new Float64Array(count)
  return {
    add: (values, stratum) => {
      const number = (seen[stratum] = (seen[stratum] as number) + 1)
      const from = stratum * count
      for (let at = 0; at < count; at++) {
        const value = values[at] as number
        const before = value - (means[from + at] as number)
        means[from + at] = (means[from + at] as number) + before / number
        squares[at] = (squares[at] as number) + before * (value - (means[from + at] as number))
      }
    },
    variances: () => {
      const free = seen.reduce((sum, number) => sum + Math.max(0, number - 1), 0)
      return squares.map((square) => square / free)
    },
  }
}
