// Small builders for the sentences of the import review.
// Invariant: warnings and infos carry their own words; stops take theirs from the closed list of errors (findings.ts).
import type { Problem } from '@contract'

export const warning = (code: string, message: string, remedy: string): Problem => ({ level: 'warning', code, message, remedy })
export const info = (code: string, message: string, remedy: string): Problem => ({ level: 'info', code, message, remedy })

/** "a, b, c and 4 more" */
export function examples(names: readonly string[], shown = 3): string {
  const cut = names.slice(0, shown).map((name) => (name.length > 60 ? `${name.slice(0, 57)}…` : name))
  const rest = names.length - cut.length
  return rest > 0 ? `${cut.join(', ')} and ${counted(rest)} more` : cut.join(', ')
}

export const counted = (count: number): string => count.toLocaleString('en-GB')

/** "1 cell", "2,000 cells" */
export const plural = (count: number, one: string, many = `${one}s`): string => `${counted(count)} ${count === 1 ? one : many}`
