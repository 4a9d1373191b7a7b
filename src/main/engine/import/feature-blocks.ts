// Further kinds of features of the same cells (peaks, antibodies, guides), kept apart from the genes with totals of their own.
// Invariant: values as stored in the file; a block that cannot be read or has gaps is left out and said so.
import type { Verdict } from '@contract'
import type { PagedFile } from '../scratch/paged'
import { Turner } from '../scratch/turner'
import { DepthWriter, type Depth } from './depth'
import type { Expression } from './expressions'
import { Gaps, keepBlock } from './kept-cells'
import type { NearestGenes } from './nearest-gene'
import { plural, warning } from './problems'
import type { MatrixPart } from './source-reader'
import type { Taking } from './take-expression'

export interface ImportedFeature {
  readonly name: string
  readonly detectedCells: number
  /** The nearest gene in the genome, for kinds that lie in it; distance in base pairs, 0 where they overlap. */
  readonly nearest: { readonly symbol: string; readonly distance: number } | null
}

export interface ImportedBlock {
  readonly key: string
  /** As the file calls it. */
  readonly type: string
  readonly verdict: Verdict
  /** Features × rows. */
  readonly byFeature: PagedFile
  readonly features: readonly ImportedFeature[]
  readonly depth: Depth
}

/** The blocks beside the expression that is used: the first matrix of each kind. */
export const blocksOf = (found: readonly Expression[], used: Expression | null): readonly Expression[] =>
  found.filter(({ source: { featureType, found: read } }, at) => {
    if (featureType === undefined || featureType === used?.source.featureType || read.part === null) return false
    return found.findIndex(({ source }) => source.featureType === featureType && source.found.part !== null) === at
  })

/** Work of `takeBlocks` in stored values, for progress. */
export const workOfBlocks = (found: readonly Expression[], used: Expression | null): number =>
  blocksOf(found, used).reduce((sum, { source }) => sum + (source.found.part?.stored ?? 0), 0)

/** All blocks beside the expression that is used, for the rows kept. */
export async function takeBlocks(taking: Taking, nearest: NearestGenes): Promise<ImportedBlock[]> {
  const { found, problems } = taking
  const blocks: ImportedBlock[] = []
  for (const each of blocksOf(found.expressions, found.expression)) {
    const { source, info } = each
    const { part } = source.found
    if (!part) continue
    const type = source.featureType ?? ''
    const taken = await turned(taking, part, info.key)
    if ('missing' in taken) {
      const message = `${type} holds ${plural(taken.missing, 'missing number')} and is left out.`
      problems.push(warning('FEATURES_LEFT_OUT', message, 'Replace missing numbers where the file is made.'))
      continue
    }
    const names = new Set<string>()
    const features = source.genes.index.map((name, column) => ({
      name: unique(name, names),
      detectedCells: taken.stored[column] ?? 0,
      nearest: nearest.of(name),
    }))
    blocks.push({ key: info.key, type, verdict: info.verdict, byFeature: taken.file, features, depth: taken.depth })
  }
  return blocks
}

type Turned = { readonly file: PagedFile; readonly stored: Float64Array; readonly depth: Depth } | { readonly missing: number }

async function turned({ cells, scratch, track }: Taking, part: MatrixPart, key: string): Promise<Turned> {
  track.phase('Reading further features')
  const turner = new Turner(scratch, scratch.freshName('block'), part.columns)
  const depth = new DepthWriter(scratch, key)
  const gaps = new Gaps()
  for await (const { start, matrix } of part.blocks((read) => track.advance(read), scratch)) {
    const kept = keepBlock(start, matrix, cells)
    gaps.add(start, kept)
    depth.add(kept)
    await turner.add(kept)
  }
  const [{ file, stored }, ended] = [await turner.end(), depth.end()]
  if (gaps.values === 0) return { file, stored, depth: ended }
  for (const name of [file.file, ended.total.file, ended.detected.file]) scratch.removeFile(name)
  return { missing: gaps.values }
}

function unique(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 1; taken.has(free); number++) free = `${name}-${number}`
  taken.add(free)
  return free
}
