// A file of named groups and arrays, whatever its container: HDF5 and Zarr both give one, and AnnData, MuData, Loom and
// 10x are read from it. Invariants: nothing outside the file is reached; every array is checked before its first value is read.
import type { Numbers } from './hdf5/decode'

/** 'elsewhere' is a link to another file, which is not followed. */
export type NodeKind = 'group' | 'dataset' | 'elsewhere' | 'other' | 'absent'

export type Attribute = string | number | readonly unknown[]

/** One field of an array of records (compound datasets of anndata before 0.7). */
export interface RecordField {
  readonly name: string
  readonly kind: 'text' | 'truth' | 'whole' | 'number' | 'several'
  /** Values per record; more than 1 for 'several' only. */
  readonly width: number
  readonly texts: () => string[]
  readonly numbers: (start?: number, stop?: number) => ArrayLike<number>
}

/** One array, read in slices along its first axis. */
export interface DataArray {
  /** As the user knows it, for messages. */
  readonly path: string
  /** [] for a single value, null for a declared but empty array. */
  readonly shape: readonly number[] | null
  readonly rows: number
  /** Rows of one stored piece; reading in multiples of it unpacks every piece once. */
  readonly chunkRows: number
  readonly valueBytes: number
  /** Yes or no, as Python writes it. */
  readonly truth: boolean
  readonly isText: boolean
  readonly isNumber: boolean
  /** Null unless every value is a record of named fields. */
  readonly fields: readonly RecordField[] | null
  /** Rows [start, stop), row-major. */
  numbers(start?: number, stop?: number): Numbers
  /** Whether the stored bytes of numbers are those of this kind of array, so that `copy` can take them as they are. */
  storesAs?(kind: 'f32' | 'i32'): boolean
  /** Copies the numbers of rows [start, stop) of a list into `out` at a place; see `storesAs`. */
  copy?(start: number, stop: number, out: Uint32Array | Float32Array, place: number): void
  /** Rows [start, stop) as text. */
  texts(start?: number, stop?: number): string[]
}

export interface DataTree {
  readonly fileName: string
  /** 'h5ad', 'zarr' …: what such a file is called and ends in. */
  readonly container: 'hdf5' | 'zarr'
  /** The same file seen from one of its groups. */
  below(group: string): DataTree
  kind(path: string): NodeKind
  has(path: string): boolean
  /** Names of the members of a group, [] for anything else. */
  keys(path: string): readonly string[]
  /** The attribute's value, or undefined when there is none or it cannot be read. */
  attribute(path: string, name: string): Attribute | undefined
  text(path: string, name: string): string | null
  /** The array at this path, checked; refuses with PART_UNREADABLE, COMPRESSION_MISSING or FILE_DAMAGED. */
  array(path: string): DataArray
  /** Where the labels of an integer column lie (anndata 0.7 points to them), or null. */
  labelsOf(path: string): string | null
}

export const sliceBytes = 32 * 1024 * 1024

/** How many rows to read at once: whole stored pieces, within the size limit where possible. */
export function rowsPerSlice(array: DataArray, rowBytes: number): number {
  const fitting = Math.max(1, Math.floor(sliceBytes / Math.max(1, rowBytes)))
  if (array.chunkRows <= fitting) return Math.floor(fitting / array.chunkRows) * array.chunkRows
  // A band of pieces larger than the limit is still better read once than unpacked many times.
  return array.chunkRows * rowBytes <= sliceBytes * 4 ? array.chunkRows : fitting
}
