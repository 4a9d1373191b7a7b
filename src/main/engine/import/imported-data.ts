// What an import hands to the project: everything in memory, checked, on the scales the statistics use.
// Invariants: every array has one entry per cell kept (`cellIds`), every gene list one per matrix column.
import type { ImportReport, Role, Verdict } from '@contract'
import type { Csr } from '../../base/sparse'

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
  /** As the file has it. */
  readonly original?: string
  /** Of Ensembl, or of the user's gene table. */
  readonly id?: string | null
  readonly entrez?: string | null
  readonly biotype?: string | null
  /** The species the name itself says it is of. */
  readonly species?: string | null
  /** Cells in which the gene was seen (not zero). */
  readonly detectedCells: number
}

export interface ImportedExpression {
  readonly key: string
  readonly verdict: Verdict
  /** In words, e.g. 'log1p of counts per 10,000'. */
  readonly scale: string
  readonly logScale: boolean
  readonly genes: ImportedGene[]
  /** Species of the genes, and checksum of the table their numbers belong to. */
  readonly species?: string | null
  readonly geneTable?: string | null
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
  readonly report: ImportReport
}
