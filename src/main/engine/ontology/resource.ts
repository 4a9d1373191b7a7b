// The ontology files as they lie in the resources folder, decoded into plain columns. Layout: resources/ontology/README.md.
// A file that is missing or not what it should be is one error for the user: ONTOLOGY_MISSING.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Aspect } from '@contract'
import { refuse } from '../../base/refusal'

export interface ResourceInfo {
  readonly release: string
  readonly annotations: string
  readonly terms: number
  readonly annotatedGenes: number
  readonly attribution: string
}

/** Terms in ascending id order. `parents` holds parent index · 4 + relation (0 is_a, 1 part_of, 2 any other), `parentStart` its offsets. */
export interface TermColumns {
  readonly ids: readonly string[]
  readonly names: readonly string[]
  /** '' outside the Gene Ontology. */
  readonly aspects: readonly (Aspect | '')[]
  readonly parentStart: Uint32Array
  readonly parents: Uint32Array
}

/** Annotated genes. Evidence bits: 1 experimental, 2 other curated, 4 automatic. */
export interface GeneColumns {
  readonly ids: readonly string[]
  readonly symbols: readonly string[]
  /** One line per gene, names separated by "|". */
  readonly aliases: readonly string[]
  readonly ensembl: readonly string[]
  readonly annotationStart: Uint32Array
  readonly annotationTerms: Uint32Array
  readonly annotationEvidence: Uint8Array
}

export interface OntologyResource {
  readonly info: ResourceInfo
  readonly terms: TermColumns
  readonly genes: GeneColumns
}

interface StoredTerms {
  readonly ids: readonly number[]
  readonly names: string
  readonly aspects: string
  readonly parentCounts: readonly number[]
  readonly parents: readonly number[]
}

interface StoredGenes {
  readonly ids: string
  readonly symbols: string
  readonly aliases: string
  readonly ensembl: string
  readonly annotationCounts: readonly number[]
  readonly annotations: readonly number[]
}

const aspectOf: Readonly<Record<string, Aspect>> = { P: 'BP', F: 'MF', C: 'CC' }

export function offsets(counts: readonly number[]): Uint32Array {
  const starts = new Uint32Array(counts.length + 1)
  for (let at = 0; at < counts.length; at++) starts[at + 1] = (starts[at] as number) + (counts[at] as number)
  return starts
}

function decodeTerms(stored: StoredTerms): TermColumns {
  let number = 0
  const ids = stored.ids.map((delta) => `GO:${String((number += delta)).padStart(7, '0')}`)
  return {
    ids,
    names: stored.names.split('\n'),
    aspects: [...stored.aspects].map((letter) => aspectOf[letter] ?? refuse('ONTOLOGY_MISSING')),
    parentStart: offsets(stored.parentCounts),
    parents: Uint32Array.from(stored.parents, (parent) => (parent >>> 1) * 4 + (parent & 1)),
  }
}

function decodeGenes(stored: StoredGenes): GeneColumns {
  const ids = stored.ids.split('\n')
  const start = offsets(stored.annotationCounts)
  const terms = new Uint32Array(stored.annotations.length)
  const evidence = new Uint8Array(stored.annotations.length)
  for (let gene = 0; gene < ids.length; gene++) {
    let term = 0
    for (let at = start[gene] as number; at < (start[gene + 1] as number); at++) {
      const code = stored.annotations[at] as number
      term += code >>> 3
      terms[at] = term
      evidence[at] = code & 7
    }
  }
  return {
    ids,
    symbols: stored.symbols.split('\n').map((symbol, gene) => (symbol === '' ? `LOC${ids[gene]}` : symbol)),
    aliases: stored.aliases.split('\n'),
    ensembl: stored.ensembl.split('\n'),
    annotationStart: start,
    annotationTerms: terms,
    annotationEvidence: evidence,
  }
}

const packed = (folder: string, name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString('utf8'))

/** @throws Refusal ONTOLOGY_MISSING when the file is absent or damaged */
export function readAnnotatedGenes(folder: string): GeneColumns {
  try {
    const genes = decodeGenes(packed(folder, 'human.json.gz') as StoredGenes)
    return genes.symbols.length === genes.ids.length ? genes : refuse('ONTOLOGY_MISSING')
  } catch {
    return refuse('ONTOLOGY_MISSING')
  }
}

/** @throws Refusal ONTOLOGY_MISSING when a file is absent, damaged or does not fit the others */
export function readResource(folder: string): OntologyResource {
  try {
    const info = JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8')) as ResourceInfo
    const terms = decodeTerms(packed(folder, 'terms.json.gz') as StoredTerms)
    const genes = readAnnotatedGenes(folder)
    const whole = terms.ids.length === info.terms && terms.names.length === info.terms
    return whole ? { info, terms, genes } : refuse('ONTOLOGY_MISSING')
  } catch {
    return refuse('ONTOLOGY_MISSING')
  }
}
