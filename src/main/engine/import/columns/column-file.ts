// What Parquet and Arrow files have in common: named columns of one type each, read by column and range of rows.
import type { Problem } from '@contract'

export interface StoredColumn {
  readonly name: string
  /** 'list' holds several numbers per row; 'unfit' cannot be used, `why` says so. */
  readonly kind: 'number' | 'truth' | 'text' | 'list' | 'unfit'
  readonly why?: string
}

export interface ColumnFile {
  readonly rows: number
  readonly columns: readonly StoredColumn[]
  /** The description that pandas leaves in the file, or null. */
  readonly pandas: string | null
  readonly problems: readonly Problem[]
  /** First rows of the stored pieces, where reading is cheap. */
  readonly starts: readonly number[]
  /** Values of these columns in rows [start, stop); missing is null or undefined. */
  read(columns: readonly number[], start: number, stop: number): Promise<ArrayLike<unknown>[]>
}

/** First rows of pieces with these numbers of rows. */
export function startsOf(rows: readonly number[]): number[] {
  let first = 0
  return rows.map((count) => (first += count) - count)
}
