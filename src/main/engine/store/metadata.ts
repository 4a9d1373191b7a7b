// How latents go with the columns of the cells, as rows: groups, numbers, breadth. Written with the run, in its transaction.
import type Database from 'better-sqlite3'
import { hasTable, selectable } from './present-columns'

/** What is not defined is null; so are the later measures of runs stored before they existed. */
export interface StoredGroup {
  readonly latent: number
  readonly columnId: number
  readonly level: number
  readonly auroc: number | null
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
  readonly fold: number | null
  readonly log10P: number | null
  readonly qValue: number | null
  readonly information: number | null
}

export interface StoredNumber {
  readonly latent: number
  readonly columnId: number
  readonly spearman: number | null
  readonly spearmanActive: number | null
  readonly auroc: number | null
}

export interface StoredBreadth {
  readonly latent: number
  readonly columnId: number
  readonly breadth: 'local' | 'regional' | 'global'
  /** Levels in which the latent is clearly stronger. */
  readonly marked: readonly number[]
  readonly effective: number
  readonly information: number | null
}

type BreadthRow = Omit<StoredBreadth, 'marked'> & { marked: string }
const toBreadth = (row: BreadthRow): StoredBreadth => ({ ...row, marked: JSON.parse(row.marked) as number[] })

export type MetadataStore = ReturnType<typeof openMetadataStore>

export function openMetadataStore(db: Database.Database) {
  const columns = selectable(db, 'latent_group', {
    latent: 'latent',
    columnId: 'column_id',
    level: 'level',
    auroc: 'auroc',
    precision: 'precision',
    recall: 'recall',
    f1: 'f1',
    fold: 'fold',
    log10P: 'log10_p',
    qValue: 'q_value',
    information: 'information',
  })
  const groupsOfLatent = db.prepare<[number, number], StoredGroup>(
    `SELECT ${columns} FROM latent_group WHERE run_id = ? AND latent = ? ORDER BY auroc DESC`,
  )
  const groupsOfColumn = db.prepare<[number, number], StoredGroup>(
    `SELECT ${columns} FROM latent_group WHERE run_id = ? AND column_id = ?`,
  )
  const numbersOfLatent = hasTable(db, 'latent_number')
    ? db.prepare<[number, number], StoredNumber>(
        `SELECT latent, column_id AS columnId, spearman, spearman_active AS spearmanActive, auroc FROM latent_number
         WHERE run_id = ? AND latent = ? ORDER BY column_id`,
      )
    : null
  const breadthColumns = 'latent, column_id AS columnId, breadth, marked, effective, information'
  const breadthOfLatent = hasTable(db, 'latent_breadth')
    ? db.prepare<[number, number], BreadthRow>(
        `SELECT ${breadthColumns} FROM latent_breadth WHERE run_id = ? AND latent = ? ORDER BY column_id`,
      )
    : null
  const breadthOfRun = hasTable(db, 'latent_breadth')
    ? db.prepare<[number], BreadthRow>(`SELECT ${breadthColumns} FROM latent_breadth WHERE run_id = ? ORDER BY latent, column_id`)
    : null

  return {
    groupsOfLatent: (run: number, latent: number): StoredGroup[] => groupsOfLatent.all(run, latent),
    groupsOfColumn: (run: number, columnId: number): StoredGroup[] => groupsOfColumn.all(run, columnId),
    numbersOfLatent: (run: number, latent: number): StoredNumber[] => numbersOfLatent?.all(run, latent) ?? [],
    breadthOfLatent: (run: number, latent: number): StoredBreadth[] => (breadthOfLatent?.all(run, latent) ?? []).map(toBreadth),
    breadthOfRun: (run: number): StoredBreadth[] => (breadthOfRun?.all(run) ?? []).map(toBreadth),
    insertGroups: (run: number, groups: readonly StoredGroup[]): void => {
      const insert = db.prepare(
        `INSERT INTO latent_group (run_id, latent, column_id, level, auroc, precision, recall, f1, fold, log10_p, q_value, information)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      for (const g of groups)
        insert.run(
          run,
          g.latent,
          g.columnId,
          g.level,
          g.auroc,
          g.precision,
          g.recall,
          g.f1,
          g.fold,
          g.log10P,
          g.qValue,
          g.information,
        )
    },
    insertNumbers: (run: number, numbers: readonly StoredNumber[]): void => {
      const insert = db.prepare(
        'INSERT INTO latent_number (run_id, latent, column_id, spearman, spearman_active, auroc) VALUES (?, ?, ?, ?, ?, ?)',
      )
      for (const n of numbers) insert.run(run, n.latent, n.columnId, n.spearman, n.spearmanActive, n.auroc)
    },
    insertBreadth: (run: number, breadth: readonly StoredBreadth[]): void => {
      const insert = db.prepare(
        `INSERT INTO latent_breadth (run_id, latent, column_id, breadth, marked, effective, information) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      for (const b of breadth)
        insert.run(run, b.latent, b.columnId, b.breadth, JSON.stringify(b.marked), b.effective, b.information)
    },
  }
}
