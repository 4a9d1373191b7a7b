// Where genes lie on the genome, from a file of the user's (GTF, GFF3, or a table of chromosome, start, end, gene), and the
// gene nearest to a stretch of the genome. Positions are 1-based and inclusive inside; BED's 0-based starts are converted.
import type { Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { warning } from './file-problems'
import { SetAside, readTextFile, type Line, type TextFile } from './text-lines'

export interface GenePosition {
  readonly id: string
  /** The symbol where the file has one, else the id. */
  readonly name: string
  readonly chromosome: string
  readonly start: number
  readonly end: number
  readonly strand: '+' | '-' | null
  readonly biotype: string
}

export interface Region {
  readonly chromosome: string
  readonly start: number
  readonly end: number
}

export interface NearestGene {
  readonly gene: GenePosition
  /** From end to start, 0 when they overlap and 1 for neighbours, as bedtools counts. */
  readonly distance: number
  /** Where the region lies seen along the gene; null when they overlap or the strand is unknown. */
  readonly side: 'upstream' | 'downstream' | null
}

export interface GenePositions {
  readonly format: 'GTF' | 'GFF3' | 'table'
  readonly genes: readonly GenePosition[]
  readonly problems: readonly Problem[]
  /**
   * The nearest gene of the same chromosome; null where it has none. Of several at the same distance the shortest,
   * then the first by name. @param within the greatest distance that counts
   */
  nearest(region: Region, within?: number): NearestGene | null
}

/** @throws Refusal TEXT_NOT_RECOGNISED when no line holds a gene with its place, and the codes of `readTextFile` */
export function readGenePositions(path: string): GenePositions {
  const file = readTextFile(path, 'a file of gene positions')
  const setAside = new SetAside()
  const lines = file.lines.filter(({ text }) => text.trim() !== '' && !text.startsWith('#') && !text.startsWith('track '))
  const format = formatOf(lines)
  const genes = format === 'table' ? fromTable(lines, setAside) : fromFeatures(lines, setAside)
  if (genes.length === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: file.name,
      expected: 'a file of gene positions (GTF, GFF3, or a table of chromosome, start, end and gene)',
      why: setAside.total > 0 ? `no line could be used: ${setAside.sentence()}` : 'it holds no gene',
    })
  return { format, genes, problems: problemsOf(file, setAside), nearest: createNearest(genes) }
}

function problemsOf(file: TextFile, setAside: SetAside): Problem[] {
  if (setAside.total === 0) return []
  return [
    warning(
      'GENE_POSITION_LINES',
      `${setAside.total} lines of ${file.name} were set aside: ${setAside.sentence()}.`,
      'Check the lines named.',
    ),
  ]
}

function formatOf(lines: readonly Line[]): GenePositions['format'] {
  const cells = lines[0]?.text.split('\t') ?? []
  if (cells.length !== 9 || !isWhole(cells[3]) || !isWhole(cells[4])) return 'table'
  return /\w\s*=/.test(cells[8] ?? '') && !/\w\s+"/.test(cells[8] ?? '') ? 'GFF3' : 'GTF'
}

const isWhole = (text: string | undefined): boolean => text !== undefined && /^\d+$/.test(text.trim())

/** Id, name and type of a gene from the ninth column of GTF (`gene_id "x";`) or GFF3 (`ID=gene:x;Name=y`). */
export function attributesOf(text: string): { id: string; name: string; biotype: string } {
  const found = new Map<string, string>()
  for (const match of text.matchAll(/(?:^|;)\s*([\w.]+)(?:\s*=\s*([^;]*)|\s+"([^"]*)"|\s+([^;\s]+))/g)) {
    const value = match[2] ?? match[3] ?? match[4] ?? ''
    if (!found.has(match[1] as string)) found.set(match[1] as string, decoded(value.trim()))
  }
  const of = (...keys: string[]): string => keys.map((key) => found.get(key)).find((value) => value) ?? ''
  const id = of('gene_id', 'ID', 'geneID').replace(/^gene[:-]/, '')
  return {
    id: id.replace(/_PAR_Y$/, '').replace(/^(ENS[A-Z]*G\d{11})\.\d+$/, '$1'),
    name: of('gene_name', 'Name', 'gene', 'gene_symbol'),
    biotype: of('gene_type', 'gene_biotype', 'biotype'),
  }
}

/** GFF3 escapes as addresses do. */
function decoded(value: string): string {
  try {
    return value.includes('%') ? decodeURIComponent(value) : value
  } catch {
    return value
  }
}

/** Lines of genes; where a file has only transcripts and exons, a gene reaches from its first to its last part. */
function fromFeatures(lines: readonly Line[], setAside: SetAside): GenePosition[] {
  const features = new Map<string, GenePosition[]>()
  for (const line of lines) {
    const cells = line.text.split('\t')
    const kind = cells[2] ?? ''
    if (cells.length < 9 || !isWhole(cells[3]) || !isWhole(cells[4])) {
      setAside.add('without nine columns', line)
      continue
    }
    const { id, name, biotype } = attributesOf(cells[8] ?? '')
    if (id === '') continue
    const strand = cells[6] === '+' || cells[6] === '-' ? cells[6] : null
    const position = {
      id,
      name: name || id,
      chromosome: (cells[0] ?? '').trim(),
      start: Number(cells[3]),
      end: Number(cells[4]),
      strand,
      biotype,
    } as const
    const group = /gene$/.test(kind)
      ? 'gene'
      : /^(?:exon|transcript)$/.test(kind) && /gene_id/.test(cells[8] ?? '')
        ? 'part'
        : null
    if (group === null) continue
    const known = features.get(group) ?? []
    features.set(group, known)
    known.push(position)
  }
  return features.get('gene') ?? spans(features.get('part') ?? [])
}

function spans(parts: readonly GenePosition[]): GenePosition[] {
  const genes = new Map<string, GenePosition>()
  for (const part of parts) {
    const key = `${part.chromosome}\t${part.id}`
    const known = genes.get(key)
    genes.set(key, known ? { ...known, start: Math.min(known.start, part.start), end: Math.max(known.end, part.end) } : part)
  }
  return [...genes.values()]
}

const tableColumns = {
  chromosome: /^#?(?:chr(?:om(?:osome)?)?|seq(?:name|id)|chromosome(?:[/ _.]scaffold)?[ _.]?name)$/i,
  start: /^(?:(?:chrom|gene)?[ _.]?start(?:[ _.]\(bp\))?|txstart)$/i,
  end: /^(?:(?:chrom|gene)?[ _.]?end(?:[ _.]\(bp\))?|stop|txend)$/i,
  gene: /^(?:gene(?:[ _.]?(?:name|symbol))?|symbol|name)$/i,
  id: /^(?:gene[ _.]?(?:stable[ _.]?)?id|ensembl(?:[ _.]?(?:gene[ _.]?)?id)?|id)$/i,
  strand: /^strand$/i,
  biotype: /^(?:gene[ _.]?)?(?:bio)?type$/i,
} as const

/** Columns by their heading; without one as in BED: chromosome, start from 0, end, gene, score, strand. */
function fromTable(lines: readonly Line[], setAside: SetAside): GenePosition[] {
  const separator = lines[0]?.text.includes('\t') ? '\t' : ','
  const cellsOf = ({ text }: Line): string[] => text.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const head = lines[0] ? cellsOf(lines[0]) : []
  const named = (kind: keyof typeof tableColumns): number => head.findIndex((cell) => tableColumns[kind].test(cell))
  const hasHeading = named('start') >= 0 && named('end') >= 0
  const at = hasHeading
    ? { chromosome: named('chromosome'), start: named('start'), end: named('end'), gene: named('gene'), strand: named('strand') }
    : { chromosome: 0, start: 1, end: 2, gene: 3, strand: 5 }
  const [idAt, biotypeAt] = hasHeading ? [named('id'), named('biotype')] : [-1, -1]
  return lines.slice(hasHeading ? 1 : 0).flatMap((line) => {
    const cells = cellsOf(line)
    const cell = (which: number): string => (which < 0 ? '' : (cells[which] ?? ''))
    const id = cell(idAt) || cell(at.gene)
    if (!isWhole(cell(at.start)) || !isWhole(cell(at.end)) || cell(at.chromosome) === '') {
      setAside.add('without a place', line)
      return []
    }
    if (id === '') {
      setAside.add('without a gene', line)
      return []
    }
    const strand = cell(at.strand) === '+' || cell(at.strand) === '1' ? '+' : /^-1?$/.test(cell(at.strand)) ? '-' : null
    const place = { start: Number(cell(at.start)) + (hasHeading ? 0 : 1), end: Number(cell(at.end)) }
    return [{ id, name: cell(at.gene) || id, chromosome: cell(at.chromosome), ...place, strand, biotype: cell(biotypeAt) }]
  })
}

/** chr1 and 1, chrM and MT are the same. */
export function chromosomeKey(name: string): string {
  const bare = name.replace(/^chr/i, '').toUpperCase()
  return bare === 'M' ? 'MT' : bare
}

/** "chr1:100-200", "chr1-100-200", "chr1_100_200": the names of peaks. Null for anything else. */
export function parseRegion(name: string): Region | null {
  const found = /^(.+?)[:_-](\d+)[_-](\d+)$/.exec(name.trim())
  if (!found) return null
  const [start, end] = [Number(found[2]), Number(found[3])]
  return start <= end ? { chromosome: found[1] as string, start, end } : null
}

interface Chromosome {
  /** Ascending by start. */
  readonly genes: readonly GenePosition[]
  readonly starts: Float64Array
  /** Greatest end of this gene and all before it: where it is left behind, no earlier gene can be nearer. */
  readonly reach: Float64Array
}

function createNearest(genes: readonly GenePosition[]): GenePositions['nearest'] {
  const byChromosome = new Map<string, GenePosition[]>()
  for (const gene of genes) {
    const key = chromosomeKey(gene.chromosome)
    const known = byChromosome.get(key) ?? []
    byChromosome.set(key, known)
    known.push(gene)
  }
  const sorted = new Map([...byChromosome].map(([key, list]) => [key, sortedChromosome(list)]))
  return (region, within = Infinity) => {
    const chromosome = sorted.get(chromosomeKey(region.chromosome))
    const best = chromosome && nearestIn(chromosome, region)
    return best && best.distance <= within ? best : null
  }
}

function sortedChromosome(list: readonly GenePosition[]): Chromosome {
  const genes = [...list].sort((a, b) => a.start - b.start || a.end - b.end)
  const reach = new Float64Array(genes.length)
  genes.forEach((gene, at) => (reach[at] = Math.max(gene.end, at > 0 ? (reach[at - 1] as number) : 0)))
  return { genes, starts: Float64Array.from(genes, (gene) => gene.start), reach }
}

/** Walks to both sides of the region's end and stops where nothing nearer can follow. */
function nearestIn({ genes, starts, reach }: Chromosome, region: Region): NearestGene | null {
  let low = 0
  let high = genes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] as number) <= region.end) low = middle + 1
    else high = middle
  }
  const best: { gene: GenePosition | null; distance: number } = { gene: null, distance: Infinity }
  const consider = (gene: GenePosition): void => {
    const distance = Math.max(0, gene.start - region.end, region.start - gene.end)
    const isNearer = best.gene === null || distance < best.distance
    if (isNearer || (distance === best.distance && best.gene !== null && isPreferred(gene, best.gene)))
      Object.assign(best, { gene, distance })
  }
  for (let at = low; at < genes.length && (starts[at] as number) - region.end <= best.distance; at++)
    consider(genes[at] as GenePosition)
  for (let at = low - 1; at >= 0 && region.start - (reach[at] as number) <= best.distance; at--)
    consider(genes[at] as GenePosition)
  return best.gene && withSide({ gene: best.gene, distance: best.distance }, region)
}

const lengthOf = (gene: GenePosition): number => gene.end - gene.start

const isPreferred = (gene: GenePosition, than: GenePosition): boolean =>
  lengthOf(gene) !== lengthOf(than) ? lengthOf(gene) < lengthOf(than) : gene.name < than.name

function withSide({ gene, distance }: { gene: GenePosition; distance: number }, region: Region): NearestGene {
  if (distance === 0 || gene.strand === null) return { gene, distance, side: null }
  const isBefore = region.end < gene.start
  return { gene, distance, side: isBefore === (gene.strand === '+') ? 'upstream' : 'downstream' }
}
