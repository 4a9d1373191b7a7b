// The gene tables as they lie in the resources folder, decoded into plain columns. Layout: resources/ontology/README.md.
// Invariant: human genes are numbered as the annotations are (Entrez, ascending), then come the GENCODE genes Entrez does not know.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { refuse } from '../../base/refusal'
import type { GeneColumns } from './resource'

/** Everything a species' genes are found by. One entry per gene in every list. */
export interface GeneTableColumns {
  readonly species: string
  /** For people, for example "GENCODE 48". */
  readonly release: string
  /** Checksum: numbers of genes mean the same only under the same version. */
  readonly version: string
  readonly symbols: readonly string[]
  /** Earlier symbols and other names. */
  readonly aliases: readonly (readonly string[])[]
  /** Gene ids of Ensembl, or of the user's own table. */
  readonly ids: readonly (readonly string[])[]
  /** '' where unknown. */
  readonly entrez: readonly string[]
  /** '' where unknown. */
  readonly biotypes: readonly string[]
  /** Which of several genes under one name is meant: the one of greatest weight, if it is the only one of that weight. */
  readonly weights: Uint8Array
}

interface StoredTable {
  readonly release: string
  readonly prefix: string
  readonly ids: readonly number[]
  readonly symbols: string
  readonly biotypes: readonly string[]
  readonly biotypeOf: readonly number[]
  /** Row of human.json.gz, −1 for none. */
  readonly links: readonly number[] | null
  /** SHA-256 of the human.json.gz the links are rows of. */
  readonly base: string | null
}

interface GencodeGene {
  readonly id: string
  /** '' when it has none but its id. */
  readonly symbol: string
  readonly biotype: string
}

const coding = 'protein_coding'
const splitLine = (line: string | undefined): string[] => (line ? line.split('|') : [])
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function readStored(file: string): { stored: StoredTable; genes: GencodeGene[]; version: string } {
  const bytes = readFileSync(file)
  const stored = JSON.parse(gunzipSync(bytes).toString('utf8')) as StoredTable
  const symbols = stored.symbols.split('\n')
  let number = 0
  const genes = stored.ids.map((delta, at) => ({
    id: `${stored.prefix}${String((number += delta)).padStart(11, '0')}`,
    symbol: symbols[at] ?? '',
    biotype: stored.biotypes[stored.biotypeOf[at] ?? -1] ?? '',
  }))
  return { stored, genes, version: sha256(bytes).slice(0, 16) }
}

/** Human genes: those of the annotations under their present names, then the others of GENCODE. @throws Refusal ONTOLOGY_MISSING */
export function humanColumns(folder: string, annotated: GeneColumns): GeneTableColumns {
  const file = join(folder, 'genes-human.json.gz')
  const entrezOnly = fromAnnotations(annotated)
  if (!existsSync(file)) return entrezOnly
  const { stored, genes, version } = decoded(() => {
    const read = readStored(file)
    const base = sha256(readFileSync(join(folder, 'human.json.gz')))
    return read.stored.base === base && read.stored.links?.length === read.genes.length ? read : refuse('ONTOLOGY_MISSING')
  })
  return merged(entrezOnly, genes, stored.links ?? [], { release: stored.release, version })
}

/** Every gene once: linked GENCODE genes lend their symbol, id and biotype; unlinked ones are added at the end. */
function merged(
  entrezOnly: GeneTableColumns,
  genes: readonly GencodeGene[],
  links: readonly number[],
  table: { release: string; version: string },
): GeneTableColumns {
  const symbols = [...entrezOnly.symbols]
  const aliases: (readonly string[])[] = [...entrezOnly.aliases]
  // An id that GENCODE has belongs where its link says, whatever Entrez listed it under.
  const current = new Set(genes.map((gene) => gene.id))
  const ids: (readonly string[])[] = entrezOnly.ids.map((list) => list.filter((id) => !current.has(id)))
  const entrez = [...entrezOnly.entrez]
  const biotypes = [...entrezOnly.biotypes]
  const weights = [...entrezOnly.weights]
  genes.forEach((gene, at) => {
    const to = links[at] ?? -1
    if (to < 0) {
      symbols.push(gene.symbol || gene.id)
      aliases.push([])
      ids.push([gene.id])
      entrez.push('')
      biotypes.push(gene.biotype)
      weights.push(gene.biotype === coding ? 1 : 0)
      return
    }
    const before = symbols[to] as string
    if (gene.symbol !== '' && gene.symbol !== before) {
      symbols[to] = gene.symbol
      aliases[to] = [before, ...(aliases[to] ?? [])].filter((name) => name !== gene.symbol)
    }
    ids[to] = [gene.id, ...(ids[to] ?? [])]
    biotypes[to] = gene.biotype
    weights[to] = (weights[to] ?? 0) | (gene.biotype === coding ? 1 : 0)
  })
  return { ...table, species: 'human', symbols, aliases, ids, entrez, biotypes, weights: Uint8Array.from(weights) }
}

function fromAnnotations(genes: GeneColumns): GeneTableColumns {
  const count = genes.ids.length
  return {
    species: 'human',
    release: 'Entrez Gene',
    version: `entrez-${count}`,
    symbols: genes.symbols,
    aliases: genes.aliases.map(splitLine),
    ids: genes.ensembl.map((line) => splitLine(line).map((digits) => `ENSG${digits.padStart(11, '0')}`)),
    entrez: genes.ids,
    biotypes: Array.from({ length: count }, () => ''),
    weights: Uint8Array.from({ length: count }, (_, gene) =>
      genes.annotationStart[gene] === genes.annotationStart[gene + 1] ? 0 : 2,
    ),
  }
}

/** Mouse genes; null where the resource has none. @throws Refusal ONTOLOGY_MISSING */
export function mouseColumns(folder: string): GeneTableColumns | null {
  const file = join(folder, 'genes-mouse.json.gz')
  if (!existsSync(file)) return null
  const { stored, genes, version } = decoded(() => readStored(file))
  return {
    species: 'mouse',
    release: stored.release,
    version,
    symbols: genes.map((gene) => gene.symbol || gene.id),
    aliases: genes.map(() => []),
    ids: genes.map((gene) => [gene.id]),
    entrez: genes.map(() => ''),
    biotypes: genes.map((gene) => gene.biotype),
    weights: Uint8Array.from(genes, (gene) => (gene.biotype === coding ? 1 : 0)),
  }
}

export interface OrthologPairs {
  readonly release: string
  /** Human gene number per mouse gene number, −1 for none. */
  readonly humanOfMouse: Int32Array
  readonly pairs: number
}

/** One-to-one pairs in the numbers of the two tables; null where the resource has none. @throws Refusal ONTOLOGY_MISSING */
export function readOrthologs(folder: string, annotatedGenes: number): OrthologPairs | null {
  const file = join(folder, 'orthologs.json.gz')
  if (!existsSync(file)) return null
  return decoded(() => {
    const { release, human, mouse } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
      release: string
      human: readonly number[]
      mouse: readonly number[]
    }
    const { stored } = readStored(join(folder, 'genes-human.json.gz'))
    const numberOf = numbersOfRows(stored.links ?? [], annotatedGenes)
    const mice = readStored(join(folder, 'genes-mouse.json.gz')).genes.length
    const humanOfMouse = new Int32Array(mice).fill(-1)
    mouse.forEach((gene, at) => (humanOfMouse[gene] = numberOf[human[at] ?? -1] ?? -1))
    return { release, humanOfMouse, pairs: mouse.length }
  })
}

/** Gene number of each GENCODE row, as `merged` gives them. */
function numbersOfRows(links: readonly number[], annotatedGenes: number): number[] {
  let next = annotatedGenes
  return links.map((link) => (link >= 0 ? link : next++))
}

function decoded<T>(work: () => T): T {
  try {
    return work()
  } catch {
    return refuse('ONTOLOGY_MISSING')
  }
}
