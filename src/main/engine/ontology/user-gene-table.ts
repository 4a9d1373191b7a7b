// A gene table the user brings for a species without a bundled one: a table (CSV or TSV) with a heading, or a GTF or GFF3 file.
// Invariant: ids are unique, the first line of each counts; a line that names no gene is left out.
import { createHash } from 'node:crypto'
import { refuse } from '../../base/refusal'
import type { GeneTableColumns } from './gene-columns'
import { attributesOf } from './gene-positions'
import { readTextFile, type TextFile } from './text-lines'

const headings = {
  id: /^(?:gene[ _.]?ids?|ensembl(?:[ _.]?gene)?(?:[ _.]?ids?)?|gene[ _.]?stable[ _.]?id|ids?|accession|feature[ _.]?id)$/i,
  symbol: /^(?:gene[ _.]?(?:name|symbol|short[ _.]?name)s?|symbols?|names?|gene)$/i,
  aliases: /^(?:alias(?:es)?|synonyms?|gene[ _.]?synonyms?|previous[ _.]?symbols?|other[ _.]?names?)$/i,
  entrez: /^(?:entrez(?:[ _.]?(?:gene)?)?(?:[ _.]?ids?)?|ncbi(?:[ _.]?gene)?(?:[ _.]?ids?)?)$/i,
  biotype: /^(?:(?:gene[ _.]?)?(?:bio)?type)$/i,
} as const

interface Row {
  readonly id: string
  readonly symbol: string
  readonly aliases: readonly string[]
  readonly entrez: string
  readonly biotype: string
}

/**
 * @param species the user's word for it
 * @throws Refusal TEXT_NOT_RECOGNISED when the file names no gene, and the codes of `readTextFile`
 */
export function readUserGeneTable(path: string, species: string): GeneTableColumns {
  const file = readTextFile(path, 'a table of genes')
  const rows = isFeatureFile(file) ? fromFeatures(file) : fromTable(file)
  const byId = new Map<string, Row>()
  for (const row of rows) if (!byId.has(row.id)) byId.set(row.id, row)
  const genes = [...byId.values()]
  if (genes.length === 0)
    refuse('TEXT_NOT_RECOGNISED', { file: file.name, expected: 'a table of genes', why: 'no line names a gene' })
  const digest = createHash('sha256')
  for (const { text } of file.lines) digest.update(text).update('\n')
  return {
    species,
    release: file.name,
    version: digest.digest('hex').slice(0, 16),
    symbols: genes.map((gene) => gene.symbol || gene.id),
    aliases: genes.map((gene) => gene.aliases),
    ids: genes.map((gene) => [gene.id]),
    ensemblIds: false,
    entrez: genes.map((gene) => gene.entrez),
    biotypes: genes.map((gene) => gene.biotype),
    weights: Uint8Array.from(genes, (gene) => (gene.biotype === 'protein_coding' ? 1 : 0)),
  }
}

/** Nine columns of which the fourth and fifth are numbers: GTF and GFF3. */
function isFeatureFile({ lines }: TextFile): boolean {
  const first = lines.find(({ text }) => text !== '' && !text.startsWith('#'))
  const cells = first?.text.split('\t') ?? []
  return cells.length === 9 && /^\d+$/.test(cells[3] ?? '') && /^\d+$/.test(cells[4] ?? '')
}

function fromFeatures({ lines }: TextFile): Row[] {
  return lines.flatMap(({ text }) => {
    const cells = text.split('\t')
    if (text.startsWith('#') || cells.length < 9 || !/gene$/.test(cells[2] ?? '')) return []
    const { id, name, biotype } = attributesOf(cells[8] ?? '')
    return id === '' ? [] : [{ id, symbol: name, aliases: [], entrez: '', biotype }]
  })
}

function fromTable({ lines, name }: TextFile): Row[] {
  const [head, ...rest] = lines.filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
  const separator = head?.text.includes('\t') ? '\t' : head?.text.includes(';') ? ';' : ','
  const cellsOf = (text: string): string[] => text.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const heading = cellsOf(head?.text ?? '')
  const place = (kind: keyof typeof headings): number => heading.findIndex((cell) => headings[kind].test(cell))
  const at = {
    id: place('id'),
    symbol: place('symbol'),
    aliases: place('aliases'),
    entrez: place('entrez'),
    biotype: place('biotype'),
  }
  if (at.id < 0 && at.symbol < 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: name,
      expected: 'a table of genes',
      why: 'its first line names no column of gene ids (gene_id) or symbols (gene_name)',
    })
  return rest.flatMap(({ text }) => {
    const cells = cellsOf(text)
    const cell = (which: number): string => (which < 0 ? '' : (cells[which] ?? ''))
    const symbol = cell(at.symbol)
    const id = cell(at.id).replace(/^(ENS[A-Z]*G\d{11})\.\d+$/, '$1') || symbol
    if (id === '') return []
    const aliases = cell(at.aliases)
      .split('|')
      .flatMap((alias) => alias.trim() || [])
    return [{ id, symbol, aliases, entrez: cell(at.entrez), biotype: cell(at.biotype) }]
  })
}
