// What an ontology with its annotations is to the program, whatever files it came from: terms, genes, what is said about it.
// Invariant: equal content has an equal checksum, whatever the names and dates of the files.
import { createHash } from 'node:crypto'
import type { OntologySource, Problem } from '@contract'
import type { GeneColumns, TermColumns } from './resource'

/** `go`: Gene Ontology terms with aspects; `terms`: another ontology; `sets`: a collection without relations. */
export type OntologyKind = 'go' | 'terms' | 'sets'

export interface OntologyContent {
  readonly kind: OntologyKind
  /** In words; null when the files do not say. */
  readonly species: string | null
  /** Date or version of the terms, '' when unknown. */
  readonly release: string
  /** Date of the annotations, '' when unknown. */
  readonly annotations: string
  readonly licence: string
  readonly attribution: string
  readonly hasEvidence: boolean
  readonly terms: TermColumns
  readonly genes: GeneColumns
  readonly checksum: string
  readonly files: readonly OntologySource[]
  readonly problems: readonly Problem[]
}

/** The columns as text that JSON holds. */
export interface StoredContent {
  readonly format: 1
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly aspects: readonly string[]
  readonly parentCounts: readonly number[]
  readonly parents: readonly number[]
  readonly geneIds: readonly string[]
  readonly symbols: readonly string[]
  readonly aliases: readonly string[]
  readonly annotationCounts: readonly number[]
  readonly annotationTerms: readonly number[]
  readonly evidence: readonly number[]
}

const countsOf = (starts: Uint32Array): number[] => Array.from(starts.subarray(1), (end, at) => end - (starts[at] as number))

export function storedContent(terms: TermColumns, genes: GeneColumns): StoredContent {
  return {
    format: 1,
    ids: terms.ids,
    names: terms.names,
    aspects: terms.aspects,
    parentCounts: countsOf(terms.parentStart),
    parents: [...terms.parents],
    geneIds: genes.ids,
    symbols: genes.symbols,
    aliases: genes.aliases,
    annotationCounts: countsOf(genes.annotationStart),
    annotationTerms: [...genes.annotationTerms],
    evidence: [...genes.annotationEvidence],
  }
}

export const checksumOf = (stored: string): string => createHash('sha256').update(stored).digest('hex')
