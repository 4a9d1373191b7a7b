// An ontology ready for use, built in or installed: what it is, its propagated sets, and which of its genes a name means.
import type { Aspect, Evidence, InstalledOntology, Relations } from '@contract'
import type { TermSets } from '../../science/term-sets'
import type { OntologyContent } from './content'
import { propagate } from './propagate'
import { cachedTermSets } from './term-set-cache'

export interface TermCollection {
  readonly info: InstalledOntology
  readonly content: Pick<OntologyContent, 'terms' | 'genes'>
  /** Propagated sets of an aspect, or of all terms where there are no aspects. Kept in memory and in the cache folder. */
  sets(aspect: Aspect | null, evidence: Evidence, relations: Relations): TermSets
}

/** @param content read when sets are not in the cache @param folder where sets are kept between starts; null for nowhere */
export function createCollection(
  info: InstalledOntology,
  content: () => Pick<OntologyContent, 'terms' | 'genes'>,
  folder: string | null,
): TermCollection {
  const inMemory = new Map<string, TermSets>()
  let read: Pick<OntologyContent, 'terms' | 'genes'> | null = null
  const whole = (): Pick<OntologyContent, 'terms' | 'genes'> => (read ??= content())
  return {
    info,
    get content() {
      return whole()
    },
    sets: (aspect, evidence, relations) => {
      const key = ['1', info.checksum, aspect ?? 'all', evidence, relations].join(' ')
      const known = inMemory.get(key)
      if (known) return known
      const sets = cachedTermSets(folder, key, () => propagate(whole().terms, whole().genes, aspect, evidence, relations))
      inMemory.set(key, sets)
      return sets
    },
  }
}
