// Expression in pages instead of flat arrays, and an index that finds the groups of one column. Data imported before stay as they
// are and are read as they are: their names in `matrix` show it.
import type { Migration } from '../migration'

export const largeMatrices: Migration = {
  version: 3,
  sql: `
    CREATE TABLE sparse (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
      row_count INTEGER NOT NULL, column_count INTEGER NOT NULL, stored INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sparse_page (
      sparse_id INTEGER NOT NULL REFERENCES sparse(id) ON DELETE CASCADE,
      first_row INTEGER NOT NULL, row_count INTEGER NOT NULL, crc32 INTEGER NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (sparse_id, first_row)
    ) STRICT;
    CREATE INDEX latent_group_by_column ON latent_group(run_id, column_id, latent, auroc, level);
    ALTER TABLE dataset ADD COLUMN change TEXT NOT NULL DEFAULT 'none' CHECK (change IN ('none', 'log1p', 'ln2'));
  `,
}
