// Ranks of numbers, from 1; equal numbers share the mean of their ranks.
export interface Ranks {
  readonly ranks: Float64Array
  /** Σ (t³ − t) over groups of t equal numbers; 0 without ties. */
  readonly ties: number
}

export function rank(values: ArrayLike<number>): Ranks {
  const order = Uint32Array.from(values, (_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranks = new Float64Array(order.length)
  let ties = 0
  for (let from = 0; from < order.length;) {
    const value = values[order[from] as number]
    let to = from + 1
    while (to < order.length && values[order[to] as number] === value) to++
    for (let at = from; at < to; at++) ranks[order[at] as number] = (from + to + 1) / 2
    const size = to - from
    ties += size * size * size - size
    from = to
  }
  return { ranks, ties }
}
