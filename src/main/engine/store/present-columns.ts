// A project file that cannot be written keeps the layout it has, so some tables and columns may be missing from it.
import type Database from 'better-sqlite3'

/** Whether the file has this table. */
export const hasTable = (db: Database.Database, table: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined

/** A list for SELECT: each column under its alias, null where the file lacks it. @param columns alias → column */
export function selectable(db: Database.Database, table: string, columns: Readonly<Record<string, string>>): string {
  const present = new Set(
    db
      .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map((one) => one.name),
  )
  return Object.entries(columns)
    .map(([alias, column]) => `${present.has(column) ? `${table}.${column}` : 'NULL'} AS ${alias}`)
    .join(', ')
}
