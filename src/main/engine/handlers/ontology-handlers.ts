// The built-in ontology and those the user installed: list, install from files, remove.
import { basename } from 'node:path'
import { refuse } from '../../base/refusal'
import { builtInId } from '../ontology'
import { compileOntology } from '../ontology/compile'
import { guessSpecies, speciesChoice } from '../import/gene-species'
import type { Engine } from '../engine'
import type { OntologyContent } from '../ontology/content'
import type { HandlersFor } from './handlers'

export const ontologyHandlers: HandlersFor<'ontology.info' | 'ontology.list' | 'ontology.install' | 'ontology.remove'> = {
  'ontology.info': (_params, engine) => engine.ontology.info,
  'ontology.list': (_params, engine) => [engine.ontology.collection.info, ...engine.library.list()],
  'ontology.install': async ({ obo, associations, gmt, name, species, taxon, licence }, engine) => {
    const path = (token: string | null): string | null => (token === null ? null : engine.path(token, 'data'))
    const files = { obo: path(obo), associations: path(associations), gmt: path(gmt) }
    const content = await compileOntology({ ...files, taxon, licence, species: speciesChoice(species) }, () =>
      engine.ontology.builtInTerms(),
    )
    const named = withSpecies(engine, content)
    const wanted = name?.trim() || usualName(files.gmt ?? files.associations ?? '')
    if (wanted.toLowerCase() === builtInId) refuse('FILE_EXISTS', { file: builtInId })
    return { ontology: engine.library.install(named, wanted, new Date()), problems: [...content.problems] }
  },
  'ontology.remove': ({ id }, engine) => {
    if (id === builtInId) refuse('NOT_AVAILABLE', { what: 'Removing the built-in ontology' })
    engine.library.remove(id)
    return {}
  },
}

const usualName = (path: string): string => basename(path).replace(/(?:\.(?:gz|gaf|gmt|txt|tsv|csv))+$/i, '') || 'ontology'

/** The species of sets that do not say it, where their symbols leave no doubt. */
function withSpecies(engine: Engine, content: OntologyContent): OntologyContent {
  if (content.species !== null) return content
  const { species, sure } = guessSpecies([content.genes.symbols], engine.ontology.catalogue.resolver, null)
  return sure ? { ...content, species } : content
}
