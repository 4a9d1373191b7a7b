// What returns between seeds, from the cosines of one-to-one matchings: counts, agreement, chance. Pure.

/** From this cosine on, a latent of another seed counts as the same. */
export const sameCosine = 0.7
export const cosineClasses = 20

/** Matched cosines of the latents of one model with those of each other seed, beside the same against shuffled copies. */
export interface Matched {
  readonly cosine: Float32Array
  readonly chance: Float32Array
}

export interface Recurrence {
  readonly reproducible: number
  readonly returning: readonly { readonly seeds: number; readonly latents: number }[]
  readonly agreement: number
  readonly chance: { readonly mean: number; readonly high: number; readonly same: number }
  readonly histogram: { readonly trained: number[]; readonly chance: number[] }
}

/** `others`: one entry per other seed, each with one number per compared latent. */
export function recurrence(others: readonly Matched[], compared: number): Recurrence {
  const found = new Uint32Array(compared)
  for (const { cosine } of others)
    cosine.forEach((value, latent) => {
      if (value >= sameCosine) found[latent] = (found[latent] as number) + 1
    })
  const returning = Array.from({ length: others.length + 1 }, (_, more) => ({
    seeds: more + 1,
    latents: found.filter((times) => times === more).length,
  }))
  const trained = others.flatMap(({ cosine }) => Array.from(cosine))
  const chance = others.flatMap((other) => Array.from(other.chance)).sort((a, b) => a - b)
  return {
    reproducible: returning.at(-1)?.latents ?? 0,
    returning,
    agreement: mean(trained),
    chance: {
      mean: mean(chance),
      high: chance[Math.floor(0.95 * (chance.length - 1))] ?? 0,
      same: Math.round(chance.filter((value) => value >= sameCosine).length / Math.max(1, others.length)),
    },
    histogram: { trained: classes(trained), chance: classes(chance) },
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

function classes(values: readonly number[]): number[] {
  const counts = new Array<number>(cosineClasses).fill(0)
  for (const value of values) {
    const place = Math.max(0, Math.min(cosineClasses - 1, Math.floor(value * cosineClasses)))
    counts[place] = (counts[place] as number) + 1
  }
  return counts
}

export interface SparseColumn {
  /** Ascending. */
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Pearson correlation of two sparse columns over `rows` rows; null when one does not vary. */
export function sparseCorrelation(a: SparseColumn, b: SparseColumn, rows: number): number | null {
  const [sumA, squaresA] = sums(a.values)
  const [sumB, squaresB] = sums(b.values)
  let product = 0
  for (let at = 0, other = 0; at < a.indices.length && other < b.indices.length;) {
    const [left, right] = [a.indices[at] as number, b.indices[other] as number]
    if (left === right) product += (a.values[at++] as number) * (b.values[other++] as number)
    else if (left < right) at++
    else other++
  }
  const spread = (squaresA - sumA ** 2 / rows) * (squaresB - sumB ** 2 / rows)
  return spread > 0 ? (product - (sumA * sumB) / rows) / Math.sqrt(spread) : null
}

function sums(values: Float32Array): [number, number] {
  let sum = 0
  let squares = 0
  for (const value of values) {
    sum += value
    squares += value * value
  }
  return [sum, squares]
}
