// A linear map from a representation to genes by ridge regression, with the share it explains on cells that were left out: the
// read-out of decoder rows where no loading matrix exists. Cells × genes stay sparse; only dims × dims and dims × genes are dense.
import type { SeededRandom } from '../base/random'
import type { RowSource } from '../base/sparse'

export interface RidgeMap {
  /** dims × genes: change of a gene's stored value per unit of each dimension. */
  readonly weights: Float32Array
  /** Per gene: share of the variance explained on cells left out of fit and choice; NaN for a gene without variance there. */
  readonly r2: Float32Array
  /** The chosen penalty, as a multiple of the mean variance of the dimensions times the number of cells. */
  readonly penalty: number
  readonly fitRows: number
  readonly testRows: number
}

const penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1] as const
/** More cells do not make a linear map better, only slower. */
const mostRows = 20_000
const parts = { fit: 0.6, choose: 0.2 }
const fewestRows = 50

/** Sums of one part of the cells. */
interface Moments {
  readonly rows: number
  readonly sumX: Float64Array
  /** dims × dims. */
  readonly gram: Float64Array
  /** genes × dims: a stored value touches one stretch of it. */
  readonly cross: Float64Array
  readonly sumY: Float64Array
  readonly squaresY: Float64Array
}

/** Multiplications done and all that there will be, so that time left can be told. */
export interface RidgeStep {
  readonly done: number
  readonly of: number
}

/** Multiplications between two breaths: about 20 ms. */
const workPerBreath = 1e7

/** Counts multiplications and says when it is time to breathe. */
interface Counter {
  /** Adds work; true when a breath is due. */
  add(work: number): boolean
  step(): RidgeStep
}

function createCounter(of: number): Counter {
  let [done, since] = [0, 0]
  return {
    add: (work) => {
      done += work
      since += work
      if (since < workPerBreath) return false
      since = 0
      return true
    },
    step: () => ({ done: Math.min(done, of), of }),
  }
}

/**
 * Fits on 60 % of the cells, chooses the penalty on 20 %, and answers what is explained on the last 20 %. Goes through the cells
 * once; memory grows with dims × genes. Yields between blocks of work. Null for fewer than 50 cells.
 * @param representation rows × dims @param byCell cells × genes
 */
export function* fitRidgeMap(
  representation: Float32Array,
  dims: number,
  byCell: RowSource,
  random: SeededRandom,
): Generator<RidgeStep, RidgeMap | null, void> {
  const all = Uint32Array.from({ length: byCell.rows }, (_, cell) => cell)
  const used = random.shuffle(random.sample(all, mostRows))
  if (used.length < fewestRows) return null
  const genes = byCell.columns
  const counter = createCounter(workOfMap(dims, byCell))
  yield counter.step()
  const first = Math.floor(parts.fit * used.length)
  const second = Math.floor((parts.fit + parts.choose) * used.length)
  const splits = [used.slice(0, first), used.slice(first, second), used.slice(second)]
  const moments = splits.map((split) => emptyMoments(split.length, dims, genes))
  const partOf = new Map(splits.flatMap((split, part) => Array.from(split, (cell) => [cell, part] as const)))
  for (const { row, indices, values } of byCell.rowsAt(used.slice().sort())) {
    const x = representation.subarray(row * dims, (row + 1) * dims)
    addRow(moments[partOf.get(row) as number] as Moments, x, indices, values)
    if (counter.add(dims * (dims / 2 + indices.length))) yield counter.step()
  }
  moments.forEach((found) => mirror(found.gram, dims))
  const [fit, choose, test] = moments as [Moments, Moments, Moments]
  let best: { penalty: number; error: number; weights: Float64Array } | null = null
  for (const penalty of penalties) {
    const weights = yield* solve(fit, dims, penalty, counter)
    const error = (yield* residuals(weights, fit, choose, dims, counter)).reduce((sum, one) => sum + one, 0)
    if (best === null || error < best.error) best = { penalty, error, weights }
  }
  if (best === null) return null
  const left = yield* residuals(best.weights, fit, test, dims, counter)
  return {
    weights: Float32Array.from(best.weights),
    r2: Float32Array.from(left, (error, gene) => {
      const mean = (test.sumY[gene] as number) / test.rows
      const spread = (test.squaresY[gene] as number) - test.rows * mean * mean
      return spread > 1e-9 * (test.squaresY[gene] as number) ? 1 - error / spread : NaN
    }),
    penalty: best.penalty,
    fitRows: fit.rows,
    testRows: test.rows,
  }
}

/** Multiplications of a whole fit: sums over cells, then solving and judging for each penalty. */
export function workOfMap(dims: number, { rows, columns: genes, stored }: RowSource): number {
  const cells = Math.min(rows, mostRows)
  return cells * dims * (dims / 2 + stored / Math.max(1, rows)) + (2 * penalties.length + 1) * dims * dims * genes
}

const emptyMoments = (rows: number, dims: number, genes: number): Moments => ({
  rows,
  sumX: new Float64Array(dims),
  gram: new Float64Array(dims * dims),
  cross: new Float64Array(dims * genes),
  sumY: new Float64Array(genes),
  squaresY: new Float64Array(genes),
})

function addRow(
  { sumX, gram, cross, sumY, squaresY }: Moments,
  x: Float32Array,
  indices: Uint32Array,
  values: Float32Array,
): void {
  const dims = sumX.length
  for (let one = 0; one < dims; one++) {
    const value = x[one] as number
    sumX[one] = (sumX[one] as number) + value
    for (let other = 0; other <= one; other++) {
      const slot = one * dims + other
      gram[slot] = (gram[slot] as number) + value * (x[other] as number)
    }
  }
  for (let place = 0; place < indices.length; place++) {
    const gene = indices[place] as number
    const value = values[place] as number
    const row = gene * dims
    for (let one = 0; one < dims; one++) cross[row + one] = (cross[row + one] as number) + (x[one] as number) * value
    sumY[gene] = (sumY[gene] as number) + value
    squaresY[gene] = (squaresY[gene] as number) + value * value
  }
}

/** Sums are taken for the lower half of dims × dims. */
function mirror(gram: Float64Array, dims: number): void {
  for (let one = 0; one < dims; one++)
    for (let other = one + 1; other < dims; other++) gram[one * dims + other] = gram[other * dims + one] as number
}

/** (XᵀX + λI)⁻¹ XᵀY of centred data by Cholesky, all genes at once. */
function* solve(
  { rows, sumX, gram, cross, sumY }: Moments,
  dims: number,
  penalty: number,
  counter: Counter,
): Generator<RidgeStep, Float64Array, void> {
  const genes = sumY.length
  const centred = gram.map((value, at) => value - ((sumX[Math.floor(at / dims)] as number) * (sumX[at % dims] as number)) / rows)
  let trace = 0
  for (let dim = 0; dim < dims; dim++) trace += centred[dim * dims + dim] as number
  const ridge = penalty * (trace / dims) + 1e-12
  for (let dim = 0; dim < dims; dim++) centred[dim * dims + dim] = (centred[dim * dims + dim] as number) + ridge
  const lower = cholesky(centred, dims)
  const weights = new Float64Array(dims * genes)
  for (let dim = 0; dim < dims; dim++)
    for (let gene = 0; gene < genes; gene++)
      weights[dim * genes + gene] = (cross[gene * dims + dim] as number) - ((sumX[dim] as number) * (sumY[gene] as number)) / rows
  for (let dim = 0; dim < dims; dim++) {
    for (let other = 0; other < dim; other++) subtract(weights, genes, dim, other, lower[dim * dims + other] as number)
    divide(weights, genes, dim, lower[dim * dims + dim] as number)
    if (counter.add((genes * dims) / 2)) yield counter.step()
  }
  for (let dim = dims - 1; dim >= 0; dim--) {
    for (let other = dim + 1; other < dims; other++) subtract(weights, genes, dim, other, lower[other * dims + dim] as number)
    divide(weights, genes, dim, lower[dim * dims + dim] as number)
    if (counter.add((genes * dims) / 2)) yield counter.step()
  }
  return weights
}

function subtract(matrix: Float64Array, width: number, from: number, row: number, factor: number): void {
  const [to, source] = [from * width, row * width]
  for (let at = 0; at < width; at++) matrix[to + at] = (matrix[to + at] as number) - factor * (matrix[source + at] as number)
}

function divide(matrix: Float64Array, width: number, row: number, by: number): void {
  for (let at = row * width; at < (row + 1) * width; at++) matrix[at] = (matrix[at] as number) / by
}

function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column] as number
      for (let at = 0; at < column; at++) sum -= (lower[row * size + at] as number) * (lower[column * size + at] as number)
      lower[row * size + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-300)) : sum / (lower[column * size + column] as number)
    }
  return lower
}

/** Per gene: squared error of the map on a part, from its sums alone; the intercept is that of the fit. */
function* residuals(
  weights: Float64Array,
  fit: Moments,
  on: Moments,
  dims: number,
  counter: Counter,
): Generator<RidgeStep, Float64Array, void> {
  const genes = on.sumY.length
  // Σ (y − ȳ_fit − wᵀ(x − x̄_fit))² = Σ e² with e = (y − ȳ) − wᵀ(x − x̄).
  const meanX = fit.sumX.map((sum) => sum / fit.rows)
  const gram = on.gram.map((value, at) => {
    const [one, other] = [Math.floor(at / dims), at % dims]
    const [a, b] = [meanX[one] as number, meanX[other] as number]
    return value - a * (on.sumX[other] as number) - b * (on.sumX[one] as number) + on.rows * a * b
  })
  const errors = new Float64Array(genes)
  const own = new Float64Array(dims)
  for (let gene = 0; gene < genes; gene++) {
    const meanY = (fit.sumY[gene] as number) / fit.rows
    const sumY = on.sumY[gene] as number
    for (let dim = 0; dim < dims; dim++) own[dim] = weights[dim * genes + gene] as number
    let error = (on.squaresY[gene] as number) - 2 * meanY * sumY + on.rows * meanY * meanY
    for (let one = 0; one < dims; one++) {
      const weight = own[one] as number
      if (weight === 0) continue
      const shifted =
        (on.cross[gene * dims + one] as number) -
        (meanX[one] as number) * sumY -
        meanY * (on.sumX[one] as number) +
        on.rows * (meanX[one] as number) * meanY
      let product = 0
      for (let other = 0; other < dims; other++) product += (gram[one * dims + other] as number) * (own[other] as number)
      error += weight * (product - 2 * shifted)
    }
    errors[gene] = Math.max(0, error)
    if (counter.add(dims * dims)) yield counter.step()
  }
  return errors
}

/** Effect of a decoder row on every gene. @param weights dims × genes @param direction dims, in units of the representation */
export function readOut(weights: Float32Array, genes: number, direction: ArrayLike<number>): Float64Array {
  const effects = new Float64Array(genes)
  for (let dim = 0; dim < direction.length; dim++) {
    const factor = direction[dim] as number
    if (factor === 0) continue
    for (let gene = 0; gene < genes; gene++)
      effects[gene] = (effects[gene] as number) + factor * (weights[dim * genes + gene] as number)
  }
  return effects
}
