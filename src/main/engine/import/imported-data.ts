// What an import hands to the project: checked, small parts in memory, everything that grows with the cells in scratch files.
// Invariants: every list has one entry per cell kept, every gene list one per matrix column; all of it can cross to another process.
import type { ImportReport, Role, SourceFile, Verdict } from '@contract'
import type { ScaleChange } from '../../science/normalise'
import type { NumberFile, TextFile } from '../scratch/folder'
import type { PagedFile } from '../scratch/paged'
import type { Depth } from './depth'
import type { ImportedBlock } from './feature-blocks'
import type { ImportedLoadings } from './loadings'
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

/** A column whose values are in a scratch file: codes (i32), numbers (f32) or texts, by its kind. */
export type FiledColumn = Pick<ImportedColumn, 'name' | 'kind' | 'role' | 'levels' | 'colours'> & {
  readonly values: NumberFile | TextFile
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
  /** True when the user said what the numbers are. */
  readonly verdictSaid: boolean
  /** In words, e.g. 'log1p of counts per 10,000'. */
  readonly scale: string
  readonly logScale: boolean
  readonly genes: ImportedGene[]
  /** Species of the genes, and checksum of the table their numbers belong to. */
  readonly species?: string | null
  readonly geneTable?: string | null
  /** Cells × genes with the values of the file; `change` brings them to the scale used for statistics. */
  readonly byCell: PagedFile
  /** The same turned: genes × cells. */
  readonly byGene: PagedFile
  readonly change: ScaleChange
  /** u32 per cell: its genes with a stored value. */
  readonly detected: NumberFile
  /** f64 per cell, for the change 'log1p'. */
  readonly factors: NumberFile | null
}

export interface ImportedData {
  /** Where the scratch files are. */
  readonly folder: string
  /** The first one holds the representation. */
  readonly sources: readonly SourceFile[]
  readonly cellIds: TextFile
  /** SHA-256 over cell names and representation: two projects with equal fingerprints train on equal input. */
  readonly fingerprint: string
  /** f32, rows × dims, row-major. */
  readonly representation: {
    readonly key: string
    readonly dims: number
    readonly values: NumberFile
    /** What its axes are in genes, where that is known exactly. */
    readonly loadings?: ImportedLoadings | null
  }
  readonly expression: ImportedExpression | null
  readonly columns: FiledColumn[]
  /** f32, rows × 2. */
  readonly map: { readonly name: string; readonly xy: NumberFile } | null
  /** The gene of each row; null when rows are cells. */
  readonly rowGenes: readonly MappedRow[] | null
  /** Whose genes these are, and the table their numbers belong to. */
  readonly rowNames: { readonly species: string | null; readonly geneTable: string | null } | null
  /** Null without counts. */
  readonly depth: Depth | null
  readonly blocks: readonly ImportedBlock[]
  readonly report: ImportReport
}
