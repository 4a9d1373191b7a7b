// What linking found, one immutable result per run, aspect and settings: genes and terms of each latent.
import type Database from 'better-sqlite3'
import type { Aspect, LinkMethod, LinkReport, NullKind, Preset, TermSize } from '@contract'
import { topGeneCount } from '../../science/link'
import { openConcepts, type StoredConcept } from './concepts'
import { insertLinking } from './linking-rows'
import type { LinkingSource } from './linking-sources'
import { hasTable, selectable } from './present-columns'

export interface LinkingSettings {
  readonly aspect: Aspect
  readonly preset: Preset
  readonly method: LinkMethod
  readonly background: string
  /** Fingerprint of the genes of a background file, and its name; null for other backgrounds. */
  readonly backgroundFile: { readonly name: string; readonly sha256: string } | null
  readonly evidence: string
  readonly relations: string
  readonly shuffles: number
  readonly null: NullKind
  readonly seed: number
  /** Absent: the usual length of a study list, and the usual sizes of terms. */
  readonly studySize?: number
  readonly termSize?: TermSize
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
  readonly ontologyRelease: string
  readonly annotationRelease: string
  readonly appVersion: string
  readonly createdAt: string
  /** As it was asked for; results of the first layout lack the later settings. */
  readonly settings: Partial<LinkingSettings>
  /** Null for results of the first layout. */
  readonly report: LinkReport | null
  /** Names of the donors that were compared. */
  readonly donors: readonly string[]
}

export interface StoredStudy {
  readonly latent: number
  readonly mode: string
  readonly activeUsed: number
  readonly referenceUsed: number
  readonly studySize: number
  readonly notTested: string | null
  /** Significant terms with each background of the report; empty for results of the first layout. */
  readonly backgroundCounts: readonly number[]
}

/** What is not defined, or was not worked out when the result was made, is null. */
export interface StoredGeneLink {
  readonly latent: number
  readonly rank: number
  readonly gene: number
  readonly auroc: number
  readonly log2Difference: number | null
  readonly detectedActive: number
  readonly detectedReference: number
  readonly cohensD: number | null
  readonly wilcoxonScore: number | null
  readonly wilcoxonLog10P: number | null
  readonly wilcoxonQ: number | null
  readonly welchT: number | null
  readonly welchLog10P: number | null
  readonly welchQ: number | null
  readonly donorsAgreeing: number | null
  readonly donorsLog10P: number | null
  /** One per donor of the linking, NaN for donors without enough cells. */
  readonly donorDifferences: Float32Array | null
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
  readonly score: number | null
  /** Id of the best term that speaks of the same genes. */
  readonly redundancy: string | null
}

export interface NewLinking {
  readonly run: number
  readonly settings: Partial<LinkingSettings>
  readonly settingsHash: string
  readonly ontologyRelease: string
  readonly annotationRelease: string
  readonly appVersion: string
  readonly report: LinkReport
  readonly donors?: readonly string[]
  readonly studies: readonly (Omit<StoredStudy, 'backgroundCounts'> & Partial<StoredStudy>)[]
  readonly genes: readonly (Pick<StoredGeneLink, RankedFields> & Partial<StoredGeneLink>)[]
  readonly terms: readonly (Omit<StoredTermLink, 'score' | 'redundancy'> & Partial<StoredTermLink>)[]
  /** Absent: the built-in annotations. */
  readonly source?: LinkingSource
  /** Only of runs whose rows are genes. */
  readonly concepts?: readonly StoredConcept[]
}

/** What every gene link has; the rest is null where it was not worked out. */
type RankedFields = 'latent' | 'rank' | 'gene' | 'auroc' | 'log2Difference' | 'detectedActive' | 'detectedReference'

export interface NamedGeneLink extends StoredGeneLink {
  readonly name: string
  readonly symbol: string | null
}

type LinkingRow = Omit<StoredLinking, 'settings' | 'report' | 'donors'> & {
  settings: string
  report: string | null
  donors: string | null
}
type StudyRow = Omit<StoredStudy, 'backgroundCounts'> & { backgroundCounts: string | null }
type GeneRow = Omit<NamedGeneLink, 'donorDifferences'> & { donorDifferences: Buffer | null }
type TermRow = Omit<StoredTermLink, 'genes'> & { genes: string }

const toLinking = (row: LinkingRow): StoredLinking => ({
  ...row,
  settings: JSON.parse(row.settings) as Partial<LinkingSettings>,
  report: row.report === null ? null : (JSON.parse(row.report) as LinkReport),
  donors: row.donors === null ? [] : (JSON.parse(row.donors) as string[]),
})
const toTerm = (row: TermRow): StoredTermLink => ({ ...row, genes: JSON.parse(row.genes) as string[] })
const toGene = (row: GeneRow): NamedGeneLink => ({
  ...row,
  donorDifferences: row.donorDifferences && new Float32Array(Uint8Array.from(row.donorDifferences).buffer),
})
const toStudy = (row: StudyRow): StoredStudy => ({
  ...row,
  backgroundCounts: row.backgroundCounts === null ? [] : (JSON.parse(row.backgroundCounts) as number[]),
})

export type LinkingStore = ReturnType<typeof openLinkingStore>

export function openLinkingStore(db: Database.Database) {
  const columns = columnLists(db)
  const shown = hasTable(db, 'linking_shown')
    ? '(SELECT linking_id FROM linking_shown WHERE run_id = @run AND aspect = @aspect)'
    : 'NULL'
  const latest = db.prepare<[{ run: number; aspect: Aspect }], LinkingRow>(
    `SELECT ${columns.linking} FROM linking WHERE run_id = @run AND aspect = @aspect ORDER BY id = ${shown} DESC, id DESC LIMIT 1`,
  )
  const byId = db.prepare<[number], LinkingRow>(`SELECT ${columns.linking} FROM linking WHERE id = ?`)
  const same = db.prepare<[number, Aspect, string], LinkingRow>(
    `SELECT ${columns.linking} FROM linking WHERE run_id = ? AND aspect = ? AND settings_hash = ?`,
  )
  const all = db.prepare<[number], LinkingRow>(`SELECT ${columns.linking} FROM linking WHERE run_id = ? ORDER BY id`)
  const study = db.prepare<[number, number], StudyRow>(
    `SELECT ${columns.study} FROM latent_study WHERE linking_id = ? AND latent = ?`,
  )
  const geneTable = `${columns.gene}, name, symbol FROM latent_gene JOIN gene ON gene.position = latent_gene.gene`
  const genesOf = db.prepare<[number, number], GeneRow>(`SELECT ${geneTable} WHERE linking_id = ? AND latent = ? ORDER BY rank`)
  const allGenes = db.prepare<[number], GeneRow>(
    `SELECT ${geneTable} WHERE linking_id = ? AND rank < ${topGeneCount} ORDER BY latent, rank`,
  )
  // Latent by latent, so that of each only the first genes are read.
  const bestGenes = db.prepare<[{ linking: number; limit: number }], GeneRow>(
    `SELECT ${columns.gene}, name, symbol FROM latent
       JOIN latent_gene ON linking_id = @linking AND latent_gene.latent = latent.id AND rank < @limit
       JOIN gene ON gene.position = latent_gene.gene
     WHERE latent.run_id = (SELECT run_id FROM linking WHERE id = @linking) ORDER BY latent.id, rank`,
  )
  const byGene = db.prepare<[number, number], GeneRow>(
    `SELECT ${geneTable} WHERE linking_id = ? AND gene = ? AND rank < ${topGeneCount} ORDER BY auroc DESC`,
  )
  const termsOf = db.prepare<[number, number], TermRow>(
    `SELECT ${columns.term} FROM latent_term WHERE linking_id = ? AND latent = ? ORDER BY p_value, term_id`,
  )
  const allTerms = db.prepare<[number], TermRow>(
    `SELECT ${columns.term} FROM latent_term WHERE linking_id = ? ORDER BY latent, p_value, term_id`,
  )
  const byTerm = db.prepare<[number, string], TermRow>(
    `SELECT ${columns.term} FROM latent_term WHERE linking_id = ? AND term_id = ? ORDER BY p_value, latent`,
  )
  // Beside min(), SQLite takes the other columns from the row that has it; of equal ones the first, which the index gives by term.
  const best = db.prepare<[number], TermRow & { least: number }>(
    `SELECT ${columns.term}, min(p_value) AS least FROM latent_term WHERE linking_id = ? AND overlap >= 3 GROUP BY latent`,
  )
  const carriers = db.prepare<[number, string], { termId: string; latents: number; best: number }>(
    `SELECT term_id AS termId, sum(q_latent <= 0.05 AND q_overall <= 0.05) AS latents, min(p_value) AS best
     FROM latent_term WHERE linking_id = ? AND term_id IN (SELECT value FROM json_each(?)) AND overlap > 0 GROUP BY term_id`,
  )
  const common = db.prepare<[number, number], { termId: string }>(
    `SELECT term_id AS termId FROM latent_term WHERE linking_id = ? AND q_latent <= 0.05 AND q_overall <= 0.05
     GROUP BY term_id HAVING count(*) > ?`,
  )
  const significant = db.prepare<[number], TermRow>(
    `SELECT ${columns.term} FROM latent_term WHERE linking_id = ? AND q_latent <= 0.05 AND q_overall <= 0.05 AND overlap >= 3
     ORDER BY latent, p_value, term_id`,
  )
  const significantOf = db.prepare<[number, number], TermRow>(
    `SELECT ${columns.term} FROM latent_term WHERE linking_id = ? AND latent = ? AND q_latent <= 0.05 AND q_overall <= 0.05
     AND overlap >= 3 ORDER BY p_value, term_id`,
  )
  const found = (row: LinkingRow | undefined): StoredLinking | null => (row ? toLinking(row) : null)

  return {
    conceptsOf: openConcepts(db),
    /** The one asked for last: shown, searched and exported unless another is named. */
    latest: (run: number, aspect: Aspect): StoredLinking | null => found(latest.get({ run, aspect })),
    /** The shown result of every aspect that was linked. */
    shown: (run: number): StoredLinking[] =>
      (['BP', 'MF', 'CC'] as const).flatMap((aspect) => found(latest.get({ run, aspect })) ?? []),
    get: (id: number): StoredLinking | null => found(byId.get(id)),
    /** Makes a stored result the one that is shown; the result itself stays as it is. */
    show: ({ id, run, aspect }: Pick<StoredLinking, 'id' | 'run' | 'aspect'>): void => show(db, run, aspect, id),
    same: (run: number, aspect: Aspect, hash: string): StoredLinking | null => found(same.get(run, aspect, hash)),
    all: (run: number): StoredLinking[] => all.all(run).map(toLinking),
    study: (linking: number, latent: number): StoredStudy | null => {
      const row = study.get(linking, latent)
      return row ? toStudy(row) : null
    },
    /** The best genes, and those that are lowest where the latent is on, the lowest last; results of earlier versions lack the latter. */
    genesOf: (linking: number, latent: number): NamedGeneLink[] => genesOf.all(linking, latent).map(toGene),
    allGenes: function* (linking: number): Generator<NamedGeneLink> {
      for (const row of allGenes.iterate(linking)) yield toGene(row)
    },
    /** The first `limit` genes of every latent. */
    bestGenes: function* (linking: number, limit: number): Generator<NamedGeneLink> {
      for (const row of bestGenes.iterate({ linking, limit })) yield toGene(row)
    },
    byGene: (linking: number, gene: number): NamedGeneLink[] => byGene.all(linking, gene).map(toGene),
    termsOf: (linking: number, latent: number): StoredTermLink[] => termsOf.all(linking, latent).map(toTerm),
    allTerms: function* (linking: number): Generator<StoredTermLink> {
      for (const row of allTerms.iterate(linking)) yield toTerm(row)
    },
    byTerm: (linking: number, term: string): StoredTermLink[] => byTerm.all(linking, term).map(toTerm),
    /** Of these terms, those that any latent shares genes with: how many latents carry it significantly, and the best p. */
    carriersOf: (linking: number, terms: readonly string[]): { termId: string; latents: number; best: number }[] =>
      carriers.all(linking, JSON.stringify(terms)),
    /** Terms that are significant in more than this many latents. */
    termsAbove: (linking: number, latents: number): Set<string> => new Set(common.all(linking, latents).map((one) => one.termId)),
    /** The best term of each latent among those that at least 3 genes support. */
    bestTerms: (linking: number): StoredTermLink[] => best.all(linking).map(toTerm),
    /** Significant terms that at least 3 genes support, by latent and p. */
    significantTerms: (linking: number): StoredTermLink[] => significant.all(linking).map(toTerm),
    /** Those of one latent, by p. */
    significantOf: (linking: number, latent: number): StoredTermLink[] => significantOf.all(linking, latent).map(toTerm),
    write: (linking: NewLinking, now: Date): void => {
      db.transaction(() => show(db, linking.run, linking.report.aspect, insertLinking(db, linking, now))).immediate()
    },
  }
}

function show(db: Database.Database, run: number, aspect: Aspect, id: number): void {
  db.prepare('INSERT OR REPLACE INTO linking_shown (run_id, aspect, linking_id) VALUES (?, ?, ?)').run(run, aspect, id)
}

function columnLists(db: Database.Database): Record<'linking' | 'study' | 'gene' | 'term', string> {
  return {
    linking: selectable(db, 'linking', {
      id: 'id',
      run: 'run_id',
      aspect: 'aspect',
      backgroundKind: 'background_kind',
      backgroundSize: 'background_size',
      testedLatents: 'tested_latents',
      testedTerms: 'tested_terms',
      significantLatents: 'significant_latents',
      significantPairs: 'significant_pairs',
      shuffledCopies: 'shuffled_copies',
      shuffledWithTerm: 'shuffled_with_term',
      ontologyRelease: 'ontology_release',
      annotationRelease: 'annotation_release',
      appVersion: 'app_version',
      createdAt: 'created_at',
      settings: 'settings',
      report: 'report',
      donors: 'donors',
    }),
    study: selectable(db, 'latent_study', {
      latent: 'latent',
      mode: 'mode',
      activeUsed: 'active_used',
      referenceUsed: 'reference_used',
      studySize: 'study_size',
      notTested: 'not_tested',
      backgroundCounts: 'background_counts',
    }),
    gene: selectable(db, 'latent_gene', {
      latent: 'latent',
      rank: 'rank',
      gene: 'gene',
      auroc: 'auroc',
      log2Difference: 'log2_difference',
      detectedActive: 'detected_active',
      detectedReference: 'detected_reference',
      cohensD: 'cohens_d',
      wilcoxonScore: 'wilcoxon_score',
      wilcoxonLog10P: 'wilcoxon_log10_p',
      wilcoxonQ: 'wilcoxon_q',
      welchT: 'welch_t',
      welchLog10P: 'welch_log10_p',
      welchQ: 'welch_q',
      donorsAgreeing: 'donors_agreeing',
      donorsLog10P: 'donors_log10_p',
      donorDifferences: 'donor_differences',
    }),
    term: selectable(db, 'latent_term', {
      latent: 'latent',
      termId: 'term_id',
      overlap: 'overlap',
      termSize: 'term_size',
      pValue: 'p_value',
      log10P: 'log10_p',
      qLatent: 'q_latent',
      qOverall: 'q_overall',
      genes: 'genes',
      score: 'score',
      redundancy: 'redundancy',
    }),
  }
}
