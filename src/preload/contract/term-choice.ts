// Which terms latents or lists are tested against: a release, the annotations that count, how they are carried up.
import * as v from 'valibot'
import { limits } from './limits'

/** Over which relations annotations are carried up; `all` follows every relation of the file. */
export const Relations = v.picklist(['none', 'is_a', 'is_a,part_of', 'all'])
export type Relations = v.InferOutput<typeof Relations>
/** Which annotations count: all, all but automatic ones (IEA), or experimental ones only. */
export const Evidence = v.picklist(['all', 'no-iea', 'experimental'])
export type Evidence = v.InferOutput<typeof Evidence>

const token = v.pipe(v.string(), v.regex(/^[a-f0-9]{32}$/))

/** Files of an ontology: gene sets (GMT) alone, or annotations with an OBO file or, without one, with the built-in GO terms. */
export const OntologyFiles = v.strictObject({
  obo: v.nullable(token),
  associations: v.nullable(token),
  gmt: v.nullable(token),
})
export type OntologyFiles = v.InferOutput<typeof OntologyFiles>

/** Part of a request to link; everything absent means the built-in human annotations over is_a and part_of. */
export const TermChoice = v.strictObject({
  /** Id of an installed ontology; null for the built-in one. */
  ontology: v.optional(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameLength)))),
  /** Used without installing. */
  files: v.optional(v.nullable(OntologyFiles)),
  relations: v.optional(v.nullable(Relations)),
  /** Mouse data against human annotations through one-to-one orthologs; never unasked. */
  orthologs: v.optional(v.boolean()),
})
export type TermChoice = v.InferOutput<typeof TermChoice>

/** The release a linking rests on, as the project keeps it. */
export const OntologyReference = v.strictObject({
  id: v.string(),
  name: v.string(),
  species: v.nullable(v.string()),
  release: v.string(),
  annotations: v.string(),
  checksum: v.string(),
  licence: v.string(),
  attribution: v.string(),
  evidence: v.string(),
  relations: v.nullable(v.string()),
  /** Pairs of orthologs used, null when none. */
  orthologs: v.nullable(v.strictObject({ release: v.string(), pairs: v.number() })),
})
export type OntologyReference = v.InferOutput<typeof OntologyReference>
