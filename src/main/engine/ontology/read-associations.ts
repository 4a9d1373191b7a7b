// Which gene is annotated to which term: GAF 2.1 and 2.2, or a table of two columns (gene, terms).
// Invariants: a NOT line removes nothing but itself; each gene–term pair counts once; a line that is not used is counted and named.
import type { Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { evidenceGroup } from './evidence'
import { examples, info, warning } from './file-problems'
import { SetAside, type Line, type TextFile } from './text-lines'

/** Direct annotations. In a GAF a gene has two names; the caller decides which one its own lists use. */
export interface Associations {
  readonly format: string
  readonly pairs: readonly Association[]
  readonly setAside: SetAside
  readonly problems: readonly Problem[]
  /** NCBI taxa of the rows used; empty where the file does not say. */
  readonly taxa: readonly number[]
  /** Date of the annotations, '' when the file does not say. */
  readonly date: string
  /** Whether rows say what evidence they rest on. */
  readonly hasEvidence: boolean
}

export interface Association {
  readonly symbol: string
  /** Database id; the same as the symbol in a table of two columns. */
  readonly id: string
  readonly term: string
  /** Sum of the groups the pair is backed by: 1 experimental, 2 other curated, 4 automatic; 7 where the file does not say. */
  readonly evidence: number
  /** Other names of the gene, separated by "|". */
  readonly synonyms: string
}

const gafColumns = 17
const fewestGafColumns = 15
const longestName = 300

/**
 * @param taxon only rows of this species, where the file says
 * @throws Refusal TEXT_NOT_RECOGNISED when no line holds an annotation
 */
export function parseAssociations(file: TextFile, taxon: number | null = null): Associations {
  const version = file.lines.find(({ text }) => /^!\s*gaf-version:/i.test(text))?.text.replace(/^.*:\s*/, '')
  const isGaf =
    version !== undefined || file.lines.some(({ text }) => isAnnotation(text) && text.split('\t').length >= fewestGafColumns)
  const found = isGaf ? parseGaf(file, version?.trim() ?? null, taxon) : parseTable(file)
  if (found.pairs.length === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: file.name,
      expected: 'an annotation file (GAF) or a table of genes and terms',
      why: found.setAside.total > 0 ? `no line could be used: ${found.setAside.sentence()}` : 'no line holds a gene and a term',
    })
  return found
}

const isAnnotation = (text: string): boolean => text.trim() !== '' && !text.startsWith('!') && !text.startsWith('#')

function parseGaf(file: TextFile, version: string | null, taxon: number | null): Associations {
  const pairs = new PairList()
  const setAside = new SetAside()
  const taxa = new Set<number>()
  const needsQualifier = version !== null && Number(version) >= 2.2
  for (const line of file.lines) {
    if (!isAnnotation(line.text)) continue
    const cells = line.text.split('\t').map((cell) => cell.trim())
    // Of two taxa, the first is the annotated one.
    const rowTaxon = Number(/\d+/.exec((cells[12] ?? '').split('|')[0] ?? '')?.[0] ?? 0)
    const reason = gafFault(cells, needsQualifier)
    if (reason !== null) setAside.add(reason, line)
    else if (taxon !== null && rowTaxon !== taxon) setAside.add('of another species', line)
    else {
      if (rowTaxon > 0) taxa.add(rowTaxon)
      pairs.add({
        id: cells[1] ?? '',
        symbol: cells[2] ?? '',
        term: cells[4] ?? '',
        evidence: evidenceGroup(cells[6] ?? ''),
        synonyms: cells[10] ?? '',
      })
    }
  }
  const problems = setAsideProblems(file.name, setAside)
  if (taxa.size > 1)
    problems.push(
      warning(
        'ANNOTATION_SPECIES',
        `${file.name} holds annotations of ${taxa.size} species (taxa ${examples([...taxa].map(String))}); all are used.`,
        'Use the annotation file of one species, or choose one (--taxon).',
      ),
    )
  return {
    format: `GAF ${version ?? 'without version'}`,
    pairs: pairs.list,
    setAside,
    problems,
    taxa: [...taxa],
    date: dateOf(file),
    hasEvidence: true,
  }
}

/** Why a GAF line is not used; null when it is. */
function gafFault(cells: readonly string[], needsQualifier: boolean): string | null {
  const [, id = '', symbol = '', qualifier = '', term = '', , evidence = ''] = cells
  if (cells.length < fewestGafColumns) return `with ${cells.length} of ${gafColumns} columns`
  if (id === '' || symbol === '') return 'without symbol'
  if (id.length > longestName || symbol.length > longestName || !/^\S+:\S+$/.test(term)) return 'without a term id'
  if (qualifier.split('|').some((word) => word.trim().toUpperCase() === 'NOT')) return 'with NOT'
  if (evidence === 'ND') return 'without data (ND)'
  if (evidenceGroup(evidence) === 0) return 'with an unknown evidence code'
  return needsQualifier && qualifier === '' ? 'without the qualifier GAF 2.2 asks for' : null
}

/** `!date-generated: 2026-01-20`, or the older spellings of it. */
function dateOf({ lines }: TextFile): string {
  for (const { text } of lines.slice(0, 200)) {
    const found =
      /^!\s*(?:date[- ]generated|generated|date|release date|submission date)\s*:?.*?(\d{4})[-/](\d{2})[-/](\d{2})/i.exec(text)
    if (found) return `${found[1]}-${found[2]}-${found[3]}`
  }
  return ''
}

/**
 * A table with a column of genes and one of terms (one or more per cell, separated by ";", "," or "|"). The terms are in the first
 * column that holds them; the gene is in the column whose heading says so, else in the first other one.
 */
function parseTable(file: TextFile): Associations {
  const pairs = new PairList()
  const setAside = new SetAside()
  const rows = file.lines
    .filter(({ text }) => isAnnotation(text))
    .map((line) => ({ line, cells: line.text.split('\t').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')) }))
  const columns = columnsOf(rows.map(({ cells }) => cells))
  for (const { line, cells } of columns.heading ? rows.slice(1) : rows) {
    const gene = cells[columns.gene] ?? ''
    const terms = (cells[columns.terms] ?? '').split(/[;,|]/).flatMap((term) => term.trim() || [])
    const reason = tableFault(gene, terms, line)
    const id = columns.id < 0 ? gene : (cells[columns.id] ?? gene)
    if (reason !== null) setAside.add(reason, line)
    else for (const term of terms) pairs.add({ id, symbol: gene, term, evidence: 7, synonyms: '' })
  }
  const problems = setAsideProblems(file.name, setAside)
  if (columns.terms === 0)
    problems.push(info('ANNOTATION_COLUMNS', `${file.name}: terms are in the first column, genes in the second.`))
  return { format: 'table', pairs: pairs.list, setAside, problems, taxa: [], date: '', hasEvidence: false }
}

const looksLikeTerms = (cell: string | undefined): boolean =>
  cell !== undefined && /^[A-Za-z_]+:\d+(?:\s*[;,|]\s*[A-Za-z_]+:\d+)*$/.test(cell)
const geneHeading = /^(?:entrez[-_ ])?(?:gene[-_ ]?)?symbol$|^genes?$|^gene[-_ ]?name$/i
const geneIdHeading = /^(?:ncbi|entrez)[-_ ]?(?:gene)?[-_ ]?id$/i
const rowsLookedAt = 1000

function columnsOf(rows: readonly (readonly string[])[]): { gene: number; id: number; terms: number; heading: boolean } {
  const looked = rows.slice(0, rowsLookedAt)
  const width = Math.max(2, ...looked.map((cells) => cells.length))
  const shares = Array.from(
    { length: width },
    (_, column) => looked.filter((cells) => looksLikeTerms(cells[column])).length / Math.max(1, looked.length),
  )
  const first = rows[0] ?? []
  const named = first.findIndex((cell) => geneHeading.test(cell))
  const heading = named >= 0 && !first.some(looksLikeTerms)
  const holding = shares.findIndex((share) => share > 0.5)
  // Without a clear column of terms, the second is taken, so that the faults name what is missing there.
  const terms = holding >= 0 ? holding : 1
  const gene = heading ? named : terms === 0 ? 1 : 0
  return { gene, id: heading ? first.findIndex((cell) => geneIdHeading.test(cell)) : -1, terms, heading }
}

function tableFault(gene: string, terms: readonly string[], line: Line): string | null {
  if (gene === '' || gene.length > longestName) return 'without a gene'
  if (terms.length > 0) return null
  return line.text.includes('\t') ? 'without a term' : 'without a tab'
}

function setAsideProblems(file: string, setAside: SetAside): Problem[] {
  if (setAside.total === 0) return []
  return [
    warning(
      'ANNOTATION_LINES',
      `${setAside.total} lines of ${file} were set aside: ${setAside.sentence()}.`,
      'Check the lines named; NOT and ND lines are left out on purpose.',
    ),
  ]
}

class PairList {
  private readonly known = new Map<string, { -readonly [K in keyof Association]: Association[K] }>()

  get list(): Association[] {
    return [...this.known.values()]
  }

  add(pair: Association): void {
    const key = `${pair.id}\t${pair.symbol}\t${pair.term}`
    const before = this.known.get(key)
    if (before) before.evidence |= pair.evidence
    else this.known.set(key, { ...pair })
  }
}
