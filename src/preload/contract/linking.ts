// Latents and the evidence for what they mean: genes, terms, cell groups, numbers, labels. What a linking is asked and answers.
// Units: shares are 0..1, AUROC 0..1, p and q plain numbers with log10 beside them where they underflow. Absent is null.
import * as v from 'valibot'
import { OntologyReference, TermChoice } from './term-choice'
import { Preset } from './enrichment'
import { limits } from './limits'
import { LinkingChoice, LinkMethod, TopTerm } from './linking-choice'
import { Aspect, Count, FileToken, LatentId, RunId } from './model'

const Share = v.nullable(v.number())

export const TopGroup = v.strictObject({ column: v.string(), value: v.string(), auroc: v.number() })
export type TopGroup = v.InferOutput<typeof TopGroup>

/** How well a proposed label is supported. The rule is in docs/linking.md. */
export const LabelGrade = v.picklist(['strong', 'moderate', 'weak'])
export type LabelGrade = v.InferOutput<typeof LabelGrade>
/** A label made from the evidence alone, by a fixed rule. */
export const LabelProposal = v.strictObject({
  text: v.string(),
  grade: LabelGrade,
  /** What the text and the grade rest on, as sentences. */
  reasons: v.array(v.string()),
  /** The user has rejected exactly this text before. */
  rejected: v.boolean(),
})
export type LabelProposal = v.InferOutput<typeof LabelProposal>
/** Where the present label comes from. */
export const LabelState = v.picklist(['none', 'edited', 'accepted'])
export type LabelState = v.InferOutput<typeof LabelState>

/**
 * One line of the feature list. `flags` are words: dead, rare, dense, depth, mito-share, doublet, donor, batch, and gene families
 * (ribosomal, mitochondrial, haemoglobin, cell-cycle, stress, hla, sex).
 */
export const LatentRow = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  labelState: LabelState,
  proposal: v.nullable(LabelProposal),
  density: v.number(),
  activeCells: Count,
  topGroup: v.nullable(TopGroup),
  topTerm: v.nullable(TopTerm),
  topGenes: v.array(v.string()),
  stability: v.nullable(v.number()),
  flags: v.array(v.string()),
})
export type LatentRow = v.InferOutput<typeof LatentRow>

/** Cells were chosen by the latent, so p and q describe; null for links made before these tests existed or where undefined. */
export const GeneLink = v.strictObject({
  gene: v.string(),
  auroc: v.number(),
  log2Difference: v.nullable(v.number()),
  detectedActive: v.number(),
  detectedReference: v.number(),
  cohensD: v.nullable(v.number()),
  /** `score`: z with tie correction, without continuity correction. */
  wilcoxon: v.nullable(v.strictObject({ score: v.number(), pValue: v.number(), log10P: v.number(), qValue: v.number() })),
  welch: v.nullable(v.strictObject({ t: v.number(), pValue: v.number(), log10P: v.number(), qValue: v.number() })),
  /**
   * Null with fewer than three donors that have cells of both kinds. `differences`: one per donor of the linking, in log2 where
   * possible, null for a donor with too few cells. `pValue`: paired t test across donors.
   */
  donors: v.nullable(
    v.strictObject({ agreeing: Count, of: Count, pValue: v.nullable(v.number()), differences: v.array(v.nullable(v.number())) }),
  ),
})
export type GeneLink = v.InferOutput<typeof GeneLink>

export const TermLink = v.strictObject({
  id: v.string(),
  name: v.string(),
  overlap: Count,
  termSize: Count,
  studySize: Count,
  backgroundSize: Count,
  pValue: v.number(),
  qLatent: v.number(),
  qOverall: v.number(),
  genes: v.array(v.string()),
  /** Rank test: AUROC, enrichment score or camera's t. scFeatureLens: its rank effect. Null for tests of a list. */
  score: v.nullable(v.number()),
  /** Id of the best term that speaks of the same genes; the term's own id when it is the best. */
  group: v.nullable(v.string()),
  /** Significant in more than a fifth of the tested latents. */
  ubiquitous: v.boolean(),
})
export type TermLink = v.InferOutput<typeof TermLink>

export const GroupLink = v.strictObject({
  column: v.string(),
  value: v.string(),
  auroc: Share,
  precision: Share,
  recall: Share,
  f1: Share,
  /** precision ÷ share of all cells that have the value. */
  fold: Share,
  /** Hypergeometric, more cells than expected; cells are not replicates. */
  log10P: Share,
  /** Benjamini–Hochberg over all latents × values of the column. */
  qValue: Share,
  /** Mutual information of "on" and "has the value", in bits. */
  information: Share,
})
export type GroupLink = v.InferOutput<typeof GroupLink>

/** A numeric column: rank correlations over all cells and over the active ones, and AUROC of on against off cells. */
export const NumberLink = v.strictObject({ column: v.string(), spearman: Share, spearmanActive: Share, auroc: Share })
export type NumberLink = v.InferOutput<typeof NumberLink>

/** Over how many values of a column a latent spreads; rule in docs/linking.md. */
export const Breadth = v.strictObject({
  column: v.string(),
  breadth: v.picklist(['local', 'regional', 'global']),
  /** Values in which it is clearly stronger. */
  marked: v.array(v.string()),
  /** Effective number of values: exp of the entropy of its mean activation. */
  effective: v.number(),
  /** Mutual information of "on" and the column, in bits. */
  information: Share,
})
export type Breadth = v.InferOutput<typeof Breadth>

/** What was significant against another background. */
export const BackgroundEffect = v.strictObject({
  kind: v.picklist(['detected', 'annotated', 'file']),
  genes: Count,
  terms: Count,
  significant: v.strictObject({ latents: Count, pairs: Count }),
  /** Pairs significant here and not with the chosen background, and the other way round. */
  gained: Count,
  lost: Count,
})
export type BackgroundEffect = v.InferOutput<typeof BackgroundEffect>

/** At one threshold of q in a latent: terms found, terms expected by chance, and their ratio. */
export const ChanceLevel = v.strictObject({ q: v.number(), found: Count, expected: v.number(), rate: v.nullable(v.number()) })
export type ChanceLevel = v.InferOutput<typeof ChanceLevel>

/** Within what the copies are shuffled: donors (or batches), or the strict variant, cell types (and donors). */
export const NullKind = v.picklist(['donor', 'type'])
export type NullKind = v.InferOutput<typeof NullKind>

const shuffleCount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.shuffles))

const within = ({ least, most }: { readonly least: number; readonly most: number }) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))
/** How many genes a term may have within the background, both ends included. */
export const TermSize = v.pipe(
  v.strictObject({ least: within(limits.termGenes), most: within(limits.termGenes) }),
  v.check(({ least, most }) => least <= most, 'the least size of a term is above the greatest'),
)
export type TermSize = v.InferOutput<typeof TermSize>

/**
 * Absent options take the defaults: preset latiscope, method ora, null donor, terms of 10 to 500 genes, and study lists of 100 genes or
 * 4 % of the background.
 */
export const LinkRequest = v.strictObject({
  run: v.nullable(RunId),
  aspect: Aspect,
  background: v.picklist(['detected', 'annotated', 'file']),
  /** A list of genes; needed for the background `file`. */
  backgroundFile: v.optional(v.nullable(FileToken)),
  evidence: v.picklist(['all', 'no-iea', 'experimental']),
  shuffles: shuffleCount,
  preset: v.optional(Preset),
  method: v.optional(LinkMethod),
  null: v.optional(NullKind),
  studySize: v.optional(within(limits.studyGenes)),
  termSize: v.optional(TermSize),
  ...TermChoice.entries,
})
export type LinkRequest = v.InferOutput<typeof LinkRequest>

const ConceptCounts = { chosen: Count, confirmed: Count }
/** Rows that are genes: latents with a term at F1 above `least` where it was chosen, and those where it holds on the other genes. */
export const ConceptReport = v.strictObject({
  rows: Count,
  genes: Count,
  least: v.number(),
  ...ConceptCounts,
  shuffled: v.strictObject(ConceptCounts),
})
export type ConceptReport = v.InferOutput<typeof ConceptReport>

const Fit = v.strictObject({ precision: v.number(), recall: v.number(), f1: v.number() })
/** A term a latent over genes stands for: "active above `threshold` of the strongest" against "has the term". */
export const ConceptLink = v.strictObject({
  id: v.string(),
  name: v.string(),
  threshold: v.number(),
  /** On the half of the genes that term and threshold were chosen on, and on the other half. */
  chosen: Fit,
  heldOut: Fit,
})
export type ConceptLink = v.InferOutput<typeof ConceptLink>

export const LinkReport = v.strictObject({
  run: RunId,
  aspect: Aspect,
  preset: Preset,
  method: LinkMethod,
  tested: v.strictObject({ latents: Count, terms: Count }),
  background: v.strictObject({ kind: v.string(), genes: Count }),
  significant: v.strictObject({ latents: Count, pairs: Count }),
  shuffled: v.strictObject({ copies: Count, withTerm: Count, within: v.string() }),
  /** Tested latents with a term at q in this latent ≤ 0.05: what the copies are compared with. */
  withTerm: Count,
  /** By the tool's own rule, for a preset whose rule is not a q value. */
  published: v.nullable(v.strictObject({ latents: Count, pairs: Count })),
  /** The chosen background first. */
  backgrounds: v.array(BackgroundEffect),
  chance: v.array(ChanceLevel),
  /** What chance does, in one sentence. */
  sentence: v.string(),
  warnings: v.array(v.string()),
  /** What it was tested against. */
  source: v.optional(OntologyReference),
  /** Only where rows are genes or proteins. */
  concepts: v.optional(ConceptReport),
})
export type LinkReport = v.InferOutput<typeof LinkReport>

export const LatentCard = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  labelState: LabelState,
  proposal: v.nullable(LabelProposal),
  activeCells: Count,
  density: v.number(),
  flags: v.array(v.string()),
  /** What a flag rests on: rank correlation with `source`, or the share of activation or best genes it holds. */
  flagEvidence: v.array(v.strictObject({ flag: v.string(), source: v.string(), value: v.number() })),
  topGenes: v.array(GeneLink),
  /** The 25 genes with the lowest AUROC, lowest first: those the latent's cells lack. Empty for results of earlier versions. */
  lowerGenes: v.array(GeneLink),
  terms: v.array(TermLink),
  /** Only where rows are genes or proteins: the best terms by F1. */
  concepts: v.optional(v.array(ConceptLink)),
  groups: v.array(GroupLink),
  numbers: v.array(NumberLink),
  breadth: v.array(Breadth),
  similar: v.array(v.strictObject({ id: LatentId, cosine: v.number() })),
  /** Null until the run is linked for this aspect. */
  linking: v.nullable(
    v.strictObject({
      aspect: Aspect,
      preset: Preset,
      method: LinkMethod,
      background: v.string(),
      backgroundSize: Count,
      studySize: Count,
      testedLatents: Count,
      testedTerms: Count,
      shuffled: v.strictObject({ copies: Count, withTerm: Count }),
      tooFew: v.nullable(v.string()),
      /** How p and q of genes are to be read. */
      geneNote: v.string(),
      /** Names of the donors that `differences` of a gene belong to; empty without donors. */
      donors: v.array(v.string()),
      /** Significant terms of this latent with each background. */
      backgrounds: v.array(v.strictObject({ kind: v.string(), significant: Count })),
      sentence: v.string(),
      warnings: v.array(v.string()),
      ontologyRelease: v.string(),
      annotationRelease: v.string(),
      /** Made with another release than the one that is installed now. */
      outdated: v.boolean(),
      /** Null for linkings made before releases were kept, which rest on the built-in annotations. */
      source: v.optional(v.nullable(OntologyReference)),
    }),
  ),
  /** Every stored result of the run, newest first, as this latent stands in it. */
  linkings: v.array(LinkingChoice),
})
export type LatentCard = v.InferOutput<typeof LatentCard>

export const Match = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  /** Why it matches; only the fields of the kind of search asked for are set. */
  qLatent: v.optional(v.number()),
  qOverall: v.optional(v.number()),
  overlap: v.optional(Count),
  auroc: v.optional(v.number()),
  rank: v.optional(Count),
  precision: v.optional(Share),
  recall: v.optional(Share),
  f1: v.optional(Share),
  /** Along groups in an order: −1 … 1, and whether every step goes the same way. */
  trend: v.optional(v.number()),
  steady: v.optional(v.boolean()),
})
export type Match = v.InferOutput<typeof Match>

/** A stored result: what was asked and what came out. Results never change; one per run and aspect is shown. */
export const LinkingSummary = v.strictObject({
  id: Count,
  /** Of the ontology or gene sets it rests on. */
  name: v.string(),
  createdAt: v.string(),
  shown: v.boolean(),
  /** Made with another release than the one that is installed now. */
  outdated: v.boolean(),
  evidence: v.string(),
  null: NullKind,
  ontologyRelease: v.string(),
  annotationRelease: v.string(),
  appVersion: v.string(),
  report: LinkReport,
})
export type LinkingSummary = v.InferOutput<typeof LinkingSummary>

/** One step in the history of a label. */
export const LabelEvent = v.strictObject({
  at: v.string(),
  action: v.picklist(['edited', 'cleared', 'accepted', 'rejected']),
  label: v.nullable(v.string()),
  grade: v.nullable(LabelGrade),
  /** The reasons shown when it was decided. */
  evidence: v.array(v.string()),
  appVersion: v.string(),
})
export type LabelEvent = v.InferOutput<typeof LabelEvent>

/** A gene that rises or falls with a latent over all cells. */
export const CorrelatedGene = v.strictObject({
  gene: v.string(),
  pearson: Share,
  spearman: Share,
  auroc: Share,
  /** Pearson given ln(1 + counts of the cell); absent where counts per cell are not known. */
  partial: v.optional(Share),
  /** The same of the ranks. */
  partialSpearman: v.optional(Share),
  /**
   * Given the batch: activation and values (ranks over all cells of a batch's column, for Spearman) less their mean in each batch.
   * `partial`: given batch and counts, where counts are known.
   */
  withinBatch: v.optional(v.strictObject({ pearson: Share, spearman: Share, partial: v.optional(Share) })),
})
export type CorrelatedGene = v.InferOutput<typeof CorrelatedGene>

/**
 * A latent's decoder row read out on genes. `effect`: change of the gene's stored value when the latent is as strong as usual; with
 * loadings of the file in units of the matrix its components were computed from.
 */
export const DecoderReadOut = v.strictObject({
  source: v.picklist(['ridge', 'loadings', 'genes']),
  /** What was used and how well it predicts new cells, in one sentence. */
  note: v.string(),
  /** Median over genes of the explained share on cells left out of the fit; null where nothing was fitted. */
  medianR2: v.nullable(v.number()),
  genes: v.array(v.strictObject({ gene: v.string(), effect: v.number(), r2: v.nullable(v.number()) })),
})
export type DecoderReadOut = v.InferOutput<typeof DecoderReadOut>

/** What follows from comparing all latents with all genes over all cells. */
export const LatentAssociation = v.strictObject({
  cells: Count,
  genes: Count,
  note: v.string(),
  /** The most positive and the most negative of each measure, by Spearman. */
  correlated: v.array(CorrelatedGene),
  /** The column that `withinBatch` is about, and how many values it has; null without one. */
  batch: v.nullable(v.strictObject({ column: v.string(), values: Count })),
  decoder: v.nullable(DecoderReadOut),
})
export type LatentAssociation = v.InferOutput<typeof LatentAssociation>

export const AssociationReport = v.strictObject({
  run: RunId,
  latents: Count,
  genes: Count,
  cells: Count,
  kept: Count,
  readOut: v.nullable(v.strictObject({ source: v.string(), medianR2: v.nullable(v.number()), note: v.string() })),
})
export type AssociationReport = v.InferOutput<typeof AssociationReport>

/** How one latent behaves along an ordered list of groups. */
export const TrajectoryLatent = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  /** Mean activation in each group, in the order given. */
  means: v.array(v.number()),
  /** −1 … 1: chance that of two cells of different groups the later one is stronger, less the opposite (Jonckheere–Terpstra). */
  trend: v.number(),
  z: v.number(),
  /** Every step goes up. */
  rising: v.boolean(),
  falling: v.boolean(),
})
export type TrajectoryLatent = v.InferOutput<typeof TrajectoryLatent>
