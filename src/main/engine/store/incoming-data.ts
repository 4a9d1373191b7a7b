// Data on their way into the project: pages of the expression may come while the rest is still being read, the rest at the end.
// Invariant: all of it is one transaction; after a failure nothing more is written, and nothing of it stays.
import type Database from 'better-sqlite3'
import type { ExpressionPages, ImportedData } from '../import'
import type { DatasetWriter } from './dataset-writing'

/** Hears the bytes written, lets other work run, and stops everything by throwing. */
export type WriteStep = (bytes: number) => Promise<void>

export class IncomingData {
  private begun = false
  private failure: { readonly thrown: unknown } | null = null
  private bytes = 0

  /** @param clear removes the data that these take the place of */
  constructor(
    private readonly db: Database.Database,
    private readonly writer: DatasetWriter,
    private readonly clear: () => void,
  ) {}

  /** Bytes of pages taken so far. */
  get taken(): number {
    return this.bytes
  }

  /** Stores pages of the scratch folder; throws what SQLite throws, and then again at every further call. */
  take(pages: ExpressionPages): void {
    this.guarded(() => {
      this.begin()
      for (const bytes of this.writer.morePages(pages)) this.bytes += bytes
    })
  }

  /** Stores all that was not taken before. Throws as `take`, and what `step` throws. */
  async finish(imported: ImportedData, now: Date, step: WriteStep): Promise<void> {
    try {
      this.guarded(() => this.begin())
      for (const bytes of this.writer.all(imported, now)) await step(bytes)
      this.db.exec('COMMIT')
      this.begun = false
    } finally {
      this.abandon()
    }
  }

  /** Leaves the project as it was, unless all is stored. */
  abandon(): void {
    const { begun } = this
    this.begun = false
    // A project that was closed meanwhile, or whose disk is full, has rolled back by itself.
    if (begun && this.db.open && this.db.inTransaction) this.db.exec('ROLLBACK')
  }

  private begin(): void {
    if (this.begun) return
    this.db.exec('BEGIN IMMEDIATE')
    this.begun = true
    this.clear()
  }

  private guarded(work: () => void): void {
    if (this.failure) throw this.failure.thrown
    try {
      work()
    } catch (thrown) {
      this.failure = { thrown }
      this.abandon()
      throw thrown
    }
  }
}
