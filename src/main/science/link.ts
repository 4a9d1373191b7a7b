// Links latents to genes and terms: cells → ranked genes → study list → terms, with both false discovery rates and the
// shuffled-data control. Pure and seeded: the same input gives the same result. Method: docs/linking.md.
import { seededRandom } from '../base/random'
import type { ChosenCells } from './choose-cells'
import type { DonorConsistency } from './donor-consistency'
import type { GeneEffects } from './gene-ranking'
import { testGenes, type GeneTests } from './gene-tests'
import { LinkCourse, type LinkStep } from './link-course'
import { rankInPasses, type Chosen, type Ranked } from './link-passes'
import {
  activationOf,
  cellsOf,
  countTestable,
  openSession,
  testArm,
  type Arm,
  type BackgroundKind,
  type LinkInput,
  type Session,
} from './link-session'
import { shuffleWithinStrata } from './permutation'
import { groupByGenes } from './redundancy'
import { lowestColumns } from './study-list'
import type { TermHits } from './term-hits'
import { chanceThresholds, type TestedTerms } from './term-testers'

export type { LinkStep } from './link-course'
export type { BackgroundKind, LinkInput } from './link-session'

/** One entry per gene, best AUROC first. */
export interface RankedGenes {
  /** Columns of the expression matrix. */
  readonly columns: Uint32Array
  readonly auroc: Float32Array
  readonly log2Difference: Float32Array | null
  readonly detectedActive: Float32Array
  readonly detectedReference: Float32Array
  readonly tests: GeneTests
  /** The best genes within each donor; null with fewer than three donors. */
  readonly donors: DonorConsistency | null
}

export type LinkStatus = 'tested' | 'dead' | 'too few cells' | 'too few genes'

export interface LatentLink {
  readonly latent: number
  /** Only `tested` latents count in the families. */
  readonly status: LinkStatus
  readonly mode: ChosenCells['mode'] | null
  readonly activeUsed: number
  readonly referenceUsed: number
  readonly matched: boolean
  /** Study list as columns of the expression matrix, best first; `hits.genes` counts along it. */
  readonly study: Uint32Array
  readonly topGenes: RankedGenes | null
  readonly hits: TermHits | null
  /** Per kept term: rank of the best term that speaks of the same genes. */
  readonly groups: Uint32Array
  /** Significant terms with each background, in the order of `LinkResult.backgrounds`. */
  readonly significant: readonly number[]
}

export interface BackgroundEffect {
  readonly kind: BackgroundKind
  readonly genes: number
  readonly terms: number
  readonly significant: { readonly latents: number; readonly pairs: number }
  /** Pairs of latent and term that are significant here and not with the chosen background, and the other way round. */
  readonly gained: number
  readonly lost: number
}

/** What chance alone gives at one threshold of q in a latent. */
export interface ChanceLevel {
  readonly q: number
  /** Terms of all tested latents up to this q. */
  readonly found: number
  /** Expected among as many shuffled latents: terms per copy × tested latents. */
  readonly expected: number
  /** expected ÷ found, at most 1; null when nothing was found or no copy was made. */
  readonly rate: number | null
}

export interface LinkResult {
  readonly latents: LatentLink[]
  readonly backgroundSize: number
  readonly testedLatents: number
  readonly testedTerms: number
  /** Pairs with qLatent ≤ 0.05 and qOverall ≤ 0.05, and the latents that have one. */
  readonly significant: { readonly latents: number; readonly pairs: number }
  /** Latents with at least one term at qLatent ≤ 0.05, whatever qOverall: what the shuffled copies are compared with. */
  readonly withTerm: number
  /** Shuffled copies of tested latents, and how many reach a term at qLatent ≤ 0.05. */
  readonly shuffled: { readonly copies: number; readonly withTerm: number }
  /** Pairs by the tool's own rule, for a preset whose rule is not a q value. */
  readonly published: { readonly latents: number; readonly pairs: number } | null
  /** The chosen background first. */
  readonly backgrounds: readonly BackgroundEffect[]
  readonly chance: readonly ChanceLevel[]
}

export const significantBelow = 0.05
export { topGeneCount } from './link-passes'
const lowGeneCount = 25
/** Keeps the draws of the control apart from those of the latents. */
const shuffleStream = 1_000_000
/** Draws of a test apart from the draws of cells. */
const testStream = 2_000_000

/** What is kept of one arm for one latent until all are tested. */
interface Kept {
  readonly latent: number
  readonly hits: TermHits
  readonly studySize: number
}

interface ArmRecord {
  readonly arm: Arm
  readonly kept: Kept[]
  readonly passing: Float64Array
  withTerm: number
  published: { latents: number; pairs: number } | null
}

type Draft = Omit<LatentLink, 'significant'>

/**
 * Yields often enough for the caller to report, pause or stop; returns the whole result. Genes are gone through in as many passes as
 * memory asks for; how many does not change the result.
 */
export function* linkLatents(input: LinkInput): Generator<LinkStep, LinkResult, void> {
  const session = openSession(input)
  const { shuffles } = input.options
  const course = new LinkCourse(session.ranker, countTestable(session), shuffles)
  const records = [session.main, ...session.others].map(emptyRecord)
  const drafts: Draft[] = []
  for (const ranked of rankInPasses(session, latentsOf(session), course, true)) {
    if ('latent' in ranked) drafts.push(linkOne(session, records, ranked))
    yield course.step()
  }
  const tested = drafts.filter((one) => one.status === 'tested').map((one) => one.latent)
  for (const { arm, kept } of records) arm.tester.fill(kept)
  const chance = emptyRecord(session.main)
  const copies = tested.length > 0 ? shuffles : 0
  course.startCopies()
  for (const ranked of rankInPasses(session, copiesOf(session, tested, copies), course, false)) {
    if ('latent' in ranked) testShuffled(session, ranked, chance)
    yield course.step()
  }
  return summarise(session, drafts, records, { copies, record: chance })
}

function* latentsOf(session: Session): Generator<Chosen> {
  const { activations, options } = session.input
  for (let latent = 0; latent < activations.rows; latent++) {
    const activation = activationOf(activations, latent)
    const cells = cellsOf(session, activation, seededRandom(options.seed, latent))
    yield { latent, cells, draws: () => seededRandom(options.seed, testStream + latent) }
  }
}

/** Latents of the tested ones, each dealt anew within its strata. */
function* copiesOf(session: Session, tested: readonly number[], copies: number): Generator<Chosen> {
  for (let copy = 0; copy < copies; copy++) {
    const random = seededRandom(session.input.options.seed, shuffleStream + copy)
    const latent = tested[random.below(tested.length)] as number
    const shuffled = shuffleWithinStrata(activationOf(session.input.activations, latent), session.nullStrata, random)
    yield { latent, cells: cellsOf(session, shuffled, random), draws: () => random }
  }
}

const emptyRecord = (arm: Arm): ArmRecord => ({
  arm,
  kept: [],
  passing: new Float64Array(chanceThresholds.length),
  withTerm: 0,
  published: null,
})

/** Counts what one test found; answers the tested terms that are kept. */
function enter(record: ArmRecord, tested: TestedTerms): void {
  tested.passing.forEach((terms, at) => (record.passing[at] = (record.passing[at] as number) + terms))
  if ((tested.passing[chanceThresholds.indexOf(significantBelow)] as number) > 0) record.withTerm++
  if (tested.published === null) return
  record.published ??= { latents: 0, pairs: 0 }
  record.published.pairs += tested.published
  if (tested.published > 0) record.published.latents++
}

function linkOne(session: Session, records: readonly ArmRecord[], ranked: Ranked): Draft {
  const { latent, cells, effects } = ranked
  const traces = records.map((record) => {
    const found = testArm(session, record.arm, ranked, ranked.draws())
    if (!found.tested) return { ...found, hits: null }
    enter(record, found.tested)
    found.tested.enter()
    const hits = found.tested.hits()
    record.kept.push({ latent, hits, studySize: found.tested.studySize })
    return { ...found, hits }
  })
  const main = traces[0]
  const { indptr } = session.input.activations
  const untested = indptr[latent] === indptr[latent + 1] ? 'dead' : cells === null ? 'too few cells' : 'too few genes'
  const study = main?.study ?? new Uint32Array(0)
  return {
    latent,
    status: main?.hits ? 'tested' : untested,
    mode: cells?.mode ?? null,
    activeUsed: cells?.active.length ?? 0,
    referenceUsed: cells?.reference.length ?? 0,
    matched: cells?.matched ?? false,
    study: study.map((place) => session.main.background.columns[place] as number),
    topGenes: effects && cells && rankedGenes(session, ranked, effects, cells),
    hits: main?.hits ?? null,
    groups: main?.hits ? groupByGenes(main.hits.overlaps, main.hits.genes) : new Uint32Array(0),
  }
}

function rankedGenes({ input }: Session, { best, donors }: Ranked, effects: GeneEffects, cells: ChosenCells): RankedGenes {
  const { log2PerUnit } = input.options
  const columns = Uint32Array.of(...best, ...lowestColumns(effects, lowGeneCount, best))
  const pick = (from: Float64Array, factor = 1): Float32Array =>
    Float32Array.from(columns, (column) => (from[column] as number) * factor)
  return {
    columns,
    auroc: pick(effects.auroc),
    log2Difference: log2PerUnit === null ? null : pick(effects.meanDifference, log2PerUnit),
    detectedActive: pick(effects.detectedActive),
    detectedReference: pick(effects.detectedReference),
    tests: testGenes(effects, cells.active.length, cells.reference.length, columns),
    donors,
  }
}

function testShuffled(session: Session, ranked: Ranked, into: ArmRecord): void {
  const found = testArm(session, session.main, ranked, ranked.draws())
  if (found.tested) enter(into, found.tested)
}

function summarise(
  session: Session,
  drafts: readonly Draft[],
  records: readonly ArmRecord[],
  { copies, record }: { readonly copies: number; readonly record: ArmRecord },
): LinkResult {
  const pairs = records.map(({ kept }) => significantPairs(kept))
  const [chosen = new Map<number, Set<number>>()] = pairs
  const tested = drafts.filter((one) => one.status === 'tested').length
  const main = records[0]
  return {
    latents: drafts.map((draft) => ({ ...draft, significant: pairs.map((found) => found.get(draft.latent)?.size ?? 0) })),
    backgroundSize: session.main.background.columns.length,
    testedLatents: tested,
    testedTerms: session.main.tester.family.terms.length,
    significant: countPairs(chosen),
    withTerm: main?.withTerm ?? 0,
    shuffled: { copies, withTerm: record.withTerm },
    published: main?.published ?? null,
    backgrounds: records.map(({ arm }, at) => {
      const own = pairs[at] ?? new Map<number, Set<number>>()
      return {
        kind: arm.kind,
        genes: arm.background.columns.length,
        terms: arm.tester.family.terms.length,
        significant: countPairs(own),
        gained: countMissing(own, chosen),
        lost: countMissing(chosen, own),
      }
    }),
    chance: chanceLevels(main?.passing ?? new Float64Array(chanceThresholds.length), record.passing, copies, tested),
  }
}

/** @param passing terms of all tested latents up to each threshold @param byChance the same of all copies */
export function chanceLevels(passing: Float64Array, byChance: Float64Array, copies: number, tested: number): ChanceLevel[] {
  return chanceThresholds.map((q, at) => {
    const found = passing[at] as number
    const expected = copies === 0 ? 0 : ((byChance[at] as number) / copies) * tested
    return { q, found, expected, rate: copies === 0 || found === 0 ? null : Math.min(1, expected / found) }
  })
}

/** Significant terms of each latent. */
export function significantPairs(kept: readonly Pick<Kept, 'latent' | 'hits'>[]): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>()
  for (const { latent, hits } of kept) {
    const terms = Array.from(hits.terms).filter(
      (_, at) => (hits.qLatent[at] as number) <= significantBelow && (hits.qOverall[at] as number) <= significantBelow,
    )
    if (terms.length > 0) found.set(latent, new Set(terms))
  }
  return found
}

export const countPairs = (found: ReadonlyMap<number, ReadonlySet<number>>): { latents: number; pairs: number } => ({
  latents: found.size,
  pairs: [...found.values()].reduce((sum, terms) => sum + terms.size, 0),
})

/** Pairs of the first that the second lacks. */
function countMissing(of: ReadonlyMap<number, ReadonlySet<number>>, from: ReadonlyMap<number, ReadonlySet<number>>): number {
  let missing = 0
  for (const [latent, terms] of of) for (const term of terms) if (!from.get(latent)?.has(term)) missing++
  return missing
}
