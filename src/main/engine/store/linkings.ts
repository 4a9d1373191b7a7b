// What linking found, one immutable result per run, aspect and settings: genes and terms of each latent.
import type Database from 'better-sqlite3'
import type { Aspect, LinkReport } from '@contract'
import { insertLinkingSource, type LinkingSource } from './linking-sources'

export interface LinkingSettings {
  readonly aspect: Aspect
  readonly background: string
  readonly evidence: string
  readonly shuffles: number
  readonly seed: number
}

export interface StoredLinking {
  readonly id: number
  readonly run: number
  readonly aspect: Aspect
  readonly backgroundKind: string
  readonly backgroundSize: number
  readonly testedLatents: number
  readonly testedTerms: number
  readonly significantLatents: number
  readonly significantPairs: number
  readonly shuffledCopies: number
  readonly shuffledWithTerm: number
}

export interface StoredStudy {
  readonly latent: number
  readonly mode: string
  readonly activeUsed: number
  readonly referenceUsed: number
  readonly studySize: number
  readonly notTested: string | null
}

export interface StoredGeneLink {
  readonly latent: number
  readonly rank: number
  readonly gene: number
  readonly auroc: number
  readonly log2Difference: number | null
  readonly detectedActive: number
  readonly detectedReference: number
}

export interface StoredTermLink {
  readonly latent: number
  readonly termId: string
  readonly overlap: number
  readonly termSize: number
  readonly pValue: number
  readonly log10P: number
  readonly qLatent: number
  readonly qOverall: number
  /** Gene names as in the data. */
  readonly genes: readonly string[]
}

export interface NewLinking {
  readonly run: number
  readonly settings: LinkingSettings
  readonly settingsHash: string
  readonly ontologyRelease: string
  readonly annotationRelease: string
  readonly appVersion: string
  readonly report: LinkReport
  readonly studies: readonly StoredStudy[]
  readonly genes: readonly StoredGeneLink[]
  readonly terms: readonly StoredTermLink[]
  /** Absent: the built-in annotations. */
  readonly source?: LinkingSource
}

export interface NamedGeneLink extends StoredGeneLink {
  readonly name: string
  readonly symbol: string | null
}

const linkingColumns = `id, run_id AS run, aspect, background_kind AS backgroundKind, background_size AS backgroundSize,
  tested_latents AS testedLatents, tested_terms AS testedTerms, significant_latents AS significantLatents,
  significant_pairs AS significantPairs, shuffled_copies AS shuffledCopies, shuffled_with_term AS shuffledWithTerm`
const geneColumns = `latent, rank, gene, name, symbol, auroc, log2_difference AS log2Difference,
  detected_active AS detectedActive, detected_reference AS detectedReference`
const termColumns = `latent, term_id AS termId, overlap, term_size AS termSize, p_value AS pValue, log10_p AS log10P,
  q_latent AS qLatent, q_overall AS qOverall, genes`

type TermRow = Omit<StoredTermLink, 'genes'> & { genes: string }
const toTerm = (row: TermRow): StoredTermLink => ({ ...row, genes: JSON.parse(row.genes) as string[] })

export type LinkingStore = ReturnType<typeof openLinkingStore>

export function openLinkingStore(db: Database.Database) {
  const latest = db.prepare<[number, Aspect], StoredLinking>(
    `SELECT ${linkingColumns} FROM linking WHERE run_id = ? AND aspect = ? ORDER BY id DESC LIMIT 1`,
  )
  const same = db.prepare<[number, Aspect, string], StoredLinking>(
    `SELECT ${linkingColumns} FROM linking WHERE run_id = ? AND aspect = ? AND settings_hash = ?`,
  )
  const all = db.prepare<[number], StoredLinking>(`SELECT ${linkingColumns} FROM linking WHERE run_id = ? ORDER BY id`)
  const study = db.prepare<[number, number], StoredStudy>(
    `SELECT latent, mode, active_used AS activeUsed, reference_used AS referenceUsed, study_size AS studySize, not_tested AS notTested
     FROM latent_study WHERE linking_id = ? AND latent = ?`,
  )
  const genesOf = db.prepare<[number, number], NamedGeneLink>(
    `SELECT ${geneColumns} FROM latent_gene JOIN gene ON gene.position = latent_gene.gene WHERE linking_id = ? AND latent = ? ORDER BY rank`,
  )
  const allGenes = db.prepare<[number], NamedGeneLink>(
    `SELECT ${geneColumns} FROM latent_gene JOIN gene ON gene.position = latent_gene.gene WHERE linking_id = ? ORDER BY latent, rank`,
  )
  const byGene = db.prepare<[number, number], NamedGeneLink>(
    `SELECT ${geneColumns} FROM latent_gene JOIN gene ON gene.position = latent_gene.gene WHERE linking_id = ? AND gene = ? ORDER BY auroc DESC`,
  )
  const termsOf = db.prepare<[number, number], TermRow>(
    `SELECT ${termColumns} FROM latent_term WHERE linking_id = ? AND latent = ? ORDER BY p_value, term_id`,
  )
  const allTerms = db.prepare<[number], TermRow>(
    `SELECT ${termColumns} FROM latent_term WHERE linking_id = ? ORDER BY latent, p_value, term_id`,
  )
  const byTerm = db.prepare<[number, string], TermRow>(
    `SELECT ${termColumns} FROM latent_term WHERE linking_id = ? AND term_id = ? ORDER BY p_value, latent`,
  )
  const best = db.prepare<[number], TermRow>(
    `SELECT ${termColumns} FROM (SELECT *, row_number() OVER (PARTITION BY latent ORDER BY p_value, term_id) AS place
       FROM latent_term WHERE linking_id = ? AND overlap >= 3) WHERE place = 1`,
  )

  const carriers = db.prepare<[number, string], { termId: string; latents: number; best: number }>(
    `SELECT term_id AS termId, sum(q_latent <= 0.05 AND q_overall <= 0.05) AS latents, min(p_value) AS best
     FROM latent_term WHERE linking_id = ? AND term_id IN (SELECT value FROM json_each(?)) AND overlap > 0 GROUP BY term_id`,
  )

  return {
    latest: (run: number, aspect: Aspect): StoredLinking | null => latest.get(run, aspect) ?? null,
    same: (run: number, aspect: Aspect, hash: string): StoredLinking | null => same.get(run, aspect, hash) ?? null,
    all: (run: number): StoredLinking[] => all.all(run),
    study: (linking: number, latent: number): StoredStudy | null => study.get(linking, latent) ?? null,
    genesOf: (linking: number, latent: number): NamedGeneLink[] => genesOf.all(linking, latent),
    allGenes: (linking: number): IterableIterator<NamedGeneLink> => allGenes.iterate(linking),
    byGene: (linking: number, gene: number): NamedGeneLink[] => byGene.all(linking, gene),
    termsOf: (linking: number, latent: number): StoredTermLink[] => termsOf.all(linking, latent).map(toTerm),
    allTerms: function* (linking: number): Generator<StoredTermLink> {
      for (const row of allTerms.iterate(linking)) yield toTerm(row)
    },
    byTerm: (linking: number, term: string): StoredTermLink[] => byTerm.all(linking, term).map(toTerm),
    /** Of these terms, those that any latent shares genes with: how many latents carry it significantly, and the best p. */
    carriersOf: (linking: number, terms: readonly string[]): { termId: string; latents: number; best: number }[] =>
      carriers.all(linking, JSON.stringify(terms)),
    /** The best term of each latent among those that at least 3 genes support. */
    bestTerms: (linking: number): StoredTermLink[] => best.all(linking).map(toTerm),
    write: (linking: NewLinking, now: Date): void => {
      db.transaction(() => insertLinking(db, linking, now)).immediate()
    },
  }
}

function insertLinking(db: Database.Database, linking: NewLinking, now: Date): void {
  const { report } = linking
  const id = db
    .prepare(
      `INSERT INTO linking (run_id, aspect, settings, settings_hash, ontology_release, annotation_release, app_version, created_at,
         background_kind, background_size, tested_latents, tested_terms, significant_latents, significant_pairs, shuffled_copies, shuffled_with_term)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    ).lastInsertRowid
  const insertStudy = db.prepare('INSERT INTO latent_study VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (const s of linking.studies) insertStudy.run(id, s.latent, s.mode, s.activeUsed, s.referenceUsed, s.studySize, s.notTested)
  const insertGene = db.prepare('INSERT INTO latent_gene VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  for (const g of linking.genes)
    insertGene.run(id, g.latent, g.rank, g.gene, g.auroc, g.log2Difference, g.detectedActive, g.detectedReference)
  const insertTerm = db.prepare('INSERT INTO latent_term VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const t of linking.terms) {
    insertTerm.run(
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
    )
  }
  if (linking.source) insertLinkingSource(db, Number(id), linking.source)
}
