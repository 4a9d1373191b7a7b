// Terms that latents over genes stand for, with F1 on both halves of the genes.
import type { Migration } from '../migration'

export const concepts: Migration = {
  version: 12,
  sql: `
    CREATE TABLE latent_concept (
      linking_id INTEGER NOT NULL REFERENCES linking(id) ON DELETE CASCADE, latent INTEGER NOT NULL, rank INTEGER NOT NULL,
      term_id TEXT NOT NULL, threshold REAL NOT NULL,
      precision REAL NOT NULL, recall REAL NOT NULL, f1 REAL NOT NULL,
      held_out_precision REAL NOT NULL, held_out_recall REAL NOT NULL, held_out_f1 REAL NOT NULL,
      PRIMARY KEY (linking_id, latent, rank)
    ) STRICT;
  `,
}
