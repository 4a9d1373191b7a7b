// The gene ontology that comes with the program: terms, human genes, propagated annotations.
// Loaded once; name maps and propagated sets are built when first asked for and kept.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Aspect, Evidence, InstalledOntology, OntologyInfo, Relations } from '@contract'
import type { TermSets } from '../../science/term-sets'
import { createCollection, type TermCollection } from './collection'
import type { BuiltInTerms } from './compile'
import { createGeneCatalogue, type GeneCatalogue, type ProteinsOf } from './gene-catalogue'
import type { GeneTable } from './gene-table'
import { readAnnotatedGenes, readResource, type OntologyResource, type TermColumns } from './resource'

export type { GeneMapping, GeneTable } from './gene-table'
export type { GeneCatalogue } from './gene-catalogue'
export type { TermCollection } from './collection'
export { cleanGeneName } from './gene-names'

export interface OntologyTerm {
  readonly id: string
  readonly name: string
  readonly aspect: Aspect
}

export interface Ontology {
  readonly info: OntologyInfo
  /** Human genes, numbered as in the annotations. */
  readonly genes: GeneTable
  /** Gene tables of all species at hand. */
  readonly catalogue: GeneCatalogue
  /** The built-in annotations in the shape installed ones have. */
  readonly collection: TermCollection
  /** What annotations without an ontology file of their own are read with. */
  builtInTerms(): BuiltInTerms
  readonly termCount: number
  /** Gene sets after propagation over is_a and part_of, unless fewer relations are asked for. */
  annotations(aspect: Aspect, evidence: Evidence, relations?: Relations): TermSets
  term(id: string): OntologyTerm | null
  /** Terms whose id or name matches: every word of `text` must occur; best matches first. */
  searchTerms(text: string, limit: number): OntologyTerm[]
}

const outdatedAfterYears = 2

export interface OntologyPlaces {
  /** Where propagated sets are kept between starts; absent: nowhere. */
  readonly cache?: string
  /** Protein accessions that installed annotation files know. */
  readonly proteinsOf?: ProteinsOf
}

/** @param now decides whether the release is outdated @throws Refusal ONTOLOGY_MISSING */
export function loadOntology(folder: string, now: Date, places: OntologyPlaces = {}): Ontology {
  const resource = readResource(folder)
  const { info, terms, genes } = resource
  const catalogue = createGeneCatalogue(folder, () => genes, places.proteinsOf ?? (() => new Map()))
  const about = builtIn(folder, resource, isOutdated(info.release, now))
  const collection = createCollection(about, () => ({ terms, genes }), places.cache ?? null)
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
      outdated: about.outdated,
      attribution: info.attribution,
    },
    get genes() {
      return catalogue.human
    },
    catalogue,
    collection,
    builtInTerms: () => ({ release: info.release, terms }),
    termCount: info.terms,
    annotations: (aspect, evidence, relations = 'is_a,part_of') => collection.sets(aspect, evidence, relations),
    term: (id) => {
      const at = indexOf.get(id)
      return at === undefined ? null : termAt(at)
    },
    searchTerms: (text, limit) => search(terms, text, limit).map(termAt),
  }
}

/** The gene tables alone, without terms and annotations: what looking into a file needs. Read when first asked for. */
export const bundledGenes = (folder: string, proteinsOf: ProteinsOf): GeneCatalogue =>
  createGeneCatalogue(folder, () => readAnnotatedGenes(folder), proteinsOf)

/** Id of the ontology that comes with the program. */
export const builtInId = 'built-in'

function builtIn(folder: string, { info }: OntologyResource, outdated: boolean): InstalledOntology {
  const digest = createHash('sha256')
  const files = ['terms.json.gz', 'human.json.gz'].map((name) => {
    const bytes = readFileSync(join(folder, name))
    digest.update(bytes)
    return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  })
  return {
    id: builtInId,
    name: 'Gene Ontology, human (built in)',
    kind: 'go',
    bundled: true,
    species: 'human',
    release: info.release,
    annotations: info.annotations,
    checksum: digest.digest('hex'),
    licence: 'CC BY 4.0',
    attribution: info.attribution,
    installedAt: null,
    files,
    terms: info.terms,
    genes: info.annotatedGenes,
    aspects: ['BP', 'MF', 'CC'],
    hasEvidence: true,
    outdated,
  }
}

/** A release that is not a date is never outdated. */
export function isOutdated(release: string, now: Date): boolean {
  const limit = new Date(`${release}T00:00:00Z`)
  if (Number.isNaN(limit.getTime())) return false
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
