// The things that travel between processes: projects, files under inspection, runs, latents and their evidence.
// Units: shares are 0..1, AUROC 0..1, times in seconds, sizes in bytes. Absent is null, never 0 or NaN.
import * as v from 'valibot'
import { GeneChoice, GeneReport } from './genes'
import * as parts from './import-parts'
import { limits } from './limits'
import { RunSource } from './run-source'
import { InputReport, L1Form, Normalisation } from './training'
import { MoreControls, RunDetails } from './run-details'

export const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameLength))
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const RunId = v.pipe(v.number(), v.integer(), v.minValue(1))
export const LatentId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.latents))
export const FileToken = v.pipe(v.string(), v.regex(/^[a-f0-9]{32}$/))
export const JobId = v.pipe(v.string(), v.regex(/^[a-z]+-\d+$/))
export const F32 = v.custom<Float32Array>((x) => ArrayBuffer.isView(x) && x.constructor.name === 'Float32Array')
export const I32 = v.custom<Int32Array>((x) => ArrayBuffer.isView(x) && x.constructor.name === 'Int32Array')
export const U32 = v.custom<Uint32Array>((x) => ArrayBuffer.isView(x) && x.constructor.name === 'Uint32Array')

export const Aspect = v.picklist(['BP', 'MF', 'CC'])
export type Aspect = v.InferOutput<typeof Aspect>
export const Role = v.picklist(['cell-type', 'donor', 'batch', 'condition'])
export type Role = v.InferOutput<typeof Role>
export const Verdict = v.picklist(['counts', 'log1p', 'log2', 'normalised', 'scaled', 'unknown'])
export type Verdict = v.InferOutput<typeof Verdict>

export const Problem = v.strictObject({
  level: v.picklist(['stop', 'warning', 'info']),
  code: v.string(),
  message: v.string(),
  remedy: v.string(),
  /** The answer that settles a stop: its field in ImportChoice. */
  answer: v.optional(v.picklist(['dropMissing', 'renameDuplicates', 'header'])),
})
export type Problem = v.InferOutput<typeof Problem>

export const RepresentationInfo = v.strictObject({
  key: v.string(),
  rows: Count,
  dims: Count,
  /** False for 2-D maps and for parts that cannot be trained on; `reason` says why. */
  usable: v.boolean(),
  suggested: v.boolean(),
  reason: v.string(),
})
export type RepresentationInfo = v.InferOutput<typeof RepresentationInfo>
export const ExpressionInfo = v.strictObject({
  key: v.string(),
  rows: Count,
  columns: Count,
  verdict: Verdict,
  evidence: v.string(),
  suggested: v.boolean(),
  /** Counts of sampled values: zeros first, then 5 classes of rising size, with their upper ends. */
  histogram: v.array(v.strictObject({ label: v.string(), share: v.number() })),
})
export type ExpressionInfo = v.InferOutput<typeof ExpressionInfo>
export const MetadataInfo = v.strictObject({
  name: v.string(),
  kind: v.picklist(['category', 'number', 'text']),
  levels: Count,
  examples: v.array(v.string()),
  role: v.nullable(Role),
  /** Colours the file brings for its first levels, as #rrggbb; absent when it brings none. */
  colours: v.optional(v.array(v.string())),
})
export type MetadataInfo = v.InferOutput<typeof MetadataInfo>

/** What a look into a file found. Nothing is stored by looking. */
export const Inspection = v.strictObject({
  kind: v.string(),
  description: v.string(),
  fileName: v.string(),
  bytes: Count,
  rows: Count,
  columns: Count,
  representations: v.array(RepresentationInfo),
  expression: v.array(ExpressionInfo),
  metadata: v.array(MetadataInfo),
  maps: v.array(v.string()),
  genes: GeneReport,
  preview: v.strictObject({ columns: v.array(v.string()), rows: v.array(v.array(v.string())) }),
  problems: v.array(Problem),
  rowKind: parts.RowGuess,
  /** Names of columns that describe the genes, for `geneColumn`. */
  geneColumns: v.array(v.string()),
  /** Further kinds of features that are kept beside the genes. */
  features: v.array(parts.FoundBlock),
  estimate: parts.ImportEstimate,
  /** All of this as plain text, for a letter to whoever made the file. */
  report: v.string(),
})
export type Inspection = v.InferOutput<typeof Inspection>

/** The user's answers to an inspection. Null means: take the suggestion. */
export const ImportChoice = v.strictObject({
  representation: v.nullable(Name),
  expression: v.nullable(Name),
  /** Null takes a suggested role away. */
  roles: v.record(v.string(), v.nullable(Role)),
  dropMissing: v.boolean(),
  renameDuplicates: v.boolean(),
  rowKind: v.optional(v.nullable(parts.RowKind)),
  /** What the numbers of the chosen matrix are, where the user knows better than the values show. */
  verdict: v.optional(v.nullable(Verdict)),
  /** Does the first line of a text table name the columns? */
  header: v.optional(v.nullable(parts.HeaderAnswer)),
  /** True: the rows of the table are genes or dimensions and its columns are cells. */
  transposed: v.optional(v.nullable(v.boolean())),
  cells: v.optional(v.array(parts.CellFilter)),
  /** 'umap', 'pca', 'none', or the key of a two-dimensional part of the file. */
  map: v.optional(v.nullable(Name)),
  /** The column that holds the names of the genes. */
  geneColumn: v.optional(v.nullable(Name)),
  genesOfSeveral: v.optional(parts.GeneUnion),
  genes: v.optional(GeneChoice),
})
export type ImportChoice = v.InferOutput<typeof ImportChoice>

export const ImportReport = v.strictObject({
  rows: Count,
  dims: Count,
  genes: Count,
  verdict: v.nullable(Verdict),
  matched: v.strictObject({ both: Count, onlyFile: Count, onlyProject: Count }),
  mapped: v.strictObject({ genes: Count, of: Count }),
  /** How the names were understood; null without expression. */
  names: v.optional(v.nullable(GeneReport)),
  problems: v.array(Problem),
  rowKind: parts.RowKind,
  /** Key of the counts that totals per cell come from; null without counts. */
  countsFrom: v.nullable(v.string()),
  map: v.nullable(v.string()),
})
export type ImportReport = v.InferOutput<typeof ImportReport>

export const ColumnInfo = v.strictObject({
  name: v.string(),
  kind: v.picklist(['category', 'number', 'text']),
  levels: v.array(v.string()),
  /** One #rrggbb per level when the file brought its own colours, otherwise null. */
  colours: v.nullable(v.array(v.string())),
  role: v.nullable(Role),
})
export type ColumnInfo = v.InferOutput<typeof ColumnInfo>

export const OntologyInfo = v.strictObject({
  release: v.string(),
  annotations: v.string(),
  terms: Count,
  genes: Count,
  outdated: v.boolean(),
  attribution: v.string(),
})
export type OntologyInfo = v.InferOutput<typeof OntologyInfo>

export const Architecture = v.picklist(['topk', 'batchtopk', 'matryoshka', 'relu', 'jumprelu', 'gated'])
export type Architecture = v.InferOutput<typeof Architecture>
/** Every setting of a training run. Rules and reasons: docs/training.md. */
export const TrainSettings = v.strictObject({
  arch: Architecture,
  latents: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(limits.latents)),
  k: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)),
  steps: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.steps)),
  batch: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536)),
  learningRate: v.pipe(v.number(), v.minValue(1e-7), v.maxValue(1)),
  warmUp: v.pipe(v.number(), v.minValue(0), v.maxValue(0.5)),
  decay: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  auxCoefficient: v.pipe(v.number(), v.minValue(0), v.maxValue(10)),
  auxK: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.latents)),
  deadAfter: v.pipe(v.number(), v.integer(), v.minValue(1)),
  heldOut: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)),
  heldOutBy: v.nullable(v.string()),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_294_967_295)),
  normalise: Normalisation,
  /** ReLU, JumpReLU, Gated: weight of the sparsity term; null: adjusted until k latents are on per row. */
  l1: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1e6))),
  l1Form: L1Form,
  /** Share of the steps over which the sparsity term grows to its weight. */
  l1WarmUp: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** JumpReLU: width of the kernel, in units of the usual activation √(V/k). */
  bandwidth: v.pipe(v.number(), v.minValue(1e-4), v.maxValue(10)),
  /** Whether dead latents start again, at 25 % and 50 % of the steps. */
  resample: v.boolean(),
  /** Whether reconstructions from 4·k latents count too, so that the model works at other k. */
  multiTopK: v.boolean(),
  /** Seed of the choice of held-out cells, where it is not `seed`: repeats with other seeds keep the cells of the first. */
  splitSeed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_294_967_295))),
  /** The run whose model this one goes on from; its preparation of the rows is kept. */
  from: v.optional(RunId),
})
export type TrainSettings = v.InferOutput<typeof TrainSettings>
/** What the user asked for; anything absent takes the recommended value. */
export const TrainRequest = v.strictObject({
  ...v.partial(TrainSettings).entries,
})
export type TrainRequest = v.InferOutput<typeof TrainRequest>

export const Advice = v.strictObject({
  settings: TrainSettings,
  trainingRows: Count,
  heldOutRows: Count,
  firingsPerLatent: v.number(),
  /** Sentences that say why these values, and warnings. */
  reasons: v.array(v.strictObject({ setting: v.string(), why: v.string() })),
})
export type Advice = v.InferOutput<typeof Advice>

export const Pair = v.strictObject({ train: v.number(), heldOut: v.nullable(v.number()) })
export const RunMetrics = v.strictObject({
  explainedVariance: Pair,
  l0: Pair,
  /** Latents never active on the training rows at the final threshold. */
  dead: Count,
  dense: Count,
  /** Absent in runs stored before it was measured. */
  details: v.optional(RunDetails),
})
export type RunMetrics = v.InferOutput<typeof RunMetrics>
export const RunControls = v.strictObject({
  untrained: v.strictObject({ explainedVariance: Pair }),
  pca: v.strictObject({ axes: Count, explainedVariance: Pair }),
  ...MoreControls,
})
export type RunControls = v.InferOutput<typeof RunControls>

/** One live measurement; explained variance in inference-free training mode, on a fixed sample (the watched rows). */
export const MetricPoint = v.strictObject({
  step: Count,
  loss: v.number(),
  explainedTrain: v.number(),
  explainedHeldOut: v.nullable(v.number()),
  l0: v.number(),
  dead: Count,
  /** Latents by the share of watched rows they are on in, classes as in `densityHistogram`; class 0 = dead. Absent in old runs. */
  density: v.optional(v.array(Count)),
  /** On in more than half of the watched rows. Absent in old runs. */
  dense: v.optional(Count),
  /** What the run has to beat, measured on the watched rows: with the first point that knows it. The final ones take its place. */
  controls: v.optional(RunControls),
})
export type MetricPoint = v.InferOutput<typeof MetricPoint>

/** Unfinished ones (all but `done`) can go on: see `resumeStep`. `interrupted`: the program or the computer stopped. */
export const RunState = v.picklist(['queued', 'training', 'paused', 'done', 'cancelled', 'failed', 'interrupted'])
export type RunState = v.InferOutput<typeof RunState>
export const Run = v.strictObject({
  id: RunId,
  state: RunState,
  settings: TrainSettings,
  createdAt: v.string(),
  finishedAt: v.nullable(v.string()),
  seconds: v.nullable(v.number()),
  stepsPerSecond: v.nullable(v.number()),
  metrics: v.nullable(RunMetrics),
  controls: v.nullable(RunControls),
  /** Null until the run is done, and for runs of the first version. */
  input: v.nullable(InputReport),
  backend: v.nullable(v.string()),
  /** log10-spaced histogram of densities: counts per class; class 0 = never on. */
  densityHistogram: v.nullable(v.array(Count)),
  linkedAspects: v.array(Aspect),
  error: v.nullable(v.string()),
  /** Of an unfinished run at rest: the step it would go on from, 0 = from its start; null for others. */
  resumeStep: v.nullable(Count),
  /** The step at which the user stopped it and kept the model; null when it ran to its end. */
  stoppedAt: v.nullable(Count),
  /** Absent: trained. */
  source: v.optional(RunSource),
  /** The representation it was trained on; null when the project no longer holds it. */
  representation: v.optional(v.nullable(v.string())),
})
export type Run = v.InferOutput<typeof Run>

export const ProjectSummary = v.strictObject({
  name: v.string(),
  fileName: v.string(),
  readOnly: v.boolean(),
  data: v.nullable(
    v.strictObject({
      rows: Count,
      dims: Count,
      genes: Count,
      /** Genes detected in enough cells and known to the ontology: what terms are tested against. */
      backgroundGenes: Count,
      mappedGenes: Count,
      representation: v.string(),
      expression: v.nullable(v.string()),
      verdict: v.nullable(Verdict),
      sourceName: v.string(),
      map: v.nullable(v.string()),
      columns: v.array(ColumnInfo),
      problems: v.array(Problem),
      rowKind: parts.RowKind,
      /** Rows that stand for a known gene; 0 when rows are cells. */
      mappedRows: Count,
      /** Of the genes, or of the rows where these are genes: "human", "mouse", …, "unknown"; null without genes. */
      species: v.nullable(v.string()),
      countsFrom: v.nullable(v.string()),
      /** False: the user said what the numbers are. */
      verdictFromValues: v.boolean(),
      sources: v.array(parts.SourceFile),
      representations: v.array(parts.StoredRepresentation),
      features: v.array(parts.FeatureBlock),
      /** Of the genes; null where the data came without counts. */
      perRow: v.nullable(parts.PerRow),
    }),
  ),
  runs: v.array(Run),
  ontology: OntologyInfo,
})
export type ProjectSummary = v.InferOutput<typeof ProjectSummary>

export const SearchHit = v.strictObject({
  kind: v.picklist(['gene', 'term', 'group', 'latent']),
  /** Gene symbol in the data, term id, COLUMN=VALUE, or latent id as text. */
  key: v.string(),
  title: v.string(),
  note: v.string(),
})
export type SearchHit = v.InferOutput<typeof SearchHit>

/** Tables are CSV files. */
export const TableExportKind = v.picklist(['activations', 'latents', 'genes', 'terms', 'pseudobulk'])
export type TableExportKind = v.InferOutput<typeof TableExportKind>
/** The model for other tools: one file of weights, or a folder that SAELens, dictionary_learning or sparsify loads. */
export const ModelExportKind = v.picklist(['safetensors', 'sae-lens', 'dictionary-learning', 'sparsify'])
export type ModelExportKind = v.InferOutput<typeof ModelExportKind>
/**
 * `report`: one HTML file, or Markdown where the name ends in .md. `mapping`: how the gene names of the data were understood, a CSV
 * file that needs no run.
 */
export const ExportKind = v.picklist([...TableExportKind.options, ...ModelExportKind.options, 'report', 'mapping'])
export type ExportKind = v.InferOutput<typeof ExportKind>
