// Findings of the readers of ontology and gene set files, in the shape every import reports.
import type { Problem } from '@contract'

export const warning = (code: string, message: string, remedy: string): Problem => ({ level: 'warning', code, message, remedy })

export const info = (code: string, message: string): Problem => ({
  level: 'info',
  code,
  message,
  remedy: 'Nothing needs to be done.',
})

/** "a, b, c and 4 more". */
export function examples(names: readonly string[], shown = 5): string {
  const rest = names.length - shown
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ')
}
