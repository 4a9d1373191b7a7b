// What the importer needs to know about gene names; the ontology room implements it.
// Invariant: a gene number is stable within one ontology resource; null means "not a known gene".
export type GeneMatch = 'ensembl' | 'symbol' | 'alias' | 'case' | 'ambiguous' | 'unmapped'

export interface GeneResolver {
  /** Cleans one name and looks it up: Ensembl id, official symbol, unique alias, then official symbol in another case. */
  resolve(name: string): { gene: number | null; method: GeneMatch }
  symbolOf(gene: number): string
}
