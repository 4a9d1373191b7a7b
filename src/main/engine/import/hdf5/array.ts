// One dataset: its shape and type, and its values read in slices along the first axis.
// Invariant: refuses what must not or cannot be read before anything is reserved.
import { refuse, Refusal } from '../../../base/refusal'
import type { DataArray, RecordField } from '../data-tree'
import { pulse } from '../pulse'
import { decodeFixedText, decodeNumbers, isTruth, repairText, Undecodable, type Numbers } from './decode'
import { noteLibraryError, type Hdf5Library } from './library'
import { recordFields } from './records'
import { typeClass, type Dataset, type File, type Metadata } from './types'

/** deflate and its kin stay below 1,032 : 1; anything beyond cannot be real data. */
const largestRatio = 1100

/** Bytes of one value that are read to see where values lie. */
const largestProbe = 2 ** 20

const builtInFilters = new Set([1, 2, 3, 4, 5, 6])
/** Filters that the bundled plug-ins can undo, by their registered numbers. */
const pluginFilters = new Set([307, 32000, 32001, 32004, 32008, 32013, 32015, 32019, 32022, 32023, 32026])

export class H5Array implements DataArray {
  private readonly dataset: Dataset

  constructor(
    private readonly library: Hdf5Library,
    private readonly file: File,
    private readonly place: string,
    /** The path as the user knows it, for messages. */
    readonly path: string,
    private readonly fileName: string,
  ) {
    this.dataset = new library.Dataset(file.file_id, place)
  }

  get type(): Metadata {
    return this.dataset.metadata
  }

  /** [] for a single value, null for a declared but empty dataset. */
  get shape(): readonly number[] | null {
    return this.type.shape
  }

  get rows(): number {
    return this.shape?.[0] ?? 0
  }

  /** Rows of one storage chunk; reading in multiples of it unpacks every chunk once. */
  get chunkRows(): number {
    return this.type.chunks?.[0] ?? 1
  }

  get valueBytes(): number {
    return this.type.size
  }

  get truth(): boolean {
    return isTruth(this.type)
  }

  get isText(): boolean {
    return this.type.type === typeClass.text
  }

  get isNumber(): boolean {
    return ([typeClass.integer, typeClass.float, typeClass.bits, typeClass.enumeration] as number[]).includes(this.type.type)
  }

  get isCompound(): boolean {
    return this.type.type === typeClass.compound
  }

  get fields(): readonly RecordField[] | null {
    return recordFields(this)
  }

  /** Refuses what must not or cannot be read, before anything is reserved. */
  check(fileBytes: number): void {
    this.guarded(() => {
      for (const filter of this.dataset.filters) {
        if (!builtInFilters.has(filter.id) && !pluginFilters.has(filter.id)) {
          refuse('COMPRESSION_MISSING', { part: this.path, filter: filter.name ? `${filter.id} (${filter.name})` : filter.id })
        }
      }
      if (this.type.virtual_sources?.some((source) => source.file_name !== '.')) this.elsewhere()
      const cells = (this.shape ?? []).reduce((product, size) => product * size, 1)
      if (cells * this.type.size > fileBytes * largestRatio + 1024 * 1024) {
        refuse('FILE_DAMAGED', { file: this.fileName, why: `part ${this.path} claims more values than the file can hold` })
      }
    })
    this.checkInside()
  }

  /** The library does not say whether values lie in another file; it is seen when it wants to open that for the first of them. */
  private checkInside(): void {
    const { chunks, vlen, shape, size } = this.type
    if (chunks !== null || vlen || !shape || shape.length === 0 || shape.includes(0) || size > largestProbe) return
    const { module, gate } = this.library
    gate.tookRefusal()
    const pointer = module._malloc(size)
    try {
      const [ones, zeros] = [shape.map(() => 1n), shape.map(() => 0n)]
      module.get_dataset_data(this.file.file_id, this.place, ones, zeros, ones, BigInt(pointer))
    } catch (thrown) {
      // What else is wrong is said when the values are read.
      if (noteLibraryError(thrown)) throw thrown
    } finally {
      module._free(pointer)
    }
    if (gate.tookRefusal()) this.elsewhere()
  }

  private elsewhere(): never {
    return refuse('PART_UNREADABLE', { part: this.path, why: 'its values are in another file, which is not followed' })
  }

  /** Rows [start, stop) as numbers, row-major. */
  numbers(start = 0, stop = this.rows): Numbers {
    return this.guarded(() => decodeNumbers(this.bytes(start, stop), this.type))
  }

  /** Columns of one storage chunk of a matrix; null when the rows are stored as they are. */
  get chunkColumns(): number | null {
    return this.type.chunks?.[1] ?? null
  }

  /** Columns [start, stop) of a matrix as numbers, row-major. */
  columnNumbers(start: number, stop: number): Numbers {
    return this.guarded(() => decodeNumbers(this.bytes(0, this.rows, [start, stop]), this.type))
  }

  /** Rows [start, stop) as stored bytes; of a matrix, only some of its columns when asked for. */
  bytes(start = 0, stop = this.rows, columns: readonly [start: number, stop: number] | null = null): Uint8Array {
    return this.withBytes(start, stop, columns, (stored) => stored.slice())
  }

  /** Whether the stored bytes of numbers are those of this kind of array, so that they can be copied as they are. */
  storesAs(kind: 'f32' | 'i32'): boolean {
    const { type, size } = this.type
    return size === 4 && type === (kind === 'f32' ? typeClass.float : typeClass.integer)
  }

  /** Copies the stored bytes of rows [start, stop) of a list into `out` at a place; see `storesAs`. */
  copy(start: number, stop: number, out: Uint32Array | Float32Array, place: number): void {
    const to = new Uint8Array(out.buffer, out.byteOffset + place * 4, (stop - start) * 4)
    this.withBytes(start, stop, null, (stored) => to.set(stored))
  }

  /** Lends the stored bytes to `use`. */
  private withBytes<T>(
    start: number,
    stop: number,
    columns: readonly [start: number, stop: number] | null,
    use: (stored: Uint8Array) => T,
  ): T {
    return this.guarded(() => {
      const shape = this.shape
      if (shape === null) return use(new Uint8Array(0))
      const { module } = this.library
      const asked = (axis: number): readonly [number, number] =>
        axis === 0 ? [start, stop] : axis === 1 && columns ? columns : [0, shape[axis] ?? 0]
      const count = shape.map((size, axis) => BigInt(Math.min(asked(axis)[1], size) - asked(axis)[0]))
      const offset = shape.map((_, axis) => BigInt(asked(axis)[0]))
      const values = Number(count.reduce((product, size) => product * size, 1n))
      const length = values * this.type.size
      if (values <= 0) return use(new Uint8Array(0))
      if (length >= 2 ** 31) throw new Undecodable('one row of it is larger than 2 GB')
      const pointer = module._malloc(length)
      if (pointer === 0) throw new RangeError('Array buffer allocation failed')
      try {
        const whole = shape.length === 0
        const steps = shape.map(() => 1n)
        const where = [whole ? null : count, whole ? null : offset, whole ? null : steps] as const
        module.get_dataset_data(this.file.file_id, this.place, ...where, BigInt(pointer))
        return use(module.HEAPU8.subarray(pointer, pointer + length))
      } finally {
        module._free(pointer)
      }
    })
  }

  /** Rows [start, stop) as text. */
  texts(start = 0, stop = this.rows): string[] {
    return this.guarded(() => {
      if (!this.isText) throw new Undecodable('it does not hold text')
      if (this.shape === null) return []
      if (!this.type.vlen) return decodeFixedText(this.bytes(start, stop), this.type.size)
      const value: unknown = this.shape.length === 0 ? this.dataset.value : this.dataset.slice([[start, stop]])
      const list: unknown[] = Array.isArray(value) ? value : [value]
      return list.map((item) => (typeof item === 'string' ? repairText(item) : ''))
    })
  }

  /** Rows [start, stop) of a compound dataset with text of free length, row by row. */
  records(start = 0, stop = this.rows): readonly (readonly unknown[])[] {
    return this.guarded(() => {
      const value: unknown = this.dataset.slice([[start, stop]])
      return Array.isArray(value) ? (value as (readonly unknown[])[]) : []
    })
  }

  /** Runs library code; its errors become a sentence about this part. */
  private guarded<T>(work: () => T): T {
    pulse()
    try {
      return work()
    } catch (thrown) {
      if (thrown instanceof Refusal || thrown instanceof RangeError) throw thrown
      if (noteLibraryError(thrown)) throw thrown
      if (thrown instanceof Undecodable) refuse('PART_UNREADABLE', { part: this.path, why: thrown.message })
      return refuse('FILE_DAMAGED', { file: this.fileName, why: `part ${this.path} cannot be read` })
    }
  }
}
