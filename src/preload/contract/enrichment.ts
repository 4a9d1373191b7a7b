// Testing one gene list against terms, without a project: what is asked and what comes back.
import * as v from 'valibot'
import { Aspect, Count, FileToken, Name, Problem } from './model'
import { Evidence, Relations } from './term-choice'

export const Preset = v.picklist(['latiscope', 'goatools', 'gseapy', 'clusterprofiler', 'scfeaturelens'])
export type Preset = v.InferOutput<typeof Preset>
/** Where the sets come from. Without relations: what the preset's tool does by itself. */
export const SetSource = v.variant('kind', [
  v.strictObject({
    kind: v.literal('bundled'),
    aspect: Aspect,
    relations: v.nullable(Relations),
    evidence: v.optional(Evidence),
    /** Mouse lists against human annotations through one-to-one orthologs. */
    orthologs: v.optional(v.boolean()),
  }),
  v.strictObject({
    kind: v.literal('installed'),
    ontology: Name,
    aspect: v.nullable(Aspect),
    relations: v.nullable(Relations),
    evidence: v.optional(Evidence),
  }),
  v.strictObject({
    kind: v.literal('ontology'),
    obo: FileToken,
    associations: FileToken,
    aspect: v.nullable(Aspect),
    relations: v.nullable(Relations),
    evidence: v.optional(Evidence),
  }),
  v.strictObject({ kind: v.literal('gmt'), gmt: FileToken }),
])
export type SetSource = v.InferOutput<typeof SetSource>

export const EnrichRequest = v.strictObject({ genes: FileToken, background: FileToken, sets: SetSource, preset: Preset })
export type EnrichRequest = v.InferOutput<typeof EnrichRequest>

export const EnrichedTerm = v.strictObject({
  id: v.string(),
  name: v.string(),
  overlap: Count,
  termSize: Count,
  studySize: Count,
  backgroundSize: Count,
  pValue: v.number(),
  /** Null where the preset makes no correction. */
  qValue: v.nullable(v.number()),
  /** Null where it is infinite or the preset has none. */
  oddsRatio: v.nullable(v.number()),
  genes: v.array(v.string()),
  combinedScore: v.optional(v.nullable(v.number())),
  publishedFdr: v.optional(v.number()),
})
export type EnrichedTerm = v.InferOutput<typeof EnrichedTerm>

export const Enrichment = v.strictObject({
  preset: Preset,
  /** The whole family, by p, then id. */
  terms: v.array(EnrichedTerm),
  /** Names given, and genes that count: the list cut to the background. */
  study: v.strictObject({ given: Count, counted: Count }),
  background: v.strictObject({ given: Count, counted: Count }),
  sets: v.strictObject({
    source: v.string(),
    release: v.nullable(v.string()),
    relations: v.nullable(Relations),
    count: Count,
  }),
  /** What is doubtful about the preset's rules. */
  warnings: v.array(v.string()),
  /** What was found while reading the files. */
  problems: v.array(Problem),
})
export type Enrichment = v.InferOutput<typeof Enrichment>
