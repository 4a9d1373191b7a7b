// A label for a latent from its evidence alone, by a fixed rule, with a grade and the reasons for it. The rule: docs/linking.md.
// A label is a proposal: the same evidence always gives the same text, and a person decides.

export interface LabelEvidence {
  readonly activeCells: number
  /** Values of the cell-type column in which the latent is clearly stronger, strongest first, and how well the best of them fits. */
  readonly types: readonly string[]
  readonly bestType: { readonly precision: number; readonly qValue: number | null } | null
  /** Significant terms with at least 3 genes, by p. */
  readonly terms: readonly {
    readonly name: string
    readonly overlap: number
    readonly qOverall: number
    readonly ubiquitous: boolean
  }[]
  /** Best genes first; donors where they were compared. */
  readonly genes: readonly { readonly name: string; readonly donors: { readonly agreeing: number; readonly of: number } | null }[]
  readonly flags: readonly { readonly flag: string; readonly source: string }[]
  /** Shuffled copies that reach a term; null when none were made. */
  readonly chance: { readonly copies: number; readonly withTerm: number } | null
}

export type Grade = 'strong' | 'moderate' | 'weak'

export interface Proposal {
  readonly text: string
  readonly grade: Grade
  readonly reasons: readonly string[]
}

const fewestActive = 20
const typesNamed = 3
const genesNamed = 3
const clearPrecision = 0.5
const clearRate = 0.05
/** Chance must give a term in at most this share of copies, of which there must be some. */
const chanceShare = 0.1
const fewestCopies = 10
const donorsAgree = 0.75
const donorGenes = 10

const causes: Readonly<Record<string, (source: string) => string>> = {
  depth: (source) => `follows sequencing depth (${source})`,
  'mito-share': (source) => `follows the mitochondrial share (${source})`,
  doublet: (source) => `doublet-like (${source})`,
  donor: (source) => `one donor (${source})`,
  batch: (source) => `one batch (${source})`,
  ribosomal: () => 'ribosomal genes',
  mitochondrial: () => 'mitochondrial genes',
  stress: () => 'stress of handling',
  sex: () => 'sex of the donor',
}

/** Null for a latent that is on in fewer than 20 cells or has nothing that speaks for it. */
export function proposeLabel(evidence: LabelEvidence): Proposal | null {
  if (evidence.activeCells < fewestActive) return null
  const technical = evidence.flags.find(({ flag }) => causes[flag] !== undefined)
  const cause = technical && causes[technical.flag]?.(technical.source)
  const type = evidence.types.length > 0 && evidence.types.length <= typesNamed ? evidence.types.join(', ') : null
  const term = evidence.terms.find((one) => !one.ubiquitous) ?? null
  const genes = evidence.genes.slice(0, genesNamed).map((gene) => gene.name)
  const programme = term?.name ?? (genes.length > 0 ? genes.join(', ') : null)
  const text = cause ? `technical? ${cause}` : type && programme ? `${type}: ${programme}` : (type ?? programme)
  if (text === null) return null
  const group = judgeGroup(evidence, type)
  const programmeJudged = judgeTerm(evidence, term)
  const doubts = doubtsOf(evidence, cause)
  const best = [group.clear, programmeJudged.clear].filter(Boolean).length
  const step = Math.max(0, best - doubts.length)
  const grade: Grade = step === 2 ? 'strong' : step === 1 ? 'moderate' : 'weak'
  return { text, grade, reasons: [group.reason, programmeJudged.reason, ...doubts] }
}

interface Judged {
  readonly clear: boolean
  readonly reason: string
}

function judgeGroup({ types, bestType }: LabelEvidence, type: string | null): Judged {
  if (type === null || !bestType) return { clear: false, reason: 'No cell type stands out.' }
  const share = `${Math.round(100 * bestType.precision)} % of the cells in which it is on are ${types[0] ?? ''}`
  const clear = types.length === 1 && bestType.precision >= clearPrecision && (bestType.qValue ?? 1) <= clearRate
  return {
    clear,
    reason: clear ? `${share}.` : `${share}, which is not clear${types.length > 1 ? `: it is strong in ${type}` : ''}.`,
  }
}

function judgeTerm({ terms, chance }: LabelEvidence, term: LabelEvidence['terms'][number] | null): Judged {
  if (!term)
    return {
      clear: false,
      reason: terms.length > 0 ? 'All its significant terms are significant in many features.' : 'No term is significant.',
    }
  const found = `${term.overlap} of its genes belong to ${term.name} (q overall ${term.qOverall.toExponential(1)})`
  if (!chance || chance.copies < fewestCopies)
    return { clear: false, reason: `${found}; too few shuffled copies say what chance gives.` }
  const clear = chance.withTerm <= chanceShare * chance.copies
  return {
    clear,
    reason: `${found}; ${chance.withTerm} of ${chance.copies} shuffled copies had any term${clear ? '' : ', too many'}.`,
  }
}

/** Each lowers the grade by one step. */
function doubtsOf({ genes }: LabelEvidence, cause: string | undefined): string[] {
  const compared = genes.slice(0, donorGenes).flatMap(({ donors }) => (donors ? [donors.agreeing / donors.of] : []))
  const agree = compared.length === 0 ? 1 : compared.reduce((sum, share) => sum + share, 0) / compared.length
  return [
    ...(cause ? [`It may be technical: ${cause}.`] : []),
    ...(agree < donorsAgree ? [`Only ${Math.round(100 * agree)} % of the donors agree on its best genes.`] : []),
  ]
}
