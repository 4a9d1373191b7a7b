// What a survey learns about one group of rows (training or held out) beyond explained variance: sparsity per row, length
// and direction of the reconstruction, and the dimensions that are explained worst. Definitions: docs/training.md.
import type { RunDetails } from '@contract'
import type { Numbers } from './select'
import { ExplainedVariance } from './explained-variance'

/** Quantiles of the number of active latents per row. */
type Quantiles = NonNullable<RunDetails['l0']['train']>

const worstShown = 5

/** Sums over the rows of one group; `origin` is what rows are centred on: the mean of the training rows. */
export class GroupFit {
  readonly explained: ExplainedVariance
  rows = 0
  active = 0
  private readonly rowsWith: number[] = []
  private ownSquares = 0
  private products = 0
  private cosines = 0
  private directed = 0

  constructor(
    private readonly dims: number,
    private readonly origin: Float64Array | null,
  ) {
    this.explained = new ExplainedVariance(dims)
  }

  /** One row, at `start` of `rows`, with `active` latents on, and its reconstruction. */
  add(rows: Numbers, start: number, reconstruction: Numbers, active: number): void {
    this.rows++
    this.active += active
    this.explained.add(rows, start, reconstruction)
    if (this.origin === null) return
    this.rowsWith[active] = (this.rowsWith[active] ?? 0) + 1
    let square = 0
    let own = 0
    let product = 0
    for (let dim = 0; dim < this.dims; dim++) {
      const centre = this.origin[dim] as number
      const value = (rows[start + dim] as number) - centre
      const copy = (reconstruction[dim] as number) - centre
      square += value * value
      own += copy * copy
      product += value * copy
    }
    this.ownSquares += own
    this.products += product
    if (square > 0 && own > 0) {
      this.cosines += product / Math.sqrt(square * own)
      this.directed++
    }
  }

  get shrinkage(): number | null {
    return this.products > 0 ? this.ownSquares / this.products : null
  }

  get cosine(): number | null {
    return this.directed > 0 ? this.cosines / this.directed : null
  }

  get l0(): Quantiles | null {
    if (this.rows === 0) return null
    const at = (share: number): number => {
      let below = 0
      for (let active = 0; active < this.rowsWith.length; active++) {
        below += this.rowsWith[active] ?? 0
        if (below >= share * this.rows) return active
      }
      return this.rowsWith.length - 1
    }
    return { low: at(0.05), median: at(0.5), high: at(0.95) }
  }
}

/** The median over the dimensions, and the dimensions explained worst: on held-out rows where there are any. */
export function dimensionFit(train: GroupFit, heldOut: GroupFit): RunDetails['dimensions'] {
  const [onTrain, onHeldOut] = [train.explained.byDimension(), heldOut.explained.byDimension()]
  const judged = heldOut.rows > 1 ? onHeldOut : onTrain
  const worst = Array.from(judged.keys())
    .filter((dim) => judged[dim] !== null)
    .sort((a, b) => (judged[a] as number) - (judged[b] as number) || a - b)
    .slice(0, worstShown)
  return {
    median: { train: middle(onTrain), heldOut: middle(onHeldOut) },
    worst: worst.map((dimension) => ({
      dimension,
      train: onTrain[dimension] ?? null,
      heldOut: onHeldOut[dimension] ?? null,
    })),
  }
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b)
  return known[Math.floor((known.length - 1) / 2)] ?? null
}
