// Arithmetic on rows of dense matrices, which are stored one after the other in one array.
// Invariant: rows are named by the place of their first value; nothing is allocated but by `turned`.

/** Adds `factor` times a row to another one. Most of the time of the principal components goes here, so four at a time. */
export function addScaled(
  to: Float64Array,
  toAt: number,
  from: Float64Array,
  fromAt: number,
  factor: number,
  count: number,
): void {
  let at = 0
  for (; at + 4 <= count; at += 4) {
    const [t, f] = [toAt + at, fromAt + at]
    to[t] = (to[t] as number) + factor * (from[f] as number)
    to[t + 1] = (to[t + 1] as number) + factor * (from[f + 1] as number)
    to[t + 2] = (to[t + 2] as number) + factor * (from[f + 2] as number)
    to[t + 3] = (to[t + 3] as number) + factor * (from[f + 3] as number)
  }
  for (; at < count; at++) to[toAt + at] = (to[toAt + at] as number) + factor * (from[fromAt + at] as number)
}

/** Four sums at a time, which do not wait for each other. */
export function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, count: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  let at = 0
  for (; at + 4 <= count; at += 4) {
    first += (a[aAt + at] as number) * (b[bAt + at] as number)
    second += (a[aAt + at + 1] as number) * (b[bAt + at + 1] as number)
    third += (a[aAt + at + 2] as number) * (b[bAt + at + 2] as number)
    fourth += (a[aAt + at + 3] as number) * (b[bAt + at + 3] as number)
  }
  let sum = first + second + (third + fourth)
  for (; at < count; at++) sum += (a[aAt + at] as number) * (b[bAt + at] as number)
  return sum
}

/** The matrix with rows and columns exchanged. */
export function turned(block: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(block.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = block[row * columns + column] as number
  return out
}
