// The gene ontology that comes with the program: terms, human genes, propagated annotations.
// Loaded once; name maps and propagated sets are built when first asked for and kept.
import type { Aspect, OntologyInfo } from '@contract'
import type { TermSets } from '../../science/term-sets'
import { createGeneTable, type GeneTable } from './gene-table'
import { propagate, type EvidenceChoice, type RelationChoice } from './propagate'
import { readResource, type TermColumns } from './resource'

export type { GeneMapping, GeneTable } from './gene-table'
export type { EvidenceChoice, RelationChoice } from './propagate'
export { cleanGeneName } from './gene-names'

export interface OntologyTerm {
  readonly id: string
  readonly name: string
  readonly aspect: Aspect
}

export interface Ontology {
  readonly info: OntologyInfo
  readonly genes: GeneTable
  readonly termCount: number
  /** Gene sets after propagation over is_a and part_of, unless fewer relations are asked for. */
  annotations(aspect: Aspect, evidence: EvidenceChoice, relations?: RelationChoice): TermSets
  term(id: string): OntologyTerm | null
  /** Terms whose id or name matches: every word of `text` must occur; best matches first. */
  searchTerms(text: string, limit: number): OntologyTerm[]
}

const outdatedAfterYears = 2

/** @param now decides whether the release is outdated @throws Refusal ONTOLOGY_MISSING */
export function loadOntology(folder: string, now: Date): Ontology {
  const { info, terms, genes } = readResource(folder)
  const table = createGeneTable(genes)
  const cache = new Map<string, TermSets>()
  const indexOf = new Map(terms.ids.map((id, at) => [id, at]))
  const termAt = (at: number): OntologyTerm => ({
    id: terms.ids[at] as string,
    name: terms.names[at] as string,
    aspect: terms.aspects[at] as Aspect,
  })
  return {
    info: {
      release: info.release,
      annotations: info.annotations,
      terms: info.terms,
      genes: info.annotatedGenes,
      outdated: isOutdated(info.release, now),
      attribution: info.attribution,
    },
    genes: table,
    termCount: info.terms,
    annotations: (aspect, evidence, relations = 'is_a,part_of') => {
      const key = `${aspect} ${evidence} ${relations}`
      const sets = cache.get(key) ?? propagate(terms, genes, aspect, evidence, relations)
      cache.set(key, sets)
      return sets
    },
    term: (id) => {
      const at = indexOf.get(id)
      return at === undefined ? null : termAt(at)
    },
    searchTerms: (text, limit) => search(terms, text, limit).map(termAt),
  }
}

function isOutdated(release: string, now: Date): boolean {
  const limit = new Date(`${release}T00:00:00Z`)
  limit.setUTCFullYear(limit.getUTCFullYear() + outdatedAfterYears)
  return !(now < limit)
}

/** Term indexes: exact id or name first, then names that start with the text, then shorter names. */
function search(terms: TermColumns, text: string, limit: number): number[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const words = wanted.split(/\s+/)
  const scored: { at: number; score: number }[] = []
  for (let at = 0; at < terms.ids.length; at++) {
    const id = (terms.ids[at] as string).toLowerCase()
    const name = (terms.names[at] as string).toLowerCase()
    if (id === wanted || name === wanted) scored.push({ at, score: 0 })
    else if (name.startsWith(wanted)) scored.push({ at, score: 1e4 + name.length })
    else if (words.every((word) => name.includes(word) || id.includes(word))) scored.push({ at, score: 2e4 + name.length })
  }
  return scored
    .sort((a, b) => a.score - b.score || a.at - b.at)
    .slice(0, limit)
    .map((hit) => hit.at)
}
