// What returns between seeds, searches, applications, and the sources of models. Files that were made before and cannot be
// written lack these tables: they answer as if nothing had been stored.
import type Database from 'better-sqlite3'
import type { ApplyReport, LatentMatch, RunSource, SearchReport, SeedsReport } from '@contract'

/** Partners of the latents of one run in another run; −1 = none, NaN = no correlation. */
export interface Matches {
  readonly latents: Uint32Array
  readonly partner: Int32Array
  readonly cosine: Float32Array
  readonly correlation: Float32Array
}

export type StabilityStore = ReturnType<typeof openStabilityStore>

export function openStabilityStore(db: Database.Database) {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'latent_match'").get() !== undefined
  const read = <T>(sql: string, ...values: (number | string)[]): T[] =>
    exists ? db.prepare<unknown[], T>(sql).all(...values) : []
  const reports = <T>(sql: string, ...values: (number | string)[]): T[] =>
    read<{ report: string }>(sql, ...values).map(({ report }) => JSON.parse(report) as T)
  const insert = (sql: string, ...values: (number | string)[]): void => void db.prepare(sql).run(...values)

  return {
    setSource: (run: number, { kind, of, note }: RunSource): void =>
      void db.prepare('INSERT INTO run_source (run_id, kind, of_run, note) VALUES (?, ?, ?, ?)').run(run, kind, of, note),
    sources: (): Map<number, RunSource> =>
      new Map(
        read<RunSource & { run: number }>('SELECT run_id AS run, kind, of_run AS of, note FROM run_source').map(
          ({ run, kind, of, note }) => [run, { kind, of, note }],
        ),
      ),
    /** Replaces what is known about a run's repeats, in one transaction. */
    storeSeeds: (report: SeedsReport, matches: ReadonlyMap<number, Matches>, now: Date): void => {
      db.transaction(() => {
        db.prepare('DELETE FROM latent_match WHERE run_id = ?').run(report.run)
        const add = db.prepare(
          'INSERT INTO latent_match (run_id, other_run, latent, partner, cosine, correlation) VALUES (?, ?, ?, ?, ?, ?)',
        )
        for (const [other, { latents, partner, cosine, correlation }] of matches) {
          latents.forEach((latent, at) => {
            const [mate, related] = [partner[at] as number, correlation[at] as number]
            add.run(
              report.run,
              other,
              latent,
              mate < 0 ? null : mate,
              cosine[at] as number,
              Number.isNaN(related) ? null : related,
            )
          })
        }
        insert(
          'INSERT OR REPLACE INTO seed_report (run_id, report, created_at) VALUES (?, ?, ?)',
          report.run,
          JSON.stringify(report),
          now.toISOString(),
        )
      }).immediate()
    },
    seeds: (run: number): SeedsReport | null =>
      reports<SeedsReport>('SELECT report FROM seed_report WHERE run_id = ?', run)[0] ?? null,
    /** Mean matched cosine of each compared latent over the other seeds. */
    stabilities: (run: number): Map<number, number> =>
      new Map(
        read<{ latent: number; mean: number }>(
          'SELECT latent, avg(cosine) AS mean FROM latent_match WHERE run_id = ? GROUP BY latent',
          run,
        ).map(({ latent, mean }) => [latent, mean]),
      ),
    matches: (
      run: number,
      other: number,
    ): { latent: number; partner: number | null; cosine: number; correlation: number | null }[] =>
      read(
        'SELECT latent, partner, cosine, correlation FROM latent_match WHERE run_id = ? AND other_run = ? ORDER BY latent',
        run,
        other,
      ),
    matchesOfLatent: (run: number, latent: number): LatentMatch[] =>
      read(
        'SELECT other_run AS run, partner AS latent, cosine, correlation FROM latent_match WHERE run_id = ? AND latent = ? AND partner IS NOT NULL ORDER BY other_run',
        run,
        latent,
      ),
    storeSearch: (report: SearchReport, now: Date): void =>
      insert(
        'INSERT INTO settings_search (what, report, created_at) VALUES (?, ?, ?)',
        report.what,
        JSON.stringify(report),
        now.toISOString(),
      ),
    search: (what: 'k' | 'size'): SearchReport | null =>
      reports<SearchReport>('SELECT report FROM settings_search WHERE what = ? ORDER BY id DESC LIMIT 1', what)[0] ?? null,
    storeApplication: (report: ApplyReport, now: Date): void =>
      insert(
        'INSERT INTO application (run_id, report, created_at) VALUES (?, ?, ?)',
        report.run,
        JSON.stringify(report),
        now.toISOString(),
      ),
    applications: (run: number): ApplyReport[] =>
      reports<ApplyReport>('SELECT report FROM application WHERE run_id = ? ORDER BY id DESC', run),
  }
}
