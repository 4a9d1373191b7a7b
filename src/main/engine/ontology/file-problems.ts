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

/** Said where a choice of evidence has no effect, because the annotations carry no evidence codes. */
export function evidenceUnknown(ontology: { readonly hasEvidence: boolean; readonly name: string }, evidence: string): Problem[] {
  if (ontology.hasEvidence || evidence === 'all') return []
  return [
    warning(
      'EVIDENCE_UNKNOWN',
      `${ontology.name} does not say on what evidence its annotations rest, so all of them count.`,
      'Use an annotation file with evidence codes (GAF) to leave automatic annotations out.',
    ),
  ]
}
