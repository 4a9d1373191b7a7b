// Gene sets of every origin in one shape: the built-in ontology, an OBO file with annotations, a GMT file.
// Invariant: genes are numbered by name (files) or by the built-in gene table; no gene occurs twice in a set.
import type { Aspect, Evidence, Problem, Relations } from '@contract'
import { refuse } from '../../base/refusal'
import type { NamedSet } from '../../science/enrichment-presets'
import { examples, warning } from './file-problems'
import { acceptedBits } from './propagate'
import { gene2goHeading } from './read-gene2go'
import { parseAssociations, type Associations } from './read-associations'
import { parseGmt } from './read-gene-sets'
import { parseObo, type OboOntology, type OboTerm } from './read-obo'
import { readTextFile } from './text-lines'

export interface SetCollection {
  readonly source: string
  readonly release: string | null
  readonly relations: Relations | null
  readonly sets: readonly NamedSet[]
  /** What the known genes are, for sentences. */
  readonly genesAre: string
  /** The gene a name of the user's lists means; null when no list or set knows it. */
  geneOf(name: string): number | null
  readonly problems: readonly Problem[]
}

/** Numbers names in the order they are met. */
class NameNumbers {
  private readonly numbers = new Map<string, number>()

  of(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    this.numbers.set(name, this.numbers.size)
    return this.numbers.size - 1
  }
}

const roots: ReadonlySet<string> = new Set(['GO:0008150', 'GO:0003674', 'GO:0005575'])
const namespaceOf: Readonly<Record<Aspect, string>> = {
  BP: 'biological_process',
  MF: 'molecular_function',
  CC: 'cellular_component',
}

export function setsFromGmt(path: string): SetCollection {
  const file = readTextFile(path, 'a file of gene sets (GMT)')
  const { sets, problems } = parseGmt(file)
  const numbers = new NameNumbers()
  return {
    source: file.name,
    release: null,
    relations: null,
    sets: sets.map(({ id, name, genes }) => ({
      id,
      name,
      group: '',
      isRoot: false,
      genes: genes.map((gene) => numbers.of(gene)),
    })),
    genesAre: 'genes',
    geneOf: (name) => numbers.of(name),
    problems,
  }
}

export interface OntologyFiles {
  readonly obo: string
  readonly associations: string
  readonly aspect: Aspect | null
  readonly relations: Relations
  readonly evidence: Evidence
}

/** @param background names of the user's background: they decide whether a GAF is read by symbol or by database id */
export function setsFromFiles(files: OntologyFiles, background: readonly string[]): SetCollection {
  const oboFile = readTextFile(files.obo, 'an ontology in OBO format')
  const obo = parseObo(oboFile)
  const annotationFile = readTextFile(files.associations, 'an annotation file')
  if (gene2goHeading.test(annotationFile.lines[0]?.text ?? '')) refuse('INSTALL_FIRST', { file: annotationFile.name })
  const read = parseAssociations(annotationFile)
  const accepted = acceptedBits[files.evidence]
  const associations = { ...read, pairs: read.pairs.filter(({ evidence }) => (evidence & accepted) !== 0) }
  const numbers = new NameNumbers()
  const direct = directSets(obo, associations, nameKey(associations, background), numbers)
  if (direct.sets.size === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: annotationFile.name,
      expected: `an annotation file for ${oboFile.name}`,
      why: `none of its terms is in the ontology (${examples(direct.unknown)})`,
    })
  const wanted = files.aspect === null ? null : namespaceOf[files.aspect]
  const sets = [...propagated(obo, direct.sets, files.relations)]
    .filter(([term]) => wanted === null || term.namespace === wanted)
    .map(([term, genes]) => ({
      id: term.id,
      name: term.name,
      group: term.namespace,
      isRoot: roots.has(term.id),
      genes: Uint32Array.from(genes),
    }))
  const problems = [...obo.problems, ...associations.problems]
  if (direct.unknown.length > 0)
    problems.push(
      warning(
        'ANNOTATION_TERMS_UNKNOWN',
        `${direct.unknown.length} terms of ${annotationFile.name} are not in ${oboFile.name} (${examples(direct.unknown)}); their annotations were left out.`,
        'Use an ontology and annotations of the same date.',
      ),
    )
  return {
    source: `${oboFile.name} with ${annotationFile.name} (${associations.format})`,
    release: obo.release || null,
    relations: files.relations,
    sets,
    genesAre: 'genes',
    geneOf: (name) => numbers.of(name),
    problems,
  }
}

/** Whichever of the two names of a GAF meets more of the background. */
function nameKey({ pairs }: Associations, background: readonly string[]): 'symbol' | 'id' {
  const wanted = new Set(background)
  const met = (key: 'symbol' | 'id'): number => new Set(pairs.map((pair) => pair[key]).filter((name) => wanted.has(name))).size
  return met('id') > met('symbol') ? 'id' : 'symbol'
}

function directSets(
  obo: OboOntology,
  { pairs }: Associations,
  key: 'symbol' | 'id',
  numbers: NameNumbers,
): { sets: Map<OboTerm, Set<number>>; unknown: string[] } {
  const sets = new Map<OboTerm, Set<number>>()
  const unknown = new Set<string>()
  for (const pair of pairs) {
    const term = obo.resolve(pair.term)
    if (!term) unknown.add(pair.term)
    else {
      const genes = sets.get(term) ?? new Set<number>()
      sets.set(term, genes)
      genes.add(numbers.of(pair[key]))
    }
  }
  return { sets, unknown: [...unknown] }
}

/** The true-path rule over the chosen relations. Every term a gene reaches holds it once, whatever circles `all` may hold. */
function propagated(obo: OboOntology, direct: Map<OboTerm, Set<number>>, relations: Relations): Map<OboTerm, Set<number>> {
  const follows = (relation: string): boolean =>
    relations === 'all' ||
    (relation === 'is_a' && relations !== 'none') ||
    (relation === 'part_of' && relations === 'is_a,part_of')
  const reached = new Map<OboTerm, Set<number>>()
  for (const [start, genes] of direct) {
    const above = new Set([start])
    for (const term of above)
      for (const { id, relation } of term.parents) {
        const parent = obo.terms.get(id)
        if (parent && follows(relation)) above.add(parent)
      }
    for (const term of above) {
      const held = reached.get(term) ?? new Set<number>()
      reached.set(term, held)
      for (const gene of genes) held.add(gene)
    }
  }
  return reached
}
