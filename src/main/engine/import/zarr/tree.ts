// A Zarr hierarchy (versions 2 and 3) as groups, arrays and attributes, so that AnnData is read from it as from HDF5.
// Invariant: the files there are decide what exists; a consolidated copy of the descriptions is not needed and not believed.
import { refuse } from '../../../base/refusal'
import type { Attribute, DataArray, DataTree, NodeKind } from '../data-tree'
import { ZarrArray } from './array'
import { describe, type Description } from './description'
import { PieceCache } from './pieces'
import type { ZarrStore } from './store'

export class ZarrTree implements DataTree {
  readonly container = 'zarr'

  constructor(
    private readonly store: ZarrStore,
    private readonly base = '',
    private readonly cache = new PieceCache(),
    private readonly known = new Map<string, Description | null>(),
  ) {}

  get fileName(): string {
    return this.store.fileName
  }

  below(group: string): ZarrTree {
    return new ZarrTree(this.store, this.place(group), this.cache, this.known)
  }

  kind(path: string): NodeKind {
    return this.at(path)?.kind ?? 'absent'
  }

  has(path: string): boolean {
    return this.at(path) !== null
  }

  keys(path: string): readonly string[] {
    if (this.kind(path) !== 'group') return []
    const group = this.place(path)
    return this.store.names(group).filter((name) => this.has(`${path}/${name}`))
  }

  attribute(path: string, name: string): Attribute | undefined {
    const attributes = this.at(path)?.attributes
    if (!attributes || !Object.hasOwn(attributes, name)) return undefined
    const value = attributes[name]
    if (typeof value === 'boolean') return Number(value)
    return typeof value === 'string' || typeof value === 'number' || Array.isArray(value) ? value : undefined
  }

  text(path: string, name: string): string | null {
    const value = this.attribute(path, name)
    return typeof value === 'string' ? value : null
  }

  array(path: string): DataArray {
    const description = this.at(path)?.array
    if (!description) {
      const why = this.has(path) ? 'it is not a table of values' : 'it is missing'
      return refuse('PART_UNREADABLE', { part: path, why })
    }
    const array = new ZarrArray(this.store, this.cache, this.place(path), path, description)
    array.check()
    return array
  }

  /** anndata 0.7 writes the place of the labels, counted from the table, as an attribute. */
  labelsOf(path: string): string | null {
    const value = this.attribute(path, 'categories')
    if (typeof value !== 'string') return null
    const labels = `${path.split('/').slice(0, -1).join('/')}/${value}`
    return this.kind(labels) === 'dataset' ? labels : null
  }

  private at(path: string): Description | null {
    const place = this.place(path)
    const known = this.known.get(place)
    if (known !== undefined) return known
    const found = describe(this.store, place)
    this.known.set(place, found)
    return found
  }

  private place(path: string): string {
    return [...this.base.split('/'), ...path.split('/')].filter((part) => part !== '' && part !== '.').join('/')
  }
}
