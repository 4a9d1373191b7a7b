// From cells to latents, and from a latent to those that are like it: by cells the user chose, by direction, by firing together, by terms.
// Shares and correlations are plain numbers; absent is null.
import * as v from 'valibot'
import { Aspect, Count, FileToken, LatentId, RunId, U32 } from './model'

const Share = v.nullable(v.number())
/** A stored linking instead of the one that is shown for the aspect. */
export const OfLinking = v.optional(v.nullable(Count))
const NamedTerm = v.strictObject({ id: v.string(), name: v.string() })

/** Row numbers from 0, each once or more often, in any order. */
const ChosenCells = v.union([U32, v.array(Count)])

/** How well a latent tells the chosen cells from all others. */
export const CellsMatch = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  /** Chosen cells in which it is on. */
  on: Count,
  auroc: Share,
  precision: Share,
  recall: Share,
  f1: Share,
  /** precision ÷ share of all cells that were chosen. */
  fold: Share,
})
export type CellsMatch = v.InferOutput<typeof CellsMatch>

export const CellsSearch = v.strictObject({
  /** Different cells that were chosen, of all. */
  cells: Count,
  of: Count,
  /** How many names of a file are no cells of the project, and the first of them. */
  unknown: v.strictObject({ count: Count, examples: v.array(v.string()) }),
  /** How the numbers are to be read. */
  note: v.string(),
  /** Every latent that is ever on, best AUROC first. */
  matches: v.array(CellsMatch),
})
export type CellsSearch = v.InferOutput<typeof CellsSearch>

export const SimilarLatent = v.strictObject({
  id: LatentId,
  label: v.nullable(v.string()),
  /** Of the decoder rows; null where one of them is 0. */
  cosine: Share,
  /** Cells in which both are on; as a share of those in which either is (Jaccard); correlation of on and off (phi). */
  both: Count,
  jaccard: Share,
  phi: Share,
  /** Significant terms of both, ubiquitous ones left out: shared ÷ all (Jaccard). Null without a linking. */
  terms: v.nullable(v.strictObject({ shared: v.array(NamedTerm), jaccard: Share })),
})
export type SimilarLatent = v.InferOutput<typeof SimilarLatent>

/** Latents that are on in the same cells. */
export const LatentModule = v.strictObject({
  /** The most typical first. */
  latents: v.array(v.strictObject({ id: LatentId, label: v.nullable(v.string()), phi: v.number() })),
  /** Mean phi of all pairs. */
  cohesion: v.number(),
  /** Cells in which at least half of the latents are on. */
  cells: Count,
  /** Terms significant in at least half of the latents, ubiquitous ones left out; `latents`: in how many. */
  terms: v.array(v.strictObject({ ...NamedTerm.entries, latents: Count })),
})
export type LatentModule = v.InferOutput<typeof LatentModule>

export const ModuleReport = v.strictObject({
  modules: v.array(LatentModule),
  /** Latents that were compared, and those of them in no module. */
  compared: Count,
  alone: Count,
  /** Cells that were counted, of all. */
  cells: Count,
  of: Count,
  /** The rule, in one or two sentences. */
  note: v.string(),
})
export type ModuleReport = v.InferOutput<typeof ModuleReport>

export const neighbourMethods = {
  /** Latents ranked by how well they tell chosen cells from all others: row numbers, or a file with one cell name per line. */
  'find.cells': {
    kind: 'read',
    timeoutMs: 60_000,
    params: v.strictObject({ run: v.nullable(RunId), cells: v.nullable(ChosenCells), file: v.optional(v.nullable(FileToken)) }),
    result: CellsSearch,
  },
  /** The most alike by each measure, most alike direction first. */
  'latents.similar': {
    kind: 'read',
    timeoutMs: 60_000,
    params: v.strictObject({ run: RunId, latent: LatentId, aspect: Aspect, linking: OfLinking }),
    result: v.array(SimilarLatent),
  },
  'latents.modules': {
    kind: 'read',
    timeoutMs: 300_000,
    params: v.strictObject({ run: RunId, aspect: Aspect, linking: OfLinking }),
    result: ModuleReport,
  },
} as const
