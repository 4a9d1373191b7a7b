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
  /** Gene ids of Ensembl, or of the user's own table. Of the bundled tables they are put together when first asked for. */
  readonly ids: readonly (readonly string[])[]
  /** True where all ids have the form of Ensembl's. */
  readonly ensemblIds: boolean
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

/** Its genes as columns: there are tens of thousands. */
interface Gencode {
  readonly ids: readonly string[]
  /** '' where a gene has none but its id. */
  readonly symbols: readonly string[]
  readonly biotypes: readonly string[]
}

const coding = 'protein_coding'
const splitLine = (line: string | undefined): string[] => (line ? line.split('|') : [])
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function readStored(file: string): { stored: StoredTable; genes: Gencode; version: string } {
  const bytes = readFileSync(file)
  const stored = JSON.parse(gunzipSync(bytes).toString('utf8')) as StoredTable
  const symbols = stored.symbols.split('\n')
  let number = 0
  const ids = stored.ids.map((delta) => stored.prefix + String((number += delta)).padStart(11, '0'))
  const biotypes = ids.map((_, at) => stored.biotypes[stored.biotypeOf[at] ?? -1] ?? '')
  return {
    stored,
    genes: { ids, symbols: ids.map((__, at) => symbols[at] ?? ''), biotypes },
    version: sha256(bytes).slice(0, 16),
  }
}

/** Human genes: those of the annotations under their present names, then the others of GENCODE. @throws Refusal ONTOLOGY_MISSING */
export function humanColumns(folder: string, annotated: GeneColumns): GeneTableColumns {
  const file = join(folder, 'genes-human.json.gz')
  const entrezOnly = fromAnnotations(annotated)
  if (!existsSync(file)) return entrezOnly
  const { stored, genes, version } = decoded(() => {
    const read = readStored(file)
    const base = sha256(readFileSync(join(folder, 'human.json.gz')))
    return read.stored.base === base && read.stored.links?.length === read.genes.ids.length ? read : refuse('ONTOLOGY_MISSING')
  })
  return merged(entrezOnly, genes, stored.links ?? [], { release: stored.release, version })
}

/** Every gene once: linked GENCODE genes lend their symbol, id and biotype; unlinked ones are added at the end. */
function merged(
  entrezOnly: GeneTableColumns,
  genes: Gencode,
  links: readonly number[],
  table: { release: string; version: string },
): GeneTableColumns {
  const symbols = [...entrezOnly.symbols]
  const aliases: (readonly string[])[] = [...entrezOnly.aliases]
  const entrez = [...entrezOnly.entrez]
  const biotypes = [...entrezOnly.biotypes]
  const weights = [...entrezOnly.weights]
  genes.ids.forEach((id, at) => {
    const to = links[at] ?? -1
    const [symbol, biotype] = [genes.symbols[at] as string, genes.biotypes[at] as string]
    if (to < 0) {
      symbols.push(symbol || id)
      aliases.push([])
      entrez.push('')
      biotypes.push(biotype)
      weights.push(biotype === coding ? 1 : 0)
      return
    }
    const before = symbols[to] as string
    if (symbol !== '' && symbol !== before) {
      symbols[to] = symbol
      aliases[to] = [before, ...(aliases[to] ?? [])].filter((name) => name !== symbol)
    }
    biotypes[to] = biotype
    weights[to] = (weights[to] ?? 0) | (biotype === coding ? 1 : 0)
  })
  const names = { symbols, aliases, entrez, biotypes, weights: Uint8Array.from(weights) }
  const ids = onDemand(() => mergedIds(entrezOnly, genes, links))
  return {
    ...table,
    ...names,
    species: 'human',
    ensemblIds: true,
    get ids() {
      return ids()
    },
  }
}

/** An id that GENCODE has belongs where its link says, whatever Entrez listed it under. */
function mergedIds(entrezOnly: GeneTableColumns, genes: Gencode, links: readonly number[]): (readonly string[])[] {
  const current = new Set(genes.ids)
  const ids: (readonly string[])[] = entrezOnly.ids.map((list) => list.filter((id) => !current.has(id)))
  genes.ids.forEach((id, at) => {
    const to = links[at] ?? -1
    if (to < 0) ids.push([id])
    else ids[to] = [id, ...(ids[to] ?? [])]
  })
  return ids
}

/** Makes something when it is first asked for, and keeps it. */
export function onDemand<T>(make: () => T): () => T {
  let made: T | null = null
  return () => (made ??= make())
}

function fromAnnotations(genes: GeneColumns): GeneTableColumns {
  const count = genes.ids.length
  const ids = onDemand(() => genes.ensembl.map((line) => splitLine(line).map((digits) => `ENSG${digits.padStart(11, '0')}`)))
  return {
    species: 'human',
    release: 'Entrez Gene',
    version: `entrez-${count}`,
    symbols: genes.symbols,
    aliases: genes.aliases.map(splitLine),
    ensemblIds: true,
    get ids() {
      return ids()
    },
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
    symbols: genes.symbols.map((symbol, at) => symbol || (genes.ids[at] as string)),
    aliases: genes.ids.map(() => []),
    ids: genes.ids.map((id) => [id]),
    ensemblIds: true,
    entrez: genes.ids.map(() => ''),
    biotypes: genes.biotypes,
    weights: Uint8Array.from(genes.biotypes, (biotype) => (biotype === coding ? 1 : 0)),
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
    const mice = readStored(join(folder, 'genes-mouse.json.gz')).genes.ids.length
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
