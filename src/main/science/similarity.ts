// Latents whose decoder rows point the same way.

export interface Neighbour {
  readonly row: number
  readonly cosine: number
}

/** The `limit` rows of a row-major `rows × dims` matrix most similar to `row` by cosine, best first; rows of length 0 are left out. */
export function nearestRows(matrix: Float32Array, dims: number, row: number, limit: number): Neighbour[] {
  const rows = matrix.length / dims
  const own = matrix.subarray(row * dims, (row + 1) * dims)
  const ownNorm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
  if (ownNorm === 0) return []
  const all: Neighbour[] = []
  for (let other = 0; other < rows; other++) {
    if (other === row) continue
    let product = 0
    let square = 0
    for (let dim = 0; dim < dims; dim++) {
      const value = matrix[other * dims + dim] as number
      product += value * (own[dim] as number)
      square += value * value
    }
    if (square > 0) all.push({ row: other, cosine: product / (ownNorm * Math.sqrt(square)) })
  }
  return all.sort((a, b) => b.cosine - a.cosine || a.row - b.row).slice(0, limit)
}
