// Which gene of an installed ontology a gene of the data is. Exact names only, and first through the gene table of the species, so
// that an annotation file and the data may use different names (symbol, earlier symbol, Ensembl, UniProt, Entrez) of one gene.
import { cleanGeneName } from './gene-names'
import type { GeneTable } from './gene-table'
import { entrezPrefix } from './read-gene2go'
import type { GeneColumns } from './resource'

/** What the data know about a gene. */
export interface DataGene {
  /** As the file has it. */
  readonly name: string
  readonly symbol: string | null
  readonly id: string | null
  readonly entrez: string | null
  /** Number in the gene table of the species; null when unmapped. */
  readonly tableGene: number | null
}

export interface GeneMatcher {
  of(gene: DataGene): number | null
  /** By a name alone. */
  named(name: string): number | null
}

const several = -1

/** @param table of the ontology's species; null when there is none */
export function createGeneMatcher(genes: GeneColumns, table: GeneTable | null): GeneMatcher {
  const exact = new Map<string, number>()
  const other = new Map<string, number>()
  const add = (map: Map<string, number>, name: string, gene: number): void => {
    const before = map.get(name)
    map.set(name, before === undefined || before === gene ? gene : several)
  }
  genes.symbols.forEach((symbol, gene) => {
    if (symbol !== '') exact.set(symbol, gene)
  })
  genes.ids.forEach((line, gene) => {
    for (const id of split(line)) if (!exact.has(id)) exact.set(id, gene)
  })
  genes.aliases.forEach((line, gene) => {
    for (const alias of split(line)) add(other, alias, gene)
  })
  const byTable = table ? throughTable(genes, table) : new Map<number, number>()
  const known = (name: string | null | undefined): number | null => {
    const gene = name ? (exact.get(name) ?? other.get(name)) : undefined
    return gene === undefined || gene === several ? null : gene
  }
  const of = (gene: DataGene): number | null => {
    const direct = gene.tableGene === null ? undefined : byTable.get(gene.tableGene)
    if (direct !== undefined) return direct
    const { ensembl, symbol, protein } = cleanGeneName(gene.name)
    const entrez = gene.entrez ? `${entrezPrefix}${gene.entrez}` : null
    return known(gene.symbol) ?? known(symbol) ?? known(gene.id) ?? known(ensembl) ?? known(protein) ?? known(entrez)
  }
  return {
    of,
    named: (name) => {
      const found = table?.resolve(name).gene ?? null
      const entrez = found === null ? null : (table?.entrezOf(found) ?? null)
      return of({ name, symbol: null, id: null, entrez, tableGene: found })
    },
  }
}

const split = (line: string): string[] => (line === '' ? [] : line.split('|'))

/** Genes of the table with the annotated gene that means them; an annotated gene with the official symbol goes before an alias. */
function throughTable(genes: GeneColumns, table: GeneTable): Map<number, number> {
  const official = new Map<number, number>()
  const others = new Map<number, number>()
  genes.symbols.forEach((symbol, gene) => {
    const names = symbol === '' ? [] : [symbol]
    for (const id of split(genes.ids[gene] ?? '')) {
      if (id.startsWith(entrezPrefix)) {
        const found = table.byEntrez(id.slice(entrezPrefix.length))
        if (found !== null) official.set(found, gene)
      } else if (/^ENS/.test(id)) names.push(id)
    }
    for (const name of names) {
      const { gene: found, method } = table.resolve(name)
      if (found === null || method === 'case') continue
      const target = method === 'alias' ? others : official
      if (!target.has(found)) target.set(found, gene)
    }
  })
  return new Map([...others, ...official])
}
