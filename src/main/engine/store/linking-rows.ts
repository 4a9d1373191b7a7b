// Writes a finished linking as rows, inside the caller's transaction.
import type Database from 'better-sqlite3'
import type { NewLinking } from './linkings'

/** Answers the number of the new linking. */
export function insertLinking(db: Database.Database, linking: NewLinking, now: Date): number {
  const { report } = linking
  const id = db
    .prepare(
      `INSERT INTO linking (run_id, aspect, settings, settings_hash, ontology_release, annotation_release, app_version, created_at,
         background_kind, background_size, tested_latents, tested_terms, significant_latents, significant_pairs, shuffled_copies,
         shuffled_with_term, report, donors)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      linking.run,
      report.aspect,
      JSON.stringify(linking.settings),
      linking.settingsHash,
      linking.ontologyRelease,
      linking.annotationRelease,
      linking.appVersion,
      now.toISOString(),
      report.background.kind,
      report.background.genes,
      report.tested.latents,
      report.tested.terms,
      report.significant.latents,
      report.significant.pairs,
      report.shuffled.copies,
      report.shuffled.withTerm,
      JSON.stringify(report),
      JSON.stringify(linking.donors ?? []),
    ).lastInsertRowid
  insertStudies(db, id, linking)
  insertGenes(db, id, linking)
  insertTerms(db, id, linking)
  return Number(id)
}

type RowId = number | bigint

function insertStudies(db: Database.Database, id: RowId, { studies }: NewLinking): void {
  const insert = db.prepare(
    `INSERT INTO latent_study (linking_id, latent, mode, active_used, reference_used, study_size, not_tested, background_counts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const s of studies)
    insert.run(
      id,
      s.latent,
      s.mode,
      s.activeUsed,
      s.referenceUsed,
      s.studySize,
      s.notTested,
      JSON.stringify(s.backgroundCounts ?? []),
    )
}

function insertGenes(db: Database.Database, id: RowId, { genes }: NewLinking): void {
  const insert = db.prepare(
    `INSERT INTO latent_gene (linking_id, latent, rank, gene, auroc, log2_difference, detected_active, detected_reference,
       cohens_d, wilcoxon_score, wilcoxon_log10_p, wilcoxon_q, welch_t, welch_log10_p, welch_q, donors_agreeing, donors_log10_p,
       donor_differences) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const g of genes)
    insert.run(
      id,
      g.latent,
      g.rank,
      g.gene,
      g.auroc,
      g.log2Difference,
      g.detectedActive,
      g.detectedReference,
      g.cohensD ?? null,
      g.wilcoxonScore ?? null,
      g.wilcoxonLog10P ?? null,
      g.wilcoxonQ ?? null,
      g.welchT ?? null,
      g.welchLog10P ?? null,
      g.welchQ ?? null,
      g.donorsAgreeing ?? null,
      g.donorsLog10P ?? null,
      g.donorDifferences ? Buffer.from(Float32Array.from(g.donorDifferences).buffer) : null,
    )
}

function insertTerms(db: Database.Database, id: RowId, { terms }: NewLinking): void {
  const insert = db.prepare(
    `INSERT INTO latent_term (linking_id, latent, term_id, overlap, term_size, p_value, log10_p, q_latent, q_overall, genes, score,
       redundancy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const t of terms)
    insert.run(
      id,
      t.latent,
      t.termId,
      t.overlap,
      t.termSize,
      t.pValue,
      t.log10P,
      t.qLatent,
      t.qOverall,
      JSON.stringify(t.genes),
      t.score ?? null,
      t.redundancy ?? null,
    )
}
