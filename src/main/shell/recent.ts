// The ten projects opened last, newest first. Missing files stay in the list, marked, until the user removes them.
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { JsonFile } from './json-file'

const RecentSchema = v.pipe(
  v.array(
    v.strictObject({ path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)), name: v.string(), openedAt: v.string() }),
  ),
  v.maxLength(10),
)
type Entry = v.InferOutput<typeof RecentSchema>[number]

export interface RecentFile extends Entry {
  readonly folder: string
  readonly missing: boolean
}

const longest = 10

export class RecentProjects {
  private readonly file: JsonFile<Entry[]>

  constructor(folder: string, onFailure: (error: unknown) => void) {
    this.file = new JsonFile(join(folder, 'recent.json'), RecentSchema, [], onFailure)
  }

  list(): RecentFile[] {
    return this.file.current.map((entry) => ({ ...entry, folder: dirname(entry.path), missing: !existsSync(entry.path) }))
  }

  /** Puts `path` on top. `name` is the project's own name, `openedAt` an ISO time. */
  add(path: string, name: string, openedAt: string): void {
    const others = this.file.current.filter((entry) => entry.path !== path)
    this.file.set([{ path, name: name || basename(path), openedAt }, ...others].slice(0, longest))
  }

  remove(path: string): void {
    this.file.set(this.file.current.filter((entry) => entry.path !== path))
  }

  flush(): Promise<void> {
    return this.file.flush()
  }
}
