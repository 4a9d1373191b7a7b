// More evidence for each link (tests of genes, donors, rank scores, groups of terms), for cell groups and for numeric columns; flags
// of any kind; the history of labels. Rows stored before have null where nothing was worked out.
import type { Migration } from '../migration'

export const evidence: Migration = {
  version: 7,
  sql: `
    ALTER TABLE linking ADD COLUMN report TEXT;
    ALTER TABLE linking ADD COLUMN donors TEXT;
    CREATE TABLE linking_shown (
      run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, aspect TEXT NOT NULL,
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE,
      PRIMARY KEY (run_id, aspect)
    ) STRICT;
    ALTER TABLE latent_study ADD COLUMN background_counts TEXT;
    ALTER TABLE latent_gene ADD COLUMN cohens_d REAL;
    ALTER TABLE latent_gene ADD COLUMN wilcoxon_score REAL;
    ALTER TABLE latent_gene ADD COLUMN wilcoxon_log10_p REAL;
    ALTER TABLE latent_gene ADD COLUMN wilcoxon_q REAL;
    ALTER TABLE latent_gene ADD COLUMN welch_t REAL;
    ALTER TABLE latent_gene ADD COLUMN welch_log10_p REAL;
    ALTER TABLE latent_gene ADD COLUMN welch_q REAL;
    ALTER TABLE latent_gene ADD COLUMN donors_agreeing INTEGER;
    ALTER TABLE latent_gene ADD COLUMN donors_log10_p REAL;
    ALTER TABLE latent_gene ADD COLUMN donor_differences BLOB;
    ALTER TABLE latent_term ADD COLUMN score REAL;
    ALTER TABLE latent_term ADD COLUMN redundancy TEXT;
    ALTER TABLE latent_group ADD COLUMN fold REAL;
    ALTER TABLE latent_group ADD COLUMN log10_p REAL;
    ALTER TABLE latent_group ADD COLUMN q_value REAL;
    ALTER TABLE latent_group ADD COLUMN information REAL;
    CREATE TABLE latent_number (
      run_id INTEGER NOT NULL, latent INTEGER NOT NULL, column_id INTEGER NOT NULL REFERENCES cell_column(id),
      spearman REAL, spearman_active REAL, auroc REAL,
      PRIMARY KEY (run_id, latent, column_id),
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE latent_breadth (
      run_id INTEGER NOT NULL, latent INTEGER NOT NULL, column_id INTEGER NOT NULL REFERENCES cell_column(id),
      breadth TEXT NOT NULL CHECK (breadth IN ('local', 'regional', 'global')), marked TEXT NOT NULL, effective REAL NOT NULL,
      information REAL,
      PRIMARY KEY (run_id, latent, column_id),
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE label_event (
      id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, latent INTEGER NOT NULL, at TEXT NOT NULL,
      action TEXT NOT NULL CHECK (action IN ('edited', 'cleared', 'accepted', 'rejected')),
      label TEXT, grade TEXT, evidence TEXT, app_version TEXT NOT NULL,
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX label_event_by_latent ON label_event(run_id, latent);
    CREATE TABLE gene_map (
      id INTEGER PRIMARY KEY CHECK (id = 1), source TEXT NOT NULL CHECK (source IN ('ridge', 'loadings', 'genes')),
      facts TEXT NOT NULL, app_version TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE association (
      run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
      genes INTEGER NOT NULL, cells INTEGER NOT NULL, kept INTEGER NOT NULL, app_version TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE latent_flag_all (
      run_id INTEGER NOT NULL, latent INTEGER NOT NULL, flag TEXT NOT NULL, source TEXT NOT NULL, value REAL NOT NULL,
      PRIMARY KEY (run_id, latent, flag),
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
    INSERT INTO latent_flag_all SELECT run_id, latent, flag, source, value FROM latent_flag ORDER BY rowid;
    DROP TABLE latent_flag;
    ALTER TABLE latent_flag_all RENAME TO latent_flag;
  `,
}
