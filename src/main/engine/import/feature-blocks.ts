// Further kinds of features of the same cells (peaks, antibodies, guides), kept apart from the genes with totals of their own.
// Invariant: values as stored in the file; a block that cannot be read or has gaps is left out and said so.
import type { Problem, Verdict } from '@contract'
import type { Csr } from '../../base/sparse'
import { depthOf, type Depth } from './depth'
import type { Expression } from './expressions'
import { wholeMatrix } from './parts'
import { plural, warning } from './problems'
import { keepRows } from './rows'
import { missingIn } from './sampling'
import type { Tracker } from './tracker'

export interface ImportedBlock {
  readonly key: string
  /** As the file calls it. */
  readonly type: string
  readonly verdict: Verdict
  /** Rows × features. */
  readonly matrix: Csr
  readonly features: readonly { readonly name: string; readonly detectedCells: number }[]
  readonly depth: Depth
}

/** All blocks beside the expression that is used, for the rows kept. */
export async function readBlocks(
  found: readonly Expression[],
  used: Expression | null,
  cells: Uint32Array | null,
  track: Tracker,
  problems: Problem[],
): Promise<ImportedBlock[]> {
  const blocks: ImportedBlock[] = []
  for (const each of found) {
    const type = each.source.featureType
    if (type === undefined || type === used?.source.featureType || each.part === null) continue
    const whole = await wholeMatrix(each.part, (values) => track.advance(values))
    const matrix = cells ? keepRows(whole, cells) : whole
    const missing = missingIn(matrix).values
    if (missing > 0) {
      const message = `${type} holds ${plural(missing, 'missing number')} and is left out.`
      problems.push(warning('FEATURES_LEFT_OUT', message, 'Replace missing numbers where the file is made.'))
      continue
    }
    const detected = new Uint32Array(matrix.columns)
    for (const column of matrix.indices) detected[column] = (detected[column] as number) + 1
    const taken = new Set<string>()
    const features = each.source.genes.index.map((name, column) => ({
      name: unique(name, taken),
      detectedCells: detected[column] ?? 0,
    }))
    blocks.push({ key: each.info.key, type, verdict: each.info.verdict, matrix, features, depth: depthOf(matrix, each.info.key) })
  }
  return blocks
}

function unique(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 1; taken.has(free); number++) free = `${name}-${number}`
  taken.add(free)
  return free
}
