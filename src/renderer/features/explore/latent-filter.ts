// Which features the list shows: words typed, dead and rare ones hidden, matches of a term, gene or cell group. Pure.
import type { LatentRow, Match, TrajectoryLatent } from '@contract'
import { latentName } from './latent-names'

/** What `find.latents` looks for. */
export type FoundBy = 'term' | 'gene' | 'group'
export interface MatchFilter {
  readonly by: FoundBy | 'cells' | 'order'
  readonly key: string
  readonly title: string
  /** Best first. */
  readonly matches: readonly Match[]
}

export interface ListFilter {
  readonly text: string
  readonly hidesSilent: boolean
  readonly match: MatchFilter | null
}

export const isSilent = (row: LatentRow): boolean => row.flags.includes('dead') || row.flags.includes('rare')

/** Latents that pass; one that was found by a match is shown even when it is rare. */
export function filterLatents(rows: readonly LatentRow[], filter: ListFilter): LatentRow[] {
  const words = filter.text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const matched = filter.match === null ? null : new Set(filter.match.matches.map((match) => match.id))
  return rows.filter((row) => {
    if (matched !== null) {
      if (!matched.has(row.id)) return false
    } else if (filter.hidesSilent && isSilent(row)) return false
    return words.every((word) => isNamed(row, word))
  })
}

function isNamed(row: LatentRow, word: string): boolean {
  if (/^f?\d+$/.test(word) && Number(word.replace('f', '')) === row.id) return true
  const named = [latentName(row).text, row.topTerm?.name, row.topTerm?.id, row.topGroup?.value, ...row.topGenes, ...row.flags]
  return named.some((name) => name !== undefined && name.toLowerCase().includes(word))
}

/** The place of each latent among the matches, from 0. */
export const ranksOf = (match: MatchFilter | null): ReadonlyMap<number, number> =>
  new Map(match?.matches.map(({ id }, rank) => [id, rank]))

/** Every latent has some score for every cell group; only those above chance count as a match. */
export function usefulMatches(by: FoundBy, matches: readonly Match[]): readonly Match[] {
  return by === 'group' ? matches.filter((match) => (match.auroc ?? 0) > 0.5) : matches
}

export type Direction = 'rising' | 'falling'
/** Latents that rise (or fall) along an order of groups, the clearest first. @param found clearest rise first, as the engine tells */
export function alongOrder(found: readonly TrajectoryLatent[], direction: Direction): Match[] {
  const isRise = direction === 'rising'
  return (isRise ? found : found.toReversed())
    .filter(({ trend }) => (isRise ? trend > 0 : trend < 0))
    .map(({ id, label, trend, rising, falling }) => ({ id, label, trend, steady: isRise ? rising : falling }))
}
