// The stored results a reader may choose from, and which of them a word or term means when none is named.
import type { Aspect, LinkingChoice } from '@contract'
import { reportOf } from '../analysis/linking'
import { termName } from '../analysis/term-names'
import type { Engine } from '../engine'
import { builtInId, type TermCollection } from '../ontology'
import type { StoredLinking } from '../store/linkings'

/** Id of the ontology a result rests on; results made before these were kept rest on the built-in one. */
const ontologyOf = (engine: Engine, linking: StoredLinking): string =>
  engine.project.linkingSources.of(linking.id)?.id ?? builtInId

/** Name of the ontology or gene sets a result rests on. */
export const sourceName = (engine: Engine, linking: StoredLinking): string =>
  engine.project.linkingSources.of(linking.id)?.name ?? engine.ontology.collection.info.name

/** The ontology a result rests on, as it is at hand now; null when it was read from files only or has been removed. */
export function collectionOf(engine: Engine, linking: StoredLinking): TermCollection | null {
  const id = ontologyOf(engine, linking)
  if (id === builtInId) return engine.ontology.collection
  return engine.library.list().some((each) => each.id === id) ? engine.library.get(id) : null
}

/** Whether a result of the built-in ontology was made with another release of it than the one there is now. */
export const isOutdated = (engine: Engine, linking: StoredLinking): boolean =>
  isBuiltIn(engine, linking) &&
  (linking.ontologyRelease !== engine.ontology.info.release || linking.annotationRelease !== engine.ontology.info.annotations)

export const isShown = (engine: Engine, { id, run, aspect }: StoredLinking): boolean =>
  engine.project.linkings.latest(run, aspect)?.id === id

/** Every result of a run, newest first, with what it says about one latent. @param chosen the one being read */
export function linkingChoices(engine: Engine, run: number, latent: number, chosen: StoredLinking | null): LinkingChoice[] {
  const { linkings } = engine.project
  return linkings
    .all(run)
    .map((linking) => {
      const { preset, method } = reportOf(linking)
      const terms = linkings.significantOf(linking.id, latent)
      const [best] = terms
      return {
        id: linking.id,
        name: sourceName(engine, linking),
        aspect: linking.aspect,
        preset,
        method,
        background: linking.backgroundKind,
        ontologyRelease: linking.ontologyRelease,
        outdated: isOutdated(engine, linking),
        shown: isShown(engine, linking),
        chosen: linking.id === chosen?.id,
        significant: terms.length,
        topTerm: best
          ? { id: best.termId, name: termName(engine, best.termId), qLatent: best.qLatent, qOverall: best.qOverall }
          : null,
      }
    })
    .toReversed()
}

/** Of each ontology and aspect one result, the shown or else the newest: a linking against other terms hides none of them. */
export function standingLinkings(engine: Engine, run: number): StoredLinking[] {
  const standing = new Map<string, StoredLinking>()
  for (const linking of engine.project.linkings.all(run)) {
    const key = `${linking.aspect} ${ontologyOf(engine, linking)}`
    const known = standing.get(key)
    if (!known || !isShown(engine, known)) standing.set(key, linking)
  }
  return [...standing.values()]
}

/** Whether a result was tested against the built-in ontology. */
export const isBuiltIn = (engine: Engine, linking: StoredLinking): boolean => ontologyOf(engine, linking) === builtInId

/**
 * Results in which a term is looked for when none is named: the shown ones, then the others, newest first.
 * @param aspect null: any
 */
export const linkingsByRank = (engine: Engine, run: number, aspect: Aspect | null): StoredLinking[] =>
  engine.project.linkings
    .all(run)
    .filter((linking) => aspect === null || linking.aspect === aspect)
    .toReversed()
    .toSorted((a, b) => Number(isShown(engine, b)) - Number(isShown(engine, a)))

/** Id under which a result keeps the term of exactly this id or name; null when it does not test it. */
export function termIdIn(engine: Engine, linking: StoredLinking, key: string): string | null {
  if (!isBuiltIn(engine, linking)) return engine.project.linkingSources.termIn(linking.id, key)
  const term = engine.ontology.term(key) ?? engine.ontology.searchTerms(key, 1)[0]
  const isExact = term && (term.name.toLowerCase() === key.toLowerCase() || engine.ontology.term(key) !== null)
  return isExact && term.aspect === linking.aspect ? term.id : null
}
