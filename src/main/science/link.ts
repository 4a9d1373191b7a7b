// Links latents to genes and terms: cells → ranked genes → study list → terms, with both false discovery rates and the
// shuffled-data control. Pure and seeded: the same input gives the same result. Method: docs/linking.md.
import { seededRandom, type SeededRandom } from '../base/random'
import type { Csr } from '../base/sparse'
import { chooseCells, makeStrata, type ChosenCells, type LatentActivation, type Strata } from './choose-cells'
import type { GeneEffects, GeneRanker } from './gene-ranking'
import { createEnrichmentTester, type Enrichment, type EnrichmentTester } from './over-representation'
import { createOverallRate } from './overall-rate'
import { shuffleWithinStrata } from './permutation'
import {
  aurocFloor,
  detectedBackground,
  fewestStudyGenes,
  studyList,
  topColumns,
  type Background,
  type GeneFacts,
} from './study-list'
import { keepHits, type TermHits } from './term-hits'
import { cutToBackground, type TermSets } from './term-sets'

export interface LinkInput {
  /** Latents × cells; stored values are activations > 0. */
  readonly activations: Csr
  readonly ranker: GeneRanker
  /** Donor or batch code per cell (−1 missing); null when no such column is assigned. */
  readonly strata: Int32Array | null
  readonly genes: GeneFacts
  readonly sets: TermSets
  readonly options: {
    /** `annotated`: only genes with at least one term of `sets` count as background. */
    readonly background: 'detected' | 'annotated'
    readonly seed: number
    /** Shuffled copies for the control. */
    readonly shuffles: number
    /** Factor from a difference of means to a log2 difference: 1/ln 2 for ln(1+x), 1 for log2(1+x), null for other units. */
    readonly log2PerUnit: number | null
  }
}

/** One entry per gene, best AUROC first. */
export interface RankedGenes {
  /** Columns of the expression matrix. */
  readonly columns: Uint32Array
  readonly auroc: Float32Array
  readonly log2Difference: Float32Array | null
  readonly detectedActive: Float32Array
  readonly detectedReference: Float32Array
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
}

export interface LinkResult {
  readonly latents: LatentLink[]
  readonly backgroundSize: number
  readonly testedLatents: number
  readonly testedTerms: number
  /** Pairs with qLatent ≤ 0.05 and qOverall ≤ 0.05, and the latents that have one. */
  readonly significant: { readonly latents: number; readonly pairs: number }
  /** Shuffled copies of tested latents, and how many reach a term at qLatent ≤ 0.05. */
  readonly shuffled: { readonly copies: number; readonly withTerm: number }
}

export interface LinkStep {
  readonly step: number
  readonly of: number
  readonly phase: 'linking' | 'shuffling'
}

export const significantBelow = 0.05
const topGeneCount = 200
/** Keeps the draws of the control apart from those of the latents. */
const shuffleStream = 1_000_000

interface Session {
  readonly input: LinkInput
  readonly strata: Strata
  readonly background: Background
  readonly tester: EnrichmentTester
}

/** What one activation leads to, up to and including the test. */
interface Trace {
  readonly cells: ChosenCells | null
  readonly effects: GeneEffects | null
  /** Places in the background. */
  readonly study: Uint32Array
  /** Null when there were too few cells or genes. */
  readonly result: Enrichment | null
}

/** Yields after every latent and every shuffled copy, so that the caller can report, pause or stop; returns the whole result. */
export function* linkLatents(input: LinkInput): Generator<LinkStep, LinkResult, void> {
  const session = openSession(input)
  const count = input.activations.rows
  const of = count + input.options.shuffles
  const latents: LatentLink[] = []
  const overall = createOverallRate(session.tester)
  for (let latent = 0; latent < count; latent++) {
    const activation = activationOf(input.activations, latent)
    const trace = follow(session, activation, seededRandom(input.options.seed, latent))
    if (trace.result) overall.add(trace.result)
    latents.push(describe(session, latent, activation, trace))
    yield { step: latent + 1, of, phase: 'linking' }
  }
  const tested = latents.filter((one) => one.status === 'tested').map((one) => one.latent)
  overall.fill(latents.flatMap(({ hits, study }) => (hits ? { hits, studySize: study.length } : [])))
  const copies = tested.length > 0 ? input.options.shuffles : 0
  let withTerm = 0
  for (let copy = 0; copy < copies; copy++) {
    if (shuffledReachesTerm(session, tested, copy)) withTerm++
    yield { step: count + copy + 1, of, phase: 'shuffling' }
  }
  return {
    latents,
    backgroundSize: session.background.columns.length,
    testedLatents: tested.length,
    testedTerms: session.tester.family.terms.length,
    significant: countSignificant(latents),
    shuffled: { copies, withTerm },
  }
}

function openSession(input: LinkInput): Session {
  const cells = input.ranker.cells
  const annotated = input.options.background === 'annotated' ? annotatedGenes(input.sets) : null
  const background = detectedBackground(input.genes, cells, annotated)
  const tester = createEnrichmentTester(cutToBackground(input.sets, background.genes))
  return { input, strata: makeStrata(input.strata, cells), background, tester }
}

function annotatedGenes(sets: TermSets): Uint8Array {
  const annotated = new Uint8Array(sets.geneCount)
  for (const gene of sets.indices) annotated[gene] = 1
  return annotated
}

function activationOf(activations: Csr, latent: number): LatentActivation {
  const from = activations.indptr[latent] as number
  const to = activations.indptr[latent + 1] as number
  return { cells: activations.indices.subarray(from, to), values: activations.values.subarray(from, to) }
}

function follow(session: Session, activation: LatentActivation, random: SeededRandom): Trace {
  const cells = chooseCells(activation, session.strata, random)
  if (!cells) return { cells, effects: null, study: new Uint32Array(0), result: null }
  const effects = session.input.ranker.rank(cells.active, cells.reference)
  const study = studyList(effects, session.background, aurocFloor(cells.active.length, cells.reference.length))
  return { cells, effects, study, result: study.length >= fewestStudyGenes ? session.tester.test(study) : null }
}

function describe(session: Session, latent: number, activation: LatentActivation, trace: Trace): LatentLink {
  const { cells, effects, study, result } = trace
  const untested = activation.cells.length === 0 ? 'dead' : cells === null ? 'too few cells' : 'too few genes'
  return {
    latent,
    status: result ? 'tested' : untested,
    mode: cells?.mode ?? null,
    activeUsed: cells?.active.length ?? 0,
    referenceUsed: cells?.reference.length ?? 0,
    matched: cells?.matched ?? false,
    study: study.map((place) => session.background.columns[place] as number),
    topGenes: effects && rankedGenes(effects, session.input.options.log2PerUnit),
    hits: result && keepHits(result, session.tester.family, study),
  }
}

function rankedGenes(effects: GeneEffects, log2PerUnit: number | null): RankedGenes {
  const columns = topColumns(effects, topGeneCount)
  const pick = (from: Float64Array, factor = 1): Float32Array =>
    Float32Array.from(columns, (column) => (from[column] as number) * factor)
  return {
    columns,
    auroc: pick(effects.auroc),
    log2Difference: log2PerUnit === null ? null : pick(effects.meanDifference, log2PerUnit),
    detectedActive: pick(effects.detectedActive),
    detectedReference: pick(effects.detectedReference),
  }
}

/** One latent of the tested ones, dealt anew within its strata, through the same pipeline: does any term pass in this latent? */
function shuffledReachesTerm(session: Session, tested: readonly number[], copy: number): boolean {
  const random = seededRandom(session.input.options.seed, shuffleStream + copy)
  const latent = tested[random.below(tested.length)] as number
  const shuffled = shuffleWithinStrata(activationOf(session.input.activations, latent), session.strata, random)
  return follow(session, shuffled, random).result?.q.some((q) => q <= significantBelow) ?? false
}

function countSignificant(latents: readonly LatentLink[]): { latents: number; pairs: number } {
  const perLatent = latents.map(({ hits }) =>
    hits
      ? hits.qLatent.reduce(
          (sum, q, at) => sum + (q <= significantBelow && (hits.qOverall[at] as number) <= significantBelow ? 1 : 0),
          0,
        )
      : 0,
  )
  return { latents: perLatent.filter((count) => count > 0).length, pairs: perLatent.reduce((sum, count) => sum + count, 0) }
}
