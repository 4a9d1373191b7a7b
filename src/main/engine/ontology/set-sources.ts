// Gene sets for lists of the user's from the built-in or an installed ontology. Invariant: names of one species never meet
// annotations of another, unless the user asks for one-to-one orthologs.
import type { Aspect, Evidence, Relations } from '@contract'
import { refuse } from '../../base/refusal'
import { evidenceUnknown } from './file-problems'
import { guessSpecies } from '../import/gene-species'
import type { TermSets } from '../../science/term-sets'
import { createGeneMatcher } from './gene-matcher'
import type { GeneCatalogue, Ontology, TermCollection } from './index'
import type { SetCollection } from './set-collections'

interface BundledChoice {
  readonly ontology: Ontology
  readonly aspect: Aspect
  readonly relations: Relations
  readonly evidence: Evidence
  readonly orthologs: boolean
}

/** @param background names of the user's background, which show the species @throws Refusal CHOICE_UNKNOWN, NO_ANNOTATION_FOR_SPECIES, ORTHOLOGS_UNFIT */
export function setsFromBundle(choice: BundledChoice, background: readonly string[]): SetCollection {
  const { ontology, aspect, relations, evidence, orthologs } = choice
  if (relations === 'all') refuse('RELATIONS_NOT_BUILT_IN', {})
  const { species } = guessSpecies([background], ontology.catalogue.resolver, null)
  const { catalogue, collection } = ontology
  const pairs = orthologs ? catalogue.orthologs : null
  const mouse = orthologs ? catalogue.of('mouse') : null
  if (orthologs && (species !== 'mouse' || !pairs || !mouse)) refuse('ORTHOLOGS_UNFIT', { species, annotated: 'human' })
  if (!orthologs && species === 'mouse')
    refuse('NO_ANNOTATION_FOR_SPECIES', { species, ontology: collection.info.name, annotated: 'human' })
  const geneOf = (name: string): number | null => {
    if (!mouse || !pairs) return catalogue.human.resolve(name).gene
    const found = mouse.resolve(name).gene
    const human = found === null ? -1 : (pairs.humanOfMouse[found] ?? -1)
    return human < 0 ? null : human
  }
  return {
    source: `Gene Ontology ${aspect}, built in${orthologs ? ', through one-to-one mouse orthologs' : ''}`,
    release: ontology.info.release,
    relations,
    sets: namedSets(collection.sets(aspect, evidence, relations), aspect),
    genesAre: orthologs ? 'mouse genes with a one-to-one human ortholog' : 'human genes',
    geneOf,
    problems: [],
  }
}

interface InstalledChoice {
  readonly collection: TermCollection
  readonly catalogue: GeneCatalogue
  /** Null: every aspect, corrected one by one. */
  readonly aspect: Aspect | null
  readonly relations: Relations
  readonly evidence: Evidence
}

/** Names no set knows are genes of the background all the same where the gene table of the species has them, or where there is none. */
export function setsFromInstalled(choice: InstalledChoice, background: readonly string[]): SetCollection {
  const { collection, catalogue, evidence } = choice
  const { info, content } = collection
  const table = info.species === null ? null : catalogue.of(info.species)
  if (table) {
    const { species } = guessSpecies([background], catalogue.resolver, null)
    if (catalogue.of(species) && species !== info.species)
      refuse('NO_ANNOTATION_FOR_SPECIES', { species, ontology: info.name, annotated: info.species ?? '' })
  }
  const relations = info.kind === 'sets' ? null : choice.relations
  const matcher = createGeneMatcher(content.genes, table)
  const aspects = info.aspects.length === 0 ? [null] : choice.aspect === null ? info.aspects : [choice.aspect]
  const sets = aspects.flatMap((aspect) => namedSets(collection.sets(aspect, evidence, relations ?? 'none'), aspect ?? ''))
  const extra = new Map<string, number>()
  const first = content.genes.symbols.length
  const own = (key: string): number => {
    const number = extra.get(key) ?? first + extra.size
    extra.set(key, number)
    return number
  }
  return {
    source: info.name,
    release: info.release || info.annotations || null,
    relations,
    sets,
    genesAre: info.species === null ? 'genes' : `${info.species} genes`,
    geneOf: (name) => {
      const known = matcher.named(name)
      if (known !== null) return known
      const inTable = table?.resolve(name).gene ?? null
      if (inTable !== null) return own(`#${inTable}`)
      return table ? null : own(name)
    },
    problems: evidenceUnknown(info, evidence),
  }
}

function namedSets({ ids, names, root, indptr, indices }: TermSets, group: string): SetCollection['sets'] {
  return ids.map((id, at) => ({
    id,
    name: names[at] as string,
    group,
    isRoot: at === root,
    genes: indices.subarray(indptr[at], indptr[at + 1]),
  }))
}
