// Brings a project file to the current layout: numbered steps, each in one transaction that also sets the number.
import type Database from 'better-sqlite3'
import { refuse } from '../../base/refusal'

export interface Migration {
  readonly version: number
  readonly sql: string
}

/**
 * Applies the steps a file lacks. Before an existing file is changed, a copy `<name>.backup-v<old>` is written beside it.
 * Throws MIGRATION_FAILED and leaves the file at the last complete step when one fails.
 */
export function migrate(db: Database.Database, file: string, steps: readonly Migration[]): void {
  const found = db.pragma('user_version', { simple: true }) as number
  const missing = steps.filter((step) => step.version > found).sort((a, b) => a.version - b.version)
  if (missing.length === 0) return
  try {
    if (found > 0) db.prepare('VACUUM INTO ?').run(`${file}.backup-v${found}`)
    for (const step of missing) {
      db.transaction(() => {
        db.exec(step.sql)
        db.pragma(`user_version = ${step.version}`)
      }).immediate()
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'SQLITE_FULL') throw thrown
    refuse('MIGRATION_FAILED', { file })
  }
}
