// One hash over everything a finished run stored, but times: two runs with equal prints ended in the same bytes.
import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'

const tables = ['latent', 'latent_group', 'latent_flag']

/** Opens the file as no program holds it; throws when its pages are not whole or the run is not done. */
export function runPrint(file: string, run: number): string {
  const db = new Database(file, { readonly: true, timeout: 10_000 })
  try {
    if (db.pragma('quick_check', { simple: true }) !== 'ok') throw new Error('the pages of the project are not whole')
    const hash = createHash('sha256')
    const chunks = db.prepare<[string], { name: string; bytes: Buffer }>(
      'SELECT name, bytes FROM matrix JOIN chunk ON matrix_id = id WHERE name LIKE ? ORDER BY name, seq',
    )
    for (const { name, bytes } of chunks.iterate(`run/${run}/%`)) hash.update(name.replace(/^run\/\d+/, '')).update(bytes)
    for (const table of tables) {
      const rows = db.prepare<[number], object>(`SELECT * FROM ${table} WHERE run_id = ? ORDER BY rowid`).all(run)
      hash.update(JSON.stringify(rows.map((row) => ({ ...row, run_id: 0 }))))
    }
    const stored = db.prepare<[number], { outcome: string | null }>('SELECT outcome FROM run WHERE id = ?').get(run)
    if (!stored?.outcome) throw new Error(`run ${run} is not done`)
    const outcome = { ...(JSON.parse(stored.outcome) as object), seconds: 0, stepsPerSecond: 0 }
    return hash.update(JSON.stringify(outcome)).digest('hex')
  } finally {
    db.close()
  }
}
