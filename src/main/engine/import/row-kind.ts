// What one row of a file is: a cell, a gene or a protein; suggested by the names of the rows, decided by the user where they say so.
// Invariant: rows whose names are no known genes or accessions are cells; a row is never mapped to a gene by a guess.
import type { RowGuess, RowKind } from '@contract'
import type { GeneResolver } from './gene-resolver'
import { counted } from './problems'
import type { Frame } from './source-reader'

/** The gene a row stands for. */
export interface MappedRow {
  readonly symbol: string | null
  readonly gene: number | null
  readonly method: string
}

/** UniProt accessions (https://www.uniprot.org/help/accession_numbers), with an isoform behind a dash. */
const accession = /^(?:[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2})(?:-\d+)?$/
const ensemblId = /^ENS[A-Z]*[GTP]\d{11}/
const ensemblProtein = /^ENS[A-Z]*P\d{11}(?:\.\d+)?$/
const mostTested = 5000
const enough = 0.5

/** The user's word, or what most names are; an unnamed file has cells. */
export function rowKindOf({ index, madeUp }: Frame, resolver: GeneResolver, said: RowKind | null): RowGuess {
  if (said === 'cells' || (said === null && (madeUp || index.length === 0))) {
    const why = said === null ? 'The rows have no names of genes or proteins.' : 'You said so.'
    return { kind: 'cells', why, mapped: 0, of: 0 }
  }
  const step = Math.max(1, Math.floor(index.length / mostTested))
  const tested = index.filter((_, row) => row % step === 0)
  const proteins = tested.filter((name) => isProtein(bareName(name))).length
  const genes = tested.filter((name) => /\D/.test(name) && resolver.resolve(bareName(name)).gene !== null).length
  const most = (count: number): boolean => count >= enough * tested.length && !areNumbered(tested)
  const seen: RowKind = most(proteins) ? 'proteins' : most(genes) ? 'genes' : 'cells'
  const kind = said ?? seen
  if (kind === 'cells') return { kind, why: 'The names of the rows are no genes or proteins.', mapped: 0, of: 0 }
  const shown = kind === 'proteins' ? `${counted(proteins)} look like protein accessions` : `${counted(genes)} are known genes`
  const words = `Of ${counted(tested.length)} row names${step > 1 ? ' looked at' : ''}, ${shown}`
  return { kind, why: said === null ? `${words}.` : `You said so. ${words}.`, mapped: genes, of: tested.length }
}

/** C1, C2, C3 …: some of these are genes too, but all of them together are numbers. Ensembl ids are never that short. */
function areNumbered(names: readonly string[]): boolean {
  const stems = new Map<string, number>()
  for (const name of names) {
    if (ensemblId.test(name)) continue
    const stem = /^(.*?)\d{1,9}$/.exec(name)?.[1]
    if (stem !== undefined) stems.set(stem, (stems.get(stem) ?? 0) + 1)
  }
  return [...stems.values()].some((count) => count > enough * names.length)
}

const isProtein = (name: string): boolean => accession.test(name) || ensemblProtein.test(name)

/** The accession inside a FASTA name: sp|P01375|TNFA_HUMAN. */
const bareName = (name: string): string => /^(?:sp|tr)\|([^|]+)\|/.exec(name)?.[1] ?? name

/** The gene of every row; isoforms of a protein belong to its gene. */
export function mapRows(names: readonly string[], resolver: GeneResolver): MappedRow[] {
  return names.map((name) => {
    const bare = bareName(name)
    const found = resolver.resolve(accession.test(bare) ? bare.replace(/-\d+$/, '') : bare)
    return { symbol: found.gene === null ? null : resolver.symbolOf(found.gene), gene: found.gene, method: found.method }
  })
}
