// What returns between seeds, what searches over settings found, what models were applied to, and where a model comes from.
import type { Migration } from '../migration'

export const stability: Migration = {
  version: 6,
  sql: `
    CREATE TABLE run_source (
      run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('trained', 'repeat', 'continued', 'consensus', 'imported')), of_run INTEGER, note TEXT
    ) STRICT;
    CREATE TABLE seed_report (
      run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE, report TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE latent_match (
      run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, other_run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
      latent INTEGER NOT NULL, partner INTEGER, cosine REAL NOT NULL, correlation REAL,
      PRIMARY KEY (run_id, other_run, latent)
    ) STRICT;
    CREATE TABLE settings_search (
      id INTEGER PRIMARY KEY, what TEXT NOT NULL, report TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE application (
      id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, report TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
  `,
}
