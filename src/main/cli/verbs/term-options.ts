// The options that say which terms are meant: an installed ontology, files, evidence, relations, orthologs; and about gene names.
import type { GeneChoice, SetSource, TermChoice } from '@contract'
import { refuse } from '../../base/refusal'
import type { Command } from '../arguments'
import { aspectOf, granted, oneOf, text } from '../options'
import type { Session } from '../session'

type Options = Command['options']

const relationSets = ['none', 'is_a', 'is_a,part_of', 'all'] as const
const evidences = ['all', 'no-iea', 'experimental'] as const

/** What `link` is tested against. */
export function termChoice(session: Session, options: Options): TermChoice {
  const ontology = text(options, 'ontology')
  const files = {
    obo: granted(session, options, 'obo'),
    associations: granted(session, options, 'associations'),
    gmt: granted(session, options, 'gmt'),
  }
  const fromFiles = files.obo !== null || files.associations !== null || files.gmt !== null
  if (ontology !== null && fromFiles)
    refuse('USAGE', {
      what: '--ontology names an installed ontology; --obo, --associations and --gmt name files. Give one of both.',
    })
  if (files.gmt !== null && (files.obo !== null || files.associations !== null))
    refuse('USAGE', { what: '--gmt stands alone: --obo and --associations do not apply to it.' })
  return {
    ontology,
    files: fromFiles ? files : null,
    relations: oneOf(options, 'relations', relationSets),
    orthologs: options['orthologs'] === true,
  }
}

export const evidenceOf = (options: Options): (typeof evidences)[number] => oneOf(options, 'evidence', evidences) ?? 'all'

/** What `enrich` is tested against. */
export function setSource(session: Session, options: Options): SetSource {
  const [obo, associations, gmt] = ['obo', 'associations', 'gmt'].map((name) => granted(session, options, name)) as [
    string | null,
    string | null,
    string | null,
  ]
  const ontology = text(options, 'ontology')
  const aspect = aspectOf(options)
  const relations = oneOf(options, 'relations', relationSets)
  const evidence = evidenceOf(options)
  const orthologs = options['orthologs'] === true
  const isSaid = (...names: string[]): boolean => names.some((name) => options[name] !== undefined)
  if (orthologs && (ontology !== null || obo !== null || associations !== null || gmt !== null))
    refuse('USAGE', { what: '--orthologs leads mouse genes to the built-in human annotations; leave other sets out.' })
  if (gmt !== null) {
    if (isSaid('obo', 'associations', 'aspect', 'relations', 'evidence', 'ontology'))
      refuse('USAGE', {
        what: '--gmt stands alone: --obo, --associations, --ontology, --aspect, --relations and --evidence do not apply to it.',
      })
    return { kind: 'gmt', gmt }
  }
  if (ontology !== null) {
    if (obo !== null || associations !== null)
      refuse('USAGE', { what: '--ontology names an installed ontology; --obo and --associations name files. Give one of both.' })
    return { kind: 'installed', ontology, aspect, relations, evidence }
  }
  if (obo === null && associations === null) return { kind: 'bundled', aspect: aspect ?? 'BP', relations, evidence, orthologs }
  if (obo === null || associations === null) refuse('USAGE', { what: '--obo and --associations are needed together.' })
  return { kind: 'ontology', obo, associations, aspect, relations, evidence }
}

/** What the user says about gene names. */
export const geneChoice = (options: Options): GeneChoice => ({
  species: text(options, 'species'),
  geneIds: oneOf(options, 'gene-ids', ['entrez'] as const),
})
