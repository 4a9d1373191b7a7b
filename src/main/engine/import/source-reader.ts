// What every readable format offers to the rest of the importer. A new format is one more SourceReader in `readers.ts`.
// Invariant: a source never changes the file, never follows a path found inside it, and reads large parts in slices.
import type { AppError, HeaderAnswer, Problem, RowKind } from '@contract'
import type { Csr } from '../../base/sparse'
import type { Scratch } from '../scratch/folder'
import type { Stop } from './findings'
import type { GeneResolver } from './gene-resolver'
import type { Recognised } from './recognise'

/** Called between slices with the number of stored values just read; throws when the user cancelled. */
export type Tick = (values: number) => Promise<void>

/** Whole rows that follow each other, `start` being the first. Columns ascend within a row, no stored zeros; missing numbers are NaN. */
export interface RowBlock {
  readonly start: number
  readonly matrix: Csr
}

/** The same for a matrix that is to be dense: `rows` rows, row-major. */
export interface DenseBlock {
  readonly start: number
  readonly rows: number
  readonly values: Float32Array
}

/** Stored values that a block should not exceed by much; a single row may. */
export const blockValues = 2 ** 20

/**
 * A matrix inside a file, cells × something, whatever its layout there. Each reading starts anew and passes all rows once, in order,
 * in blocks of bounded size; a block is only valid until the next one is asked for. New readers make theirs with `rowPart`,
 * `blockPart` or `memoryPart` (parts.ts).
 */
export interface MatrixPart {
  readonly key: string
  readonly rows: number
  readonly columns: number
  readonly dense: boolean
  /** Values stored in the file (all of them when dense). */
  readonly stored: number
  /** Rows that are cheap to sample where others are not; ascending, spread as far as the file allows. */
  readonly lookRows?: Uint32Array
  /** Only these rows, in this order; `rows` ascends. */
  sample(rows: Uint32Array): Promise<Csr>
  /**
   * The whole matrix. Missing numbers stay NaN, infinite ones stay infinite. Where the file has another order, `scratch` holds what
   * does not fit into memory.
   */
  blocks(tick: Tick, scratch: Scratch): AsyncIterable<RowBlock>
  denseBlocks(tick: Tick, scratch: Scratch): AsyncIterable<DenseBlock>
}

/** A part that is there and can be read, or is there and cannot; the error then says why. */
export type Found<T> = { readonly part: T; readonly error: null } | { readonly part: null; readonly error: AppError }

/** `apart` says why a part belongs to other cells of the file: asking for it by name opens the file with those cells. */
export interface EmbeddingSource {
  readonly key: string
  readonly rows: number
  readonly dims: number
  readonly found: Found<MatrixPart>
  /** Columns that are no numbers and were left out. */
  readonly leftOut: readonly string[]
  readonly apart?: string
}

export interface ExpressionSource {
  readonly key: string
  readonly rows: number
  readonly columns: number
  readonly found: Found<MatrixPart>
  /** The table that describes the columns. */
  readonly genes: Frame
  /** What the columns are when they are no genes: Peaks, Antibody Capture … */
  readonly featureType?: string
  readonly apart?: string
}

export type ColumnValues =
  | { readonly kind: 'category'; readonly levels: readonly string[]; readonly codes: Int32Array }
  | { readonly kind: 'number'; readonly values: Float64Array; readonly whole: boolean }
  | { readonly kind: 'text'; readonly texts: readonly (string | null)[] }

export interface FrameColumn {
  readonly name: string
  readonly values: ColumnValues
}

/** A table with one row per cell or per gene. */
export interface Frame {
  readonly rows: number
  readonly index: readonly string[]
  /** True when the file holds no names and they were made up. */
  readonly madeUp: boolean
  readonly columns: readonly FrameColumn[]
  /** One warning per column that could not be read. */
  readonly problems: readonly Problem[]
}

/** What the axes of a representation are in genes: genes × axes. */
export interface LoadingSource {
  readonly key: string
  /** Names of its rows, as the file has them. */
  readonly genes: readonly string[]
  readonly part: MatrixPart
}

export interface OpenSource {
  readonly kind: string
  /** One phrase for the header of the review, without the sizes, starting with a noun: 'AnnData file'. */
  readonly description: string
  /** Endings of names that fit the content, in lower case with the dot. */
  readonly endings: readonly string[]
  readonly columns: number
  readonly columnsAre: 'gene' | 'dimension' | 'column'
  readonly cells: Frame
  readonly embeddings: readonly EmbeddingSource[]
  readonly expressions: readonly ExpressionSource[]
  /** The file says that a logarithm was taken. */
  readonly logRecorded: boolean
  readonly problems: readonly Problem[]
  /** What stands in the way of any import of this file, beside what the survey finds itself. */
  readonly stops: readonly Stop[]
  /** Colours of a category column in level order, when the file brings exactly as many. */
  colours(column: string, levels: number): readonly string[] | null
  /** The name of a part here for one that names its set of cells too, where there are several sets. */
  localKey?(key: string): string
  /** Loadings of a representation of this file; null where it has none. */
  loadings?(representation: string): LoadingSource | null
}

/** Parts the user asked for by name; some files hold several sets of cells, and these names say which one is meant. */
export interface Wanted {
  readonly representation: string | null
  readonly expression: string | null
}

/** What the user said about a file that does not say it itself; null takes what the content suggests. */
export interface ReadingAnswers extends Wanted {
  /** Does the first line name the columns? */
  readonly header: HeaderAnswer | null
  /** True: rows are genes or dimensions, columns are cells. */
  readonly transposed: boolean | null
  readonly rowKind: RowKind | null
}

export const noAnswers: ReadingAnswers = { representation: null, expression: null, header: null, transposed: null, rowKind: null }

export interface SourceReader {
  readonly kind: string
  /** Decides by content only; must be cheap. */
  accepts(file: Recognised): boolean
  /** Opens the file for the time of `work`; `genes` helps where only the names tell genes from dimensions. */
  open<T>(file: Recognised, genes: GeneResolver, work: (source: OpenSource) => Promise<T>, answers: ReadingAnswers): Promise<T>
}
