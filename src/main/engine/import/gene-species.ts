// Which species the gene names of a file are of: by the marks they carry (Ensembl prefixes, reference genomes), else by which table
// knows more of them in exactly their spelling. Mouse symbols equal human ones in another case; that is no evidence for human.
import { refuse } from '../../base/refusal'
import { cleanGeneName } from '../ontology/gene-names'
import type { GeneResolver } from './gene-resolver'

export interface SpeciesGuess {
  readonly species: string
  readonly sure: boolean
  /** The table to look the names up in; null when there is none for the species. */
  readonly table: GeneResolver | null
  readonly shares: readonly { species: string; share: number }[]
  /** Names marked as genes of each species, the most first. */
  readonly marked: readonly { species: string; count: number }[]
}

const prefixSpecies: Readonly<Record<string, string>> = {
  ENS: 'human',
  ENSMUS: 'mouse',
  ENSRNO: 'rat',
  ENSDAR: 'zebrafish',
  ENSMMU: 'macaque',
  ENSSSC: 'pig',
  ENSGAL: 'chicken',
  ENSBTA: 'cow',
  ENSOCU: 'rabbit',
  ENSCAF: 'dog',
}

/** The species a name says it is of; null when it does not say. */
export function markedSpecies(raw: string): string | null {
  const { ensembl, genome } = cleanGeneName(raw)
  if (genome !== null) return genome
  if (/^FBgn\d{7}$/.test(raw)) return 'fruit fly'
  if (/^WBGene\d{8}$/.test(raw)) return 'C. elegans'
  if (ensembl === null) return null
  const prefix = ensembl.slice(0, -12)
  return prefixSpecies[prefix] ?? `the species of ${prefix}`
}

const mostTested = 3000
const exactMethods = ['ensembl', 'symbol', 'alias', 'uniprot']

/** About 3,000 names spread over all. */
export function spread(names: readonly (string | null)[]): string[] {
  const step = Math.max(1, Math.floor(names.length / mostTested))
  const tested: string[] = []
  for (let at = 0; at < names.length; at += step) tested.push(names[at] ?? '')
  return tested
}

/** Share of names a table knows in exactly their spelling. */
export function exactShare(names: readonly string[], table: GeneResolver): number {
  let known = 0
  for (const name of names) if (exactMethods.includes(table.resolve(name).method)) known++
  return names.length === 0 ? 0 : known / names.length
}

const leastMarked = 0.5
const leastShare = 0.2
const clearly = 2
const settled = 0.6
/** From this share of the marked names on, a second species is no accident. */
export const leastMixed = 0.01

/** @param chosen the user's word, which decides @param columns candidate columns of names, the index first */
export function guessSpecies(
  columns: readonly (readonly (string | null)[])[],
  resolver: GeneResolver,
  chosen: string | null,
): SpeciesGuess {
  const tables = resolver.tables ?? [resolver]
  const tested = columns.map(spread)
  const marked = countMarks(columns)
  const shares = sharesOf(tables, tested)
  const shown = shares.map(({ species, share }) => ({ species, share }))
  const tableOf = (species: string): GeneResolver | null => {
    for (const table of tables) if ((table.species ?? 'human').toLowerCase() === species.toLowerCase()) return table
    return null
  }
  if (chosen !== null) {
    const table = tableOf(chosen)
    return { species: table?.species ?? chosen, sure: true, table, shares: shown, marked }
  }
  const [most, other] = marked
  const [best, second] = shares
  const names = columns[0]?.length ?? 0
  const total = marked.reduce((sum, { count }) => sum + count, 0)
  if (most && total > leastMarked * names) {
    const mixed = other !== undefined && other.count >= leastMixed * total
    return { species: most.species, sure: !mixed, table: tableOf(most.species), shares: shown, marked }
  }
  if (best && best.share >= leastShare && best.share >= clearly * (second?.share ?? 0))
    return { species: best.species, sure: true, table: best.table, shares: shown, marked }
  return unclear(tested, [...tables], shown, marked)
}

interface Share {
  readonly species: string
  readonly share: number
  readonly table: GeneResolver
}

/** Best first. Once a table knows most names the next ones are not read: the spelling tells the species apart. */
function sharesOf(tables: Iterable<GeneResolver>, tested: readonly (readonly string[])[]): Share[] {
  const shares: Share[] = []
  for (const table of tables) {
    const share = Math.max(0, ...tested.map((names) => exactShare(names, table)))
    shares.push({ species: table.species ?? 'human', share, table })
    if (share >= settled) break
  }
  return shares.sort((a, b) => b.share - a.share)
}

/** Symbols that no table knows in their spelling: with human genes alone at hand, another case points to mouse. */
function unclear(
  tested: readonly (readonly string[])[],
  tables: readonly GeneResolver[],
  shares: SpeciesGuess['shares'],
  marked: SpeciesGuess['marked'],
): SpeciesGuess {
  const [first] = tables
  const only = tables.length === 1 && first ? first : null
  const byCase = only && Math.max(0, ...tested.map((names) => caseShare(names, only)))
  if (byCase !== null && byCase > 0.25 && byCase > (shares[0]?.share ?? 0))
    return { species: 'mouse', sure: true, table: null, shares, marked }
  const best = tables.find((table) => (table.species ?? 'human') === shares[0]?.species) ?? null
  return { species: 'unknown', sure: false, table: best, shares, marked }
}

const caseShare = (names: readonly string[], table: GeneResolver): number =>
  names.filter((name) => table.resolve(name).method === 'case').length / Math.max(1, names.length)

function countMarks(columns: readonly (readonly (string | null)[])[]): SpeciesGuess['marked'] {
  let best: { species: string; count: number }[] = []
  const total = (marks: typeof best): number => marks.reduce((sum, mark) => sum + mark.count, 0)
  for (const names of columns) {
    const counts = new Map<string, number>()
    for (const name of names) {
      const species = name === null ? null : markedSpecies(name)
      if (species !== null) counts.set(species, (counts.get(species) ?? 0) + 1)
    }
    const marks = [...counts].map(([species, count]) => ({ species, count })).sort((a, b) => b.count - a.count)
    if (total(marks) > total(best)) best = marks
  }
  return best
}

/** The name used for a species the user names; null when none was named. @throws Refusal CHOICE_UNKNOWN for an empty name */
export function speciesChoice(species: string | null | undefined): string | null {
  if (species === null || species === undefined) return null
  const name = species.trim()
  if (name === '')
    refuse('CHOICE_UNKNOWN', { what: 'species', key: '""', known: 'human, mouse, or the name of your own gene table' })
  return commonNames[name.toLowerCase()] ?? name
}

const commonNames: Readonly<Record<string, string>> = {
  human: 'human',
  'homo sapiens': 'human',
  'h. sapiens': 'human',
  hs: 'human',
  '9606': 'human',
  mouse: 'mouse',
  'mus musculus': 'mouse',
  'm. musculus': 'mouse',
  mm: 'mouse',
  '10090': 'mouse',
}
