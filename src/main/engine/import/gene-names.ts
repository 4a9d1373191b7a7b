// Which column names the genes, and which known gene each name means.
// Invariants: names are unique afterwards; a name is changed only where a rule proves it; nothing is repaired by guessing.
import type { GeneChoice, GeneReport, Problem } from '@contract'
import { cleanGeneName, withoutNumbering } from '../ontology/gene-names'
import { textsOf } from './anndata/column'
import { geneReport } from './gene-report'
import { geneProblems } from './gene-problems'
import type { GeneMatch, GeneResolver } from './gene-resolver'
import { guessSpecies, markedSpecies, speciesChoice, spread, type SpeciesGuess } from './gene-species'
import type { ImportedGene } from './imported-data'
import type { Frame } from './source-reader'
import { UniqueNames } from './unique-names'

export type NamedGene = Omit<ImportedGene, 'detectedCells'>

export interface GeneNames {
  readonly genes: readonly NamedGene[]
  readonly mapped: number
  readonly byAlias: number
  readonly unmapped: readonly string[]
  readonly species: string
  /** Checksum of the table the numbers of genes belong to; null without a table. */
  readonly tableVersion: string | null
  readonly report: GeneReport
  readonly problems: readonly Problem[]
}

const likelyColumns =
  /^(?:feature_?names?|gene_?symbols?|gene_?short_?names?|gene_?names?|symbols?|gene_?ids?|ensembl(?:_?(?:gene_?)?ids?)?|feature_?ids?|features?|genes?|names?|index|uniprot(?:_?ids?)?|accessions?|proteins?)$/i
const ensemblId = /^ENS[A-Z]*[GTP]\d{11}/

/** Names and known genes of a matrix's columns, or of rows that are genes or proteins. */
export function nameGenes(frame: Frame, resolver: GeneResolver, choice: GeneChoice = {}): GeneNames {
  const columns = candidateColumns(frame)
  const guess = guessSpecies(
    columns.map(({ names }) => names),
    resolver,
    speciesChoice(choice.species),
  )
  const lookUp = lookUpIn(guess, choice)
  const chosen = chooseColumn(frame, columns, lookUp)
  const present = new Set(chosen.names)
  const meanings = chosen.names.map((name) => resolveName(name, lookUp, present))
  const { genes, repeated } = named(chosen, meanings, present, guess.table)
  const report = geneReport({ names: chosen.names, genes, guess })
  return {
    genes,
    mapped: report.mapped,
    byAlias: report.byAlias,
    unmapped: genes.flatMap((gene) => (gene.gene === null ? [gene.name] : [])),
    species: guess.species,
    tableVersion: guess.table?.version ?? null,
    report,
    problems: geneProblems({ column: chosen.column, names: chosen.names, repeated, guess, report, choice }),
  }
}

type LookUp = Pick<GeneResolver, 'resolve'>

/** The look-up of the species. Names of another species, and other spellings where the species is not sure, mean nothing. */
function lookUpIn({ table, species, sure }: SpeciesGuess, choice: GeneChoice): LookUp {
  const unmapped = { gene: null, method: 'unmapped' } as const
  if (!table) return { resolve: () => unmapped }
  return {
    resolve: (name) => {
      const found = table.resolve(name)
      if (found.method === 'unmapped' && choice.geneIds === 'entrez' && /^\d+$/.test(name.trim())) {
        const gene = table.byEntrez?.(name.trim()) ?? null
        return gene === null ? unmapped : { gene, method: 'entrez' }
      }
      if (found.method === 'case' && !sure && species === 'unknown') return unmapped
      return found
    },
  }
}

interface Candidate {
  readonly column: string
  readonly names: readonly (string | null)[]
}

function candidateColumns(frame: Frame): Candidate[] {
  const likely = frame.columns.filter((column) => column.values.kind !== 'number' && likelyColumns.test(column.name))
  return [
    { column: 'index', names: frame.index },
    ...likely.map((column) => ({ column: column.name, names: textsOf(column.values) })),
  ]
}

interface Chosen {
  readonly column: string
  readonly names: readonly string[]
  /** Symbols to show beside Ensembl ids the resolver does not know. */
  readonly fallback: readonly (string | null)[] | null
}

/** The index, unless another column holds names that clearly map better. */
function chooseColumn(frame: Frame, candidates: readonly Candidate[], lookUp: LookUp): Chosen {
  const scored = candidates.map((candidate) => ({ ...candidate, share: mappedShare(candidate.names, lookUp) }))
  const index = scored[0] as (typeof scored)[number]
  const best = scored.reduce((a, b) => (b.share > a.share + 0.02 ? b : a), index)
  const chosen = frame.madeUp || looksNumbered(frame.index) || best.share > index.share + 0.1 ? best : index
  const ids = chosen.names.filter((name) => ensemblId.test(name ?? '')).length * 2 > chosen.names.length
  const symbols = ids
    ? scored.find(
        (other) => other !== chosen && other.names.some((name) => name !== null && !ensemblId.test(name) && !/^\d*$/.test(name)),
      )
    : undefined
  return { column: chosen.column, names: chosen.names.map((name) => name ?? ''), fallback: symbols?.names ?? null }
}

function mappedShare(names: readonly (string | null)[], lookUp: LookUp): number {
  const tested = spread(names)
  const present = new Set(names.filter((name) => name !== null))
  const mapped = tested.filter((name) => resolveName(name, lookUp, present).gene !== null)
  return tested.length === 0 ? 0 : mapped.length / tested.length
}

/** An index that was lost and written as 0…n−1. */
export const looksNumbered = (names: readonly string[]): boolean =>
  names.length > 1 && (names.every((name, at) => name === String(at)) || names.every((name, at) => name === String(at + 1)))

interface Meaning {
  readonly gene: number | null
  readonly method: GeneMatch
  /** The name without what was added to it. */
  readonly shown: string
}

/** What one name means; the resolver does the cleaning, `present` are all names of the matrix. */
export function resolveName(raw: string, resolver: LookUp, present: ReadonlySet<string>): Meaning {
  const name = raw.trim()
  const { ensembl, symbol } = cleanGeneName(name)
  const shown = ensembl !== null && symbol !== null ? symbol : name
  const found = resolver.resolve(name)
  const base = found.method === 'unmapped' ? withoutNumbering(name) : null
  if (base === null || !present.has(base)) return { ...found, shown }
  // The number was added to make a repeated name unique; the name itself must stay unique.
  const official = resolver.resolve(base)
  return official.method === 'symbol' ? { ...official, shown } : { ...found, shown }
}

function named(
  chosen: Chosen,
  meanings: readonly Meaning[],
  present: ReadonlySet<string>,
  table: GeneResolver | null,
): { genes: NamedGene[]; repeated: string[] } {
  const unique = new UniqueNames()
  const repeated = new Set<string>()
  const genes = meanings.map((meaning, column): NamedGene => {
    const original = chosen.names[column] ?? ''
    const wanted = present.has(meaning.shown) ? original : meaning.shown
    if (unique.has(wanted)) repeated.add(wanted)
    const name = unique.give(wanted || `column ${column + 1}`)
    const known = meaning.gene === null ? null : (table?.describe?.(meaning.gene) ?? null)
    const symbol = meaning.gene === null ? (chosen.fallback?.[column] ?? null) : (table?.symbolOf(meaning.gene) ?? null)
    return {
      name,
      symbol,
      gene: meaning.gene,
      method: meaning.method,
      original,
      id: known ? known.id || null : cleanGeneName(original).ensembl,
      entrez: known?.entrez || null,
      biotype: known?.biotype || null,
      species: markedSpecies(original),
    }
  })
  return { genes, repeated: [...repeated] }
}
