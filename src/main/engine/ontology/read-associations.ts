// Which gene is annotated to which term: GAF 2.1 and 2.2, or a table of two columns (gene, terms).
// Invariants: a NOT line removes nothing but itself; each gene–term pair counts once; a line that is not used is counted and named.
import type { Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { examples, info, warning } from './file-problems'
import { SetAside, type Line, type TextFile } from './text-lines'

/** Direct annotations. In a GAF a gene has two names; the caller decides which one its own lists use. */
export interface Associations {
  readonly format: string
  readonly pairs: readonly Association[]
  readonly setAside: SetAside
  readonly problems: readonly Problem[]
}

export interface Association {
  readonly symbol: string
  /** Database id; the same as the symbol in a table of two columns. */
  readonly id: string
  readonly term: string
}

const knownEvidence = new Set(
  'EXP IDA IPI IMP IGI IEP HTP HDA HMP HGI HEP IBA IBD IKR IRD ISS ISO ISA ISM IGC RCA TAS NAS IC IEA'.split(' '),
)
const gafColumns = 17
const fewestGafColumns = 15
const longestName = 300

/** @throws Refusal TEXT_NOT_RECOGNISED when no line holds an annotation */
export function parseAssociations(file: TextFile): Associations {
  const version = file.lines.find(({ text }) => /^!\s*gaf-version:/i.test(text))?.text.replace(/^.*:\s*/, '')
  const isGaf =
    version !== undefined || file.lines.some(({ text }) => isAnnotation(text) && text.split('\t').length >= fewestGafColumns)
  const found = isGaf ? parseGaf(file, version?.trim() ?? null) : parseTable(file)
  if (found.pairs.length === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: file.name,
      expected: 'an annotation file (GAF) or a table of genes and terms',
      why: found.setAside.total > 0 ? `no line could be used: ${found.setAside.sentence()}` : 'no line holds a gene and a term',
    })
  return found
}

const isAnnotation = (text: string): boolean => text.trim() !== '' && !text.startsWith('!') && !text.startsWith('#')

function parseGaf(file: TextFile, version: string | null): Associations {
  const pairs = new PairList()
  const setAside = new SetAside()
  const taxa = new Set<string>()
  const needsQualifier = version !== null && Number(version) >= 2.2
  for (const line of file.lines) {
    if (!isAnnotation(line.text)) continue
    const cells = line.text.split('\t').map((cell) => cell.trim())
    const reason = gafFault(cells, needsQualifier)
    if (reason !== null) setAside.add(reason, line)
    else {
      taxa.add((cells[12] ?? '').split('|')[0] ?? '')
      pairs.add({ id: cells[1] ?? '', symbol: cells[2] ?? '', term: cells[4] ?? '' })
    }
  }
  const problems = setAsideProblems(file.name, setAside)
  if (taxa.size > 1)
    problems.push(
      warning(
        'ANNOTATION_SPECIES',
        `${file.name} holds annotations of ${taxa.size} species (${examples([...taxa])}); all are used.`,
        'Use the annotation file of one species.',
      ),
    )
  return { format: `GAF ${version ?? 'without version'}`, pairs: pairs.list, setAside, problems }
}

/** Why a GAF line is not used; null when it is. */
function gafFault(cells: readonly string[], needsQualifier: boolean): string | null {
  const [, id = '', symbol = '', qualifier = '', term = '', , evidence = ''] = cells
  if (cells.length < fewestGafColumns) return `with ${cells.length} of ${gafColumns} columns`
  if (id === '' || symbol === '') return 'without symbol'
  if (id.length > longestName || symbol.length > longestName || !/^\S+:\S+$/.test(term)) return 'without a term id'
  if (qualifier.split('|').some((word) => word.trim().toUpperCase() === 'NOT')) return 'with NOT'
  if (evidence === 'ND') return 'without data (ND)'
  if (!knownEvidence.has(evidence)) return 'with an unknown evidence code'
  return needsQualifier && qualifier === '' ? 'without the qualifier GAF 2.2 asks for' : null
}

/** Two columns: gene, and one or more terms separated by ";", "," or "|". The columns may be the other way round. */
function parseTable(file: TextFile): Associations {
  const pairs = new PairList()
  const setAside = new SetAside()
  const rows = file.lines
    .filter(({ text }) => isAnnotation(text))
    .map((line) => ({ line, cells: line.text.split('\t').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')) }))
  const isTerms = (cell: string | undefined): boolean =>
    cell !== undefined && /^[A-Za-z_]+:\d+(?:\s*[;,|]\s*[A-Za-z_]+:\d+)*$/.test(cell)
  const swapped = rows.filter(({ cells }) => isTerms(cells[0]) && !isTerms(cells[1])).length * 2 > rows.length
  for (const { line, cells } of rows) {
    const gene = cells[swapped ? 1 : 0] ?? ''
    const terms = (cells[swapped ? 0 : 1] ?? '').split(/[;,|]/).flatMap((term) => term.trim() || [])
    const reason = tableFault(gene, terms, line)
    if (reason !== null) setAside.add(reason, line)
    else for (const term of terms) pairs.add({ id: gene, symbol: gene, term })
  }
  const problems = setAsideProblems(file.name, setAside)
  if (swapped) problems.push(info('ANNOTATION_COLUMNS', `${file.name}: terms are in the first column, genes in the second.`))
  return { format: 'table', pairs: pairs.list, setAside, problems }
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
  readonly list: Association[] = []
  private readonly known = new Set<string>()

  add(pair: Association): void {
    const key = `${pair.id}\t${pair.symbol}\t${pair.term}`
    if (this.known.has(key)) return
    this.known.add(key)
    this.list.push(pair)
  }
}
