// Terms a latent over genes stands for. Written with their linking, in its transaction.
import type Database from 'better-sqlite3'
import { hasTable } from './present-columns'

export interface StoredConcept {
  readonly latent: number
  /** From 0, best F1 first. */
  readonly rank: number
  readonly termId: string
  /** Share of the strongest activation. */
  readonly threshold: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly heldOutPrecision: number
  readonly heldOutRecall: number
  readonly heldOutF1: number
}

/** Answers the concepts of one latent in a linking; none in files of an earlier layout. */
export function openConcepts(db: Database.Database): (linking: number, latent: number) => StoredConcept[] {
  if (!hasTable(db, 'latent_concept')) return () => []
  const find = db.prepare<[number, number], StoredConcept>(
    `SELECT latent, rank, term_id AS termId, threshold, precision, recall, f1, held_out_precision AS heldOutPrecision,
       held_out_recall AS heldOutRecall, held_out_f1 AS heldOutF1
     FROM latent_concept WHERE linking_id = ? AND latent = ? ORDER BY rank`,
  )
  return (linking, latent) => find.all(linking, latent)
}

export function insertConcepts(db: Database.Database, linking: number, concepts: readonly StoredConcept[]): void {
  const insert = db.prepare(
    `INSERT INTO latent_concept (linking_id, latent, rank, term_id, threshold, precision, recall, f1, held_out_precision,
       held_out_recall, held_out_f1) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const c of concepts)
    insert.run(
      ...[linking, c.latent, c.rank, c.termId, c.threshold, c.precision, c.recall, c.f1],
      ...[c.heldOutPrecision, c.heldOutRecall, c.heldOutF1],
    )
}
