// Columns of numbers already read from the engine, kept up to a number of bytes; the least recently used go first.
export interface ColumnCache<T> {
  get(key: string): T | undefined
  set(key: string, value: T, bytes: number): void
  clear(): void
}

export function columnCache<T>(budgetBytes: number): ColumnCache<T> {
  // A Map keeps the order of insertion, so re-inserting on use makes the first entry the least recently used one.
  const entries = new Map<string, { readonly value: T; readonly bytes: number }>()
  let held = 0
  const drop = (key: string): void => {
    held -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value, bytes) {
      drop(key)
      if (bytes > budgetBytes) return
      entries.set(key, { value, bytes })
      held += bytes
      for (const oldest of entries.keys()) {
        if (held <= budgetBytes) break
        drop(oldest)
      }
    },
    clear() {
      entries.clear()
      held = 0
    },
  }
}
