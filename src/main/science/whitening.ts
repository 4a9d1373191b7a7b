// Whitening that turns as little as possible (ZCA): y = M·x with M = V·(Λ + ε)^(−1/2)·Vᵀ of the covariance VΛVᵀ, so that all
// directions vary about alike. Symmetric, and undone by V·(Λ + ε)^(1/2)·Vᵀ.
import { symmetricEigen } from './tridiagonal-eigen'

export interface Whitening {
  /** dims × dims, symmetric. */
  readonly matrix: Float32Array
  readonly inverse: Float32Array
}

/** What is added to every eigenvalue, as a share of their mean: what hardly varies is not blown up beyond ten times. */
const floor = 0.01

/** From a covariance matrix (dims × dims, symmetric, not all 0). */
export function whitening(covariance: Float64Array, dims: number): Whitening {
  const { values, vectors } = symmetricEigen(covariance, dims)
  const mean = values.reduce((sum, value) => sum + Math.max(0, value), 0) / dims
  const roots = values.map((value) => Math.sqrt(Math.max(0, value) + floor * mean))
  return {
    matrix: assembled(
      vectors,
      roots.map((root) => 1 / root),
      dims,
    ),
    inverse: assembled(vectors, roots, dims),
  }
}

/** V · diag · Vᵀ. */
function assembled(vectors: Float64Array, diagonal: Float64Array, n: number): Float32Array {
  const scaled = vectors.map((value, at) => value * (diagonal[at % n] as number))
  const product = new Float32Array(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = 0
      for (let at = 0; at < n; at++) sum += (scaled[row * n + at] as number) * (vectors[column * n + at] as number)
      product[row * n + column] = sum
      product[column * n + row] = sum
    }
  }
  return product
}
