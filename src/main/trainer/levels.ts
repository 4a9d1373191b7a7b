// The nested levels of the hierarchical (Matryoshka) architecture (Bussmann et al., arXiv 2503.17547): each level must
// reconstruct the input with the latents below its bound, so the first latents learn what is coarse.
import type { Architecture } from '@contract'

const shares = [1 / 16, 1 / 8, 1 / 4, 1]

/** Numbers of latents the levels of an architecture may use, ascending, the last = all. */
export function levelsOf(arch: Architecture, latents: number): number[] {
  if (arch !== 'matryoshka') return [latents]
  return [...new Set(shares.map((share) => Math.max(1, Math.round(share * latents))))]
}
