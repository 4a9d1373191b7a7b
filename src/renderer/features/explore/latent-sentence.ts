// The summary of a card in one or two sentences, from its evidence alone. Pure.
// Invariant: says "goes with" and "association"; a term is named only when both q values are at most 0.05.
import type { GroupLink, LatentCard } from '@contract'
import { formatCount, formatScore, formatShare } from '../../charts/number-format'
import { exploreText, gene, joined, part, strong, type Part } from '../../text/explore'
import { isSignificant } from './latent-names'

const text = exploreText.card
const [almostAllShare, mostlyShare, inPartShare] = [0.9, 0.6, 0.3]
const termsNamed = 2
const genesNamed = 3
/** A term resting on fewer genes is shown in the table, not in the sentence. */
export const fewestGenesForTerm = 3

/** The group that holds most of the cells in which the latent is on. */
export function mainGroup(groups: readonly GroupLink[], column: string | null): GroupLink | null {
  const candidates = groups.filter((group) => group.column === column && group.precision !== null)
  return candidates.reduce<GroupLink | null>(
    (best, group) => ((group.precision ?? 0) > (best?.precision ?? 0) ? group : best),
    null,
  )
}

export function summarySentence(card: LatentCard, cellTypeColumn: string | null, rowsAreGenes = false): Part[] {
  if (card.activeCells === 0) return text.neverOn(card.id)
  return [
    ...(rowsAreGenes ? text.onInGenes : text.onIn)(formatCount(card.activeCells), formatShare(card.density)),
    ...(rowsAreGenes ? [] : groupWords(card, cellTypeColumn)),
    part('. '),
    ...(card.flags.includes('dense') ? [part(`${text.dense} `)] : []),
    ...(rowsAreGenes ? conceptWords(card) : evidenceWords(card)),
  ]
}

/** From this F1 on genes held out a concept is named; the same bound as the engine counts with. */
const fewestF1 = 0.5

function conceptWords(card: LatentCard): Part[] {
  const best = card.concepts?.find(({ heldOut }) => heldOut.f1 > fewestF1)
  if (best !== undefined) return [part(text.genesAre), strong(best.name), part(text.heldOut(formatScore(best.heldOut.f1)))]
  return card.linking === null ? [] : [part(text.noConcept)]
}

function groupWords(card: LatentCard, column: string | null): Part[] {
  const group = mainGroup(card.groups, column)
  const share = group?.precision ?? 0
  if (group === null) return []
  if (share >= almostAllShare) return text.ofGroup(text.almostAll, group.value)
  if (share >= mostlyShare) return text.ofGroup(text.mostly, group.value)
  if (share >= inPartShare) return text.ofGroup(text.inPart, group.value)
  return [part(text.mixed)]
}

function evidenceWords(card: LatentCard): Part[] {
  if (card.linking === null || card.linking.tooFew !== null) return []
  const terms = card.terms.filter((term) => isSignificant(term) && term.overlap >= fewestGenesForTerm).slice(0, termsNamed)
  if (terms.length > 0) {
    const names = joined(terms.map((term) => strong(term.name)))
    return [part(text.genesWithTerms), part(text.annotatedTo(terms.length)), ...names, part(`. ${text.association}`)]
  }
  if (card.topGenes.length === 0) return [part(text.noGene)]
  const genes = joined(card.topGenes.slice(0, genesNamed).map((link) => gene(link.gene)))
  return [part(text.noTerm), ...genes, part(`. ${text.association}`)]
}
