// Terms, genes and cell groups of a run with the latents that go with them, counted by the database in one pass each.
// Beside min() and max(), SQLite takes the other columns from the row that has it.
import type Database from 'better-sqlite3'
import { topGeneCount } from '../../science/link'

export interface TermRow {
  readonly key: string
  readonly size: number
  readonly latents: number
  readonly best: number
  readonly overlap: number
  readonly qLatent: number
  readonly qOverall: number
}
export interface GeneRow {
  readonly key: string
  readonly latents: number
  readonly best: number
  readonly auroc: number
}
export interface GroupRow {
  readonly columnId: number
  readonly level: number
  readonly latents: number
  readonly best: number
  readonly auroc: number
  readonly f1: number | null
}

/** From this AUROC on a latent is counted as going with a cell group; the same bound as for an automatic name. */
export const tellingAuroc = 0.8

export interface ConceptTables {
  terms(linking: number): TermRow[]
  genes(linking: number): GeneRow[]
  groups(run: number): GroupRow[]
}

export function openConceptTables(db: Database.Database): ConceptTables {
  const terms = db.prepare<[number], TermRow & { least: number }>(
    `SELECT term_id AS key, term_size AS size, sum(q_latent <= 0.05 AND q_overall <= 0.05 AND overlap >= 3) AS latents,
       latent AS best, overlap, q_latent AS qLatent, q_overall AS qOverall, min(p_value) AS least
     FROM latent_term WHERE linking_id = ? AND overlap > 0 GROUP BY term_id ORDER BY least, term_id`,
  )
  const genes = db.prepare<[number], GeneRow>(
    `SELECT gene.name AS key, count(*) AS latents, latent_gene.latent AS best, max(latent_gene.auroc) AS auroc
     FROM latent_gene JOIN gene ON gene.position = latent_gene.gene WHERE linking_id = ? AND rank < ${topGeneCount}
     GROUP BY latent_gene.gene ORDER BY auroc DESC, key`,
  )
  const groups = db.prepare<[number, number], GroupRow>(
    `SELECT column_id AS columnId, level, sum(auroc >= ?) AS latents, latent AS best, max(auroc) AS auroc, f1
     FROM latent_group WHERE run_id = ? AND auroc IS NOT NULL GROUP BY column_id, level ORDER BY auroc DESC, column_id, level`,
  )
  return {
    terms: (linking) => terms.all(linking).map(({ least: _least, ...row }) => row),
    genes: (linking) => genes.all(linking),
    groups: (run) => groups.all(tellingAuroc, run),
  }
}
