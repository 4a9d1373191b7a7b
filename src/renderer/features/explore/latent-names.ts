// What a latent is called on the screen: the user's label, else an automatic name from its best evidence. Pure.
import type { LatentRow } from '@contract'
import { exploreText } from '../../text/explore'

export interface LatentName {
  readonly text: string
  readonly kind: 'edited' | 'automatic' | 'unnamed'
}

/** A term or group is shown as a name only above these bounds; weaker evidence stays in its own column. */
export const significantQ = 0.05
const tellingAuroc = 0.8

export const isSignificant = (term: { readonly qLatent: number; readonly qOverall: number }): boolean =>
  term.qLatent <= significantQ && term.qOverall <= significantQ

export type Nameable = Pick<LatentRow, 'label' | 'topTerm' | 'topGroup'>

export function latentName({ label, topTerm, topGroup }: Nameable): LatentName {
  if (label !== null) return { text: label, kind: 'edited' }
  if (topTerm !== null && isSignificant(topTerm)) return { text: topTerm.name, kind: 'automatic' }
  if (topGroup !== null && topGroup.auroc >= tellingAuroc) return { text: topGroup.value, kind: 'automatic' }
  return { text: exploreText.unnamed, kind: 'unnamed' }
}
