import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { symmetricEigen } from '../../src/main/science/tridiagonal-eigen'
import { whitening } from '../../src/main/science/whitening'

/** Covariance-like: A·Aᵀ of random rows, one of them nearly a copy of another. */
function covariance(n: number): Float64Array {
  const random = seededRandom(4)
  const a = Float64Array.from({ length: n * n }, () => random.normal())
  for (let at = 0; at < n; at++) a[n + at] = (a[at] as number) + 1e-3 * (a[n + at] as number)
  return product(a, n, (row, column) => [row, column, true])
}

/** Σ a[row, at] · b[at, column], where `pick` may turn the second factor. */
function product(
  a: ArrayLike<number>,
  n: number,
  pick: (row: number, column: number) => readonly [number, number, boolean],
  b: ArrayLike<number> = a,
): Float64Array {
  return Float64Array.from({ length: n * n }, (_, place) => {
    const [row, column, turned] = pick(Math.floor(place / n), place % n)
    let sum = 0
    for (let at = 0; at < n; at++) sum += (a[row * n + at] as number) * (b[turned ? column * n + at : at * n + column] as number)
    return sum
  })
}
const times = (a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array =>
  product(a, n, (row, column) => [row, column, false], b)
const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0)

describe('eigenvectors of a symmetric matrix', () => {
  it.each([1, 2, 3, 17, 60])('put the matrix together again and are orthonormal (%i)', (n) => {
    const matrix = n === 1 ? Float64Array.of(3) : covariance(n)
    const { values, vectors } = symmetricEigen(matrix, n)
    const scaled = vectors.map((value, at) => value * (values[at % n] as number))
    const size = Math.max(...matrix.map(Math.abs))
    expect(
      largestGap(
        product(scaled, n, (row, column) => [row, column, true], vectors),
        matrix,
      ),
    ).toBeLessThan(1e-12 * n * size)
    const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0))
    expect(
      largestGap(
        product(vectors, n, (row, column) => [row, column, true]),
        identity,
      ),
    ).toBeLessThan(1e-12 * n)
    expect([...values]).toEqual([...values].sort((a, b) => a - b))
  })

  it('are found for a diagonal matrix and one of zeros', () => {
    expect([...symmetricEigen(Float64Array.of(5, 0, 0, 0, 1, 0, 0, 0, 3), 3).values]).toEqual([1, 3, 5])
    expect([...symmetricEigen(new Float64Array(4), 2).values]).toEqual([0, 0])
  })
})

describe('whitening', () => {
  it('gives all directions about the same spread, those without any at most ten times what they had', () => {
    const n = 20
    const matrix = covariance(n)
    const white = whitening(matrix, n)
    const spread = times(times(white.matrix, matrix, n), white.matrix, n)
    const { values } = symmetricEigen(spread, n)
    expect(values[n - 1]).toBeLessThanOrEqual(1 + 1e-6)
    // The direction that hardly varies stays small instead of becoming noise as large as the rest.
    expect(values[0]).toBeLessThan(0.01)
    expect(values[n >> 1]).toBeGreaterThan(0.9)
    const mean = matrix.reduce((sum, value, at) => sum + (at % (n + 1) === 0 ? value : 0), 0) / n
    expect(Math.max(...white.matrix.map(Math.abs))).toBeLessThanOrEqual(10 / Math.sqrt(mean))
  })

  it('is symmetric and undone by its inverse', () => {
    const n = 12
    const { matrix, inverse } = whitening(covariance(n), n)
    const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0))
    expect(largestGap(times(matrix, inverse, n), identity)).toBeLessThan(1e-5)
    expect(
      largestGap(
        matrix,
        product(matrix, n, (row, column) => [row, column, false], identity),
      ),
    ).toBeLessThan(1e-6)
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) expect(matrix[row * n + column]).toBe(matrix[column * n + row])
  })
})
