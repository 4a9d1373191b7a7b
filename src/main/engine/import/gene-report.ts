// How the names of a file were understood, counted: by method, kind of name, biotype, and what stays unknown.
import type { GeneMethod, GeneReport } from '@contract'
import { cleanGeneName } from '../ontology/gene-names'
import type { NamedGene } from './gene-names'
import type { SpeciesGuess } from './gene-species'

const shownUnmapped = 10
const shownAmbiguous = 10
const shownBiotypes = 12
const shownPerMethod = 4

/**
 * Names of genes without a symbol: of clones (RP11-34P13.7, AC000061.1), of loci and models (LOC100, Gm123, 4933401J01Rik).
 * Hardly any has an annotation, so that their absence costs nothing.
 */
const cloneName =
  /^(?:(?:RP|CT[ABCD]|XX(?:bac|yac)?|GS\d?|KB|LA\d+c|XXyac|hsa-mir)[\w]*-[\w-]+(?:\.\d+)?|[A-Z]{1,2}\d{5,6}(?:\.\d+)?|LOC\d+|LINC\d+|Gm\d+|\w+Rik|[A-Z]+\d+-AS\d|ENS[A-Z]*G\d{11}|OTTHUMG\d+|Y_RNA|7SK|snoU\d+|Metazoa_SRP)$/

interface Named {
  readonly names: readonly string[]
  readonly genes: readonly NamedGene[]
  readonly guess: SpeciesGuess
}

export function geneReport({ names, genes, guess }: Named): GeneReport {
  const methods = counted(genes.map((gene) => gene.method as GeneMethod))
  const unmapped = genes.filter((gene) => gene.gene === null && gene.method !== 'ambiguous')
  const known = genes.flatMap((gene) => (gene.gene === null ? [] : [gene.gene]))
  return {
    mapped: known.length,
    of: genes.length,
    byAlias: methods.get('alias') ?? 0,
    unmapped: genes.flatMap((gene) => (gene.gene === null ? [gene.name] : [])).slice(0, shownUnmapped),
    species: guess.species,
    speciesSure: guess.sure,
    speciesShares: guess.shares.map(({ species, share }) => ({ species, share })),
    table: guess.table?.release ?? null,
    methods: [...methods].map(([method, count]) => ({ method, count, examples: examplesOf(genes, method) })),
    ambiguous: genes
      .filter((gene) => gene.method === 'ambiguous')
      .map((gene) => gene.name)
      .slice(0, shownAmbiguous),
    foreign: guess.marked.filter((mark) => mark.species !== guess.species).reduce((sum, mark) => sum + mark.count, 0),
    repeated: known.length - new Set(known).size,
    kinds: [...counted(names.map(kindOf))].map(([kind, count]) => ({ kind, count })),
    biotypes: [...counted(genes.flatMap((gene) => gene.biotype ?? []))]
      .slice(0, shownBiotypes)
      .map(([biotype, count]) => ({ biotype, count })),
    cloneNames: unmapped.filter((gene) => cloneName.test(gene.original ?? gene.name)).length,
  }
}

function examplesOf(genes: readonly NamedGene[], method: GeneMethod): { name: string; symbol: string | null }[] {
  const examples: { name: string; symbol: string | null }[] = []
  for (const gene of genes) {
    if (examples.length === shownPerMethod) break
    if (gene.method === method)
      examples.push({ name: gene.original ?? gene.name, symbol: gene.gene === null ? null : gene.symbol })
  }
  return examples
}

/** The commonest first. */
function counted<T extends string>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return new Map([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}

/** What a name looks like. Its form alone never decides what it means. */
export function kindOf(raw: string): string {
  const name = raw.trim()
  if (/^\d+$/.test(name)) return 'number'
  if (/^ENS[A-Z]*[TP]\d{11}/.test(name)) return 'transcript or protein of Ensembl'
  if (/^MGI:\d+$/.test(name)) return 'MGI id'
  const { ensembl, symbol, protein } = cleanGeneName(name)
  if (ensembl !== null) return symbol === null ? 'Ensembl id' : 'symbol with Ensembl id'
  return protein === null ? 'symbol' : 'UniProt accession'
}
