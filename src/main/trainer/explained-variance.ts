// Explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² over all cells and dimensions, x̄ = mean of the evaluated cells: the mean
// predictor gets 0, a perfect one 1, worse than the mean is negative.
import type { Numbers } from './select'

/** Adds up what explained variance needs, in double precision, relative to the first row so that offsets do no harm. */
export class ExplainedVariance {
  private origin: Float64Array | null = null
  private readonly sums: Float64Array
  private readonly squares: Float64Array
  private readonly errors: Float64Array
  private count = 0

  constructor(private readonly dims: number) {
    this.sums = new Float64Array(dims)
    this.squares = new Float64Array(dims)
    this.errors = new Float64Array(dims)
  }

  /** One row, at `start` of `rows`, and its reconstruction. */
  add(rows: Numbers, start: number, reconstruction: Numbers): void {
    this.origin ??= Float64Array.from(rows.subarray(start, start + this.dims))
    this.count++
    for (let dim = 0; dim < this.dims; dim++) {
      const value = rows[start + dim] as number
      const shifted = value - (this.origin[dim] as number)
      const error = value - (reconstruction[dim] as number)
      this.sums[dim] = (this.sums[dim] as number) + shifted
      this.squares[dim] = (this.squares[dim] as number) + shifted * shifted
      this.errors[dim] = (this.errors[dim] as number) + error * error
    }
  }

  /** Null when the rows do not vary (or there are none). */
  value(): number | null {
    let spread = 0
    let errors = 0
    for (let dim = 0; dim < this.dims; dim++) {
      spread += this.spreadOf(dim)
      errors += this.errors[dim] as number
    }
    return spread > 0 ? 1 - errors / spread : null
  }

  /** The same for each dimension alone. */
  byDimension(): (number | null)[] {
    return Array.from(this.errors, (errors, dim) => {
      const spread = this.spreadOf(dim)
      return spread > 0 ? 1 - errors / spread : null
    })
  }

  private spreadOf(dim: number): number {
    return this.count === 0 ? 0 : (this.squares[dim] as number) - (this.sums[dim] as number) ** 2 / this.count
  }
}
