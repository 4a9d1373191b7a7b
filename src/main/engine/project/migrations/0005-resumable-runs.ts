// Runs that wait their turn or are paused, and where their checkpoints are: `token` names a folder of the cache.
// `waiting` refines `state`, whose list of values cannot grow in place: queued beside training, paused beside interrupted.
import type { Migration } from '../migration'

export const resumableRuns: Migration = {
  version: 5,
  sql: `
    ALTER TABLE run ADD COLUMN token TEXT;
    ALTER TABLE run ADD COLUMN waiting TEXT CHECK (waiting IN ('queued', 'paused'));
  `,
}
