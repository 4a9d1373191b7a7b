// All eigenvalues and eigenvectors of a symmetric matrix by Householder reduction to three diagonals and implicit QL
// (EISPACK's tred2 and tql2; Golub and Van Loan, sections 8.3): about n³ · 3 steps, for matrices too large for Jacobi.

export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array
  /** n × n, one eigenvector per column. */
  readonly vectors: Float64Array
}

/** `matrix` is n × n, symmetric; it is not changed. Throws when the iteration does not settle (a matrix with NaN). */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const vectors = matrix.slice()
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  reduce(vectors, diagonal, beside, n)
  accumulate(vectors, diagonal, n)
  beside[0] = 0
  for (let l = 0; l < n - 1; l++) beside[l] = beside[l + 1] as number
  if (n > 0) beside[n - 1] = 0
  iterate(vectors, diagonal, beside, n)
  return sorted(diagonal, vectors, n)
}

const at = (values: Float64Array, index: number): number => values[index] as number

/** Householder reduction; `diagonal` holds the last row while it runs. */
function reduce(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = at(v, (n - 1) * n + j)
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    let h = 0
    for (let k = 0; k < i; k++) scale += Math.abs(at(d, k))
    if (scale === 0) {
      e[i] = at(d, i - 1)
      for (let j = 0; j < i; j++) {
        d[j] = at(v, (i - 1) * n + j)
        v[i * n + j] = 0
        v[j * n + i] = 0
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] = at(d, k) / scale
        h += at(d, k) ** 2
      }
      const f = at(d, i - 1)
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h)
      e[i] = scale * g
      h -= f * g
      d[i - 1] = f - g
      reflect(v, d, e, h, i, n)
    }
    d[i] = h
  }
}

/** Applies the reflection of column i to what is left of the matrix. */
function reflect(v: Float64Array, d: Float64Array, e: Float64Array, h: number, i: number, n: number): void {
  e.fill(0, 0, i)
  for (let j = 0; j < i; j++) {
    const f = at(d, j)
    v[j * n + i] = f
    let g = at(e, j) + at(v, j * n + j) * f
    for (let k = j + 1; k < i; k++) {
      g += at(v, k * n + j) * at(d, k)
      e[k] = at(e, k) + at(v, k * n + j) * f
    }
    e[j] = g
  }
  let f = 0
  for (let j = 0; j < i; j++) {
    e[j] = at(e, j) / h
    f += at(e, j) * at(d, j)
  }
  const share = f / (h + h)
  for (let j = 0; j < i; j++) e[j] = at(e, j) - share * at(d, j)
  for (let j = 0; j < i; j++) {
    const [dj, ej] = [at(d, j), at(e, j)]
    for (let k = j; k < i; k++) v[k * n + j] = at(v, k * n + j) - (dj * at(e, k) + ej * at(d, k))
    d[j] = at(v, (i - 1) * n + j)
    v[i * n + j] = 0
  }
}

/** Multiplies the reflections together. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = at(v, i * n + i)
    v[i * n + i] = 1
    const h = at(d, i + 1)
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = at(v, k * n + i + 1) / h
      for (let j = 0; j <= i; j++) {
        let g = 0
        for (let k = 0; k <= i; k++) g += at(v, k * n + i + 1) * at(v, k * n + j)
        for (let k = 0; k <= i; k++) v[k * n + j] = at(v, k * n + j) - g * at(d, k)
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0
  }
  for (let j = 0; j < n; j++) {
    d[j] = at(v, (n - 1) * n + j)
    v[(n - 1) * n + j] = 0
  }
  if (n > 0) v[n * n - 1] = 1
}

const roundsAllowed = 60

/** Implicit QL on the three diagonals, with the vectors turned along. */
function iterate(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  let shifted = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(at(d, l)) + Math.abs(at(e, l)))
    let m = l
    while (m < n - 1 && Math.abs(at(e, m)) > Number.EPSILON * largest) m++
    for (let round = 0; m > l && Math.abs(at(e, l)) > Number.EPSILON * largest; round++) {
      if (round === roundsAllowed) throw new Error('the eigenvalues of the matrix do not settle')
      shifted += sweep(v, d, e, l, m, n)
    }
    d[l] = at(d, l) + shifted
    e[l] = 0
  }
}

/** One implicit shift and sweep from m down to l; returns the shift. */
function sweep(v: Float64Array, d: Float64Array, e: Float64Array, l: number, m: number, n: number): number {
  const g = at(d, l)
  let p = (at(d, l + 1) - g) / (2 * at(e, l))
  const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1)
  d[l] = at(e, l) / (p + r)
  d[l + 1] = at(e, l) * (p + r)
  const next = at(d, l + 1)
  const shift = g - at(d, l)
  for (let i = l + 2; i < n; i++) d[i] = at(d, i) - shift
  p = at(d, m)
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
  const beside = at(e, l + 1)
  for (let i = m - 1; i >= l; i--) {
    c3 = c2
    c2 = c
    s2 = s
    const along = c * at(e, i)
    const h = c * p
    const length = Math.hypot(p, at(e, i))
    e[i + 1] = s * length
    s = at(e, i) / length
    c = p / length
    p = c * at(d, i) - s * along
    d[i + 1] = h + s * (c * along + s * at(d, i))
    for (let k = 0; k < n; k++) {
      const right = at(v, k * n + i + 1)
      const left = at(v, k * n + i)
      v[k * n + i + 1] = s * left + c * right
      v[k * n + i] = c * left - s * right
    }
  }
  p = (-s * s2 * c3 * beside * at(e, l)) / next
  e[l] = s * p
  d[l] = c * p
  return shift
}

function sorted(d: Float64Array, v: Float64Array, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => at(d, a) - at(d, b))
  const vectors = new Float64Array(n * n)
  for (let row = 0; row < n; row++) order.forEach((from, to) => (vectors[row * n + to] = at(v, row * n + from)))
  return { values: Float64Array.from(order, (from) => at(d, from)), vectors }
}
