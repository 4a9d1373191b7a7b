// What one row of a file is: a cell, a gene or a protein; suggested by the names of the rows, decided by the user where they say so.
// Invariant: rows whose names are no known genes or accessions are cells; a row is never mapped to a gene by a guess.
import type { GeneChoice, Problem, RowGuess, RowKind } from '@contract'
import { nameGenes, type GeneNames } from './gene-names'
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
/** The form of an accession is told from other names for sure, but a list of anything may hold a few that look like one. */
const enoughProteins = 0.8

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
  const areProteins = proteins >= enoughProteins * tested.length && !areConsecutive(tested)
  const areGenes = genes >= enough * tested.length && !areNumbered(tested)
  const seen: RowKind = areProteins ? 'proteins' : areGenes ? 'genes' : 'cells'
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

/**
 * Q00001, Q00002, Q00003 …: numbers given one after the other, which happen to have the form of accessions. Most accessions of
 * well-known proteins are one letter with digits too (P04637, P01375), but their numbers are far apart.
 */
function areConsecutive(names: readonly string[]): boolean {
  const numbers = names.flatMap((name) => {
    const digits = /^[A-Z](\d{5})$/.exec(name)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
  if (numbers.length <= enough * names.length) return false
  const ascending = numbers.sort((a, b) => a - b)
  const gaps = ascending.slice(1).map((number, at) => number - (ascending[at] as number))
  return gaps.filter((gap) => gap === gaps[0]).length > enough * gaps.length
}

const isProtein = (name: string): boolean => accession.test(name) || ensemblProtein.test(name)

/** The accession inside a FASTA name: sp|P01375|TNFA_HUMAN. */
const bareName = (name: string): string => /^(?:sp|tr)\|([^|]+)\|/.exec(name)?.[1] ?? name

/** The gene of every row, named like the genes of an expression matrix; isoforms of a protein belong to its gene. */
export function mapRows(names: readonly string[], resolver: GeneResolver, choice?: GeneChoice): GeneNames {
  const index = names.map((name) => {
    const bare = bareName(name)
    return accession.test(bare) ? bare.replace(/-\d+$/, '') : bare
  })
  const found = nameGenes({ rows: index.length, index, madeUp: false, columns: [], problems: [] }, resolver, choice)
  return { ...found, problems: problemsOfRows(found.problems) }
}

/** What is said about names of genes, for names of rows: isoforms share a gene, and there are no columns of genes to choose from. */
function problemsOfRows(problems: readonly Problem[]): Problem[] {
  const isExplained = problems.some(({ code }) => code === 'PROTEINS_UNKNOWN')
  const dropped = ['GENES_REPEATED', ...(isExplained ? ['FEW_GENES_KNOWN', 'SPECIES_UNCLEAR'] : [])]
  return problems
    .filter(({ code }) => !dropped.includes(code))
    .map((problem) => {
      const message = problem.message.replace(/\b[gG]ene names\b/g, (words) => `${words.startsWith('G') ? 'R' : 'r'}ow names`)
      return { ...problem, message, remedy: rowRemedies[problem.code] ?? problem.remedy }
    })
}

const rowRemedies: Readonly<Record<string, string>> = {
  GENE_NAMES_LOST: 'Give the names of the rows in a list beside the numbers (--ids FILE), or write the file again with them.',
  TRANSCRIPT_IDS: 'Write the file again with UniProt accessions, gene ids or symbols as the names of the rows.',
}
