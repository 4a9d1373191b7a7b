// Which concepts go with which latents of a run, pair by pair: significant terms, stored genes, told cell groups.
import type Database from 'better-sqlite3'
import type { TermFilter } from '@contract'
import { tellingAuroc } from './concept-tables'
import { selectable } from './present-columns'

export interface TermPair {
  readonly key: string
  readonly latent: number
  readonly log10P: number
  readonly qLatent: number
  readonly qOverall: number
  readonly overlap: number
  readonly size: number
  /** Id of the best term of the latent that speaks of the same genes; null in results of earlier versions. */
  readonly redundancy: string | null
}
export interface GenePair {
  readonly key: string
  readonly latent: number
  readonly auroc: number
}
export interface GroupPair {
  readonly columnId: number
  readonly level: number
  readonly latent: number
  readonly auroc: number
}

export interface ConceptPairs {
  /** Both q pass on three or more genes. */
  terms(linking: number, filter: Pick<TermFilter, 'least' | 'most' | 'q'>): TermPair[]
  /** Genes shared by these terms and any latent, by term and latent. */
  sharedGenes(linking: number, terms: readonly string[]): { key: string; latent: number; genes: string[]; study: number }[]
  /** Of these terms, those that share genes with any latent: how many latents carry them. */
  carriers(linking: number, terms: readonly string[]): { key: string; latents: number }[]
  /** A gene among the stored best ones of a latent. */
  genes(linking: number): GenePair[]
  groups(run: number): GroupPair[]
}

/** Genes counted of each latent: more would not change which are best. */
const genesPerLatent = 20

export function openConceptPairs(db: Database.Database): ConceptPairs {
  const columns = selectable(db, 'latent_term', {
    key: 'term_id',
    latent: 'latent',
    log10P: 'log10_p',
    qLatent: 'q_latent',
    qOverall: 'q_overall',
    overlap: 'overlap',
    size: 'term_size',
    redundancy: 'redundancy',
  })
  const terms = db.prepare<[{ linking: number; least: number; most: number; q: number }], TermPair>(
    `SELECT ${columns} FROM latent_term WHERE linking_id = @linking AND q_latent <= 0.05 AND q_overall <= @q AND overlap >= 3
       AND term_size BETWEEN @least AND @most ORDER BY term_id, latent`,
  )
  const shared = db.prepare<[number, string], { key: string; latent: number; genes: string; study: number }>(
    `SELECT term_id AS key, latent_term.latent AS latent, genes, study_size AS study FROM latent_term
       JOIN latent_study ON latent_study.linking_id = latent_term.linking_id AND latent_study.latent = latent_term.latent
     WHERE latent_term.linking_id = ? AND term_id IN (SELECT value FROM json_each(?))`,
  )
  const carriers = db.prepare<[number, string], { key: string; latents: number }>(
    `SELECT term_id AS key, sum(q_latent <= 0.05 AND q_overall <= 0.05 AND overlap >= 3) AS latents FROM latent_term
     WHERE linking_id = ? AND term_id IN (SELECT value FROM json_each(?)) AND overlap > 0 GROUP BY term_id`,
  )
  const genes = db.prepare<[number], GenePair>(
    `SELECT gene.name AS key, latent_gene.latent AS latent, auroc FROM latent_gene JOIN gene ON gene.position = latent_gene.gene
     WHERE linking_id = ? AND rank < ${genesPerLatent} AND auroc > 0.5 ORDER BY latent_gene.gene, latent_gene.latent`,
  )
  const groups = db.prepare<[number], GroupPair>(
    `SELECT column_id AS columnId, level, latent, auroc FROM latent_group WHERE run_id = ? AND auroc >= ${tellingAuroc}
     ORDER BY column_id, level, latent`,
  )
  return {
    terms: (linking, { least, most, q }) => terms.all({ linking, least, most, q }),
    sharedGenes: (linking, ids) =>
      shared.all(linking, JSON.stringify(ids)).map((row) => ({ ...row, genes: JSON.parse(row.genes) as string[] })),
    carriers: (linking, ids) => carriers.all(linking, JSON.stringify(ids)),
    genes: (linking) => genes.all(linking),
    groups: (run) => groups.all(run),
  }
}
