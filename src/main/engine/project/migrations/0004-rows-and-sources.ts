// What rows are, where data came from, several representations, further kinds of features, depth. Older projects hold cells of one file.
import type { Migration } from '../migration'

export const rowsAndSources: Migration = {
  version: 4,
  sql: `
    ALTER TABLE dataset ADD COLUMN row_kind TEXT NOT NULL DEFAULT 'cells' CHECK (row_kind IN ('cells', 'genes', 'proteins'));
    ALTER TABLE dataset ADD COLUMN verdict_said INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE dataset ADD COLUMN counts_from TEXT;
    CREATE TABLE row_gene (
      row INTEGER PRIMARY KEY, symbol TEXT, ontology_gene INTEGER, method TEXT NOT NULL
    ) STRICT;
    CREATE TABLE source_file (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
      part TEXT NOT NULL CHECK (part IN ('rows', 'metadata', 'expression', 'representation', 'names')),
      added_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE representation (
      id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, dims INTEGER NOT NULL, fingerprint TEXT NOT NULL, matrix TEXT NOT NULL
    ) STRICT;
    CREATE TABLE feature_block (
      id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL, verdict TEXT NOT NULL
    ) STRICT;
    CREATE TABLE feature (
      block_id INTEGER NOT NULL REFERENCES feature_block(id) ON DELETE CASCADE, position INTEGER NOT NULL,
      name TEXT NOT NULL, detected_cells INTEGER NOT NULL, gene_symbol TEXT, gene_distance INTEGER,
      PRIMARY KEY (block_id, position)
    ) STRICT;
    CREATE INDEX feature_by_name ON feature(block_id, name);
    INSERT INTO representation (id, key, dims, fingerprint, matrix)
      SELECT 1, representation, dims, fingerprint, 'data/representation' FROM dataset;
    INSERT INTO source_file (id, name, bytes, sha256, part, added_at)
      SELECT 1, source_name, source_bytes, source_sha256, 'rows', imported_at FROM dataset;
  `,
}
