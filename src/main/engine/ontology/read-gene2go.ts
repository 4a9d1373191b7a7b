// Annotations of NCBI (gene2go, plain or gzip): one file for all species, more than 1 GB unpacked, so it is read as a stream
// and only the rows of one species are kept. Genes are Entrez ids.
import { createReadStream, openSync, readSync, closeSync } from 'node:fs'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import { refuse } from '../../base/refusal'
import { warning } from './file-problems'
import { evidenceGroup } from './evidence'
import type { Association, Associations } from './read-associations'
import { SetAside } from './text-lines'

const longestLine = 1_000_000
/** The first line of gene2go. */
export const gene2goHeading = /^#\s*tax_id\tGeneID\tGO_ID\t/i

/** The prefix that tells Entrez ids from the ids of other databases. */
export const entrezPrefix = 'ENTREZ:'

/** Whether the first line is gene2go's heading. Cheap: reads 64 KB, and unpacks them where needed. */
export async function isGene2go(path: string): Promise<boolean> {
  for await (const line of linesOf(path)) return gene2goHeading.test(line)
  return false
}

function isGzip(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(2)
    return readSync(file, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b
  } finally {
    closeSync(file)
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const raw = createReadStream(path, { highWaterMark: 1 << 20 })
  const stream = isGzip(path) ? raw.pipe(createGunzip()) : raw
  // A broken file must end the reading, not the process.
  raw.on('error', (error) => stream.destroy(error))
  let rest = ''
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const lines = (rest + piece.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > longestLine)
        refuse('FILE_TOO_LARGE', { file: basename(path), limit: `${longestLine} characters in a line` })
      yield* lines
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_'))
      refuse('FILE_DAMAGED', { file: basename(path), why: 'the gzip data end early or are broken' })
    throw thrown
  } finally {
    raw.destroy()
  }
  if (rest !== '') yield rest
}

/**
 * The rows of one species. Without `taxon`, the file must hold a single one.
 * @throws Refusal TAXON_NEEDED, TEXT_NOT_RECOGNISED when no row can be used, FILE_DAMAGED, FILE_TOO_LARGE
 */
export async function readGene2go(path: string, taxon: number | null): Promise<Associations> {
  const name = basename(path)
  const pairs = new Map<string, { -readonly [K in keyof Association]: Association[K] }>()
  const setAside = new SetAside()
  let wanted = taxon
  let number = 0
  for await (const line of linesOf(path)) {
    number++
    if (line.startsWith('#') || line === '') continue
    const [rowTaxon = '', gene = '', term = '', evidence = '', qualifier = ''] = line.replace(/\r$/, '').split('\t')
    wanted ??= Number(rowTaxon)
    if (Number(rowTaxon) !== wanted) {
      if (taxon === null) refuse('TAXON_NEEDED', { file: name })
      continue
    }
    const group = evidenceGroup(evidence)
    const reason = /(?:^|\W)NOT(?:\W|$)/.test(qualifier)
      ? 'with NOT'
      : evidence === 'ND'
        ? 'without data (ND)'
        : group === 0 || !/^\d+$/.test(gene) || !/^GO:\d{7}$/.test(term)
          ? 'without gene, term or a known evidence code'
          : null
    if (reason !== null) {
      setAside.add(reason, { text: line, number })
      continue
    }
    const key = `${gene}\t${term}`
    const before = pairs.get(key)
    if (before) before.evidence |= group
    else pairs.set(key, { id: `${entrezPrefix}${gene}`, symbol: '', term, evidence: group, synonyms: '' })
  }
  if (pairs.size === 0)
    refuse('TEXT_NOT_RECOGNISED', {
      file: name,
      expected: 'an annotation file of NCBI (gene2go)',
      why: taxon === null ? 'no line could be used' : `no line of taxon ${taxon} could be used`,
    })
  const problems =
    setAside.total === 0
      ? []
      : [
          warning(
            'ANNOTATION_LINES',
            `${setAside.total} lines of ${name} were set aside: ${setAside.sentence()}.`,
            'NOT and ND lines are left out on purpose.',
          ),
        ]
  return {
    format: 'gene2go',
    pairs: [...pairs.values()],
    setAside,
    problems,
    taxa: wanted === null ? [] : [wanted],
    date: '',
    hasEvidence: true,
  }
}
