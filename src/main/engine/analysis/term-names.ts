// What a term is called.
import type { Engine } from '../engine'

/** The name of a term, of the built-in ontology or of one a linking of the project rests on; its id when nobody knows it. */
export const termName = (engine: Engine, id: string): string =>
  engine.ontology.term(id)?.name ?? engine.project.linkingSources.termName(id) ?? id
