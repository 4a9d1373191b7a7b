// Terms of one latent that say the same: they share most of the genes that speak for them. Groups only arrange; nothing is deleted.

const sameFrom = 0.5

/**
 * Terms in order of p, each joining the first group whose best term it resembles: at least half of the genes of both together
 * are shared (Jaccard ≥ 0.5 over genes of the list). Answers the rank of the best term of each term's group; a term without
 * genes stands alone.
 * @param overlaps genes of each term @param genes places in the study list, one term after the other
 */
export function groupByGenes(overlaps: ArrayLike<number>, genes: ArrayLike<number>): Uint32Array {
  const groups = new Uint32Array(overlaps.length)
  const leaders: { readonly rank: number; readonly size: number }[] = []
  /** Per place in the study list: the groups whose best term holds that gene. */
  const heldBy = new Map<number, number[]>()
  let start = 0
  for (let rank = 0; rank < overlaps.length; rank++) {
    const size = overlaps[rank] as number
    const own = Array.from({ length: size }, (_, at) => genes[start + at] as number)
    start += size
    const shared = new Map<number, number>()
    for (const gene of own) for (const leader of heldBy.get(gene) ?? []) shared.set(leader, (shared.get(leader) ?? 0) + 1)
    let joined = -1
    for (const [leader, count] of shared) {
      const of = leaders[leader]
      if (of && count >= sameFrom * (size + of.size - count) && (joined < 0 || leader < joined)) joined = leader
    }
    if (joined >= 0) {
      groups[rank] = leaders[joined]?.rank ?? rank
      continue
    }
    groups[rank] = rank
    if (size === 0) continue
    const leader = leaders.push({ rank, size }) - 1
    for (const gene of own) {
      const holders = heldBy.get(gene)
      if (holders) holders.push(leader)
      else heldBy.set(gene, [leader])
    }
  }
  return groups
}
