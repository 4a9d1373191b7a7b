// A small JSON file with a schema: read once at start, written atomically and in order.
// Invariant: a file that does not fit its schema is kept beside as .bad-<time> and replaced by the default, never half used.
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { writeAtomically } from './atomic-file'

export class JsonFile<T> {
  private value: T
  private writing: Promise<void> = Promise.resolve()
  /** Where the unusable file was put, or null when it was fine or absent. */
  readonly keptBad: string | null

  constructor(
    private readonly path: string,
    schema: v.GenericSchema<unknown, T>,
    fallback: T,
    private readonly onFailure: (error: unknown) => void,
    now: () => number = Date.now,
  ) {
    const read = this.read(schema)
    this.value = read === 'absent' || read === 'bad' ? fallback : read.value
    this.keptBad = read === 'bad' ? this.keepBad(now()) : null
  }

  get current(): T {
    return this.value
  }

  /** Takes the new value at once and writes it in the background. */
  set(value: T): void {
    this.value = value
    const text = `${JSON.stringify(value, null, 2)}\n`
    this.writing = this.writing.then(() => writeAtomically(this.path, text)).catch(this.onFailure)
  }

  /** Resolves when everything set so far is on disk. */
  flush(): Promise<void> {
    return this.writing
  }

  private read(schema: v.GenericSchema<unknown, T>): { readonly value: T } | 'absent' | 'bad' {
    let text: string
    try {
      mkdirSync(dirname(this.path), { recursive: true })
      text = readFileSync(this.path, 'utf8')
    } catch {
      return 'absent'
    }
    try {
      const parsed = v.safeParse(schema, JSON.parse(text))
      return parsed.success ? { value: parsed.output } : 'bad'
    } catch {
      return 'bad'
    }
  }

  private keepBad(time: number): string {
    const kept = `${this.path}.bad-${time}`
    try {
      renameSync(this.path, kept)
    } catch (error) {
      this.onFailure(error)
    }
    return kept
  }
}
