// Tables as CSV (RFC 4180, UTF-8): a temporary file in the same folder, renamed when complete.
// Text that a spreadsheet would run as a formula is given a leading apostrophe.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { refuse } from '../../base/refusal'

export type Cell = string | number | null

const rowsPerBreath = 2_000

/** Writes a table whole or not at all; answers the path and its size. Throws FOLDER_NOT_FOUND. */
export async function writeRows(path: string, rows: Iterable<readonly Cell[]>): Promise<{ path: string; bytes: number }> {
  if (!existsSync(dirname(path))) refuse('FOLDER_NOT_FOUND', { file: basename(path) })
  const temporary = `${path}.${process.pid}.part`
  const handle = openSync(temporary, 'w')
  try {
    let count = 0
    for (const row of rows) {
      writeSync(handle, `${row.map(csvCell).join(',')}\n`)
      if (++count % rowsPerBreath === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    fsyncSync(handle)
  } catch (thrown) {
    closeSync(handle)
    rmSync(temporary, { force: true })
    throw thrown
  }
  closeSync(handle)
  renameSync(temporary, path)
  return { path, bytes: statSync(path).size }
}

/** A CSV field: quoted where needed, formulas disarmed, absent values empty. */
export function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
