// The nested levels of the hierarchical (Matryoshka) architecture (Bussmann et al., arXiv 2503.17547): each level must
// reconstruct the input with the latents below its bound, so the first latents learn what is coarse.

const shares = [1 / 16, 1 / 8, 1 / 4, 1]

/** Numbers of latents the levels of an architecture may use, ascending, the last = all. */
export function levelsOf(arch: string, latents: number): number[] {
  if (arch !== 'matryoshka') return [latents]
  return [...new Set(shares.map((share) => Math.max(1, Math.round(share * latents))))]
}

/** What each level adds to the one before: sizes that sum to all latents. */
export function groupSizes(latents: number): number[] {
  return levelsOf('matryoshka', latents).map((bound, at, bounds) => bound - (bounds[at - 1] ?? 0))
}
