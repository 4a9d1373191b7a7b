// The first layout. Bulk numbers live in `chunk` as BLOBs under a name in `matrix`; everything else is rows.
import type { Migration } from '../migration'

export const firstTables: Migration = {
  version: 1,
  sql: `
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE matrix (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
      dtype TEXT NOT NULL CHECK (dtype IN ('f32', 'f64', 'i32', 'u32', 'utf8')),
      length INTEGER NOT NULL CHECK (length >= 0)
    ) STRICT;
    CREATE TABLE chunk (
      matrix_id INTEGER NOT NULL REFERENCES matrix(id) ON DELETE CASCADE,
      seq INTEGER NOT NULL, crc32 INTEGER NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (matrix_id, seq)
    ) STRICT;
    CREATE TABLE dataset (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      source_name TEXT NOT NULL, source_bytes INTEGER NOT NULL, source_sha256 TEXT NOT NULL, imported_at TEXT NOT NULL,
      row_count INTEGER NOT NULL, dims INTEGER NOT NULL, representation TEXT NOT NULL, fingerprint TEXT NOT NULL,
      expression TEXT, verdict TEXT, scale TEXT, log_scale INTEGER NOT NULL, map_name TEXT, report TEXT NOT NULL
    ) STRICT;
    CREATE TABLE cell_column (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('category', 'number', 'text')),
      role TEXT CHECK (role IN ('cell-type', 'donor', 'batch', 'condition')), levels TEXT NOT NULL, colours TEXT
    ) STRICT;
    CREATE TABLE gene (
      position INTEGER PRIMARY KEY, name TEXT NOT NULL, symbol TEXT, ontology_gene INTEGER,
      method TEXT NOT NULL, detected_cells INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX gene_by_name ON gene(name COLLATE NOCASE);
    CREATE INDEX gene_by_symbol ON gene(symbol COLLATE NOCASE);
    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      state TEXT NOT NULL CHECK (state IN ('training', 'done', 'cancelled', 'failed', 'interrupted')),
      settings TEXT NOT NULL, seed INTEGER NOT NULL, data_fingerprint TEXT NOT NULL, app_version TEXT NOT NULL,
      created_at TEXT NOT NULL, finished_at TEXT, outcome TEXT, density_histogram TEXT, error TEXT
    ) STRICT;
    CREATE TABLE run_point (
      run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, step INTEGER NOT NULL, point TEXT NOT NULL,
      PRIMARY KEY (run_id, step)
    ) STRICT;
    CREATE TABLE latent (
      run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, id INTEGER NOT NULL,
      active_cells INTEGER NOT NULL, density REAL NOT NULL, label TEXT,
      PRIMARY KEY (run_id, id)
    ) STRICT;
    CREATE TABLE latent_group (
      run_id INTEGER NOT NULL, latent INTEGER NOT NULL, column_id INTEGER NOT NULL REFERENCES cell_column(id), level INTEGER NOT NULL,
      auroc REAL, precision REAL, recall REAL, f1 REAL,
      PRIMARY KEY (run_id, latent, column_id, level),
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE linking (
      id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
      aspect TEXT NOT NULL CHECK (aspect IN ('BP', 'MF', 'CC')), settings TEXT NOT NULL, settings_hash TEXT NOT NULL,
      ontology_release TEXT NOT NULL, annotation_release TEXT NOT NULL, app_version TEXT NOT NULL, created_at TEXT NOT NULL,
      background_kind TEXT NOT NULL, background_size INTEGER NOT NULL, tested_latents INTEGER NOT NULL, tested_terms INTEGER NOT NULL,
      significant_latents INTEGER NOT NULL, significant_pairs INTEGER NOT NULL,
      shuffled_copies INTEGER NOT NULL, shuffled_with_term INTEGER NOT NULL,
      UNIQUE (run_id, aspect, settings_hash)
    ) STRICT;
    CREATE TABLE latent_study (
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE, latent INTEGER NOT NULL,
      mode TEXT NOT NULL, active_used INTEGER NOT NULL, reference_used INTEGER NOT NULL, study_size INTEGER NOT NULL, not_tested TEXT,
      PRIMARY KEY (linking_id, latent)
    ) STRICT;
    CREATE TABLE latent_gene (
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE, latent INTEGER NOT NULL, rank INTEGER NOT NULL,
      gene INTEGER NOT NULL REFERENCES gene(position), auroc REAL NOT NULL, log2_difference REAL,
      detected_active REAL NOT NULL, detected_reference REAL NOT NULL,
      PRIMARY KEY (linking_id, latent, rank)
    ) STRICT;
    CREATE INDEX latent_gene_by_gene ON latent_gene(linking_id, gene);
    CREATE TABLE latent_term (
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE, latent INTEGER NOT NULL, term_id TEXT NOT NULL,
      overlap INTEGER NOT NULL, term_size INTEGER NOT NULL, p_value REAL NOT NULL, log10_p REAL NOT NULL,
      q_latent REAL NOT NULL, q_overall REAL NOT NULL, genes TEXT NOT NULL,
      PRIMARY KEY (linking_id, latent, term_id)
    ) STRICT;
    CREATE INDEX latent_term_by_term ON latent_term(linking_id, term_id);
  `,
}
