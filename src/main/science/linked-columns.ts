// How strongly two categorical columns go together (cell type and donor, donor and batch): where they say nearly the same, no latent can be
// said to follow the one and not the other.

/**
 * Cramér's V of two columns, 0 (independent) to 1 (one gives the other): √(χ² / (n · (min(rows, columns) − 1))), without correction.
 * @param a level of each cell, −1 = missing; cells that lack either value are left out
 * @returns null when fewer than two values of either occur
 */
export function cramersV(a: Int32Array, b: Int32Array): number | null {
  const both = new Map<number, number>()
  const width = 1 + b.reduce((most, level) => Math.max(most, level), 0)
  const [ofA, ofB] = [new Map<number, number>(), new Map<number, number>()]
  for (let cell = 0; cell < a.length; cell++) {
    const [one, other] = [a[cell] as number, b[cell] as number]
    if (one < 0 || other < 0) continue
    const key = one * width + other
    both.set(key, (both.get(key) ?? 0) + 1)
    ofA.set(one, (ofA.get(one) ?? 0) + 1)
    ofB.set(other, (ofB.get(other) ?? 0) + 1)
  }
  const smaller = Math.min(ofA.size, ofB.size)
  if (smaller < 2) return null
  // χ² = n · (Σ observed² / (row · column) − 1): pairs that do not occur add nothing.
  let sum = 0
  for (const [key, count] of both) {
    sum += count ** 2 / ((ofA.get(Math.floor(key / width)) as number) * (ofB.get(key % width) as number))
  }
  return Math.sqrt(Math.min(1, Math.max(0, (sum - 1) / (smaller - 1))))
}
