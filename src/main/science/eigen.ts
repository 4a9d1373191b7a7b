// Eigenvectors of a small symmetric matrix by cyclic Jacobi rotations: slow for large matrices, but exact to rounding
// and the same on every machine.

const sweepsAllowed = 60

/** Unit eigenvectors as rows, largest eigenvalue first. `matrix` is n × n, symmetric; it is not changed. */
export function symmetricEigenvectors(matrix: Float64Array, n: number): Float64Array {
  const work = matrix.slice()
  const vectors = new Float64Array(n * n)
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1
  for (let sweep = 0; sweep < sweepsAllowed && offDiagonal(work, n) > 1e-24 * diagonal(work, n); sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(work, vectors, n, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => (work[b * n + b] as number) - (work[a * n + a] as number))
  const sorted = new Float64Array(n * n)
  order.forEach((from, to) => sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n))
  return sorted
}

/** The rotation in the plane of p and q that makes the element (p, q) zero (Golub and Van Loan, section 8.5). */
function rotate(work: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = work[p * n + q] as number
  if (apq === 0) return
  const theta = ((work[q * n + q] as number) - (work[p * n + p] as number)) / (2 * apq)
  const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (let i = 0; i < n; i++) mix(work, i * n + p, i * n + q, cosine, sine)
  for (let i = 0; i < n; i++) mix(work, p * n + i, q * n + i, cosine, sine)
  for (let i = 0; i < n; i++) mix(vectors, p * n + i, q * n + i, cosine, sine)
}

function mix(values: Float64Array, a: number, b: number, cosine: number, sine: number): void {
  const first = values[a] as number
  const second = values[b] as number
  values[a] = cosine * first - sine * second
  values[b] = sine * first + cosine * second
}

function diagonal(work: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += (work[i * n + i] as number) ** 2
  return sum
}

function offDiagonal(work: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += (work[i * n + j] as number) ** 2
  return sum
}
