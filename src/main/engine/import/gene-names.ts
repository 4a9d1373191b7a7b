// Which column names the genes, and which known gene each name means.
// Invariants: names are unique afterwards; a name is changed only where a rule proves it; nothing is repaired by guessing.
import type { Problem } from '@contract'
import { cleanGeneName, withoutNumbering } from '../ontology/gene-names'
import { textsOf } from './anndata/column'
import type { GeneResolver } from './gene-resolver'
import type { ImportedGene } from './imported-data'
import { counted, examples, warning } from './problems'
import type { Frame } from './source-reader'

export type NamedGene = Omit<ImportedGene, 'detectedCells'>

export interface GeneNames {
  readonly genes: readonly NamedGene[]
  readonly mapped: number
  readonly byAlias: number
  readonly unmapped: readonly string[]
  readonly species: string
  readonly problems: readonly Problem[]
}

const likelyColumns =
  /^(?:feature_?names?|gene_?symbols?|gene_?short_?names?|gene_?names?|symbols?|gene_?ids?|ensembl(?:_?(?:gene_?)?ids?)?|feature_?ids?|features?|genes?|names?|index)$/i
const ensemblId = /^ENS[A-Z]*[GTP]\d{11}/
const excelDate =
  /^(?:\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{1,2}|4\d{4}|\d{4}-\d{2}-\d{2})$/i

/** Names and known genes of a matrix's columns. */
export function nameGenes(frame: Frame, resolver: GeneResolver): GeneNames {
  const chosen = chooseColumn(frame, resolver)
  const symbols = chosen.fallback
  const present = new Set(chosen.names)
  const taken = new Set<string>()
  const problems: Problem[] = []
  const repeated = new Set<string>()
  const meanings = chosen.names.map((name) => resolveName(name, resolver, present))
  const species = speciesOf(chosen.names, meanings)
  const genes = meanings.map((found, column): NamedGene => {
    const name = chosen.names[column] ?? ''
    // Mouse symbols equal human ones in another case; that is no orthology, so they stay unknown.
    const meaning = species === 'mouse' && found.method === 'case' ? { ...found, gene: null, method: 'unmapped' } : found
    const wanted = present.has(meaning.shown) ? name : meaning.shown
    if (taken.has(wanted)) repeated.add(wanted)
    const unique = uniqueName(wanted || `column ${column + 1}`, taken)
    const symbol = meaning.gene === null ? (symbols?.[column] ?? null) : resolver.symbolOf(meaning.gene)
    return { name: unique, symbol, gene: meaning.gene, method: meaning.method }
  })
  const unmapped = genes.flatMap((gene) => (gene.gene === null ? [gene.name] : []))
  const mapped = genes.length - unmapped.length
  const byAlias = genes.filter((gene) => gene.method === 'alias').length
  problems.push(...nameProblems(chosen, [...repeated], mapped, species))
  return { genes, mapped, byAlias, unmapped, species, problems }
}

interface Chosen {
  readonly column: string
  readonly names: readonly string[]
  /** Symbols to show beside Ensembl ids the resolver does not know. */
  readonly fallback: readonly (string | null)[] | null
}

/** The index, unless another column holds names that clearly map better. */
function chooseColumn(frame: Frame, resolver: GeneResolver): Chosen {
  const candidates = [{ column: 'index', names: frame.index as readonly (string | null)[] }]
  for (const column of frame.columns) {
    if (column.values.kind !== 'number' && likelyColumns.test(column.name))
      candidates.push({ column: column.name, names: textsOf(column.values) })
  }
  const scored = candidates.map((candidate) => ({ ...candidate, share: mappedShare(candidate.names, resolver) }))
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

const mostTested = 5000

function mappedShare(names: readonly (string | null)[], resolver: GeneResolver): number {
  const step = Math.max(1, Math.floor(names.length / mostTested))
  const present = new Set(names.filter((name) => name !== null))
  let tested = 0
  let mapped = 0
  for (let at = 0; at < names.length; at += step) {
    tested++
    if (resolveName(names[at] ?? '', resolver, present).gene !== null) mapped++
  }
  return tested === 0 ? 0 : mapped / tested
}

/** An index that was lost and written as 0…n−1. */
const looksNumbered = (names: readonly string[]): boolean =>
  names.length > 1 && names.every((name, at) => name === String(at) || name === String(at + 1))

interface Meaning {
  readonly gene: number | null
  readonly method: string
  /** The name without what was added to it. */
  readonly shown: string
}

/** What one name means; the resolver does the cleaning, `present` are all names of the matrix. */
export function resolveName(raw: string, resolver: GeneResolver, present: ReadonlySet<string>): Meaning {
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

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name
  for (let number = 1; taken.has(unique); number++) unique = `${name}-${number}`
  taken.add(unique)
  return unique
}

/** By the prefix of Ensembl ids; for symbols, mouse genes match human ones mostly in another case only. */
function speciesOf(names: readonly string[], meanings: readonly Meaning[]): string {
  const share = (fits: (at: number) => boolean): number => names.filter((_, at) => fits(at)).length / Math.max(1, names.length)
  if (share((at) => /ENSMUSG\d{11}/.test(names[at] ?? '')) > 0.5) return 'mouse'
  if (share((at) => /ENSG\d{11}/.test(names[at] ?? '')) > 0.5) return 'human'
  const byCase = share((at) => meanings[at]?.method === 'case')
  const exact = share((at) => meanings[at]?.gene !== null) - byCase
  if (byCase > exact && byCase > 0.25) return 'mouse'
  return exact >= 0.5 ? 'human' : 'unknown'
}

function nameProblems(chosen: Chosen, repeated: readonly string[], mapped: number, species: string): Problem[] {
  const problems: Problem[] = []
  const { names, column } = chosen
  if (column !== 'index') {
    problems.push({
      level: 'info',
      code: 'GENE_COLUMN',
      message: `Gene names are taken from the column ${column}.`,
      remedy: 'Nothing needs to be done.',
    })
  }
  if (looksNumbered(names)) {
    problems.push(
      warning(
        'GENE_NAMES_LOST',
        'Gene names are only numbers, so they cannot be linked to terms.',
        'Say which column holds the names (--gene-column COLUMN), or write the file again with gene names in var.',
      ),
    )
  } else if (names.length > 0 && mapped * 2 < names.length) {
    const known = `Only ${counted(mapped)} of ${counted(names.length)} gene names are known human genes.`
    const guess = species === 'mouse' ? ' They look like mouse genes; this version knows human terms only.' : ''
    problems.push(
      warning(
        'FEW_GENES_KNOWN',
        `${known}${guess}`,
        'Check the species and the kind of names; terms will cover only the known genes.',
      ),
    )
  }
  if (repeated.length > 0) {
    problems.push(
      warning(
        'GENES_REPEATED',
        `Gene names that occur more than once: ${examples(repeated)}. All are kept, with a number added.`,
        'Nothing needs to be done; a gene counts once in enrichment.',
      ),
    )
  }
  const dates = names.filter((name) => excelDate.test(name))
  if (dates.length > 0 && !looksNumbered(names)) {
    problems.push(
      warning(
        'GENE_DATES',
        `${counted(dates.length)} gene names look like dates changed by a spreadsheet (${examples(dates)}).`,
        'They cannot be repaired with certainty; write the file without a spreadsheet.',
      ),
    )
  }
  return problems
}
