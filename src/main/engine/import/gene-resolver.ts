// What the importer needs to know about gene names; the ontology room implements it.
// Invariant: a gene number is stable within one version of a gene table; null means "not a known gene".
export type GeneMatch = 'ensembl' | 'symbol' | 'alias' | 'case' | 'uniprot' | 'entrez' | 'ambiguous' | 'unmapped'

export interface GeneResolver {
  /**
   * Cleans one name and looks it up: gene id, official symbol, unique alias, official symbol in another case, protein accession.
   * Bare numbers are never taken for Entrez ids here.
   */
  resolve(name: string): { gene: number | null; method: GeneMatch }
  symbolOf(gene: number): string
  /** Words for the species, for example "human". */
  readonly species?: string
  /** The table and its release, for people. */
  readonly release?: string
  /** Checksum of the table. */
  readonly version?: string
  /** '' where unknown. */
  describe?(gene: number): { id: string; entrez: string; biotype: string }
  /** By Entrez id: only when the user says that bare numbers are such ids. */
  byEntrez?(id: string): number | null
  /** One resolver per species to choose from, read when reached; without them this one stands alone. */
  readonly tables?: Iterable<GeneResolver>
}
