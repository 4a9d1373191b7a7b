// What an import hands to the project: everything in memory, checked, on the scales the statistics use.
// Invariants: every array has one entry per cell kept (`cellIds`), every gene list one per matrix column.
import type { ImportReport, Role, SourceFile, Verdict } from '@contract'
import type { Csr } from '../../base/sparse'
import type { Depth } from './depth'
import type { ImportedBlock } from './feature-blocks'
import type { MappedRow } from './row-kind'

export interface ImportedColumn {
  readonly name: string
  readonly kind: 'category' | 'number' | 'text'
  readonly role: Role | null
  readonly levels: string[]
  /** #rrggbb per level. */
  readonly colours: string[] | null
  /** −1 = missing. */
  readonly codes: Int32Array | null
  /** NaN = missing. */
  readonly numbers: Float32Array | null
  /** '' = missing. */
  readonly texts: string[] | null
}

export interface ImportedGene {
  /** Unique within the matrix. */
  readonly name: string
  readonly symbol: string | null
  readonly gene: number | null
  readonly method: string
  /** Cells in which the gene was seen (not zero). */
  readonly detectedCells: number
}

export interface ImportedExpression {
  readonly key: string
  readonly verdict: Verdict
  /** True when the user said what the numbers are. */
  readonly verdictSaid: boolean
  /** In words, e.g. 'log1p of counts per 10,000'. */
  readonly scale: string
  readonly logScale: boolean
  readonly genes: ImportedGene[]
  /** Cells × genes on the scale used for statistics. */
  readonly matrix: Csr
}

export interface ImportedData {
  readonly sourceName: string
  readonly sourceBytes: number
  readonly sourceSha256: string
  readonly cellIds: string[]
  /** Rows × dims, row-major. */
  readonly representation: { readonly key: string; readonly dims: number; readonly values: Float32Array }
  readonly expression: ImportedExpression | null
  readonly columns: ImportedColumn[]
  /** Rows × 2. */
  readonly map: { readonly name: string; readonly xy: Float32Array } | null
  /** The gene of each row; null when rows are cells. */
  readonly rowGenes: readonly MappedRow[] | null
  /** Null without counts. */
  readonly depth: Depth | null
  readonly blocks: readonly ImportedBlock[]
  /** The gene nearest to a feature of a kind that lies in the genome. */
  readonly nearestGene?: (feature: string, type: string) => { readonly symbol: string; readonly distance: number } | null
  /** Further files that data were taken from. */
  readonly furtherSources: readonly SourceFile[]
  readonly report: ImportReport
}
