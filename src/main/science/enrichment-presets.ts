// One gene list against terms by the rules of a named tool: which genes and terms count, which test, which correction.
// Rules and their sources: docs/linking.md. Invariant: a preset never changes what another tool would compute to look better;
// what is doubtful about it is said in `warnings`.
import { binomialTwoSided, fisherTwoSided } from './exact-tests'
import { upperTail } from './hypergeometric'
import { benjaminiHochberg } from './multiple-testing'

export const presetNames = ['latiscope', 'goatools', 'gseapy', 'clusterprofiler', 'scfeaturelens'] as const
export type PresetName = (typeof presetNames)[number]

/** A named set of genes. Genes are numbers from 0; none occurs twice. */
export interface NamedSet {
  readonly id: string
  readonly name: string
  /** Terms of one group are corrected together: the aspect of an ontology, or '' for all. */
  readonly group: string
  readonly isRoot: boolean
  readonly genes: ArrayLike<number>
}

/** Gene numbers, each once. Study genes outside the background are not counted. */
export interface PresetInput {
  readonly sets: readonly NamedSet[]
  readonly study: readonly number[]
  readonly background: readonly number[]
}

export interface TermResult {
  readonly id: string
  readonly name: string
  readonly overlap: number
  readonly termSize: number
  readonly studySize: number
  readonly backgroundSize: number
  readonly pValue: number
  /** Null where the tool makes no correction. */
  readonly qValue: number | null
  /** Null where it is not finite or the tool gives none. */
  readonly oddsRatio: number | null
  /** Shared genes in the order of the study list. */
  readonly genes: readonly number[]
  /** −ln(p) · odds ratio (Enrichr's combined score), gseapy only. */
  readonly combinedScore?: number | null
  /** What scFeatureLens writes under "fdr": the share of the list outside the term. Not a false discovery rate. */
  readonly publishedFdr?: number
}

export interface PresetResult {
  /** By p, then id. */
  readonly terms: readonly TermResult[]
  readonly studySize: number
  readonly backgroundSize: number
  readonly warnings: readonly string[]
}

export type Count = Pick<TermResult, 'overlap' | 'termSize' | 'studySize' | 'backgroundSize'>

/** What a tool tests and how. */
export interface PresetRules {
  /** Only genes of at least one term count, in list and background. */
  readonly annotatedOnly: boolean
  readonly smallest: number
  readonly largest: number
  readonly withRoot: boolean
  readonly leastOverlap: number
  readonly corrected: boolean
  p(count: Count): number
  odds(count: Count): number | null
  readonly warnings: readonly string[]
}

const oneSided = ({ overlap, termSize, studySize, backgroundSize }: Count): number =>
  upperTail(overlap, termSize, studySize, backgroundSize).p

/** Cross product of the table; null where a cell of the other diagonal is 0. */
function sampleOdds({ overlap, termSize, studySize, backgroundSize }: Count): number | null {
  const other = (termSize - overlap) * (studySize - overlap)
  return other === 0 ? null : (overlap * (backgroundSize - termSize - studySize + overlap)) / other
}

/** The same with ½ added to every cell (Haldane), always finite. */
const haldaneOdds = ({ overlap, termSize, studySize, backgroundSize }: Count): number =>
  ((overlap + 0.5) * (backgroundSize - termSize - studySize + overlap + 0.5)) /
  ((termSize - overlap + 0.5) * (studySize - overlap + 0.5))

const everySize = { smallest: 1, largest: Infinity }

export const presetRules: Readonly<Record<PresetName, PresetRules>> = {
  latiscope: {
    annotatedOnly: false,
    smallest: 10,
    largest: 500,
    withRoot: false,
    leastOverlap: 0,
    corrected: true,
    p: oneSided,
    odds: haldaneOdds,
    warnings: [],
  },
  goatools: {
    annotatedOnly: false,
    ...everySize,
    withRoot: true,
    leastOverlap: 0,
    corrected: true,
    p: ({ overlap, termSize, studySize, backgroundSize }) => fisherTwoSided(overlap, termSize, studySize, backgroundSize),
    odds: sampleOdds,
    warnings: ['The test is two-sided: terms with fewer genes than expected get a small p as well.'],
  },
  gseapy: {
    annotatedOnly: false,
    ...everySize,
    withRoot: true,
    leastOverlap: 1,
    corrected: true,
    p: oneSided,
    odds: haldaneOdds,
    warnings: [
      'Only terms that share a gene with the list enter the correction, so q is too small: about one random list in ten reaches a term at q 0.05.',
    ],
  },
  clusterprofiler: {
    annotatedOnly: true,
    smallest: 10,
    largest: 500,
    withRoot: true,
    leastOverlap: 1,
    corrected: true,
    p: oneSided,
    odds: sampleOdds,
    warnings: [
      'Only terms that share a gene with the list enter the correction, so q is too small: up to one random list in ten reaches a term at q 0.05.',
      'Genes without any term are left out of the background and of the list.',
    ],
  },
  scfeaturelens: {
    annotatedOnly: false,
    smallest: 10,
    largest: 500,
    withRoot: true,
    leastOverlap: 0,
    corrected: false,
    p: ({ overlap, termSize, studySize, backgroundSize }) =>
      studySize === 0 ? 1 : binomialTwoSided(overlap, studySize, termSize / backgroundSize),
    odds: () => null,
    warnings: [
      'p values are not corrected for the number of terms: with thousands of terms, hundreds fall below 0.05 by chance. qValue is therefore empty.',
      'The binomial test is two-sided and draws genes with replacement: terms with fewer genes than expected get a small p as well.',
      'What the tool calls "fdr" (publishedFdr) is the share of the list outside the term, not a false discovery rate.',
      'The tool also asks for a Mann–Whitney p below 0.05 on the fold changes of all genes, which a plain gene list does not hold.',
      'Published use takes direct annotations only, without the terms above them.',
    ],
  },
}

/** Tests `study` against every term of the preset's family. */
export function runPreset(preset: PresetName, { sets, study, background }: PresetInput): PresetResult {
  const rule = presetRules[preset]
  const counted = new Set(background)
  if (rule.annotatedOnly) keepAnnotated(counted, sets)
  const listed = study.filter((gene) => counted.has(gene))
  const place = new Map(listed.map((gene, at) => [gene, at]))
  const found: (TermResult & { group: string })[] = []
  for (const set of sets) {
    if (set.isRoot && !rule.withRoot) continue
    let termSize = 0
    const shared: number[] = []
    for (let at = 0; at < set.genes.length; at++) {
      const gene = set.genes[at] as number
      if (!counted.has(gene)) continue
      termSize++
      if (place.has(gene)) shared.push(gene)
    }
    if (termSize < rule.smallest || termSize > rule.largest || shared.length < rule.leastOverlap) continue
    const count = { overlap: shared.length, termSize, studySize: listed.length, backgroundSize: counted.size }
    const pValue = rule.p(count)
    found.push({
      id: set.id,
      name: set.name,
      ...count,
      pValue,
      qValue: null,
      oddsRatio: rule.odds(count),
      genes: shared.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)),
      group: set.group,
    })
  }
  const corrected = rule.corrected ? correct(found) : found
  return {
    terms: corrected
      .map(({ group: _group, ...term }) => ({ ...term, ...extras(preset, term) }))
      .sort((a, b) => a.pValue - b.pValue || (a.id < b.id ? -1 : 1)),
    studySize: listed.length,
    backgroundSize: counted.size,
    warnings: rule.warnings,
  }
}

function keepAnnotated(genes: Set<number>, sets: readonly NamedSet[]): void {
  const annotated = new Set<number>()
  for (const set of sets) for (let at = 0; at < set.genes.length; at++) annotated.add(set.genes[at] as number)
  for (const gene of genes) if (!annotated.has(gene)) genes.delete(gene)
}

/** Benjamini–Hochberg within each group of terms. */
function correct<T extends { readonly group: string; readonly pValue: number }>(terms: readonly T[]): (T & { qValue: number })[] {
  const byGroup = Map.groupBy(terms, (term) => term.group)
  return [...byGroup.values()].flatMap((members) => {
    const q = benjaminiHochberg(members.map((term) => term.pValue))
    return members.map((term, at) => ({ ...term, qValue: q[at] as number }))
  })
}

function extras(preset: PresetName, term: Omit<TermResult, 'genes'>): Pick<TermResult, 'combinedScore' | 'publishedFdr'> {
  if (preset === 'gseapy') {
    const score = -Math.log(term.pValue) * (term.oddsRatio ?? NaN)
    return { combinedScore: Number.isFinite(score) ? score : null }
  }
  if (preset === 'scfeaturelens')
    return { publishedFdr: term.studySize === 0 ? 1 : (term.studySize - term.overlap) / term.studySize }
  return {}
}
