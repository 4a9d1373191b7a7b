// Reads gene sets (GMT) and plain gene lists. Names are only text: nothing in them is ever used as a path or a formula.
import type { Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { examples, info, warning } from './file-problems'
import { SetAside, type TextFile } from './text-lines'

export interface GmtSet {
  /** The ontology id inside the name where there is one, else the name; unique in the file. */
  readonly id: string
  readonly name: string
  /** Each once, in file order. */
  readonly genes: readonly string[]
}

export interface GmtFile {
  readonly sets: readonly GmtSet[]
  readonly setAside: SetAside
  readonly problems: readonly Problem[]
}

const longestName = 1000

/** Enrichr's "gene,weight" keeps its gene only. */
const geneOf = (cell: string): string => cell.trim().replace(/,-?[\d.]+(?:e[-+]?\d+)?$/i, '')

/** @throws Refusal TEXT_NOT_RECOGNISED when no line holds a set */
export function parseGmt(file: TextFile): GmtFile {
  const setAside = new SetAside()
  const sets: GmtSet[] = []
  const names = new Set<string>()
  const ids = new Set<string>()
  const renamed: string[] = []
  let weights = 0
  for (const line of file.lines) {
    if (line.text.trim() === '') continue
    const [wanted = '', , ...cells] = line.text.split('\t')
    const genes = new Set(cells.map(geneOf).filter((gene) => gene !== ''))
    weights += cells.filter((cell) => cell.trim() !== '' && geneOf(cell) !== cell.trim()).length
    if (!line.text.includes('\t')) setAside.add('without tabs', line)
    else if (wanted.trim() === '' || wanted.length > longestName) setAside.add('without a name', line)
    else if (genes.size === 0) setAside.add('without genes', line)
    else {
      const name = unique(wanted.trim(), names)
      if (name !== wanted.trim()) renamed.push(wanted.trim())
      const id = unique(/\(([A-Za-z]+:\d+)\)/.exec(name)?.[1] ?? name, ids)
      sets.push({ id, name, genes: [...genes] })
    }
  }
  if (sets.length === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: file.name,
      expected: 'a file of gene sets (GMT)',
      why: setAside.total > 0 ? `no line could be used: ${setAside.sentence()}` : 'it holds no set',
    })
  return { sets, setAside, problems: gmtProblems(file, setAside, renamed, weights) }
}

function unique(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name} (${number})`
  taken.add(free)
  return free
}

function gmtProblems(file: TextFile, setAside: SetAside, renamed: readonly string[], weights: number): Problem[] {
  const problems: Problem[] = []
  if (setAside.total > 0)
    problems.push(
      warning(
        'GENE_SET_LINES',
        `${setAside.total} lines of ${file.name} hold no usable set: ${setAside.sentence()}.`,
        'Check these lines; a GMT line is name, description and genes, separated by tabs.',
      ),
    )
  if (renamed.length > 0)
    problems.push(
      warning(
        'GENE_SETS_RENAMED',
        `Set names that occur more than once in ${file.name} were numbered: ${examples(renamed)}.`,
        'Give every set a name of its own.',
      ),
    )
  if (weights > 0) problems.push(info('GENE_SET_WEIGHTS', `${weights} weights after commas in ${file.name} were left out.`))
  return problems
}

export interface GeneList {
  /** Each once, in file order. */
  readonly names: readonly string[]
  readonly problems: readonly Problem[]
}

const headings =
  /^(?:genes?|symbols?|gene[ _.]?(?:symbols?|names?|ids?)|names?|id|features?|ensembl(?:[ _.]?(?:gene[ _.]?)?ids?)?)$/i

/** One gene per line (first column), or all on one line. Empty lines and lines starting with "#" are skipped. */
export function parseGeneList(file: TextFile): GeneList {
  const rows = file.lines
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
    .map(({ text }) =>
      text.split(/[\t,;]/).map((cell) =>
        cell
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .trim(),
      ),
    )
  const cells = (rows.length === 1 ? (rows[0] ?? []) : rows.map((row) => row[0] ?? '')).filter(
    (name) => name !== '' && name.length <= longestName,
  )
  const problems: Problem[] = []
  if (cells.length > 1 && headings.test(cells[0] ?? '')) {
    problems.push(info('GENE_LIST_HEADING', `The first line of ${file.name} ("${cells[0]}") is taken as a heading.`))
    cells.shift()
  }
  const names = [...new Set(cells)]
  if (names.length === 0) refuse('TEXT_NOT_RECOGNISED', { file: file.name, expected: 'a list of genes', why: 'it holds no name' })
  if (names.length < cells.length)
    problems.push(info('GENE_LIST_REPEATS', `${cells.length - names.length} names of ${file.name} repeat others and count once.`))
  return { names, problems }
}
