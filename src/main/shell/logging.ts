// The shell's log: one JSON object a line, five files of 2 MB. For finding faults, so no data values, gene or cell names.
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface Log {
  (event: string, fields?: LogFields): void
}

const largestBytes = 2 * 1024 * 1024
const keptFiles = 5
const longestField = 4_000

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

/** main.ndjson → main.1.ndjson → … ; the oldest of five is dropped. */
function rotate(folder: string): void {
  const name = (age: number): string => join(folder, age === 0 ? 'main.ndjson' : `main.${age}.ndjson`)
  rmSync(name(keptFiles - 1), { force: true })
  for (let age = keptFiles - 2; age >= 0; age--) if (sizeOf(name(age)) > 0) renameSync(name(age), name(age + 1))
}

/** Opens the log in `folder`. A log that cannot be written must not stop the program, so failures are dropped. */
export function openLog(folder: string, limitBytes = largestBytes): Log {
  const path = join(folder, 'main.ndjson')
  return (event, fields = {}) => {
    const cut = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, longestField) : value]),
    )
    try {
      mkdirSync(folder, { recursive: true })
      if (sizeOf(path) >= limitBytes) rotate(folder)
      appendFileSync(path, `${JSON.stringify({ time: new Date().toISOString(), event, ...cut })}\n`)
    } catch {
      // Nothing can be said anywhere: the log is the place to say it.
    }
  }
}

/** What a thrown value says, for the log. */
export const describeThrown = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
