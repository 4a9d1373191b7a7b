// Linear systems with a symmetric positive definite matrix, in double precision. Pure.

/** Replaces the lower triangle of the n × n matrix by its Cholesky factor L (A = L·Lᵀ). Throws when A is not positive definite. */
export function factorise(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] as number
      for (let at = 0; at < column; at++) sum -= (matrix[row * n + at] as number) * (matrix[column * n + at] as number)
      if (row !== column) matrix[row * n + column] = sum / (matrix[column * n + column] as number)
      else if (sum > 0) matrix[row * n + row] = Math.sqrt(sum)
      else throw new Error('the matrix is not positive definite')
    }
  }
}

/** Solves L·Lᵀ·x = b in place, `factor` as `factorise` leaves it. */
export function solveFactorised(factor: Float64Array, n: number, b: Float64Array): void {
  for (let row = 0; row < n; row++) {
    let sum = b[row] as number
    for (let at = 0; at < row; at++) sum -= (factor[row * n + at] as number) * (b[at] as number)
    b[row] = sum / (factor[row * n + row] as number)
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = b[row] as number
    for (let at = row + 1; at < n; at++) sum -= (factor[at * n + row] as number) * (b[at] as number)
    b[row] = sum / (factor[row * n + row] as number)
  }
}
