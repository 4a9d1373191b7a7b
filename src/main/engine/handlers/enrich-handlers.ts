// Tests a gene list the user brings; needs no project.
import { enrichList } from '../analysis/enrich'
import type { HandlersFor } from './handlers'

export const enrichHandlers: HandlersFor<'enrich.run'> = {
  'enrich.run': ({ genes, background, sets, preset }, engine) => {
    const path = (token: string): string => engine.path(token, 'data')
    return enrichList({
      preset,
      genes: path(genes),
      background: path(background),
      sets:
        sets.kind === 'gmt'
          ? { kind: 'gmt', gmt: path(sets.gmt) }
          : sets.kind === 'ontology'
            ? { ...sets, obo: path(sets.obo), associations: path(sets.associations) }
            : { ...sets, ontology: engine.ontology },
    })
  },
}
