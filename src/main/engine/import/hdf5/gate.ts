// Which files the HDF5 library may open. A file can name others as the place of its values (external storage, virtual datasets, links);
// the library would open them unasked. Invariant: while a file of the user is open, nothing but such files and the filters is opened.
import { devNull } from 'node:os'
import { resolve, sep } from 'node:path'

/** The part of the library's file system that is used here. */
interface FileSystem {
  open(path: unknown, ...rest: readonly unknown[]): unknown
}

export class Gate {
  private readonly open = new Map<string, number>()
  private refused = false

  /** @param folders where the compression filters lie */
  constructor(private readonly folders: readonly string[]) {}

  /** From now on the library opens files only through this gate. */
  guard(files: FileSystem): void {
    const openFile = files.open.bind(files)
    files.open = (path, ...rest) => {
      if (this.allows(resolve(String(path)))) return openFile(path, ...rest)
      // An empty file in its place: the library does not survive that a file is missing.
      this.refused = true
      return openFile(devNull, ...rest)
    }
  }

  enter(path: string): void {
    const place = resolve(path)
    this.open.set(place, (this.open.get(place) ?? 0) + 1)
  }

  leave(path: string): void {
    const place = resolve(path)
    const left = (this.open.get(place) ?? 1) - 1
    if (left > 0) this.open.set(place, left)
    else this.open.delete(place)
  }

  /** Whether the library tried to open another file since this was asked last. */
  tookRefusal(): boolean {
    const { refused } = this
    this.refused = false
    return refused
  }

  private allows(place: string): boolean {
    return (
      this.open.size === 0 ||
      this.open.has(place) ||
      this.folders.some((folder) => `${place}${sep}`.startsWith(`${folder}${sep}`))
    )
  }
}
