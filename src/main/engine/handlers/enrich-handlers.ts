// Tests a gene list the user brings; needs no project.
import type { SetSource } from '@contract'
import { enrichList, type EnrichJob } from '../analysis/enrich'
import type { Engine } from '../engine'
import type { HandlersFor } from './handlers'

export const enrichHandlers: HandlersFor<'enrich.run'> = {
  'enrich.run': ({ genes, background, sets, preset }, engine) => {
    const path = (token: string): string => engine.path(token, 'data')
    return enrichList({
      preset,
      genes: path(genes),
      background: path(background),
      sets: setsOf(engine, sets),
    })
  },
}

function setsOf(engine: Engine, sets: SetSource): EnrichJob['sets'] {
  const path = (token: string): string => engine.path(token, 'data')
  const evidence = sets.kind === 'gmt' ? 'all' : (sets.evidence ?? 'all')
  switch (sets.kind) {
    case 'gmt':
      return { kind: 'gmt', gmt: path(sets.gmt) }
    case 'ontology':
      return { ...sets, evidence, obo: path(sets.obo), associations: path(sets.associations) }
    case 'installed':
      return { ...sets, evidence, collection: engine.collection(sets.ontology), catalogue: engine.ontology.catalogue }
    case 'bundled':
      return { ...sets, evidence, orthologs: sets.orthologs ?? false, ontology: engine.ontology }
  }
}
