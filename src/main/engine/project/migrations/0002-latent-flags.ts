// What a finished run says about technical causes of its latents. Runs stored before have no rows here.
import type { Migration } from '../migration'

export const latentFlags: Migration = {
  version: 2,
  sql: `
    CREATE TABLE latent_flag (
      run_id INTEGER NOT NULL, latent INTEGER NOT NULL,
      flag TEXT NOT NULL CHECK (flag IN ('depth', 'donor', 'batch')), source TEXT NOT NULL, value REAL NOT NULL,
      PRIMARY KEY (run_id, latent, flag),
      FOREIGN KEY (run_id, latent) REFERENCES latent(run_id, id) ON DELETE CASCADE
    ) STRICT;
  `,
}
