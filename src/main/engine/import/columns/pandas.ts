// The description that pandas writes into Parquet and Arrow files: which columns were the index of the table.
import { isObject } from '../json'

/** Names of the columns of the index; null when there are none or the file says nothing. */
export function pandasIndex(description: string | null): string[] | null {
  if (description === null) return null
  try {
    const parsed: unknown = JSON.parse(description)
    if (!isObject(parsed) || !Array.isArray(parsed.index_columns)) return null
    const names = parsed.index_columns.filter((name): name is string => typeof name === 'string')
    return names.length === 0 ? null : names
  } catch {
    // A damaged description costs the name of the index, not the table.
    return null
  }
}
