// One open HDF5 file as groups, datasets and attributes.
// Invariants: opened read-only and always closed; no link that leaves the file is ever followed;
// every dataset is checked (filters, claimed size, storage elsewhere) before the first byte of it is read.
import { basename } from 'node:path'
import { refuse, Refusal } from '../../../base/refusal'
import type { Attribute, DataTree, NodeKind } from '../data-tree'
import { pulse } from '../pulse'
import { H5Array } from './array'
import { repairText } from './decode'
import { discardLibrary, hdf5Library, noteLibraryError, type Hdf5Library } from './library'
import type { File } from './types'

const linkDepth = 8

export class H5Tree implements DataTree {
  readonly container = 'hdf5'
  private readonly listings = new Map<string, ReadonlySet<string>>()
  private readonly places = new Map<string, string | null>()

  constructor(
    private readonly library: Hdf5Library,
    private readonly file: File,
    readonly fileName: string,
    readonly fileBytes: number,
    /** Group that is taken for the root; '' for the whole file. */
    private readonly base = '',
  ) {}

  /** The same file seen from one of its groups. */
  below(group: string): H5Tree {
    return new H5Tree(this.library, this.file, this.fileName, this.fileBytes, `${this.base}/${group}`)
  }

  /** What is at this path. 'elsewhere' is a link to another file, which is not followed. */
  kind(path: string): NodeKind {
    pulse()
    const place = this.resolve(path, 0)
    if (place === 'absent') return 'absent'
    if (place === null) return 'elsewhere'
    const type = this.library.module.get_type(this.file.file_id, place)
    if (type === this.library.module.H5G_GROUP) return 'group'
    return type === this.library.module.H5G_DATASET ? 'dataset' : 'other'
  }

  has(path: string): boolean {
    return this.kind(path) !== 'absent'
  }

  /** Names of the members of a group, [] for anything else. */
  keys(path: string): readonly string[] {
    return this.kind(path) === 'group' ? [...this.list(this.resolve(path, 0) ?? '/')] : []
  }

  /** The attribute's value, or undefined when there is none or it cannot be read. */
  attribute(path: string, name: string): Attribute | undefined {
    if (this.kind(path) !== 'group' && this.kind(path) !== 'dataset') return undefined
    const place = this.resolve(path, 0) ?? '/'
    const { attrs } = new this.library.Group(this.file.file_id, place)
    if (!Object.hasOwn(attrs, name)) return undefined
    try {
      const value: unknown = attrs[name]?.value
      if (typeof value === 'string') return repairText(value)
      if (typeof value === 'bigint') return Number(value)
      if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
      if (Array.isArray(value)) return value.map((item: unknown) => (typeof item === 'string' ? repairText(item) : item))
      if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number | bigint>, Number)
      return undefined
    } catch (thrown) {
      if (noteLibraryError(thrown)) throw thrown
      return undefined
    }
  }

  text(path: string, name: string): string | null {
    const value = this.attribute(path, name)
    if (typeof value === 'string') return value
    return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null
  }

  /** The dataset at this path, checked; refuses with PART_UNREADABLE or COMPRESSION_MISSING. */
  array(path: string): H5Array {
    const kind = this.kind(path)
    if (kind === 'elsewhere')
      refuse('PART_UNREADABLE', { part: path, why: 'it is a link to another file, and links are not followed' })
    if (kind !== 'dataset')
      refuse('PART_UNREADABLE', { part: path, why: kind === 'absent' ? 'it is missing' : 'it is not a table of values' })
    const array = new H5Array(this.library, this.file, this.resolve(path, 0) ?? path, path, this.fileName)
    array.check(this.fileBytes)
    return array
  }

  labelsOf(path: string): string | null {
    const value = this.attribute(path, 'categories')
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first !== 'object' || first === null || !('ref_data' in first)) return null
    if (!(first.ref_data instanceof Uint8Array)) return null
    const name = this.library.module.get_referenced_name(this.file.file_id, first.ref_data, true)
    return name.startsWith(`${this.base}/`) ? name.slice(this.base.length) : name
  }

  private list(place: string): ReadonlySet<string> {
    const known = this.listings.get(place)
    if (known) return known
    const names = new Set(new this.library.Group(this.file.file_id, place).keys())
    this.listings.set(place, names)
    return names
  }

  /** The place a path leads to inside this file; null when it leaves the file, 'absent' when nothing is there. */
  private resolve(path: string, depth: number): string | null {
    return this.place(`${this.base}/${path}`, depth)
  }

  private place(path: string, depth: number): string | null {
    const wanted = path.split('/').filter((part) => part !== '' && part !== '.')
    if (wanted.length === 0) return '/'
    const key = wanted.join('/')
    const known = this.places.get(key)
    if (known !== undefined) return known
    const place = this.walk(wanted, depth)
    this.places.set(key, place)
    return place
  }

  private walk(parts: readonly string[], depth: number): string | null {
    let place = '/'
    const { module } = this.library
    for (const part of parts) {
      if (place !== '/' && module.get_type(this.file.file_id, place) !== module.H5G_GROUP) return 'absent'
      if (!this.list(place).has(part)) return 'absent'
      const next = place === '/' ? `/${part}` : `${place}/${part}`
      if (Object.hasOwn(module.get_external_link(this.file.file_id, next), 'filename')) return null
      const target = module.get_symbolic_link(this.file.file_id, next) as string | null
      if (target === null) {
        place = next
        continue
      }
      if (depth >= linkDepth) return 'absent'
      const led = this.place(target.startsWith('/') ? target : `${place}/${target}`, depth + 1)
      if (led === null || led === 'absent') return led
      place = led
    }
    return place
  }
}

/** Opens a file for the time of `work`; whatever the library throws becomes FILE_DAMAGED. */
export async function withTree<T>(path: string, fileBytes: number, work: (tree: H5Tree) => Promise<T>): Promise<T> {
  const fileName = basename(path)
  const library = await hdf5Library()
  let file: File | null = null
  let lost = false
  library.gate.enter(path)
  try {
    file = new library.File(path, 'r')
    return await work(new H5Tree(library, file, fileName, fileBytes))
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown
    lost = noteLibraryError(thrown)
    if (lost || isLibraryError(thrown)) {
      if (!lost) discardLibrary()
      refuse('FILE_DAMAGED', { file: fileName, why: 'its inner structure cannot be followed' })
    }
    throw thrown
  } finally {
    if (file && !lost) closeQuietly(file)
    library.gate.leave(path)
  }
}

/** Errors of the HDF5 library carry its stack of messages. */
export const isLibraryError = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /HDF5-DIAG|H5[A-Z]|^error - |not recognized|exceeds maximum memory|allocation of/i.test(thrown.message)

function closeQuietly(file: File): void {
  try {
    file.close()
  } catch (thrown) {
    // A damaged file may refuse to close; what was read stays valid and the next file must still open.
    if (!noteLibraryError(thrown)) discardLibrary()
  }
}
