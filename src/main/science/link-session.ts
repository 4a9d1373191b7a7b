// What one linking needs for every latent: strata, backgrounds with their testers, and the way from an activation to tested terms.
import type { SeededRandom } from '../base/random'
import type { Csr, RowSource } from '../base/sparse'
import { chooseCells, fewestActive, makeStrata, type ChosenCells, type LatentActivation, type Strata } from './choose-cells'
import type { PresetName } from './enrichment-presets'
import { presetRules } from './enrichment-presets'
import { createGeneRanker, type GeneEffects, type GeneRanker } from './gene-ranking'
import { inflationOfTerms } from './set-inflation'
import { publishedCells, publishedStudy } from './published-linking'
import { aurocFloor, detectedBackground, studyList, type Background, type GeneFacts } from './study-list'
import {
  createListTester,
  createPublishedTester,
  createRankTester,
  type LinkMethod,
  type TestedTerms,
  type TermTester,
} from './term-testers'
import { cutToBackground, type TermSets, type TermSizes } from './term-sets'

/** `file`: genes the user listed; `annotated`: those with at least one term of the sets. All must be detected and mapped. */
export type BackgroundKind = 'detected' | 'annotated' | 'file'

export interface LinkInput {
  /** Latents × cells; stored values are activations > 0. */
  readonly activations: Csr
  /** The same values both ways: genes × cells, cells × genes. */
  readonly expression: { readonly byGene: RowSource; readonly byCell: RowSource }
  /** Donor or batch code per cell (−1 missing); null when no such column is assigned. */
  readonly strata: Int32Array | null
  /** Donor code per cell for the comparison of donors; null when no donor column is assigned. */
  readonly donors: Int32Array | null
  /** Strata of the shuffled copies when they differ: cell type (and donor) for the strict control. */
  readonly nullStrata?: Int32Array
  readonly genes: GeneFacts
  readonly sets: TermSets
  readonly options: {
    readonly preset: PresetName
    readonly method: LinkMethod
    readonly background: BackgroundKind
    /** 1 per ontology gene of the user's list; needed for `file`, and then compared with the others. */
    readonly listedGenes?: Uint8Array
    readonly seed: number
    /** Shuffled copies for the control. */
    readonly shuffles: number
    /** Longest study list; absent: `studyLimit` of the background. */
    readonly studySize?: number
    /** Genes of a term within the background; absent: those of the preset, or 10 to 500. */
    readonly termSize?: TermSizes
    /** Factor from a difference of means to a log2 difference: 1/ln 2 for ln(1+x), 1 for log2(1+x), null for other units. */
    readonly log2PerUnit: number | null
  }
}

/** One background with everything that depends on it. */
export interface Arm {
  readonly kind: BackgroundKind
  readonly background: Background
  readonly tester: TermTester
}

export interface Session {
  readonly input: LinkInput
  readonly ranker: GeneRanker
  readonly strata: Strata
  readonly nullStrata: Strata
  /** The background asked for; the others show what the choice changes. */
  readonly main: Arm
  readonly others: readonly Arm[]
}

/** What one activation leads to. */
export interface Trace {
  readonly cells: ChosenCells | null
  readonly effects: GeneEffects | null
}

export interface ArmTrace {
  /** Places in the background of the arm. */
  readonly study: Uint32Array
  /** Null when there were too few cells or genes. */
  readonly tested: TestedTerms | null
}

export function openSession(input: LinkInput): Session {
  const ranker = createGeneRanker(input.expression.byGene)
  const { cells } = ranker
  const { method, background, listedGenes } = input.options
  const strata = makeStrata(input.strata, cells)
  const kinds: BackgroundKind[] = [
    ...(presetRules[input.options.preset].annotatedOnly ? [] : (['detected'] as const)),
    'annotated',
    ...(listedGenes ? (['file'] as const) : []),
  ]
  return {
    input,
    ranker,
    strata,
    nullStrata: input.nullStrata ? makeStrata(input.nullStrata, cells) : strata,
    main: openArm(input, strata.codes, background),
    others: method === 'ora' ? kinds.filter((kind) => kind !== background).map((kind) => openArm(input, strata.codes, kind)) : [],
  }
}

/** @param codes stratum of each cell */
function openArm(input: LinkInput, codes: Int32Array, kind: BackgroundKind): Arm {
  const { preset, method, listedGenes, termSize } = input.options
  const annotatedOnly = kind === 'annotated' || (method === 'ora' && presetRules[preset].annotatedOnly)
  const annotated = annotatedOnly ? annotatedGenes(input.sets) : null
  const listed = kind === 'file' ? (listedGenes ?? null) : null
  const allowed = annotated && listed ? annotated.map((one, gene) => one & (listed[gene] ?? 0)) : (annotated ?? listed)
  const background = detectedBackground(input.genes, input.expression.byGene.columns, allowed)
  const tester =
    method !== 'ora'
      ? createRankTester(
          method,
          cutToBackground(input.sets, background.genes, termSize?.least, termSize?.most),
          background,
          (family) => (method === 'auroc' ? inflationOfTerms(input.expression.byCell, codes, background, family) : null),
        )
      : preset === 'scfeaturelens'
        ? createPublishedTester(input.sets, background)
        : createListTester(preset, input.sets, background, { ...(termSize ? { termSize } : {}) })
  return { kind, background, tester }
}

function annotatedGenes(sets: TermSets): Uint8Array {
  const annotated = new Uint8Array(sets.geneCount)
  for (const gene of sets.indices) annotated[gene] = 1
  return annotated
}

export function activationOf(activations: Csr, latent: number): LatentActivation {
  const from = activations.indptr[latent] as number
  const to = activations.indptr[latent + 1] as number
  return { cells: activations.indices.subarray(from, to), values: activations.values.subarray(from, to) }
}

const isPublished = ({ input }: Session): boolean => input.options.preset === 'scfeaturelens' && input.options.method === 'ora'

/** The cells an activation is judged by; null for too few. */
export const cellsOf = (session: Session, activation: LatentActivation, random: SeededRandom): ChosenCells | null =>
  isPublished(session) ? publishedCells(activation, session.strata.codes.length) : chooseCells(activation, session.strata, random)

/** Latents that are on in enough cells for that. */
export function countTestable(session: Session): number {
  const { indptr, rows } = session.input.activations
  const least = isPublished(session) ? 2 : fewestActive
  let count = 0
  for (let latent = 0; latent < rows; latent++) if ((indptr[latent + 1] as number) - (indptr[latent] as number) >= least) count++
  return count
}

/** From ranked genes to tested terms of one background. */
export function testArm(
  session: Session,
  { background, tester }: Arm,
  { cells, effects }: Trace,
  random: SeededRandom,
): ArmTrace {
  if (!cells || !effects) return { study: new Uint32Array(0), tested: null }
  const [active, reference] = [cells.active.length, cells.reference.length]
  const study = isPublished(session)
    ? publishedStudy(effects, cells, background)
    : studyList(effects, background, aurocFloor(active, reference), session.input.options.studySize)
  return { study, tested: tester.test({ effects, pairs: active * reference, study, random }) }
}
