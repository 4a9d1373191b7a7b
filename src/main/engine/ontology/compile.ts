// From the user's files to terms and annotated genes: OBO with annotations (GAF, gene2go or a table), annotations alone with the
// built-in GO terms, or gene sets (GMT). Rules: docs/ontology.md.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Aspect, OntologySource, Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { checksumOf, storedContent, type OntologyContent, type OntologyKind } from './content'
import { examples, warning } from './file-problems'
import { parseAssociations, type Associations } from './read-associations'
import { isGene2go, readGene2go } from './read-gene2go'
import { parseGmt } from './read-gene-sets'
import { parseObo, type OboOntology } from './read-obo'
import { offsets, type GeneColumns, type TermColumns } from './resource'
import { readTextFile } from './text-lines'

export interface SourceFiles {
  readonly obo: string | null
  readonly associations: string | null
  readonly gmt: string | null
  /** Only this species, where the file says. */
  readonly taxon: number | null
  /** The user's word for the species; decides over what the file says. */
  readonly species: string | null
  readonly licence: string | null
}

/** The terms that annotations without an OBO file are read with. */
export interface BuiltInTerms {
  readonly release: string
  readonly terms: TermColumns
}

const aspectOf: Readonly<Record<string, Aspect>> = {
  biological_process: 'BP',
  molecular_function: 'MF',
  cellular_component: 'CC',
}
const speciesOfTaxon: Readonly<Record<number, string>> = {
  9606: 'human',
  10090: 'mouse',
  10116: 'rat',
  7955: 'zebrafish',
  7227: 'fruit fly',
  6239: 'C. elegans',
  559292: 'yeast',
  4932: 'yeast',
  9823: 'pig',
  9031: 'chicken',
  9913: 'cow',
  3702: 'Arabidopsis',
}
const taxonOfSpecies = (species: string | null): number | null =>
  Number(Object.entries(speciesOfTaxon).find(([, name]) => name === species?.toLowerCase())?.[0] ?? 0) || null

const goLicence = 'CC BY 4.0'
const unstated = 'not stated in the files'

interface Terms {
  readonly kind: OntologyKind
  readonly release: string
  readonly licence: string | null
  readonly columns: TermColumns
  /** Row of the live term an id means today; −1 for none. */
  rowOf(id: string): number
  readonly problems: readonly Problem[]
}

/** @throws Refusal USAGE for files that do not go together, and the codes of the readers */
export async function compileOntology(files: SourceFiles, builtIn: () => BuiltInTerms): Promise<OntologyContent> {
  const { obo, associations, gmt } = files
  if (gmt !== null) {
    if (obo !== null || associations !== null)
      refuse('USAGE', { what: 'A GMT file stands alone, without OBO file and annotations.' })
    return fromGmt(gmt, files)
  }
  if (associations === null) {
    if (obo === null)
      refuse('USAGE', { what: 'No file was named: give annotations (GAF), with or without an OBO file, or gene sets (GMT).' })
    refuse('ONTOLOGY_WITHOUT_GENES', { file: basename(obo) })
  }
  const annotations = await readAnnotations(associations, files)
  const terms = obo === null ? builtInTerms(builtIn()) : oboTerms(obo)
  const built = annotatedGenes(terms, annotations)
  const source = obo === null ? basename(associations) : `${basename(associations)} and ${basename(obo)}`
  if (built.used === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: basename(associations),
      expected: `an annotation file for ${obo === null ? 'the built-in GO terms' : basename(obo)}`,
      why: `none of its terms is in the ontology (${examples(built.unknown)})`,
    })
  const problems = [...terms.problems, ...annotations.problems]
  if (built.unknown.length > 0)
    problems.push(
      warning(
        'ANNOTATION_TERMS_UNKNOWN',
        `${built.unknown.length} terms of ${basename(associations)} are not in ${obo === null ? 'the built-in release of GO' : basename(obo)} (${examples(built.unknown)}); their annotations were left out.`,
        obo === null
          ? 'Give the ontology of the same date too (go-basic.obo) to keep them.'
          : 'Use an ontology and annotations of the same date.',
      ),
    )
  const [taxon, another] = annotations.taxa
  const found = taxon === undefined || another !== undefined ? null : (speciesOfTaxon[taxon] ?? `taxon ${taxon}`)
  const paths = obo === null ? [associations] : [obo, associations]
  return content(files, paths, { terms: terms.columns, genes: built.genes }, problems, {
    kind: terms.kind,
    species: files.species ?? found,
    release: terms.release,
    annotations: annotations.date,
    hasEvidence: annotations.hasEvidence,
    licence: files.licence ?? terms.licence ?? (terms.kind === 'go' ? goLicence : unstated),
    about: terms.kind === 'go' ? `Gene Ontology annotations (${source})` : source,
  })
}

interface Described {
  readonly kind: OntologyKind
  readonly species: string | null
  readonly release: string
  readonly annotations: string
  readonly hasEvidence: boolean
  readonly licence: string
  readonly about: string
}

function content(
  files: SourceFiles,
  paths: readonly string[],
  { terms, genes }: { terms: TermColumns; genes: GeneColumns },
  problems: readonly Problem[],
  { about, ...described }: Described,
): OntologyContent {
  const dates = [
    ...(described.release === '' ? [] : [`release ${described.release}`]),
    ...(described.annotations === '' ? [] : [`annotations of ${described.annotations}`]),
  ]
  const cite = described.kind === 'go' ? ', doi:10.1038/75556 and doi:10.1093/genetics/iyad031' : ''
  return {
    ...described,
    attribution: `${[about, ...dates].join(', ')} (${described.licence}${cite})`,
    terms,
    genes,
    checksum: checksumOf(JSON.stringify(storedContent(terms, genes))),
    files: paths.map(sourceOf),
    problems,
  }
}

function sourceOf(path: string): OntologySource {
  // Files of more than 2 GB do not fit one read; gene2go packed is a tenth of that.
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { name: basename(path), bytes: statSync(path).size, sha256: digest }
}

async function readAnnotations(path: string, files: SourceFiles): Promise<Associations> {
  const taxon = files.taxon ?? null
  if (await startsAsGene2go(path)) return readGene2go(path, taxon ?? taxonOfSpecies(files.species))
  return parseAssociations(readTextFile(path, 'an annotation file'), taxon)
}

/** A file that is not there is refused by the readers, in their words. */
async function startsAsGene2go(path: string): Promise<boolean> {
  try {
    return await isGene2go(path)
  } catch {
    return false
  }
}

function builtInTerms({ release, terms }: BuiltInTerms): Terms {
  const rows = new Map(terms.ids.map((id, at) => [id, at]))
  return { kind: 'go', release, licence: goLicence, columns: terms, rowOf: (id) => rows.get(id) ?? -1, problems: [] }
}

function oboTerms(path: string): Terms {
  const obo = parseObo(readTextFile(path, 'an ontology in OBO format'))
  const columns = termColumns(obo)
  const rows = new Map(columns.ids.map((id, at) => [id, at]))
  return {
    kind: columns.aspects.some((aspect) => aspect !== '') ? 'go' : 'terms',
    release: obo.release,
    licence: obo.licence,
    columns,
    rowOf: (id) => {
      const term = obo.resolve(id)
      return term ? (rows.get(term.id) ?? -1) : -1
    },
    problems: obo.problems,
  }
}

const relationCode = (relation: string): number => (relation === 'is_a' ? 0 : relation === 'part_of' ? 1 : 2)

function termColumns(obo: OboOntology): TermColumns {
  const terms = [...obo.terms.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const rows = new Map(terms.map((term, at) => [term.id, at]))
  const parents = terms.map((term) => {
    const codes = term.parents.map(({ id, relation }) => (rows.get(id) as number) * 4 + relationCode(relation))
    return [...new Set(codes)].sort((a, b) => a - b)
  })
  return {
    ids: terms.map((term) => term.id),
    names: terms.map((term) => term.name),
    aspects: terms.map((term) => aspectOf[term.namespace] ?? ''),
    parentStart: offsets(parents.map((list) => list.length)),
    parents: Uint32Array.from(parents.flat()),
  }
}

interface Gathered {
  readonly symbol: string
  readonly ids: Set<string>
  readonly aliases: Set<string>
  /** Evidence bits per term row. */
  readonly terms: Map<number, number>
}

/** Several proteins of one symbol are one gene; a gene counts once per term. */
function annotatedGenes(terms: Terms, { pairs }: Associations): { genes: GeneColumns; used: number; unknown: string[] } {
  const genes = new Map<string, Gathered>()
  const unknown = new Set<string>()
  let used = 0
  for (const { id, symbol, term, evidence, synonyms } of pairs) {
    const row = terms.rowOf(term)
    if (row < 0) {
      unknown.add(term)
      continue
    }
    used++
    const key = symbol || id
    const gene = genes.get(key) ?? { symbol, ids: new Set(), aliases: new Set(), terms: new Map() }
    genes.set(key, gene)
    if (id !== symbol) gene.ids.add(id)
    for (const alias of synonyms === '' ? [] : synonyms.split('|')) if (alias !== '' && alias !== symbol) gene.aliases.add(alias)
    gene.terms.set(row, (gene.terms.get(row) ?? 0) | evidence)
  }
  return { genes: geneColumns(genes), used, unknown: [...unknown] }
}

function geneColumns(gathered: ReadonlyMap<string, Gathered>): GeneColumns {
  const genes = [...gathered].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, gene]) => gene)
  const rows = genes.map((gene) => [...gene.terms].sort((a, b) => a[0] - b[0]))
  const sorted = (names: ReadonlySet<string>): string => [...names].sort().join('|')
  return {
    ids: genes.map((gene) => sorted(gene.ids)),
    symbols: genes.map((gene) => gene.symbol),
    aliases: genes.map((gene) => sorted(gene.aliases)),
    ensembl: [],
    annotationStart: offsets(rows.map((list) => list.length)),
    annotationTerms: Uint32Array.from(rows.flatMap((list) => list.map(([term]) => term))),
    annotationEvidence: Uint8Array.from(rows.flatMap((list) => list.map(([, evidence]) => evidence))),
  }
}

function fromGmt(path: string, files: SourceFiles): OntologyContent {
  const { sets, problems } = parseGmt(readTextFile(path, 'a file of gene sets (GMT)'))
  const sorted = [...sets].sort((a, b) => (a.id < b.id ? -1 : 1))
  const genes = new Map<string, Gathered>()
  sorted.forEach(({ genes: names }, row) => {
    for (const name of names) {
      const gene = genes.get(name) ?? { symbol: name, ids: new Set<string>(), aliases: new Set<string>(), terms: new Map() }
      genes.set(name, gene)
      gene.terms.set(row, 7)
    }
  })
  const terms: TermColumns = {
    ids: sorted.map((set) => set.id),
    names: sorted.map((set) => set.name),
    aspects: sorted.map(() => ''),
    parentStart: new Uint32Array(sorted.length + 1),
    parents: new Uint32Array(0),
  }
  return content(files, [path], { terms, genes: geneColumns(genes) }, problems, {
    kind: 'sets',
    species: files.species,
    release: '',
    annotations: '',
    hasEvidence: false,
    licence: files.licence ?? unstated,
    about: `Gene sets of ${basename(path)}`,
  })
}
