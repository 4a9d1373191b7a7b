// Ontologies: the built-in one and those the user installed from files, several releases side by side.
import * as v from 'valibot'
import { limits } from './limits'
import { Aspect, Count, FileToken, Name, Problem } from './model'

export const OntologySource = v.strictObject({ name: v.string(), bytes: Count, sha256: v.string() })
export type OntologySource = v.InferOutput<typeof OntologySource>

export const InstalledOntology = v.strictObject({
  /** Short name for requests; never reused for other content. */
  id: v.string(),
  name: v.string(),
  /** `go`: Gene Ontology terms with aspects; `terms`: another ontology; `sets`: a collection without relations. */
  kind: v.picklist(['go', 'terms', 'sets']),
  bundled: v.boolean(),
  /** In words: human, mouse …; null when the files do not say and the user did not either. */
  species: v.nullable(v.string()),
  /** Date or version of the terms, '' when the file has none. */
  release: v.string(),
  /** Date of the annotations, '' when the file has none. */
  annotations: v.string(),
  /** SHA-256 over the content: equal checksums mean equal sets. */
  checksum: v.string(),
  licence: v.string(),
  attribution: v.string(),
  installedAt: v.nullable(v.string()),
  files: v.array(OntologySource),
  terms: Count,
  genes: Count,
  aspects: v.array(Aspect),
  /** Whether annotations carry evidence codes, so that the evidence switch has an effect. */
  hasEvidence: v.boolean(),
  outdated: v.boolean(),
})
export type InstalledOntology = v.InferOutput<typeof InstalledOntology>

export const InstallRequest = v.strictObject({
  /** Null: annotations are read with the built-in GO terms. */
  obo: v.nullable(FileToken),
  /** GAF, gene2go, or a table of genes and terms. */
  associations: v.nullable(FileToken),
  gmt: v.nullable(FileToken),
  name: v.nullable(Name),
  species: v.nullable(Name),
  /** NCBI taxon; needed for files of many species. */
  taxon: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_294_967_295))),
  licence: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.textLength))),
})
export type InstallRequest = v.InferOutput<typeof InstallRequest>

export const Installed = v.strictObject({ ontology: InstalledOntology, problems: v.array(Problem) })
export type Installed = v.InferOutput<typeof Installed>
