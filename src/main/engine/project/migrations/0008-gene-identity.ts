// What each column's gene is beyond its number in a gene table, and which ontology a linking rests on, with the names of its terms:
// results stay readable where that ontology is not installed. Data imported before have human numbers and no further identity.
import type { Migration } from '../migration'

export const geneIdentity: Migration = {
  version: 8,
  sql: `
    ALTER TABLE gene ADD COLUMN original TEXT;
    ALTER TABLE gene ADD COLUMN gene_id TEXT;
    ALTER TABLE gene ADD COLUMN entrez TEXT;
    ALTER TABLE gene ADD COLUMN biotype TEXT;
    ALTER TABLE dataset ADD COLUMN species TEXT;
    ALTER TABLE dataset ADD COLUMN gene_table TEXT;
    CREATE TABLE linking_source (
      linking_id INTEGER PRIMARY KEY REFERENCES linking(id) ON DELETE CASCADE, reference TEXT NOT NULL
    ) STRICT;
    CREATE TABLE linking_term (
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE, term_id TEXT NOT NULL, name TEXT NOT NULL,
      PRIMARY KEY (linking_id, term_id)
    ) STRICT;
    CREATE INDEX linking_term_by_id ON linking_term(term_id);
  `,
}
