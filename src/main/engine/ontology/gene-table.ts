// Human genes and how names in data are mapped to them. Order of trust: Ensembl id, official symbol, unique alias,
// symbol in other case. An alias that is someone's official symbol always goes to the official one.
import type { GeneMatch, GeneResolver } from '../import/gene-resolver'
import { cleanGeneName } from './gene-names'
import type { GeneColumns } from './resource'

/** Also the importer's resolver. */
export interface GeneTable extends GeneResolver {
  readonly count: number
  entrezOf(gene: number): string
  ensemblOf(gene: number): string[]
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
  readonly ensembl: Map<string, number>
  readonly symbol: Map<string, number>
  readonly alias: Map<string, number>
  readonly lowerCase: Map<string, number>
}

function buildIndex(genes: GeneColumns): NameIndex {
  const isAnnotated = (gene: number): boolean => genes.annotationStart[gene] !== genes.annotationStart[gene + 1]
  /** Two genes under one name: the only one with annotations is meant, otherwise nobody can tell. Annotated genes come first. */
  const add = (map: Map<string, number>, name: string, gene: number): void => {
    const before = map.get(name)
    if (before === undefined) map.set(name, gene)
    else if (before !== gene && (before === several || isAnnotated(before) === isAnnotated(gene))) map.set(name, several)
  }
  const index: NameIndex = { ensembl: new Map(), symbol: new Map(), alias: new Map(), lowerCase: new Map() }
  const all = genes.ids.map((_, gene) => gene)
  for (const gene of [...all.filter(isAnnotated), ...all.filter((one) => !isAnnotated(one))]) {
    const symbol = genes.symbols[gene] as string
    add(index.symbol, symbol, gene)
    add(index.lowerCase, symbol.toLowerCase(), gene)
    for (const id of splitLine(genes.ensembl[gene])) add(index.ensembl, ensemblText(id), gene)
    for (const alias of splitLine(genes.aliases[gene])) add(index.alias, alias, gene)
  }
  return index
}

const splitLine = (line: string | undefined): string[] => (line ? line.split('|') : [])
const ensemblText = (digits: string): string => `ENSG${digits.padStart(11, '0')}`

const found = (map: Map<string, number>, name: string, method: GeneMatch): GeneMapping | null => {
  const gene = map.get(name)
  if (gene === undefined) return null
  return gene === several ? ambiguous : { gene, method }
}

function match(index: NameIndex, raw: string): GeneMapping {
  const name = cleanGeneName(raw)
  const byId = name.ensembl === null ? null : found(index.ensembl, name.ensembl, 'ensembl')
  if (byId?.gene != null) return byId
  // A foreign id beside a symbol (ENSMUSG…|Cd79a) says that the symbol is not a human one.
  const foreign = name.ensembl !== null && !/^ENSG\d/.test(name.ensembl)
  if (name.symbol === null || foreign) return byId ?? unmapped
  const exact = found(index.symbol, name.symbol, 'symbol') ?? found(index.alias, name.symbol, 'alias')
  return exact ?? found(index.lowerCase, name.symbol.toLowerCase(), 'case') ?? byId ?? unmapped
}

export function createGeneTable(genes: GeneColumns): GeneTable {
  let built: NameIndex | null = null
  const index = (): NameIndex => (built ??= buildIndex(genes))
  return {
    count: genes.ids.length,
    symbolOf: (gene) => genes.symbols[gene] ?? '',
    entrezOf: (gene) => genes.ids[gene] ?? '',
    ensemblOf: (gene) => splitLine(genes.ensembl[gene]).map(ensemblText),
    resolve: (name) => match(index(), name),
  }
}
