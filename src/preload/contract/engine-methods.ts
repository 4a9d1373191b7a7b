// The treaty with the engine: every request the window or the command line can make, with its schema.
// `job` methods answer at once with a job id; progress, end and failure follow as events.
import * as v from 'valibot'
import { AddRequest, FeatureRequest, MapRequest, RowGene } from './additions'
import { conceptMapMethods } from './concept-map'
import { conceptMethods } from './concepts'
import { Enrichment, EnrichRequest } from './enrichment'
import * as x from './exchange'
import { FilesBeside } from './import-parts'
import { limits } from './limits'
import * as l from './linking'
import * as m from './model'
import { neighbourMethods, OfLinking } from './neighbours'
import { reportMethods } from './report'
import { runControlMethods } from './run-control'
import { InstalledOntology, Installed, InstallRequest } from './ontology'
import * as s from './stability'

const Started = v.strictObject({ job: m.JobId, run: v.nullable(m.RunId) })
const Nothing = v.strictObject({})
const OfLatent = v.strictObject({ run: m.RunId, latent: m.LatentId })

export const engineMethods = {
  'project.create': {
    kind: 'write',
    timeoutMs: 30_000,
    params: v.strictObject({ file: m.FileToken, name: m.Name }),
    result: m.ProjectSummary,
  },
  'project.open': { kind: 'write', timeoutMs: 60_000, params: v.strictObject({ file: m.FileToken }), result: m.ProjectSummary },
  'project.close': { kind: 'write', timeoutMs: 30_000, params: Nothing, result: Nothing },
  'project.summary': { kind: 'read', timeoutMs: 10_000, params: Nothing, result: m.ProjectSummary },
  'ontology.info': { kind: 'read', timeoutMs: 20_000, params: Nothing, result: m.OntologyInfo },
  'ontology.list': { kind: 'read', timeoutMs: 20_000, params: Nothing, result: v.array(InstalledOntology) },
  /** Reads the files once and keeps what they say in the user's library; the files are not needed afterwards. */
  'ontology.install': { kind: 'write', timeoutMs: 900_000, params: InstallRequest, result: Installed },
  'ontology.remove': { kind: 'write', timeoutMs: 20_000, params: v.strictObject({ id: m.Name }), result: Nothing },
  /** `geneTable`: the user's own table of genes, for species without a built-in one. */
  'source.inspect': {
    kind: 'read',
    timeoutMs: 120_000,
    params: v.strictObject({
      file: m.FileToken,
      choice: v.optional(m.ImportChoice),
      beside: v.optional(FilesBeside),
      geneTable: v.optional(v.nullable(m.FileToken)),
    }),
    result: m.Inspection,
  },
  'import.start': {
    kind: 'job',
    timeoutMs: 10_000,
    params: v.strictObject({
      file: m.FileToken,
      choice: m.ImportChoice,
      beside: v.optional(FilesBeside),
      geneTable: v.optional(v.nullable(m.FileToken)),
    }),
    result: Started,
  },
  /** Adds to a project that has data; the job's result is an AddReport. */
  'import.add': { kind: 'job', timeoutMs: 10_000, params: AddRequest, result: Started },
  /** Computes the 2-D map anew and replaces the one there is; the job's result is { name }. */
  'map.compute': { kind: 'job', timeoutMs: 10_000, params: MapRequest, result: Started },
  /** The representation that is trained on from now on; runs made before keep theirs. */
  'representation.choose': { kind: 'write', timeoutMs: 10_000, params: v.strictObject({ key: m.Name }), result: Nothing },
  'map.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: Nothing,
    result: v.strictObject({ name: v.string(), xy: m.F32 }),
  },
  /** Codes (−1 = missing) for categories, numbers (NaN = missing) for numeric columns. */
  'column.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ name: m.Name }),
    result: v.strictObject({ info: m.ColumnInfo, codes: v.nullable(m.I32), numbers: v.nullable(m.F32) }),
  },
  'cells.names': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ cells: v.pipe(v.array(m.Count), v.maxLength(1000)) }),
    result: v.strictObject({ names: v.array(v.string()) }),
  },
  /** One gene's values over all cells, as stored for the statistics (log scale where possible). */
  'gene.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ gene: m.Name }),
    result: v.strictObject({ gene: v.string(), detected: m.Count, values: m.F32 }),
  },
  /** One feature of a further kind (a peak, an antibody) over all cells, as stored. */
  'feature.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: FeatureRequest,
    result: v.strictObject({
      feature: v.string(),
      detected: m.Count,
      nearestGene: v.nullable(v.strictObject({ symbol: v.string(), distance: m.Count })),
      values: m.F32,
    }),
  },
  /** Which genes rows stand for, where rows are genes or proteins. */
  'rows.genes': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ rows: v.pipe(v.array(m.Count), v.maxLength(1000)) }),
    result: v.array(RowGene),
  },
  'run.advice': { kind: 'read', timeoutMs: 20_000, params: m.TrainRequest, result: m.Advice },
  'run.start': { kind: 'job', timeoutMs: 60_000, params: m.TrainRequest, result: Started },
  'run.list': { kind: 'read', timeoutMs: 10_000, params: Nothing, result: v.array(m.Run) },
  'run.history': { kind: 'read', timeoutMs: 10_000, params: v.strictObject({ run: m.RunId }), result: v.array(m.MetricPoint) },
  /** The judgement of a finished run, worst first. */
  'run.judge': { kind: 'read', timeoutMs: 20_000, params: v.strictObject({ run: m.RunId }), result: v.array(s.RunJudgement) },
  /** Trains a run with other seeds and matches the latents; the job's result is a SeedsReport. */
  'seeds.start': { kind: 'job', timeoutMs: 60_000, params: s.SeedsRequest, result: Started },
  'seeds.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: m.RunId }),
    result: v.nullable(s.SeedsReport),
  },
  'seeds.matches': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: m.RunId, other: m.RunId }),
    result: s.SeedMatches,
  },
  'seeds.latent': { kind: 'read', timeoutMs: 20_000, params: OfLatent, result: v.array(s.LatentMatch) },
  /** Tries values of k or of the size with two seeds each; the job's result is a SearchReport. */
  'search.start': { kind: 'job', timeoutMs: 60_000, params: s.SearchRequest, result: Started },
  'search.read': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ what: v.picklist(['k', 'size']) }),
    result: v.nullable(s.SearchReport),
  },
  /** Applies a model to the rows of a file; the job's result is an ApplyReport. */
  'apply.start': { kind: 'job', timeoutMs: 60_000, params: x.ApplyRequest, result: Started },
  'apply.list': { kind: 'read', timeoutMs: 20_000, params: v.strictObject({ run: m.RunId }), result: v.array(x.ApplyReport) },
  /** Brings a model of another tool into the project as a run; the job's result is a ModelImportReport. */
  'model.import': { kind: 'job', timeoutMs: 60_000, params: x.ModelImportRequest, result: Started },
  /** Computes more controls of a run; the job's result is a ControlsReport. */
  'controls.start': { kind: 'job', timeoutMs: 60_000, params: x.ControlsRequest, result: Started },
  'link.start': { kind: 'job', timeoutMs: 10_000, params: l.LinkRequest, result: Started },
  /** All stored results of a run, newest first. */
  'link.list': { kind: 'read', timeoutMs: 10_000, params: v.strictObject({ run: m.RunId }), result: v.array(l.LinkingSummary) },
  /** Shows another stored result in list, card, search and export. */
  'link.show': { kind: 'write', timeoutMs: 10_000, params: v.strictObject({ linking: m.Count }), result: Nothing },
  /** `linking`: a stored result instead of the one that is shown; it brings its own aspect. So in card, search and labels. */
  'latents.list': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: m.RunId, aspect: m.Aspect, linking: OfLinking }),
    result: v.array(l.LatentRow),
  },
  'latents.card': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: m.RunId, latent: m.LatentId, aspect: m.Aspect, linking: OfLinking }),
    result: l.LatentCard,
  },
  'latents.activation': {
    kind: 'read',
    timeoutMs: 20_000,
    params: OfLatent,
    result: v.strictObject({ cells: m.U32, values: m.F32 }),
  },
  'latents.rename': {
    kind: 'write',
    timeoutMs: 10_000,
    params: v.strictObject({ run: m.RunId, latent: m.LatentId, label: v.nullable(m.Name) }),
    result: Nothing,
  },
  /** Takes a proposed label, or says no to it; both are kept in the label's history. */
  'labels.decide': {
    kind: 'write',
    timeoutMs: 10_000,
    params: v.strictObject({
      run: m.RunId,
      latent: m.LatentId,
      decision: v.picklist(['accept', 'reject']),
      aspect: m.Aspect,
      linking: OfLinking,
    }),
    result: Nothing,
  },
  'labels.history': { kind: 'read', timeoutMs: 10_000, params: OfLatent, result: v.array(l.LabelEvent) },
  /** Compares all latents with all genes over all cells, and fits the read-out of the representation on genes. */
  'associate.start': { kind: 'job', timeoutMs: 10_000, params: v.strictObject({ run: v.nullable(m.RunId) }), result: Started },
  /** Null until that has been done for the run. */
  'latents.association': {
    kind: 'read',
    timeoutMs: 60_000,
    params: v.strictObject({
      ...OfLatent.entries,
      /** A column of categories; absent: the one with the role batch. */
      batch: v.optional(v.string()),
    }),
    result: v.nullable(l.LatentAssociation),
  },
  /** All latents along an ordered list of values of one column, the steepest rise first. */
  'latents.trajectory': {
    kind: 'read',
    timeoutMs: 60_000,
    params: v.strictObject({
      run: v.nullable(m.RunId),
      column: m.Name,
      values: v.pipe(
        v.array(m.Name),
        v.minLength(2),
        v.maxLength(1000),
        v.check((values) => new Set(values).size === values.length),
      ),
    }),
    result: v.array(l.TrajectoryLatent),
  },
  'find.search': {
    kind: 'read',
    timeoutMs: 10_000,
    params: v.strictObject({ run: v.nullable(m.RunId), text: v.pipe(v.string(), v.maxLength(limits.nameLength)) }),
    result: v.array(m.SearchHit),
  },
  'find.latents': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({
      run: v.nullable(m.RunId),
      by: v.picklist(['term', 'gene', 'group']),
      key: m.Name,
      aspect: v.nullable(m.Aspect),
      linking: OfLinking,
    }),
    result: v.array(l.Match),
  },
  'export.table': {
    kind: 'read',
    timeoutMs: 600_000,
    params: v.strictObject({
      run: v.nullable(m.RunId),
      what: m.ExportKind,
      file: m.FileToken,
      /** Pseudobulk only: the latent whose on and off cells are summed apart. */
      latent: v.optional(v.nullable(m.LatentId)),
      /** Genes and terms only: one stored result instead of those that are shown. */
      linking: OfLinking,
    }),
    result: v.strictObject({ written: v.array(v.strictObject({ path: v.string(), bytes: m.Count })) }),
  },
  /** Needs no project: everything comes from the files named and the ontology that is built in. */
  'enrich.run': { kind: 'read', timeoutMs: 300_000, params: EnrichRequest, result: Enrichment },
  ...neighbourMethods,
  ...conceptMethods,
  ...conceptMapMethods,
  ...reportMethods,
  ...runControlMethods,
  'job.cancel': { kind: 'write', timeoutMs: 5_000, params: v.strictObject({ job: m.JobId }), result: Nothing },
} as const

export type EngineMethod = keyof typeof engineMethods
export type EngineParams<M extends EngineMethod> = v.InferOutput<(typeof engineMethods)[M]['params']>
export type EngineResult<M extends EngineMethod> = v.InferOutput<(typeof engineMethods)[M]['result']>
export const isEngineMethod = (name: string): name is EngineMethod => Object.hasOwn(engineMethods, name)
