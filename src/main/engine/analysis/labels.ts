// Gathers what speaks for the label of a latent from the stored results; the rule itself is pure (science/label-proposal.ts).
import type { LabelProposal } from '@contract'
import { proposeLabel, type LabelEvidence } from '../../science/label-proposal'
import type { Engine } from '../engine'
import type { LabelDecisions } from '../store/labels'
import type { NamedGeneLink, StoredLinking, StoredTermLink } from '../store/linkings'
import type { StoredBreadth, StoredGroup, StoredLatent } from '../store/runs'
import { columnOfRole } from './link-settings'

/** A term significant in more than this share of the tested latents says little about one of them. */
const ubiquitousShare = 0.2

/** Terms that are significant in more than a fifth of the tested latents, and in at least 5. */
export const ubiquitousTerms = (engine: Engine, linking: StoredLinking): Set<string> =>
  engine.project.linkings.termsAbove(linking.id, Math.max(4, ubiquitousShare * linking.testedLatents))

/** What all latents share: column names, ubiquitous terms, decisions taken. Read once per list. */
export interface LabelContext {
  readonly levels: readonly string[]
  readonly columnId: number | null
  readonly ubiquitous: ReadonlySet<string>
  readonly chance: LabelEvidence['chance']
  readonly decisions: ReadonlyMap<number, LabelDecisions>
}

export function labelContext(engine: Engine, run: number, linking: StoredLinking | null): LabelContext {
  const column = columnOfRole(engine.project, 'cell-type')
  return {
    levels: column?.levels ?? [],
    columnId: column?.id ?? null,
    ubiquitous: linking ? ubiquitousTerms(engine, linking) : new Set(),
    chance: linking && linking.shuffledCopies > 0 ? { copies: linking.shuffledCopies, withTerm: linking.shuffledWithTerm } : null,
    decisions: engine.project.labels.decisions(run),
  }
}

/** The stored evidence of one latent. */
export interface StoredEvidence {
  readonly latent: StoredLatent
  readonly breadth: readonly StoredBreadth[]
  readonly groups: readonly StoredGroup[]
  /** Significant terms with at least 3 genes, by p. */
  readonly terms: readonly StoredTermLink[]
  readonly genes: readonly NamedGeneLink[]
  readonly flags: readonly { readonly flag: string; readonly source: string }[]
}

/** The proposal for one latent, with whether the user has rejected it. */
export function labelFor(engine: Engine, context: LabelContext, stored: StoredEvidence): LabelProposal | null {
  const marked = stored.breadth.find((one) => one.columnId === context.columnId)?.marked ?? []
  const best = stored.groups.find((group) => group.columnId === context.columnId && group.level === marked[0])
  const proposal = proposeLabel({
    activeCells: stored.latent.activeCells,
    types: marked.map((level) => context.levels[level] ?? ''),
    bestType: best && best.precision !== null ? { precision: best.precision, qValue: best.qValue } : null,
    terms: stored.terms.map((term) => ({
      name: engine.ontology.term(term.termId)?.name ?? term.termId,
      overlap: term.overlap,
      qOverall: term.qOverall,
      ubiquitous: context.ubiquitous.has(term.termId),
    })),
    genes: stored.genes.map((gene) => ({ name: gene.symbol ?? gene.name, donors: donorsOf(gene) })),
    flags: stored.flags,
    chance: context.chance,
  })
  if (!proposal) return null
  const rejected = context.decisions.get(stored.latent.id)?.rejected.has(proposal.text) ?? false
  return { text: proposal.text, grade: proposal.grade, reasons: [...proposal.reasons], rejected }
}

/** How many donors show the difference, of those compared. */
export function donorsOf(gene: NamedGeneLink): { agreeing: number; of: number } | null {
  if (gene.donorsAgreeing === null || !gene.donorDifferences) return null
  return { agreeing: gene.donorsAgreeing, of: gene.donorDifferences.filter((value) => Number.isFinite(value)).length }
}
