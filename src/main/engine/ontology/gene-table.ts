// The genes of one species and how names in data are mapped to them. Order of trust: gene id, official symbol, unique earlier name
// or alias, symbol in other case, protein accession. An alias that is someone's official symbol always goes to the official one.
import type { GeneMatch, GeneResolver } from '../import/gene-resolver'
import { onDemand, type GeneTableColumns } from './gene-columns'
import { cleanGeneName, type GeneName } from './gene-names'
import { renamedSymbol } from './renamed-symbols'

/** Also the importer's resolver. */
export interface GeneTable extends GeneResolver {
  readonly species: string
  readonly release: string
  readonly version: string
  readonly count: number
  /** '' where unknown. */
  entrezOf(gene: number): string
  /** Ids of Ensembl or of the user's table, the present one first. */
  ensemblOf(gene: number): readonly string[]
  biotypeOf(gene: number): string
  /** For a search box: as `resolve`, and aliases in capitals too (p53 is TP53). */
  find(words: string): number | null
  /** By Entrez id: only when the user says that bare numbers are such ids. */
  byEntrez(id: string): number | null
}

export interface GeneMapping {
  /** Number in the gene table; null when ambiguous or unmapped. */
  readonly gene: number | null
  readonly method: GeneMatch
}

const several = -1
const unmapped: GeneMapping = { gene: null, method: 'unmapped' }
const ambiguous: GeneMapping = { gene: null, method: 'ambiguous' }

interface NameIndex {
  readonly ids: Map<string, number>
  readonly symbol: Map<string, number>
  readonly alias: Map<string, number>
  readonly lowerCase: Map<string, number>
  readonly entrez: Map<string, number>
}

/** Each list is made when it is first asked for: most data need few of them, and a large one takes a tenth of a second. */
function buildIndex(genes: GeneTableColumns): NameIndex {
  const { weights } = genes
  // Several genes under one name: the one of greatest weight is meant; of several such nobody can tell. Heavy genes come first.
  const add = (map: Map<string, number>, name: string, gene: number): void => {
    const before = map.get(name)
    if (before === undefined) map.set(name, gene)
    else if (before !== several && before !== gene && weights[before] === weights[gene]) map.set(name, several)
  }
  const heavyFirst = onDemand(() => [...new Set(weights)].sort((a, b) => b - a).flatMap((weight) => placesOf(weights, weight)))
  const listOf = (put: (map: Map<string, number>, gene: number) => void): (() => Map<string, number>) =>
    onDemand(() => {
      const map = new Map<string, number>()
      for (const gene of heavyFirst()) put(map, gene)
      return map
    })
  const listOfNames = (names: readonly (readonly string[])[]) =>
    listOf((map, gene) => {
      for (const name of names[gene] ?? []) add(map, name, gene)
    })
  const symbol = listOf((map, gene) => add(map, genes.symbols[gene] as string, gene))
  const lowerCase = listOf((map, gene) => add(map, (genes.symbols[gene] as string).toLowerCase(), gene))
  const entrez = listOf((map, gene) => {
    const id = genes.entrez[gene]
    if (id) map.set(id, gene)
  })
  const [ids, alias] = [onDemand(() => listOfNames(genes.ids)()), listOfNames(genes.aliases)]
  return {
    get ids() {
      return ids()
    },
    get symbol() {
      return symbol()
    },
    get alias() {
      return alias()
    },
    get lowerCase() {
      return lowerCase()
    },
    get entrez() {
      return entrez()
    },
  }
}

/** Ascending. */
function placesOf(weights: Uint8Array, wanted: number): number[] {
  const places: number[] = []
  weights.forEach((weight, gene) => {
    if (weight === wanted) places.push(gene)
  })
  return places
}

const found = (map: Map<string, number>, name: string, method: GeneMatch): GeneMapping | null => {
  const gene = map.get(name)
  if (gene === undefined) return null
  return gene === several ? ambiguous : { gene, method }
}

/** Ensembl's species letters: ENSG is human, ENSMUSG mouse. A gene of another species beside a symbol rules the symbol out. */
const speciesOfId = (id: string): string => (/^ENSG\d/.test(id) ? 'human' : /^ENSMUSG\d/.test(id) ? 'mouse' : 'other')

function isForeign(name: GeneName, species: string): boolean {
  if (name.genome !== null && name.genome !== species) return true
  if (name.ensembl === null || (species !== 'human' && species !== 'mouse')) return false
  return speciesOfId(name.ensembl) !== species
}

type Proteins = () => ReadonlyMap<string, string>

function match(index: NameIndex, { species, ensemblIds }: GeneTableColumns, proteins: Proteins, raw: string): GeneMapping {
  const name = cleanGeneName(raw)
  const foreign = isForeign(name, species)
  const byId = name.ensembl === null || foreign ? null : found(index.ids, name.ensembl, 'ensembl')
  if (byId?.gene != null) return byId
  if (foreign) return unmapped
  if (name.symbol === null) return byId ?? (name.protein === null ? unmapped : byProtein(index, proteins, name.protein))
  const exact =
    found(index.symbol, name.symbol, 'symbol') ??
    // What has the form of an Ensembl id is no symbol.
    (ensemblIds ? null : found(index.ids, name.symbol, 'ensembl')) ??
    found(index.symbol, renamedSymbol(name.symbol) ?? '', 'alias') ??
    found(index.alias, name.symbol, 'alias') ??
    found(index.lowerCase, name.symbol.toLowerCase(), 'case')
  if (exact) return exact
  return name.protein === null ? (byId ?? unmapped) : byProtein(index, proteins, name.protein)
}

function byProtein(index: NameIndex, proteins: Proteins, accession: string): GeneMapping {
  const symbol = proteins().get(accession)
  if (symbol === undefined) return unmapped
  const gene = found(index.symbol, symbol, 'uniprot') ?? found(index.alias, symbol, 'uniprot')
  return gene ?? unmapped
}

const noProteins: Proteins = () => new Map()

/** @param proteins UniProt accessions with the symbols of their genes; asked for when a name looks like one */
export function createGeneTable(genes: GeneTableColumns, proteins: Proteins = noProteins): GeneTable {
  let built: NameIndex | null = null
  const index = (): NameIndex => (built ??= buildIndex(genes))
  return {
    species: genes.species,
    release: genes.release,
    version: genes.version,
    count: genes.symbols.length,
    symbolOf: (gene) => genes.symbols[gene] ?? '',
    entrezOf: (gene) => genes.entrez[gene] ?? '',
    ensemblOf: (gene) => genes.ids[gene] ?? [],
    biotypeOf: (gene) => genes.biotypes[gene] ?? '',
    byEntrez: (id) => index().entrez.get(id) ?? null,
    resolve: (name) => match(index(), genes, proteins, name),
    find: (words) => {
      const look = (name: string): number | null => match(index(), genes, noProteins, name).gene
      return look(words) ?? look(words.toUpperCase())
    },
    describe: (gene) => ({
      id: genes.ids[gene]?.[0] ?? '',
      entrez: genes.entrez[gene] ?? '',
      biotype: genes.biotypes[gene] ?? '',
    }),
  }
}
