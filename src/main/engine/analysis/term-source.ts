// Where the terms of a linking come from, and which of their genes each gene of the data is: the built-in annotations, an installed
// ontology or files named in the request; through one-to-one orthologs where the user says so.
// Invariant: genes of one species never meet annotations of another unasked.
import { basename } from 'node:path'
import type { Aspect, InstalledOntology, OntologyReference, Problem, TermChoice } from '@contract'
import { refuse } from '../../base/refusal'
import type { TermSets } from '../../science/term-sets'
import type { Engine } from '../engine'
import { createCollection, type TermCollection } from '../ontology/collection'
import { compileOntology } from '../ontology/compile'
import { evidenceUnknown } from '../ontology/file-problems'
import { createGeneMatcher } from '../ontology/gene-matcher'
import type { StoredGene } from '../store/dataset'
import { projectGenes, type ProjectGenes } from './project-genes'

export interface TermSource {
  /** What the project keeps about it. */
  readonly reference: OntologyReference
  /** Everything the sets depend on, for the key of a result. */
  readonly key: readonly string[]
  readonly sets: TermSets
  /** Gene number in `sets` per column of the expression, −1 where the gene is not known; known genes without annotation have numbers too. */
  readonly geneOf: Int32Array
  /** Columns with a known gene, and those of them with an annotation in these sets. */
  readonly genes: { readonly of: number; readonly known: number; readonly annotated: number }
  /** Ids and names to keep with the result: none for the built-in ontology. */
  readonly keptTerms: readonly { readonly id: string; readonly name: string }[]
  readonly problems: readonly Problem[]
}

export interface TermRequest extends TermChoice {
  readonly aspect: Aspect
  readonly evidence: 'all' | 'no-iea' | 'experimental'
}

const usualRelations = 'is_a,part_of'

/**
 * @throws Refusal NO_ANNOTATION_FOR_SPECIES with what to do, ORTHOLOGS_UNFIT, ONTOLOGY_NOT_INSTALLED, NO_GENES when no gene of the
 * data has an annotation, and the codes of the readers of files
 */
export async function termSource(engine: Engine, request: TermRequest): Promise<TermSource> {
  const { collection, problems } = await chosen(engine, request)
  const { info } = collection
  const relations = info.kind === 'sets' ? null : (request.relations ?? usualRelations)
  if (relations === 'all' && info.bundled)
    refuse('CHOICE_UNKNOWN', { what: 'relation set', key: relations, known: 'none, is_a, is_a,part_of' })
  const data = projectGenes(engine.project, engine.ontology)
  const orthologs = request.orthologs === true ? orthologsFor(engine, data, info) : null
  if (!orthologs) refuseOtherSpecies(data.species, info)
  const aspect = info.aspects.length > 0 ? request.aspect : null
  const sets = collection.sets(aspect, request.evidence, relations ?? 'none')
  const geneOf = orthologs
    ? data.genes.map((gene) => (gene.ontologyGene === null ? -1 : (orthologs.humanOfMouse[gene.ontologyGene] ?? -1)))
    : data.genes.map((gene) => gene.ontologyGene ?? -1)
  const numbered = info.bundled ? { geneOf, sets } : throughMatcher(engine, collection, sets, data, orthologs && geneOf)
  const { geneOf: columns, sets: numberedSets } = numbered
  const genes = counted(columns, numberedSets)
  if (genes.annotated === 0)
    refuse('NO_GENES', { what: `None of the ${genes.of} genes of these data is annotated in ${info.name}` })
  const pairs = orthologs ? { release: orthologs.release, pairs: orthologs.pairs } : null
  return {
    reference: referenceOf(info, request.evidence, relations, pairs),
    key: [info.checksum, aspect ?? '', request.evidence, relations ?? '', pairs ? `orthologs ${pairs.release}` : ''],
    sets: { ...numberedSets, geneCount: Math.max(numberedSets.geneCount, 1 + highest(columns)) },
    geneOf: Int32Array.from(columns),
    genes,
    keptTerms: info.bundled ? [] : numberedSets.ids.map((id, at) => ({ id, name: numberedSets.names[at] as string })),
    problems: [...problems, ...evidenceUnknown(info, request.evidence)],
  }
}

async function chosen(
  engine: Engine,
  { files, ontology }: TermRequest,
): Promise<{ collection: TermCollection; problems: readonly Problem[] }> {
  if (files) {
    const path = (token: string | null): string | null => (token === null ? null : engine.path(token, 'data'))
    const paths = { obo: path(files.obo), associations: path(files.associations), gmt: path(files.gmt) }
    return fromFiles(engine, paths)
  }
  return { collection: engine.collection(ontology ?? null), problems: [] }
}

/** Reads files without keeping them. */
export async function fromFiles(
  engine: Engine,
  paths: { obo: string | null; associations: string | null; gmt: string | null },
): Promise<{ collection: TermCollection; problems: readonly Problem[] }> {
  const content = await compileOntology({ ...paths, taxon: null, species: null, licence: null }, () =>
    engine.ontology.builtInTerms(),
  )
  const name = [paths.gmt, paths.associations, paths.obo]
    .flatMap((path) => (path === null ? [] : [basename(path)]))
    .join(' with ')
  const { kind, species, release, annotations, checksum, licence, attribution, files, hasEvidence, terms, genes } = content
  const info: InstalledOntology = {
    id: `file-${checksum.slice(0, 12)}`,
    name,
    kind,
    bundled: false,
    species,
    release,
    annotations,
    checksum,
    licence,
    attribution,
    installedAt: null,
    files: [...files],
    terms: terms.ids.length,
    genes: genes.symbols.length,
    aspects: (['BP', 'MF', 'CC'] as const).filter((aspect) => terms.aspects.includes(aspect)),
    hasEvidence,
    outdated: false,
  }
  return { collection: createCollection(info, () => content, engine.setsFolder), problems: content.problems }
}

function orthologsFor(engine: Engine, data: ProjectGenes, info: InstalledOntology): NonNullable<typeof pairs> {
  const pairs = engine.ontology.catalogue.orthologs
  if (data.species !== 'mouse' || (info.species ?? 'human') !== 'human' || !pairs)
    refuse('ORTHOLOGS_UNFIT', { species: data.species, annotated: info.species ?? 'an unknown species' })
  return pairs
}

/** Sets of an unknown species, and data of an unknown one, are tested as they are: their names decide. */
export function refuseOtherSpecies(species: string, info: Pick<InstalledOntology, 'species' | 'name'>): void {
  if (info.species === null || species === 'unknown' || species === info.species) return
  refuse('NO_ANNOTATION_FOR_SPECIES', { species, ontology: info.name, annotated: info.species })
}

/**
 * Numbers of an installed ontology's genes for the columns. A known gene it does not annotate gets a number of its own, because it
 * belongs to the background; without a gene table for the species, every name counts as a gene.
 * @param human numbers in the human table when orthologs are used
 */
function throughMatcher(
  engine: Engine,
  { info, content }: TermCollection,
  sets: TermSets,
  data: ProjectGenes,
  human: readonly number[] | null,
): { geneOf: number[]; sets: TermSets } {
  const table = engine.ontology.catalogue.of(info.species ?? data.species)
  const matcher = createGeneMatcher(content.genes, table)
  const extra = new Map<string, number>()
  const own = (key: string): number => {
    const known = extra.get(key)
    if (known !== undefined) return known
    extra.set(key, sets.geneCount + extra.size)
    return sets.geneCount + extra.size - 1
  }
  const geneOf = data.genes.map((gene, column) => {
    const byOrtholog = human?.[column]
    if (byOrtholog !== undefined) {
      if (byOrtholog < 0 || !table) return -1
      const name = table.symbolOf(byOrtholog)
      return matcher.of({ name, symbol: name, id: null, entrez: table.entrezOf(byOrtholog), tableGene: byOrtholog }) ?? own(name)
    }
    const found = matcher.of(dataGene(gene, table !== null))
    if (found !== null) return found
    if (gene.ontologyGene !== null) return own(`#${gene.ontologyGene}`)
    return data.table === null && gene.method !== 'ambiguous' ? own(gene.name) : -1
  })
  return { geneOf, sets }
}

const dataGene = (gene: StoredGene, hasTable: boolean): Parameters<ReturnType<typeof createGeneMatcher>['of']>[0] => ({
  name: gene.original ?? gene.name,
  symbol: gene.symbol,
  id: gene.id,
  entrez: gene.entrez,
  tableGene: hasTable ? gene.ontologyGene : null,
})

function counted(geneOf: readonly number[], sets: TermSets): TermSource['genes'] {
  const annotated = new Uint8Array(sets.geneCount)
  for (const gene of sets.indices) annotated[gene] = 1
  return {
    of: geneOf.length,
    known: geneOf.filter((gene) => gene >= 0).length,
    annotated: geneOf.filter((gene) => gene >= 0 && annotated[gene] === 1).length,
  }
}

const highest = (numbers: readonly number[]): number => numbers.reduce((most, number) => Math.max(most, number), -1)

function referenceOf(
  info: InstalledOntology,
  evidence: string,
  relations: string | null,
  orthologs: OntologyReference['orthologs'],
): OntologyReference {
  const { id, name, species, release, annotations, checksum, licence, attribution } = info
  return { id, name, species, release, annotations, checksum, licence, attribution, evidence, relations, orthologs }
}
