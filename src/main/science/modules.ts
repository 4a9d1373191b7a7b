// Groups of things that are alike, from the pairs that are: average linkage on a sparse similarity. No random start, no number of
// groups to choose, no chaining through single links; the order of the input does not matter.

export interface Pairs {
  readonly first: Uint32Array
  readonly second: Uint32Array
  /** Above 0; pairs that are absent count as 0. */
  readonly phi: Float64Array
}

export interface Module {
  /** The one with the greatest mean similarity to the others first. */
  readonly members: readonly number[]
  /** Mean similarity of each member to the others, in that order. */
  readonly typical: readonly number[]
  /** Mean similarity of all pairs. */
  readonly cohesion: number
}

/**
 * Joins two groups as long as the mean similarity between their members is at least `least`, the most alike first (average linkage,
 * found by nearest-neighbour chains, Murtagh 1983). Groups of one are left out; the largest first, then the lowest member.
 */
export function findModules(count: number, pairs: Pairs, least: number): Module[] {
  const groups = clusterGroups(count, pairs, least)
  const groupOf = new Int32Array(count).fill(-1)
  groups.forEach((members, group) => members.forEach((member) => (groupOf[member] = group)))
  const strength = new Float64Array(count)
  pairs.phi.forEach((phi, at) => {
    const [first, second] = [pairs.first[at] as number, pairs.second[at] as number]
    if (groupOf[first] !== groupOf[second]) return
    strength[first] = (strength[first] as number) + phi
    strength[second] = (strength[second] as number) + phi
  })
  return groups.map((members) => {
    const ordered = members.toSorted((a, b) => (strength[b] as number) - (strength[a] as number) || a - b)
    const typical = ordered.map((member) => (strength[member] as number) / (members.length - 1))
    return { members: ordered, typical, cohesion: typical.reduce((sum, value) => sum + value, 0) / members.length }
  })
}

/** Summed similarity between each group and its neighbours; a group goes by its lowest member. */
interface Clusters {
  readonly members: Map<number, number[]>
  readonly links: Map<number, Map<number, number>>
}

function clusterGroups(count: number, pairs: Pairs, least: number): number[][] {
  const clusters = startClusters(pairs)
  for (let start = 0; start < count; start++) {
    const chain = clusters.links.has(start) ? [start] : []
    while (chain.length > 0) {
      const last = chain.at(-1) as number
      const nearest = nearestOf(clusters, last, chain.at(-2) ?? null, least)
      if (nearest === null) {
        // Similarity is mutual and joining others never raises it: only a chain of one ends here, and that group is complete.
        chain.pop()
      } else if (nearest === chain.at(-2)) {
        chain.length -= 2
        const joined = join(clusters, last, nearest)
        if (chain.length === 0) chain.push(joined)
      } else chain.push(nearest)
    }
  }
  return [...clusters.members.values()]
    .filter((members) => members.length > 1)
    .map((members) => members.sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
}

function startClusters({ first, second, phi }: Pairs): Clusters {
  const clusters: Clusters = { members: new Map(), links: new Map() }
  const linksOf = (one: number): Map<number, number> => {
    const known = clusters.links.get(one)
    if (known) return known
    const made = new Map<number, number>()
    clusters.links.set(one, made)
    clusters.members.set(one, [one])
    return made
  }
  phi.forEach((value, at) => {
    const [a, b] = [first[at] as number, second[at] as number]
    linksOf(a).set(b, value)
    linksOf(b).set(a, value)
  })
  return clusters
}

/** The most alike group with at least the least mean similarity. Ties: the one before in the chain, then the lowest. */
function nearestOf({ members, links }: Clusters, of: number, before: number | null, least: number): number | null {
  const size = members.get(of)?.length ?? 1
  let best: number | null = null
  let bestMean = least
  for (const [other, sum] of links.get(of) ?? []) {
    const mean = sum / (size * (members.get(other)?.length ?? 1))
    if (mean < bestMean) continue
    if (best === null || mean > bestMean || (best !== before && (other === before || other < best))) {
      best = other
      bestMean = mean
    }
  }
  return best
}

function join({ members, links }: Clusters, a: number, b: number): number {
  const [into, from] = a < b ? [a, b] : [b, a]
  const kept = links.get(into) ?? new Map<number, number>()
  for (const [other, sum] of links.get(from) ?? []) {
    const ofOther = links.get(other)
    ofOther?.delete(from)
    if (other === into) continue
    const total = (kept.get(other) ?? 0) + sum
    kept.set(other, total)
    ofOther?.set(into, total)
  }
  links.delete(from)
  members.get(into)?.push(...(members.get(from) ?? []))
  members.delete(from)
  return into
}
