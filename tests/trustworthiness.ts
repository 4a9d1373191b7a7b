// How far neighbours in a picture are neighbours in the data: trustworthiness (Venna & Kaski 2001), as scikit-learn has it.

/** 1 = every one of the `k` neighbours in the plane is among the `k` nearest in the data. `values`: rows × dims, `xy`: rows × 2. */
export function trustworthiness(values: Float32Array, dims: number, xy: Float32Array, k: number): number {
  const count = values.length / dims
  let penalty = 0
  for (let row = 0; row < count; row++) {
    const rank = new Int32Array(count)
    orderFrom(values, dims, row).forEach((other, at) => (rank[other] = at))
    for (const other of orderFrom(xy, 2, row).slice(1, k + 1)) penalty += Math.max(0, (rank[other] ?? 0) - k)
  }
  return 1 - (2 / (count * k * (2 * count - 3 * k - 1))) * penalty
}

/** All rows by their distance from one, which comes first. */
function orderFrom(values: Float32Array, dims: number, row: number): number[] {
  const count = values.length / dims
  const far = Float64Array.from({ length: count }, (_, other) => {
    let sum = 0
    for (let dim = 0; dim < dims; dim++) sum += ((values[other * dims + dim] ?? 0) - (values[row * dims + dim] ?? 0)) ** 2
    return other === row ? -1 : sum
  })
  return Array.from({ length: count }, (_, other) => other).sort((a, b) => (far[a] ?? 0) - (far[b] ?? 0))
}
