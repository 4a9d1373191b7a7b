// The verb ontology: which ontologies are at hand, installing one from files, removing one.
import { refuse } from '../../base/refusal'
import type { Command } from '../arguments'
import { granted, text, whole } from '../options'
import type { Session } from '../session'

export async function ontology(session: Session, { options }: Command): Promise<Readonly<Record<string, unknown>>> {
  const remove = text(options, 'remove')
  const install = options['install'] === true
  if (install && remove !== null) refuse('USAGE', { what: 'Give one of --install and --remove.' })
  if (install) {
    const taxon = whole(options, 'taxon')
    return {
      ...(await session.call('ontology.install', {
        obo: granted(session, options, 'obo'),
        associations: granted(session, options, 'associations'),
        gmt: granted(session, options, 'gmt'),
        name: text(options, 'name'),
        species: text(options, 'species'),
        taxon: taxon === 0 ? refuse('USAGE', { what: '--taxon needs a number of NCBI, for example 10090.' }) : taxon,
        licence: text(options, 'licence'),
      })),
    }
  }
  const unused = ['obo', 'associations', 'gmt', 'name', 'species', 'taxon', 'licence'].find((name) => options[name] !== undefined)
  if (unused !== undefined) refuse('USAGE', { what: `--${unused} goes with --install.` })
  if (remove !== null) await session.call('ontology.remove', { id: remove })
  return { ontologies: await session.call('ontology.list', {}) }
}
